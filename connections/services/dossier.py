"""Everything that the page of one connection says, read in a fixed number of queries.

Reads only. Holds what is shown, never a key: of that its name, its age and its use.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Max, OuterRef, Prefetch, Q, QuerySet, Subquery

from accounts import trail
from connections.changes import Change, change_of
from connections.models import Connection, ConnectionTest, ConnectionTestStep, StoredKey
from connections.quantities import bytes_in_words
from connections.services.keys import connections_with_same_key
from imports import progress
from imports.models import Import, Run
from imports.models.definition import ImportQuerySet
from imports.progress import Outcome
from imports.services.billing import Billing, billing_of

NEWEST = 10
MOST_TESTS = 5
MOST_IMPORTS = 10
# Google's advice: https://cloud.google.com/iam/docs/best-practices-for-managing-service-account-keys
GOOD_AGE = timedelta(days=90)
# Tests have a history of their own; here they would hide what was changed.
NO_CHANGE = ("connection tested",)


@dataclass(frozen=True)
class KeyFacts:
    """Whose key it is, how old, and what else it opens."""

    key: StoredKey
    age: str
    is_old: bool
    last_used_at: datetime | None
    also_used_by: list[Connection]

    @property
    def short_fingerprint(self) -> str:
        return self.key.public_fingerprint[:16]


@dataclass(frozen=True)
class PastTest:
    """One row of the history of tests."""

    test: ConnectionTest
    asked_by: str
    check: str
    sentence: str
    seconds: float | None


@dataclass(frozen=True)
class PastRun:
    """A run, as people read it."""

    run: Run
    outcome: Outcome
    billed: str


@dataclass(frozen=True)
class FoundImport:
    """An import of the connection, and its newest run if it ever ran."""

    subject: Import
    last: PastRun | None


@dataclass(frozen=True)
class Dossier:
    """The page of a connection. ``changes`` is None for who may not read the audit trail."""

    key: KeyFacts
    imports: list[FoundImport]
    import_count: int
    running_count: int
    runs: list[PastRun]
    tests: list[PastTest]
    test_count: int
    billing: Billing
    changes: list[Change] | None


def dossier_of(*, connection: Connection, with_changes: bool, now: datetime) -> Dossier:
    """Read it all; ``connection.key`` must be loaded. The month is the active time zone's."""
    runs = Run.objects.of_connection(connection)
    imports = Import.objects.listed().of_connection(connection)
    tests = tests_of(connection)
    return Dossier(
        key=_key_facts(connection, now),
        imports=_imports(imports),
        import_count=imports.count(),
        running_count=runs.active().count(),
        runs=[_past_run(run) for run in runs.select_related("parent").newest_first()[:NEWEST]],
        tests=[past_test(test) for test in tests[:MOST_TESTS]],
        test_count=connection.tests.count(),
        billing=billing_of(runs=runs, now=now),
        changes=_changes(connection) if with_changes else None,
    )


def tests_of(connection: Connection) -> QuerySet[ConnectionTest]:
    """The tests of the connection, newest first, with what ``past_test`` needs."""
    troubled = ConnectionTestStep.objects.filter(
        result__in=[ConnectionTestStep.Result.FAILED, ConnectionTestStep.Result.UNKNOWN]
    ).order_by("position")
    steps = Prefetch("steps", queryset=troubled, to_attr="troubled_steps")
    people = connection.tests.select_related("requested_by")
    return people.prefetch_related(steps).newest_first()


def past_test(test: ConnectionTest) -> PastTest:
    """A row of the history; the reason is the first check that failed, or could not tell."""
    steps: list[ConnectionTestStep] = getattr(test, "troubled_steps", []) if test.verdict else []
    failed = [step for step in steps if step.result == ConnectionTestStep.Result.FAILED]
    reason = next(iter(failed or steps), None)
    by_hand = test.trigger == ConnectionTest.Trigger.MANUAL
    return PastTest(
        test=test,
        asked_by=test.requested_by.email if by_hand and test.requested_by else "",
        check=reason.title if reason else "",
        sentence=reason.sentence if reason else "",
        seconds=seconds_of(test),
    )


def seconds_of(test: ConnectionTest) -> float | None:
    """How long the test took, or None while it is at work."""
    if test.finished_at is None:
        return None
    began = test.started_at or test.requested_at
    return max((test.finished_at - began).total_seconds(), 0.0)


def _key_facts(connection: Connection, now: datetime) -> KeyFacts:
    key = connection.key
    age = now - key.uploaded_at
    return KeyFacts(
        key=key,
        age=_age(max(age.days, 0)),
        is_old=age >= GOOD_AGE and key.destroyed_at is None,
        last_used_at=_last_use(connection),
        also_used_by=connections_with_same_key(key),
    )


def _age(days: int) -> str:
    if days == 0:
        return "Uploaded today"
    return "1 day" if days == 1 else f"{days:,} days"


def _last_use(connection: Connection) -> datetime | None:
    """When a test or a run last began with the key that is in force now."""
    tests = ConnectionTest.objects.filter(key=connection.key)
    # Runs of before keys were noted on them belong to the only key there was.
    own = Q(key=connection.key) | Q(key__isnull=True)
    runs = Run.objects.of_connection(connection).filter(own)
    began = [rows.aggregate(at=Max("started_at"))["at"] for rows in (tests, runs)]
    return max((at for at in began if at is not None), default=None)


def _imports(imports: ImportQuerySet) -> list[FoundImport]:
    newest = Run.objects.filter(parent=OuterRef("pk")).newest_first().values("pk")[:1]
    rows = imports.with_activity().annotate(newest_run=Subquery(newest))
    found: list[Any] = list(rows.order_by("-created_at", "-id")[:MOST_IMPORTS])
    runs = Run.objects.in_bulk([subject.newest_run for subject in found if subject.newest_run])
    return [
        FoundImport(subject, _past_run(last) if (last := runs.get(subject.newest_run)) else None)
        for subject in found
    ]


def _past_run(run: Run) -> PastRun:
    billed = "" if run.bytes_billed is None else bytes_in_words(run.bytes_billed)
    return PastRun(run=run, outcome=progress.outcome_of(run), billed=billed)


def _changes(connection: Connection) -> list[Change]:
    about = trail.newest_first().filter(object_kind="connection", object_id=str(connection.pk))
    return [change_of(entry) for entry in about.exclude(action__in=NO_CHANGE)[:NEWEST]]
