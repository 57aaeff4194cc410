"""Real threads, the real client and the sandbox's CleverTap: its ledger says what was sent when."""

import time
from collections import Counter

import pytest
from django.utils import timezone

from connections.secret import Secret
from imports.clevertap import CleverTap
from imports.models import Run
from imports.runner import ahead, execute, execute_run, leaving, ranges, sending, window
from sandbox.ledger import Filter
from tests.chaos.truth import most_at_once
from tests.factories import RunFactory
from tests.fakes import FakeBigQuery
from tests.sandbox.clevertap.server import running_sandbox

pytestmark = pytest.mark.django_db
PARCELS, ROWS_EACH = 40, 5
LATENCY = 0.1


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    with running_sandbox(tmp_path_factory.mktemp("sandbox")) as state:
        yield state


@pytest.fixture
def sandbox(running, monkeypatch):
    """40 requests' worth of rows at the source, 0.1 s for each answer, and real threads."""
    for part in (running.faults, running.clevertap, running.ledger):
        part.clear()
    account = running.clevertap.accounts.all()[0]
    rows = [[f"c{number}", f"c{number}@shop.example"] for number in range(PARCELS * ROWS_EACH)]

    def open_clevertap(_):
        return CleverTap(
            base_url=f"{running.base_url}/clevertap",
            account_id=account.account_id,
            passcode=Secret(account.passcode),
            timeout_seconds=2.0,
        )

    monkeypatch.setattr(ranges, "RANGE_ROWS", ROWS_EACH)
    monkeypatch.setattr(execute, "Threads", window.Threads)
    monkeypatch.setattr(execute, "Ahead", ahead.Ahead)
    monkeypatch.setattr(sending, "TOGETHER", 15)
    monkeypatch.setattr(execute, "open_bigquery", lambda key, project: FakeBigQuery(rows))
    monkeypatch.setattr(execute, "open_clevertap", open_clevertap)
    yield running
    leaving.forget()


def fault(sandbox, effect, **about):
    sandbox.faults.add({"effect": effect, "service": "clevertap", "path": "*/upload", **about})


def uploads(sandbox):
    found = sandbox.ledger.find(Filter(service="clevertap", limit=1_000))
    return [entry.as_json() for entry in found if entry.path.endswith("/upload")]


def executed(run=None):
    run = run or RunFactory()
    execute_run(run_id=run.pk)
    run.refresh_from_db()
    return run


def test_up_to_fifteen_are_under_way_at_once_and_every_row_arrives_once(sandbox):
    fault(sandbox, "latency", seconds=3 * LATENCY)
    began = time.monotonic()
    run = executed()
    assert (run.state, run.accepted_count) == (Run.State.SUCCEEDED, PARCELS * ROWS_EACH)
    assert 8 < most_at_once(uploads(sandbox)) <= 15, "a busy machine begins them late"
    assert len(uploads(sandbox)) == PARCELS
    assert time.monotonic() - began < PARCELS * 3 * LATENCY, "one after the other takes longer"


def test_the_setting_says_how_many(sandbox, settings):
    settings.CLEVERTAP_PARALLEL_REQUESTS = 3
    fault(sandbox, "latency", seconds=LATENCY)
    assert executed().state == Run.State.SUCCEEDED
    assert 1 < most_at_once(uploads(sandbox)) <= 3


def test_a_request_that_hangs_does_not_hold_up_the_others(sandbox):
    fault(sandbox, "hang", times=1)
    run = executed()
    assert (run.state, run.accepted_count) == (Run.State.SUCCEEDED, PARCELS * ROWS_EACH)
    hung, *others = sorted(uploads(sandbox), key=lambda one: one["facts"].get("fault") != "hang")
    between = [one for one in others if one["at"] < hung["ended_at"]]
    assert len(between) > 2 * 14, "the others waited for it"
    assert run.retry_count == 1


def test_too_many_requests_halve_how_many_are_under_way(sandbox):
    fault(sandbox, "status", status=429, times=5)
    fault(sandbox, "latency", seconds=LATENCY)
    run = executed()
    assert (run.state, run.accepted_count) == (Run.State.SUCCEEDED, PARCELS * ROWS_EACH)
    refused = [one["at"] for one in uploads(sandbox) if one["status"] == 429]
    later = [one for one in uploads(sandbox) if one["at"] > max(refused) + LATENCY * 2]
    assert most_at_once(later) <= 8


def test_a_passcode_that_is_refused_stops_at_what_is_under_way(sandbox):
    fault(sandbox, "status", status=401)
    run = executed()
    assert (run.state, run.failure_code) == (Run.State.FAILED, "credentials")
    assert len(uploads(sandbox)) <= 15
    assert (run.read_count, run.batches.count()) == (0, 0)


@pytest.mark.parametrize("ends", ["a stop", "a worker that leaves"])
def test_what_is_under_way_is_recorded_and_nothing_is_begun(ends, sandbox, monkeypatch):
    fault(sandbox, "latency", seconds=LATENCY)
    run, began = RunFactory(), Counter()
    start = window.Window.start

    def at_the_tenth(self, flight):
        start(self, flight)
        began["all"] += 1
        if began["all"] == 10:
            if ends == "a stop":
                Run.objects.update(stop_requested_at=timezone.now())
            else:
                leaving.ask()

    monkeypatch.setattr(window.Window, "start", at_the_tenth)
    executed(run)
    assert (began["all"], len(uploads(sandbox))) == (15, 15), "what was committed together"
    assert (run.accepted_count, run.unknown_count) == (15 * ROWS_EACH, 0)
    assert not run.batches.open().exists()
    assert run.state == (Run.State.STOPPED if ends == "a stop" else Run.State.RUNNING)


def test_a_process_that_stood_still_sends_nothing_before_it_has_asked(sandbox, monkeypatch):
    """What a thread finds in its hands after the lease may be another's is not sent."""
    fly, stood = window.Window._fly, []

    def stand_still_once(self, flight):
        if not stood:
            stood.append(flight.parcel.first_row)
            flight.not_after = time.monotonic() - 1
        fly(self, flight)

    monkeypatch.setattr(window.Window, "_fly", stand_still_once)
    run = executed()
    assert (run.state, run.accepted_count) == (Run.State.SUCCEEDED, PARCELS * ROWS_EACH)
    assert len(uploads(sandbox)) == PARCELS
    assert run.retry_count == 0


def test_rows_of_one_person_never_pass_each_other(sandbox, monkeypatch):
    """Every tenth row is about the same person: her parcels go one after the other."""
    rows = [[f"c{number % 10 and number}", f"{number}@shop.example"] for number in range(200)]
    monkeypatch.setattr(execute, "open_bigquery", lambda key, project: FakeBigQuery(rows))
    monkeypatch.setattr(sending, "LANES_PER_SLOT", 2)
    fault(sandbox, "latency", seconds=0.01)
    assert executed().state == Run.State.SUCCEEDED
    hers = [one for one in uploads(sandbox) if one["facts"]["batch"] % 10 == 0]
    assert len(hers) == 20
    assert most_at_once(hers) == 1
    assert sorted(hers, key=lambda one: one["at"]) == sorted(
        hers, key=lambda one: one["facts"]["batch"]
    )
