"""A worker that is told to leave hands its run back before the next batch."""

import json
import os
import time

import pytest

from imports.models import Run
from imports.runner import execute, execute_run, leaving
from tests.factories import RunFactory
from tests.fakes import FakeBigQuery, FakeCleverTap

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def staying():
    yield
    leaving.forget()


@pytest.fixture
def clevertap(monkeypatch):
    sink = FakeCleverTap()
    rows = [[f"c{number}", f"c{number}@shop.example"] for number in range(3_000)]
    monkeypatch.setattr(execute, "open_bigquery", lambda key, project: FakeBigQuery(rows))
    monkeypatch.setattr(execute, "open_clevertap", lambda account: sink)
    return sink


def test_the_batch_under_way_is_recorded_and_no_other_is_sent(clevertap):
    run = RunFactory()
    clevertap.on_upload = leaving.ask
    assert execute_run(run_id=run.pk) == 0, "it must be rung again for another worker"
    run.refresh_from_db()
    assert (run.state, run.owner, run.lease_until) == (Run.State.RUNNING, "", None)
    assert (run.next_row, run.accepted_count) == (1_000, 1_000)
    assert len(clevertap.bodies) == 1


def test_another_worker_goes_on_at_once_and_sends_nothing_twice(clevertap):
    run = RunFactory()
    clevertap.on_upload = leaving.ask
    execute_run(run_id=run.pk)
    leaving.forget()
    clevertap.on_upload = lambda: None
    execute_run(run_id=run.pk)
    run.refresh_from_db()
    assert run.state == Run.State.SUCCEEDED
    assert run.takeovers == 0, "a run that was handed back was not lost"
    sent = [one["identity"] for body in clevertap.bodies for one in json.loads(body)["d"]]
    assert sent == [f"c{number}" for number in range(3_000)]


def test_a_worker_that_is_leaving_begins_no_run(clevertap):
    run = RunFactory()
    leaving.ask()
    assert execute_run(run_id=run.pk) == 0
    run.refresh_from_db()
    assert (run.job_id, run.owner) == ("", "")
    assert clevertap.bodies == []


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_processes_that_were_forked_before_are_told():
    child = os.fork()
    if child == 0:  # waits for its parent's word, at most two seconds
        for _ in range(200):
            if leaving.is_asked():
                os._exit(7)
            time.sleep(0.01)
        os._exit(1)
    leaving.ask()
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
