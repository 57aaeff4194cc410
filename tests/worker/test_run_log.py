"""The log of a run, as workers write it: what is in no column of the run's own row."""

from datetime import timedelta

import pytest
from django.utils import timezone

from connections.bigquery import BigQueryUnavailable, Reason
from imports.models import LogLine, Run, log
from imports.runner import execute, execute_run, leaving
from imports.services.retention import forget_details
from tests.factories import RunFactory
from tests.fakes import FakeBigQuery, FakeCleverTap

pytestmark = pytest.mark.django_db
ROWS = [["c1", "c1@shop.example"], ["c2", "c2@shop.example"]]
USUAL = ["job_submitted", "job_done", "reader"]


@pytest.fixture
def bigquery(monkeypatch):
    source = FakeBigQuery(ROWS)
    monkeypatch.setattr(execute, "open_bigquery", lambda key, project: source)
    monkeypatch.setattr(execute, "open_clevertap", lambda account: FakeCleverTap())
    return source


def written(run):
    return list(run.log.in_order().values_list("what", flat=True))


def test_says_what_bigquery_was_asked_and_what_came(bigquery):
    run = RunFactory()
    assert execute_run(run_id=run.pk) is None
    assert written(run) == USUAL
    done = run.log.get(what="job_done")
    assert done.facts["rows"] == 2


def test_says_each_trouble_once_and_when_it_is_tried_again(bigquery):
    run = RunFactory()
    bigquery.failure = BigQueryUnavailable(Reason.NETWORK, "Google did not answer.")
    assert execute_run(run_id=run.pk) > 0
    bigquery.failure = None
    Run.objects.update(not_before=None)
    assert execute_run(run_id=run.pk) is None
    assert written(run) == [*USUAL, "trouble"]
    trouble = run.log.get(what="trouble").facts
    assert trouble["tries"] == 1
    assert trouble["sentence"] == "Google did not answer."


def test_says_that_another_worker_took_over_and_nothing_of_the_first_claim(bigquery):
    run = RunFactory(
        state="running",
        fence=1,
        owner="gone",
        started_at=timezone.now(),
        lease_until=timezone.now() - timedelta(hours=1),
    )
    execute_run(run_id=run.pk)
    assert written(run) == ["taken_over", *USUAL]


def test_says_that_a_worker_was_told_to_leave(bigquery, monkeypatch):
    monkeypatch.setattr(leaving, "is_asked", lambda: True)
    run = RunFactory()
    assert execute_run(run_id=run.pk) == 0
    assert written(run) == ["handed_back"]


def test_ends_at_so_many_lines(monkeypatch):
    monkeypatch.setattr(log, "MOST_LINES", 2)
    run, other = RunFactory(), RunFactory()
    for _ in range(3):
        LogLine.note(run, LogLine.What.HANDED_BACK)
    LogLine.note(other, LogLine.What.HANDED_BACK)
    assert (len(written(run)), len(written(other))) == (2, 1)


def test_is_forgotten_with_the_details_of_the_run():
    long_ago = timezone.now() - timedelta(days=10_000)
    run = RunFactory(state="succeeded", finished_at=long_ago)
    LogLine.note(run, LogLine.What.HANDED_BACK)
    forget_details(now=timezone.now())
    assert written(run) == []
