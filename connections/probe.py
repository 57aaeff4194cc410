"""Worker half of Test Connection: carry out each check and record it as it ends.

The whole test has one deadline, counted from the moment it was asked for: whatever
Google does, the page has its answer by then. Only our own sentences are stored.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

import structlog
from django.conf import settings
from django.utils import timezone

from connections import cures, privileges
from connections.bigquery import BigQuery, BigQueryError, BigQueryUnavailable, Reason
from connections.models import Access, Connection, ConnectionTest, ConnectionTestStep
from connections.remedies import remedy
from connections.source import SourceUnavailable, endpoints_of, open_key
from connections.steps import OPTIONAL, STEPS, Step
from imports.models import Import

logger = structlog.get_logger(__name__)

Result = ConnectionTestStep.Result
Verdict = ConnectionTest.Verdict
# Tables of imports that one test reads: each takes two calls, and the test has its deadline.
SOURCES_TRIED = 20
SLOWER = "Imports work without it, the slower way."
NO_TIME = "There was no time left for this check. Test again; nothing was found against the key."

# Questions about excess: all together, only with this much time left, and waited for so long.
EXCESS_SECONDS = 2.0
EXCESS_NEEDS_SECONDS = 4.0
EXCESS_PATIENCE_SECONDS = 0.5


@dataclass
class Outcome:
    """How one check ended: result, our reason code, our sentence, what to do."""

    result: str
    sentence: str = ""
    reason: str = ""
    cure: cures.Cure = field(default_factory=cures.Cure)


@dataclass
class Probe:
    """What the checks of one test share: the row, the gateway once open, the clock."""

    test: ConnectionTest
    deadline: float
    gateway: BigQuery | None = None
    location: str = ""
    results: dict[str, str] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    excess: privileges.Inquiry | None = None

    @property
    def seconds_left(self) -> float:
        return self.deadline - time.monotonic()

    @property
    def bigquery(self) -> BigQuery:
        """The gateway, opened when it is first needed. Raises SourceUnavailable."""
        if self.gateway is None:
            self.gateway = BigQuery(
                open_key(self.test.key),
                project=self.test.project_id,
                endpoints=endpoints_of(self.test.key.google),
                call_seconds=6.0,
            )
        return self.gateway


def probe_connection(*, test_id: UUID) -> None:
    """Carry out the test, once: a second delivery finds it taken and does nothing.

    Ends within ``settings.TEST_DEADLINE_SECONDS`` of the request, with a verdict:
    failed if a check failed, inconclusive if one could not tell, else verified. What is
    optional does not count; its result and reason say whether it can be had.
    """
    test = ConnectionTest.objects.select_related("key").filter(pk=test_id).first()
    if test is None or not test.claim():
        logger.info("test gone or taken", test=str(test_id))
        return
    waited = (timezone.now() - test.requested_at).total_seconds()
    probe = Probe(
        test,
        deadline=time.monotonic() + settings.TEST_DEADLINE_SECONDS - waited,
        location=test.location,
    )
    rows = {row.code: row for row in test.steps.all()}
    # What a test of before has found already is not asked again.
    found = {code: row for code, row in rows.items() if row.result != Result.WAITING}
    probe.results = {code: row.result for code, row in found.items()}
    probe.reasons = {code: row.reason for code, row in found.items()}
    try:
        for step in STEPS:
            if step.code in rows and step.code not in probe.results:
                _carry_out(probe, step, rows[step.code])
            _ask_for_excess(probe)
        _note_excess(probe)
    finally:
        if probe.gateway is not None:
            probe.gateway.close()
    _finish(probe)
    logger.info("test finished", test=str(test_id), results=probe.results)


def _ask_for_excess(probe: Probe) -> None:
    """Begin to ask what the key may do beyond its task, beside the checks that are left."""
    answered = all(probe.results.get(code) == Result.PASSED for code in ("dataset", "jobs"))
    if probe.excess or not answered or probe.seconds_left < EXCESS_NEEDS_SECONDS:
        return
    test, location = probe.test, probe.location
    try:
        bigquery = probe.bigquery
    except SourceUnavailable:
        return
    probe.excess = privileges.Inquiry(
        lambda: privileges.excess_of(
            bigquery,
            dataset_id=test.dataset_id,
            location=location,
            is_read_only=test.access == Access.READ_ONLY,
            seconds=EXCESS_SECONDS,
        )
    )


def _note_excess(probe: Probe) -> None:
    """A hint: nothing is said in doubt, and the verdict does not wait for it."""
    found = probe.excess.answer(seconds=EXCESS_PATIENCE_SECONDS) if probe.excess else []
    if found:
        open_test = ConnectionTest.objects.filter(pk=probe.test.pk, finished_at__isnull=True)
        open_test.update(excess=found)


def _finish(probe: Probe) -> None:
    """Write verdict and reason; the dataset's location goes to the connection it speaks for."""
    test, verdict = probe.test, _verdict(probe.results)
    ended = test.finish(verdict=verdict, reason=_reason(probe), location=probe.location)
    if ended and probe.location:
        Connection.objects.filter(latest_test=test).update(location=probe.location)


def _reason(probe: Probe) -> str:
    """The code of the first check that failed; of the first that could not tell, if none did."""
    needed = {code: one for code, one in probe.results.items() if code not in OPTIONAL}
    for wanted in (Result.FAILED, Result.UNKNOWN):
        for code, result in needed.items():
            if result == wanted:
                return probe.reasons[code]
    return ""


def _carry_out(probe: Probe, step: Step, row: ConnectionTestStep) -> None:
    row.result = Result.RUNNING
    row.save(update_fields=["result"])
    begun = time.monotonic()
    outcome = _outcome(probe, step)
    probe.results[step.code] = outcome.result
    probe.reasons[step.code] = outcome.reason
    row.result = outcome.result
    row.reason = outcome.reason
    row.sentence = outcome.sentence
    row.cure = outcome.cure.to_json()
    row.milliseconds = round((time.monotonic() - begun) * 1000)
    row.save(update_fields=["result", "reason", "sentence", "cure", "milliseconds"])


def _outcome(probe: Probe, step: Step) -> Outcome:
    return _unneeded_or_unmet(probe, step) or _ask_google(probe, step)


def _unneeded_or_unmet(probe: Probe, step: Step) -> Outcome | None:
    """Why the check is not carried out at all, or None."""
    if step.only_for is not None and probe.test.access != step.only_for:
        return Outcome(Result.NOT_NEEDED, "This connection is read only.")
    unmet = [need for need in step.needs if probe.results.get(need) != Result.PASSED]
    if unmet:
        title = next(other.title for other in STEPS if other.code == unmet[0])
        return Outcome(Result.UNKNOWN, f"Not checked: “{title}” must pass first.", "not_checked")
    if probe.seconds_left < 0.5:
        return Outcome(Result.UNKNOWN, NO_TIME, Reason.TIMEOUT)
    return None


def _ask_google(probe: Probe, step: Step) -> Outcome:
    try:
        return Outcome(Result.PASSED, _CHECKS[step.code](probe))
    except SourceUnavailable as error:
        return Outcome(Result.FAILED, str(error), "key_unreadable")
    except BigQueryUnavailable as error:
        cure = remedy(error, probe.test, api=_api_of(step))
        return Outcome(Result.UNKNOWN, _sentence(step, error), error.reason, cure)
    except BigQueryError as error:
        refused = Result.NOT_NEEDED if step.optional else Result.FAILED
        cure = remedy(error, probe.test, api=_api_of(step))
        return Outcome(refused, _sentence(step, error), error.reason, cure)


def _api_of(step: Step) -> str:
    return cures.STORAGE_API if step.code == "fast" else cures.BIGQUERY_API


def _sentence(step: Step, error: BigQueryError) -> str:
    return f"{error.sentence} {SLOWER}" if step.optional else error.sentence


def _check_key(probe: Probe) -> str:
    _ = probe.bigquery
    return f"Key {probe.test.key.short_id} of {probe.test.key.client_email}."


def _check_token(probe: Probe) -> str:
    probe.bigquery.authenticate(seconds=_seconds(probe))
    return "An access token was granted."


def _check_project(probe: Probe) -> str:
    probe.bigquery.check_project(seconds=_seconds(probe))
    return f"BigQuery answers for project {probe.test.project_id}."


def _check_dataset(probe: Probe) -> str:
    dataset = probe.bigquery.dataset(probe.test.dataset_id, seconds=_seconds(probe))
    probe.location = dataset.location
    return f"The dataset exists, in location {dataset.location}."


def _check_jobs(probe: Probe) -> str:
    probe.bigquery.check_jobs(
        dataset_id=probe.test.dataset_id, location=probe.location, seconds=_seconds(probe)
    )
    return f"A query job ran in {probe.location}; no bytes were billed."


def _check_read(probe: Probe) -> str:
    probe.bigquery.check_read(
        dataset_id=probe.test.dataset_id, location=probe.location, seconds=_seconds(probe)
    )
    return "Tables can be listed, and a row can be read."


def _check_write(probe: Probe) -> str:
    probe.bigquery.check_write(dataset_id=probe.test.dataset_id, seconds=_seconds(probe))
    return "A table was made, with an hour to live, and dropped again."


def _check_sources(probe: Probe) -> str:
    """The tables of its imports, one after the other; the first that fails says why."""
    connection = probe.test.connection or probe.test.candidate_for
    listed = Import.objects.listed().of_connection(connection) if connection else None
    tables = listed.tables()[:SOURCES_TRIED] if listed is not None else []
    for table in tables:
        probe.bigquery.check_table(
            probe.test.dataset_id, table, location=probe.location, seconds=_seconds(probe)
        )
    count = len(tables)
    return f"{count:,} table{'' if count == 1 else 's'} that its imports read can be read."


def _check_fast(probe: Probe) -> str:
    probe.bigquery.check_fast_reads(location=probe.location, seconds=_seconds(probe))
    return "Rows can be read over the Storage Read API, the fast way."


_CHECKS: dict[str, Callable[[Probe], str]] = {
    "key": _check_key,
    "token": _check_token,
    "project": _check_project,
    "dataset": _check_dataset,
    "jobs": _check_jobs,
    "read": _check_read,
    "sources": _check_sources,
    "write": _check_write,
    "fast": _check_fast,
}


def _seconds(probe: Probe) -> float:
    """A fair share: one slow check must not eat the time of those after it."""
    return max(0.5, min(6.0, probe.seconds_left - 0.5))


def _verdict(results: dict[str, str]) -> str:
    needed = [result for code, result in results.items() if code not in OPTIONAL]
    if Result.FAILED in needed:
        return Verdict.FAILED
    if Result.UNKNOWN in needed:
        return Verdict.INCONCLUSIVE
    return Verdict.VERIFIED
