"""Imports by a cursor, end to end: real gateways, a real engine, and the sandbox's own ledger."""

import itertools
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field

import pytest
from django.utils import timezone

from connections.bigquery import BigQuery
from connections.secret import Secret
from imports.clevertap import CleverTap
from imports.models import Cursor, Run
from imports.runner import execute, execute_run, job
from imports.services import runs
from tests.contract.bigquery.sandbox_process import PROJECT
from tests.factories import ConnectionFactory, ImportFactory

TABLE = "`sandbox-shop-4711`.`shop`.`{}`"


@dataclass
class Source:
    """A table of id, moment and note, the import of it, and what CleverTap has of it."""

    bigquery: BigQuery
    sandbox: object
    parent: object
    table: str
    type: str
    notes: itertools.count = field(default_factory=itertools.count)
    wanted: Counter = field(default_factory=Counter)

    def sql(self, text):
        name = f"test_{uuid.uuid4().hex}"
        where = {"job_id": name, "location": "EU"}
        done = self.bigquery.start_query(text, **where, labels={}, max_bytes_billed=None)
        while done.state != "DONE":
            time.sleep(0.01)
            done = self.bigquery.job(name, location="EU")
        assert done.failure is None, done.failure

    def add(self, *moments, identity="c1", note=None):
        """A row at each moment; None is a row without one. Gives their notes."""
        made = [note or f"n{next(self.notes)}" for _ in moments]
        values = ", ".join(
            f"('{identity}', {_literal(self.type, at)}, '{note}')"
            for at, note in zip(moments, made, strict=True)
        )
        self.sql(f"INSERT INTO {TABLE.format(self.table)} (id, moment, note) VALUES {values}")
        self.wanted.update(made)
        return made

    def start(self):
        return runs.start_run(parent=self.parent, by=self.parent.created_by, now=timezone.now())

    def run(self):
        """One run to its end."""
        return self.finish(self.start())

    def finish(self, run):
        for _ in range(20):
            Run.objects.filter(pk=run.pk).update(not_before=None)
            if execute_run(run_id=run.pk) is None:
                break
        run.refresh_from_db()
        return run

    def received(self):
        """How often each note arrived."""
        events = self.sandbox.ask("GET", "/control/clevertap/events?limit=10000")["events"]
        return Counter(event["data"]["Note"] for event in events)

    def person(self, identity="c1"):
        """What CleverTap stores of a profile."""
        asked = f"/control/clevertap/profiles?identity={identity}"
        return self.sandbox.ask("GET", asked)["profiles"][0]["data"]

    def cursor(self):
        return Cursor.objects.get(parent=self.parent)


def _literal(type_, at):
    if at is None:
        return "NULL"
    return str(at) if type_ == "INT64" else f"{type_} '{at}'"


@pytest.fixture
def source_of(db, one_sandbox, one_good, monkeypatch, bells):
    """``source_of(type, kind, **settings)``: an empty table, and an import of it by its moment."""
    account = one_sandbox.ask("GET", "/control/clevertap/accounts")["accounts"][0]
    one_sandbox.ask("DELETE", "/control/clevertap/received")

    monkeypatch.setattr(job, "POLL_SECONDS", 0.01)

    def clevertap(_):
        return CleverTap(
            base_url=f"{one_sandbox.url}/clevertap",
            account_id=account["account_id"],
            passcode=Secret(account["passcode"]),
            timeout_seconds=5.0,
        )

    monkeypatch.setattr(execute, "open_bigquery", lambda key, project: kept(one_good))
    monkeypatch.setattr(execute, "open_clevertap", clevertap)

    def build(type_="TIMESTAMP", kind="event", **settings):
        table = f"edge_{uuid.uuid4().hex[:12]}"
        connection = ConnectionFactory(project_id=PROJECT, dataset_id="shop")
        unit = settings.pop("unit", "")
        columns = [column("id", "STRING"), column("moment", type_), column("note", "STRING")]
        parent = ImportFactory(
            connection=connection,
            table_id=table,
            kind=kind,
            columns=columns,
            mapping=mapping_of(kind, unit),
        )
        Cursor.objects.create(
            parent=parent, column="moment", column_type=type_, kind=kind, unit=unit, **settings
        )
        source = Source(one_good, one_sandbox, parent, table, type_)
        source.sql(f"CREATE TABLE {TABLE.format(table)} (id STRING, moment {type_}, note STRING)")
        return source

    return build


class kept:
    """The one gateway, which the end of a slice does not close, nor give up for later slices."""

    def __init__(self, bigquery):
        self._bigquery = bigquery

    def __enter__(self):
        return self._bigquery

    def __exit__(self, *_):
        self._bigquery._given_up.clear()


def column(name, type_):
    return {"name": name, "type": type_, "mode": "NULLABLE", "fields": []}


def mapping_of(kind, unit):
    return {
        "kind": kind,
        "identity": {"column": "id", "as": "identity"},
        "updated_on": {"column": "moment", "format": unit or None, "time_zone": None},
        "created_on": None,
        "event_name": {"column": None, "fixed": "Bought"} if kind == "event" else None,
        "properties": [{"column": "note", "name": "Note", "type": "string", "nulls": "omit"}],
        "skipped": [],
    }
