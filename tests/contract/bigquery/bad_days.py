"""A run on a bad day, end to end: the real engine, gateways and wires, and the sandbox as judge.

The judge asks the sandbox what it received, never our tables alone.
"""

import uuid
from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import pairwise

import pytest
from django.utils import timezone

from connections.models import ConnectionTest, ConnectionTestStep
from connections.secret import Secret
from imports.clevertap import CleverTap
from imports.models import Batch, Run
from imports.runner import (
    delivery,
    execute,
    execute_run,
    job,
    pace,
    parcels,
    ranges,
    readers,
)
from imports.services import runs
from tests.contract.bigquery.incremental import kept
from tests.contract.bigquery.sandbox_process import PROJECT
from tests.factories import ConnectionFactory, ImportFactory

ROWS, PEOPLE, NOBODY, CULPRIT = 1_200, 1_100, 150, 734
PROFILES, EVENTS, HELD = "profiles", "events", "events held"
SMALL = (
    (job, "POLL_SECONDS", 0.01),
    (pace, "SHORTEST_SECONDS", 0.0),
    (pace, "FIRST_SECONDS", 0.001),
    (pace, "LONGEST_SECONDS", 0.01),
    (parcels, "MAX_RECORDS", 150),
    (ranges, "RANGE_ROWS", 300),
    (ranges, "AT_A_GO", 300),
    (readers, "PAGE_ROWS", 300),
    (readers, "FAST_FROM_ROWS", 1),
    (delivery, "CULPRITS_ALLOWED", 3),
)
# After these the sink has the batch, and the sender cannot know.
KEPT_IN_DOUBT = {"lost_answer", "half_answer", "miscount"}
SOURCE = f"""
SELECT IF(MOD(n, {NOBODY}) = 7, NULL, CONCAT('m', CAST(MOD(n, {PEOPLE}) AS STRING))) AS id,
  IF(n = {CULPRIT}, 'culprit', CONCAT('note ', CAST(n AS STRING))) AS note
FROM UNNEST(GENERATE_ARRAY(0, {ROWS - 1})) AS n
"""


@dataclass(frozen=True)
class Day:
    """What goes wrong, and how the run ends.

    ``code``: of the run's failure; empty, it succeeds. ``says``: part of its sentence.
    ``reader``: by which the run ended, where that is not the one it began with.
    ``refused``: by CleverTap; -1, some of a batch. ``held``: batches of unknown outcome,
    where the import holds them; -1, some.
    """

    name: str
    faults: tuple[dict, ...] = ()
    code: str = ""
    says: str = ""
    kinds: tuple[str, ...] = (PROFILES, EVENTS)
    reader: str = ""
    refused: int = 0
    hasty: bool = False
    waits: float = 0.0
    jobs: int = 1
    some: bool = False  # not by both readers for both kinds: what happens is the same
    held: int = 0
    settings: tuple[tuple[str, int], ...] = ()


CALM = Day("nothing")


@dataclass(frozen=True)
class Row:
    """A row of the source; the later one of a person counts."""

    identity: str | None
    note: str


ROWS_THERE = [
    Row(None if n % NOBODY == 7 else f"m{n % PEOPLE}", "culprit" if n == CULPRIT else f"note {n}")
    for n in range(ROWS)
]


@pytest.fixture
def world_of(one_sandbox, one_good, hasty, monkeypatch, bells):
    """``world_of(day)`` sets its faults; batches of 150, pages of 300, and no pauses."""
    for what in ("/control/faults", "/control/clevertap/received", "/ledger"):
        one_sandbox.ask("DELETE", what)
    for module, name, value in SMALL:
        monkeypatch.setattr(module, name, value)

    def prepare(day):
        by, seconds = (hasty, 2.0) if day.hasty else (one_good, 20.0)
        monkeypatch.setattr(execute, "open_bigquery", lambda key, project: kept(by))
        monkeypatch.setattr(execute, "open_clevertap", lambda _: _sender(one_sandbox, seconds))
        for rule in day.faults:
            one_sandbox.fault(**rule)
        return one_sandbox

    return prepare


def _sender(sandbox, seconds):
    account = sandbox.ask("GET", "/control/clevertap/accounts")["accounts"][0]
    return CleverTap(
        base_url=f"{sandbox.url}/clevertap",
        account_id=account["account_id"],
        passcode=Secret(account["passcode"]),
        timeout_seconds=seconds,
    )


def table_of(bigquery, name, select):
    """Make the table in the sandbox; gives its name."""
    asked = {"job_id": f"make_{uuid.uuid4().hex}", "location": "EU", "labels": {}}
    sql = f"CREATE OR REPLACE TABLE shop.{name} AS {select}"
    made = bigquery.start_query(sql, **asked, max_bytes_billed=None)
    while made.state != "DONE":
        made = bigquery.job(made.id, location="EU")
    assert made.failure is None, made.failure
    return name


def import_of(table, kind, *, policy="resend", reads_fast=False):
    """An import of a table of ``id`` and ``note``; ``reads_fast`` as the last test says."""
    connection = ConnectionFactory(project_id=PROJECT, dataset_id="shop")
    if reads_fast:
        _say_that_it_reads_fast(connection)
    return ImportFactory(
        connection=connection,
        table_id=table,
        kind=kind,
        columns=[column("id"), column("note")],
        mapping=mapping_of(kind),
        unknown_policy=policy,
    )


def _say_that_it_reads_fast(connection):
    test = ConnectionTest.objects.create(
        connection=connection,
        key=connection.key,
        project_id=PROJECT,
        dataset_id="shop",
        access=connection.access,
        requested_by=connection.created_by,
        verdict="verified",
        finished_at=timezone.now(),
    )
    ConnectionTestStep.objects.create(test=test, position=8, code="fast", result="passed")
    type(connection).objects.filter(pk=connection.pk).update(latest_test=test)
    connection.refresh_from_db()


def column(name, type_="STRING", **more):
    return {"name": name, "type": type_, "mode": "NULLABLE", "fields": [], **more}


def mapping_of(kind, *, column="note", type_="string"):
    return {
        "kind": kind,
        "identity": {"column": "id", "as": "identity"},
        "updated_on": None,
        "created_on": None,
        "event_name": {"column": None, "fixed": "Bought"} if kind == "event" else None,
        "properties": [{"column": column, "name": "Note", "type": type_, "nulls": "omit"}],
        "skipped": [],
    }


def run_to_its_end(parent):
    """Every slice at once; gives the run, and for how long it wanted to wait in between."""
    run = runs.start_run(parent=parent, by=parent.created_by, now=timezone.now())
    waits = []
    for _ in range(40):
        Run.objects.filter(pk=run.pk).update(not_before=None)
        wait = execute_run(run_id=run.pk)
        if wait is None:
            break
        waits.append(wait)
    run.refresh_from_db()
    return run, waits


class Judge:
    """What must be true of a run whatever happened to it, by the sandbox's own records."""

    def __init__(self, sandbox, run, day, rows=ROWS_THERE):
        self.sandbox, self.run, self.day, self.rows = sandbox, run, day, rows
        self.batches = list(run.batches.order_by("first_row"))
        asked = f"/control/clevertap/batches?run={run.pk}&limit=10000"
        self.received = sandbox.ask("GET", asked)["batches"]
        ledger = sandbox.ask("GET", "/ledger?service=clevertap&limit=100000")["entries"]
        self.uploads = [one for one in ledger if one["path"].endswith("/upload")]

    def judge(self):
        self.every_row_is_counted_once()
        self.what_arrived_is_what_is_counted()
        self.only_batches_in_doubt_came_twice()
        self.the_same_rows_are_the_same_bytes()
        if self.run.snapshot["mapping"]["kind"] == "event":
            self.events_are_those_of_the_source()
        else:
            self.people_are_as_in_the_source()

    def every_row_is_counted_once(self):
        run = self.run
        assert run.is_final
        assert not run.batches.open().exists()
        parts = (run.accepted_count, run.refused_count, run.skipped_count, run.unknown_count)
        ends = [(one.first_row, one.end_row) for one in self.batches]
        assert all(end <= begin for (_, end), (begin, _) in pairwise(ends))
        assert run.read_count == sum(parts) == sum(end - begin for begin, end in ends)
        if run.state == Run.State.SUCCEEDED:
            assert run.read_count == len(self.rows)

    def what_arrived_is_what_is_counted(self):
        accepted = {one["sha256"]: one["accepted"] for one in self.received}
        hashes = {one.sha256 for one in self.batches if one.record_count}
        assert accepted.keys() <= hashes, "something arrived that nobody has counted"
        answered = [one for one in self.batches if one.state == Batch.State.ANSWERED]
        for batch in answered:
            assert accepted.get(batch.sha256, 0) == batch.accepted_count
        assert sum(batch.accepted_count for batch in answered) == self.run.accepted_count

    def only_batches_in_doubt_came_twice(self):
        came = Counter(one["sha256"] for one in self.received)
        doubts = Counter(
            one["facts"].get("sha256") for one in self.uploads if self.is_in_doubt(one)
        )
        more = {sha: count - 1 for sha, count in came.items() if count - 1 > doubts[sha]}
        assert not more, "a batch came again although its outcome was known"

    def is_in_doubt(self, upload):
        """Stored, and the sender cannot know: its answer never came whole, or not in time.

        Who gives up soon gives up on good requests too, where the machine is busy.
        """
        return self.day.hasty or upload["facts"].get("fault") in KEPT_IN_DOUBT

    def the_same_rows_are_the_same_bytes(self):
        bodies = defaultdict(set)
        for one in self.uploads:
            if "records" in one["facts"]:  # the others were not read by the sandbox
                bodies[one["facts"]["batch"], one["facts"]["records"]].add(one["facts"]["sha256"])
        assert all(len(hashes) == 1 for hashes in bodies.values())

    def people_are_as_in_the_source(self):
        found = self.sandbox.ask("GET", "/control/clevertap/profiles?limit=10000")["profiles"]
        stored = {one["value"]: one["data"].get("Note") for one in found}
        sure, perhaps = map(self._last_notes, self._fates())
        assert sure.keys() <= stored.keys() <= sure.keys() | perhaps.keys()
        for identity, note in stored.items():
            assert note in {sure.get(identity), perhaps.get(identity)}
        if not perhaps:
            assert stored == sure

    def events_are_those_of_the_source(self):
        found = self.sandbox.ask("GET", "/control/clevertap/events?limit=10000")["events"]
        came = Counter(one["data"].get("Note") for one in found)
        sure, perhaps = ({row.note for row in rows} for rows in self._fates())
        assert sure <= came.keys() <= sure | perhaps
        assert came.total() == sum(one["accepted"] for one in self.received)

    def _fates(self):
        """The rows that are stored for certain, and those that may be."""
        refused = set(self.run.refused_rows.values_list("row_number", flat=True))
        fates = {Batch.State.ANSWERED: [], Batch.State.UNKNOWN: []}
        for batch in self.batches:
            there = range(batch.first_row, batch.end_row)
            fates[batch.state] += [self.rows[n] for n in there if n not in refused]
        return fates.values()

    def _last_notes(self, rows):
        return {row.identity: row.note for row in rows}
