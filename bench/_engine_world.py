"""What ``bench.import_engine`` measures in: a table in the sandbox, and a process for each way."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.contract.bigquery.sandbox_process import Sandbox

PROJECT = "sandbox-shop-4711"

ROWS = int(os.environ.get("BENCH_ROWS", "1000000"))
DATASET = "shop"
TABLE = "bench_customers"
# Ten columns, about 250 bytes of JSON: two whole numbers, two floats, three texts, a truth
# value, a moment, a day.
SQL = """
CREATE TABLE `{project}`.`{dataset}`.`{table}_{rows}` AS
SELECT CONCAT('customer-', CAST(n AS STRING)) AS customer_id,
  MOD(n * 7919, 73) + 18 AS age,
  MOD(n * 104729, 1000000) AS orders,
  MOD(n * 15485863, 1000003) / 1000003 AS score,
  MOD(n * 32452843, 500000) / 100 AS spent,
  CONCAT('Person Number ', CAST(n AS STRING)) AS name,
  CONCAT('person', CAST(n AS STRING), '@example.com') AS email,
  CASE MOD(n, 4) WHEN 0 THEN 'Mumbai' WHEN 1 THEN 'Zürich' WHEN 2 THEN 'São Paulo'
    ELSE 'London' END AS city,
  MOD(n, 3) = 0 AS vip,
  TIMESTAMP_SECONDS(1500000000 + MOD(n * 7919, 200000000)) AS signed_up,
  DATE_ADD(DATE '1950-01-01', INTERVAL MOD(n * 31, 20000) DAY) AS dob
FROM UNNEST(GENERATE_ARRAY(1, {rows})) AS n
"""


@dataclass(frozen=True)
class World:
    """Where the rows are."""

    folder: Path
    sandbox: "Sandbox"

    def table(self, rows: int) -> str:
        """The name of a table of so many rows, made once."""
        from google.cloud import bigquery  # noqa: PLC0415 - only here
        from google.oauth2 import service_account  # noqa: PLC0415

        name = f"{TABLE}_{rows}"
        marker = self.folder / name
        if not marker.exists():
            document = self.sandbox.ask("GET", "/keys/good.json")
            document["token_uri"] = f"{self.sandbox.url}/token"
            (self.folder / "key.json").write_text(json.dumps(document))
            credentials = service_account.Credentials.from_service_account_info(document)
            client = bigquery.Client(
                PROJECT, credentials, client_options={"api_endpoint": self.sandbox.url}
            )
            sql = SQL.format(project=PROJECT, dataset=DATASET, table=TABLE, rows=rows)
            client.query(sql, location="EU").result()
            client.close()
            marker.touch()
        return name


# The importer has the first core, source and sink have the last: as they would be other machines.
CORES = sorted(os.sched_getaffinity(0))


def leave_the_importers_core() -> None:
    """For this process and all that it starts, but for the ways that are measured."""
    if len(CORES) > 1:
        os.sched_setaffinity(0, CORES[1:])


def _take_the_importers_core() -> None:
    if len(CORES) > 1:
        os.sched_setaffinity(0, CORES[:1])


_SCRIPTS = {"dlt": "bench._ways_of_dlt", "bare": "bench._bare_sender"}  # others: bench._ways


@contextmanager
def quick_sink(seconds: float) -> Iterator[str]:
    """Its address."""
    command = [sys.executable, "-m", "bench._quick_sink", str(seconds)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
    finally:
        process.terminate()
        process.wait(20)


def measured_alone(
    world: World, way: str, sink: str, *, rows: int, times: int, database: str = ""
) -> dict[str, Any] | None:
    """One way in a process and on a core of its own, so that what is measured is its own."""
    python = sys.executable
    if way.startswith("dlt"):
        python = os.environ.get("BENCH_DLT", "")
        if not python:
            return None
    asked = {
        "way": way,
        "sink": sink,
        "table": world.table(rows),
        "rows": rows,
        "times": times,
        "sandbox": world.sandbox.url,
        "storage": world.sandbox.storage_url,
        "key": str(world.folder / "key.json"),
        "folder": str(world.folder),
        "database": database or os.environ.get("BENCH_DATABASE_URL", ""),
    }
    script = _SCRIPTS.get(way.partition("-")[0], "bench._ways")
    done = subprocess.run(
        [python, "-m", script],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"MALLOC_ARENA_MAX": "2"},  # as the product is started
        preexec_fn=_take_the_importers_core,
    )
    if done.returncode:
        raise SystemExit(f"{way}: {done.stderr[-3000:]}")
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


class Clock:
    """Processor and wall time from here on, and the peak of memory since the start."""

    def __init__(self) -> None:
        self._cpu, self._wall = time.process_time(), time.perf_counter()

    def taken(self) -> tuple[float, float]:
        """Seconds of processor (all threads), and of the wall's clock."""
        return time.process_time() - self._cpu, time.perf_counter() - self._wall


def peak_megabytes() -> float:
    """Of resident memory, of this process so far."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024
