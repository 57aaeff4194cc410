"""Asking for a Test Connection, and never leaving one without an answer."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from accounts import trail
from accounts.models import User
from accounts.permissions import by_admin
from connections import status, tasks
from connections.bell import ring_on_commit
from connections.models import Connection, ConnectionTest, ConnectionTestStep, StoredKey
from connections.steps import STEPS, Step, touched_by
from imports.models import Import

NO_WORKER = (
    "No worker answered in time. The check was not carried out: ask the operator whether "
    "the probe worker runs, and test again."
)
TESTS_A_MINUTE = 12


class TooManyTests(Exception):
    """This person asks for tests faster than is useful; the message is fit for the user."""


@dataclass(frozen=True)
class Subject:
    """What is tested: a key at a place, of a saved connection or still a draft.

    ``candidate_for`` is the connection whose edit this is: its imports' tables are tested
    too, and the verdict speaks for it only once the edit is saved.
    """

    key: StoredKey
    project_id: str
    dataset_id: str
    access: str
    connection: Connection | None = None
    candidate_for: Connection | None = None

    @property
    def fingerprint(self) -> str:
        return status.fingerprint(
            public_key=self.key.public_fingerprint,
            project_id=self.project_id,
            dataset_id=self.dataset_id,
            access=self.access,
        )


@by_admin
def request_test(*, subject: Subject, by: User, now: datetime) -> ConnectionTest:
    """Record the test with its waiting checks and wake a worker.

    Raises:
        TooManyTests: more than 12 in a minute by one person (Airflow's CVE-2023-37379).
    """
    _refuse_flood(by, now)
    with transaction.atomic():
        test = _requested(subject, ConnectionTest.Trigger.MANUAL, by=by, now=now)
        _record(subject, by)
    return test


def request_unattended(*, connection: Connection, trigger: str, now: datetime) -> ConnectionTest:
    """Test a saved connection because its day has come, or a run failed; nobody asks."""
    with transaction.atomic():
        return _requested(_subject_of(connection), trigger, by=None, now=now)


def newest_of(subject: Subject) -> ConnectionTest | None:
    """The newest test of exactly this key at this place, with this access."""
    tests = ConnectionTest.objects.filter(key=subject.key, fingerprint=subject.fingerprint)
    return tests.newest_first().first()


@by_admin
def request_again(*, test: ConnectionTest, code: str, by: User, now: datetime) -> ConnectionTest:
    """Check one thing again, and what stands on it; the other findings are taken over.

    It is a new test with its own verdict, so the history keeps both. A test that has not
    ended yet is returned as it is.

    Raises:
        TooManyTests: as ``request_test``.
    """
    if not test.is_finished:
        return test
    _refuse_flood(by, now)
    again = touched_by(code)
    with transaction.atomic():
        repeated = ConnectionTest.objects.create(
            connection=test.connection,
            candidate_for=test.candidate_for,
            key=test.key,
            project_id=test.project_id,
            dataset_id=test.dataset_id,
            access=test.access,
            fingerprint=test.fingerprint,
            requested_by=by,
            requested_at=now,
            location="" if "dataset" in again else test.location,
        )
        ConnectionTestStep.objects.bulk_create(
            _taken_over(step, repeated, is_open=step.code in again)
            for step in test.steps.order_by("position")
        )
        Connection.objects.filter(latest_test=test).update(latest_test=repeated)
        ring_on_commit(tasks.probe_connection, test_id=repeated.pk)
    return repeated


def _requested(subject: Subject, trigger: str, *, by: User | None, now: datetime) -> ConnectionTest:
    test = ConnectionTest.objects.create(
        connection=subject.connection,
        candidate_for=subject.candidate_for,
        key=subject.key,
        project_id=subject.project_id,
        dataset_id=subject.dataset_id,
        access=subject.access,
        fingerprint=subject.fingerprint,
        trigger=trigger,
        requested_by=by,
        requested_at=now,
    )
    ConnectionTestStep.objects.bulk_create(
        ConnectionTestStep(test=test, position=position, code=step.code, title=step.title)
        for position, step in enumerate(_steps_for(subject.connection or subject.candidate_for))
    )
    if subject.connection is not None:
        subject.connection.speak_by(test)
    ring_on_commit(tasks.probe_connection, test_id=test.pk)
    return test


def _steps_for(connection: Connection | None) -> list[Step]:
    has_imports = (
        connection is not None and Import.objects.listed().of_connection(connection).exists()
    )
    return [step for step in STEPS if has_imports or not step.is_about_imports]


def _taken_over(
    step: ConnectionTestStep, test: ConnectionTest, *, is_open: bool
) -> ConnectionTestStep:
    copied = ConnectionTestStep(test=test, position=step.position, code=step.code, title=step.title)
    if not is_open:
        copied.result = step.result
        copied.reason = step.reason
        copied.sentence = step.sentence
        copied.cure = step.cure
        copied.milliseconds = step.milliseconds
    return copied


@by_admin
def request_test_of(*, connection: Connection, by: User, now: datetime) -> ConnectionTest:
    """Test a saved connection as it is now. Raises as ``request_test``."""
    return request_test(subject=_subject_of(connection), by=by, now=now)


def _subject_of(connection: Connection) -> Subject:
    return Subject(
        key=connection.key,
        project_id=connection.project_id,
        dataset_id=connection.dataset_id,
        access=connection.access,
        connection=connection,
    )


def settle_overdue(*, test: ConnectionTest, now: datetime) -> bool:
    """End a test whose deadline has passed without a verdict: inconclusive, with the reason.

    Returns whether it was this call that ended it. A worker that comes too late finds
    the test finished and changes nothing.
    """
    deadline = test.requested_at + timedelta(seconds=settings.TEST_DEADLINE_SECONDS)
    if test.is_finished or now < deadline:
        return False
    with transaction.atomic():
        if not test.finish(verdict=ConnectionTest.Verdict.INCONCLUSIVE, reason="no_worker"):
            return False
        unfinished = [ConnectionTestStep.Result.WAITING, ConnectionTestStep.Result.RUNNING]
        test.steps.filter(result__in=unfinished).update(
            result=ConnectionTestStep.Result.UNKNOWN, reason="no_worker", sentence=NO_WORKER
        )
    return True


def settle_all_overdue(*, now: datetime) -> int:
    """``settle_overdue`` for every test that nobody looks at; returns how many."""
    open_tests = ConnectionTest.objects.filter(finished_at__isnull=True)
    return sum(settle_overdue(test=test, now=now) for test in open_tests)


def _refuse_flood(by: User, now: datetime) -> None:
    recent = ConnectionTest.objects.filter(
        requested_by=by, requested_at__gt=now - timedelta(minutes=1)
    )
    if recent.count() >= TESTS_A_MINUTE:
        raise TooManyTests("That was many tests in one minute. Wait a little and test again.")


def _record(subject: Subject, by: User) -> None:
    saved = subject.connection
    trail.record(
        by=by,
        action="connection tested",
        kind="connection" if saved else "key draft",
        object_id=saved.pk if saved else subject.key.pk,
        name=saved.name if saved else f"{subject.project_id}.{subject.dataset_id}",
    )
