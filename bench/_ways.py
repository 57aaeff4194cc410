"""One way to import, in this process: ours by either reader, or the naive one. Prints JSON.

Ours are *storage* and *rest*. Behind a hyphen: *events* instead of profiles, *reading* and
nothing else, *unwritten* (no ledger of batches).
"""

import json
import os
import statistics
import sys
import urllib.parse
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from factory.django import DjangoModelFactory

from bench._engine_world import DATASET, PROJECT, Clock, peak_megabytes
from bench._naive import record_of
from bench._parts import read_only, without_ledger
from bench.mapping import MAPPING


def set_up(asked: dict[str, Any]) -> None:
    """Django with a database of its own, as the product sets it up."""
    file = Path(asked["folder"]) / f"{asked['way']}-{os.getpid()}.sqlite3"
    os.environ["DATABASE_URL"] = asked.get("database") or f"sqlite:///{file}"
    os.environ.update(
        RUN_SHARDS="1", LOG_LEVEL="ERROR", DJANGO_SETTINGS_MODULE="clevertap_bq.settings"
    )
    import django  # noqa: PLC0415 - the environment comes first

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415

    call_command("migrate", verbosity=0)


def connect(asked: dict[str, Any]) -> None:
    """Both gateways are real; only where they lead, and which reader is taken, is set."""
    from connections.bigquery import BigQuery, Endpoints  # noqa: PLC0415
    from connections.secret import Secret  # noqa: PLC0415
    from connections.service_account import read_key  # noqa: PLC0415
    from imports.clevertap import CleverTap  # noqa: PLC0415
    from imports.runner import execute, readers  # noqa: PLC0415

    token = f"{asked['sandbox']}/token"
    key = read_key(Path(asked["key"]).read_bytes(), token_uris={token: "sandbox"})
    endpoints = Endpoints(token, asked["sandbox"], False, asked["storage"])
    execute.open_bigquery = lambda *_, **__: BigQuery(key, project=PROJECT, endpoints=endpoints)
    execute.open_clevertap = lambda _: CleverTap(
        base_url=asked["sink"], account_id="ABC-123-456Z", passcode=Secret("passcode")
    )
    readers._may_read_fast = lambda _: asked["way"].startswith("storage")


def ours(asked: dict[str, Any]) -> dict[str, Any]:
    """The product's own loop, from claim to final state."""
    set_up(asked)
    connect(asked)
    from imports.runner import execute  # noqa: PLC0415

    if asked["way"].endswith("-unwritten"):
        without_ledger()
    inner, found, steady = execute.finish_job, [], []
    for _ in range(asked["times"]):
        clocks: list[Clock] = []
        execute.finish_job = _outside(inner, clocks)
        if asked["way"].endswith("-reading"):
            found.append(reading_of(asked, clocks))
        else:
            run = import_all(asked)
            found.append(clocks[0].taken())
            steady.append(steady_speed(run))
    return _told(found, asked["rows"]) | {"steady": statistics.median(steady or [0.0])}


def reading_of(asked: dict[str, Any], clocks: list[Clock]) -> tuple[float, float]:
    """What the reader of a run costs, to the blocks that are mapped."""
    from imports.runner import execute  # noqa: PLC0415

    found: list[tuple[float, float]] = []

    def only(grip: Any, bq: Any, *_: Any) -> None:
        found.append(read_only(grip, bq, clocks))

    deliver, execute._read_and_deliver = execute._read_and_deliver, only
    try:
        execute.execute_run(run_id=make_run(asked).pk)
    finally:
        execute._read_and_deliver = deliver
    return found[0]


def make_run(asked: dict[str, Any]) -> Any:
    """A run of the whole table, as profiles or as events."""
    from imports.mapping import EVENT, EventNameRule  # noqa: PLC0415
    from tests import factories  # noqa: PLC0415

    name_apart()
    mapping = MAPPING
    if asked["way"].endswith("-events"):
        mapping = replace(MAPPING, kind=EVENT, event_name=EventNameRule(fixed="Signed Up"))
    return factories.RunFactory(
        snapshot={
            "project_id": PROJECT,
            "dataset_id": DATASET,
            "table_id": asked["table"],
            "mapping": mapping.to_json(),
            "unknown_policy": "resend",
        }
    )


@cache
def name_apart() -> None:
    """Several of these processes may share a database: what they make must not have one name."""
    from tests import factories  # noqa: PLC0415

    for factory in vars(factories).values():
        if isinstance(factory, type) and issubclass(factory, DjangoModelFactory):
            factory.reset_sequence(os.getpid() * 1_000, force=True)


def import_all(asked: dict[str, Any]) -> Any:
    """One run, slice by slice, which must succeed; gives it back."""
    from imports.models import Run  # noqa: PLC0415
    from imports.runner import execute  # noqa: PLC0415

    run = make_run(asked)
    while execute.execute_run(run_id=run.pk) is not None:
        pass
    run.refresh_from_db()
    if (run.state, run.accepted_count) != (Run.State.SUCCEEDED, asked["rows"]):
        raise SystemExit(f"{run.state}: {run.failure_sentence}")
    assert run.reader == asked["way"].partition("-")[0]
    return run


def steady_speed(run: Any) -> float:
    """Rows per second between its first answer and its last intent: without start and end."""
    from django.db.models import Max, Min, Sum  # noqa: PLC0415 - after Django's set-up

    span = run.batches.aggregate(begin=Min("answered_at"), end=Max("sent_at"))
    if not span["begin"] or span["end"] <= span["begin"]:
        return 0.0  # no ledger, or one round of requests
    between = run.batches.filter(answered_at__gt=span["begin"], answered_at__lte=span["end"])
    rows: int = between.aggregate(rows=Sum("record_count"))["rows"] or 0
    return rows / float((span["end"] - span["begin"]).total_seconds())


def _outside(finish_job: Any, clocks: list[Clock]) -> Any:
    """The query is BigQuery's work: the clock starts when it is done."""

    def hooked(*args: Any) -> None:
        finish_job(*args)
        if not clocks:
            clocks.append(Clock())

    return hooked


def naive(asked: dict[str, Any]) -> dict[str, Any]:
    """Rows of Google's client, a dict for each, json, one request at a time; checks nothing."""
    import requests  # noqa: PLC0415 - the naive way's own
    from google.cloud import bigquery  # noqa: PLC0415
    from google.oauth2 import service_account  # noqa: PLC0415

    document = json.loads(Path(asked["key"]).read_text(encoding="utf-8"))
    client = bigquery.Client(
        PROJECT,
        service_account.Credentials.from_service_account_info(document),
        client_options={"api_endpoint": asked["sandbox"]},
    )
    session = requests.Session()
    clock, records = Clock(), []
    for row in client.list_rows(f"{PROJECT}.{DATASET}.{asked['table']}"):
        records.append(record_of(dict(row)))
        if len(records) == 1000:
            session.post(f"{asked['sink']}/1/upload", data=json.dumps({"d": records})).json()
            records = []
    return _told([clock.taken()], asked["rows"])


def _told(found: list[tuple[float, float]], rows: int) -> dict[str, Any]:
    return {
        "cpu": statistics.median(cpu for cpu, _ in found) * 1e6 / rows,
        "speed": rows / statistics.median(wall for _, wall in found),
        "rss": peak_megabytes(),
    }


def main() -> None:
    """Read what is asked, do it, say how it went."""
    asked = json.load(sys.stdin)
    assert urllib.parse.urlsplit(asked["sink"]).hostname == "127.0.0.1"
    print(json.dumps(naive(asked) if asked["way"] == "naive" else ours(asked)))


if __name__ == "__main__":
    main()
