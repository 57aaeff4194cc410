"""Import Connections with 10,000 connections and 100,000 runs, beside Django's admin.

On PostgreSQL, behind gunicorn as it is shipped, 4 people at once, each waiting for one
page before the next. Bounded in requests and seconds. Run: make bench ARGS=connection_list
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import django
from django.core.management import call_command
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bench import _list_rows as rows
from tests.harness import environment, servers

CONNECTIONS, RUNS, FEW = 10_000, 100_000, 100
USERS, REQUESTS, SECONDS = 4, 50, 8.0
GOAL_MS = 150
LIST = "/settings/partners/import-connections/"
DAYS = ("2020-01-01", "2099-12-31")
GUNICORN = (
    *("--preload", "--worker-class", "gthread", "--workers", "2", "--threads", "8"),
    *("--timeout", "60", "--no-control-socket"),
)


def pages(person: Any, last: int) -> dict[str, tuple[str, str]]:
    """Of each page: what is asked of our list, and the same of the admin."""
    begin, end = DAYS
    ours = (
        f"q=ware&connected_from={begin}&connected_to={end}&connected_by={person.pk}&status=verified"
    )
    theirs = (
        f"q=ware&created_at__gte={begin}&created_at__lt={end}&created_by__id__exact={person.pk}"
        "&latest_test__verdict__exact=verified"
    )
    return {
        "page 1": ("", ""),
        "filtered": (ours, theirs),
        "by status": ("status=failed", "latest_test__verdict__exact=failed"),
        "last page": (f"page={last}", f"p={last}"),
    }


def queries_of(person: Any, last: int) -> dict[str, int]:
    """The number of queries of each page of ours."""
    client = Client(headers={"host": servers.LOOPBACK})
    client.force_login(person)
    counts = {}
    for name, (query, _) in pages(person, last).items():
        with CaptureQueriesContext(connection) as captured:
            answer = client.get(f"{LIST}?{query}")
        assert b"Warehouse " in answer.content, f"{name} shows no rows"
        counts[name] = len(captured)
    return counts


def cookie_of(person: Any) -> str:
    """A session of the person's own."""
    client = Client(headers={"host": servers.LOOPBACK})
    client.force_login(person)
    return "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())


def fetch(url: str, cookie: str) -> float:
    """Milliseconds for the whole page, which must be a page with rows."""
    began = time.perf_counter()
    with urlopen(Request(url, headers={"Cookie": cookie}), timeout=60) as answer:
        body = answer.read()
    taken = (time.perf_counter() - began) * 1000
    assert body.count(b"Warehouse ") >= 25, "the page shows no rows"
    return taken


def measured(url: str, cookies: list[str]) -> list[float]:
    """Every request of every person, after one each that does not count."""

    def one_person(cookie: str) -> list[float]:
        fetch(url, cookie)
        taken, until = [], time.monotonic() + SECONDS
        while len(taken) < REQUESTS and time.monotonic() < until:
            taken.append(fetch(url, cookie))
        return taken

    with ThreadPoolExecutor(USERS) as people:
        return [one for taken in people.map(one_person, cookies) for one in taken]


def percentiles(taken: list[float]) -> tuple[float, float]:
    """The 50th and the 95th."""
    cuts = statistics.quantiles(taken, n=100, method="inclusive")
    return cuts[49], cuts[94]


@contextmanager
def web_server(folder: Path) -> Iterator[str]:
    """Two processes of eight threads, as the container starts them."""
    address = f"{servers.LOOPBACK}:{servers.free_port()}"
    command = [sys.executable, "-m", "gunicorn", "clevertap_bq.wsgi", "--bind", address, *GUNICORN]
    with (folder / "gunicorn.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        _until(lambda: urlopen(f"http://{address}/healthz", timeout=2).close())
        yield f"http://{address}"
    finally:
        process.terminate()
        process.wait(30)


def _until(ready: Callable[[], Any]) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            return ready()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def compare(base: str, people: list[Any], last: int) -> float:
    """Print each page three ways; gives our worst p95 in milliseconds."""
    cookies, worst = [cookie_of(person) for person in people[:USERS]], 0.0
    connections.close_all()
    for name, (query, admin_query) in pages(people[0], last).items():
        middle, late = percentiles(measured(f"{base}{LIST}?{query}", cookies))
        print(f"{name:<10} ours        p50 {middle:6.0f} ms  p95 {late:6.0f} ms")
        worst = max(worst, late)
        for site in ("lean", "same"):
            url = f"{base}/bench/{site}/connections/connection/?{admin_query}"
            their_middle, their_late = percentiles(measured(url, cookies))
            print(
                f"{'':<10} admin {site:<5} p50 {their_middle:6.0f} ms  p95 {their_late:6.0f} ms"
                f"  ratio p50 {their_middle / middle:.2f}, p95 {their_late / late:.2f}"
            )
    return worst


def main() -> None:
    """Print the figures; fail when the number of queries or the p95 misses the goal."""
    with tempfile.TemporaryDirectory() as name, servers.postgres_server_of_our_own() as address:
        folder = Path(name)
        os.environ.update(environment.for_checks(folder))
        os.environ["DATABASE_URL"] = address
        os.environ["DJANGO_SETTINGS_MODULE"] = "bench._list_settings"
        django.setup()
        call_command("migrate", verbosity=0, skip_checks=True)
        call_command("collectstatic", verbosity=0, interactive=False, skip_checks=True)
        few, many, people = _loaded()
        print(f"queries: {few} with {FEW} connections, {many} with {CONNECTIONS:,}")
        with web_server(folder) as base:
            worst = compare(base, people, CONNECTIONS // 25)
    print(f"worst p95: {worst:.0f} ms (goal: under {GOAL_MS} ms)")
    if few != many or worst >= GOAL_MS:
        raise SystemExit("The list misses its goal.")


def _loaded() -> tuple[dict[str, int], dict[str, int], list[Any]]:
    """Queries over a few rows, then over all, and the people who made them."""
    people = rows.load_people()
    rows.load(people, connections=FEW, runs=FEW * 10)
    few = queries_of(people[0], FEW // 25)
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE connections_storedkey, imports_clevertapaccount CASCADE")
    began = time.monotonic()
    rows.load(people, connections=CONNECTIONS, runs=RUNS)
    print(f"{CONNECTIONS:,} connections and {RUNS:,} runs in {time.monotonic() - began:.1f} s")
    return few, queries_of(people[0], CONNECTIONS // 25), people


if __name__ == "__main__":
    main()
