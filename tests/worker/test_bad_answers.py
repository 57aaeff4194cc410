"""Answers that never get better: how a run ends, and what is said of the account (ADR 38)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from imports.clevertap import CleverTapOutcomeUnknown, CleverTapRefused, Reason
from imports.models import CleverTapAccount, Run
from imports.runner import delivery, execute, execute_run, pace
from tests.factories import RunFactory
from tests.fakes import FakeBigQuery, FakeCleverTap

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(monkeypatch):
    """``world(count)`` has so many people, a sink that is told what to answer, and no pauses."""
    monkeypatch.setattr(pace, "SHORTEST_SECONDS", 0.0)
    monkeypatch.setattr(pace, "FIRST_SECONDS", 0.0)

    def build(count):
        people = [[f"c{number}", f"c{number}@shop.example"] for number in range(count)]
        clevertap = FakeCleverTap()
        monkeypatch.setattr(execute, "open_bigquery", lambda key, project: FakeBigQuery(people))
        monkeypatch.setattr(execute, "open_clevertap", lambda account: clevertap)
        return clevertap

    return build


def finish(run):
    for _ in range(20):
        Run.objects.filter(pk=run.pk).update(not_before=None)
        if execute_run(run_id=run.pk) is None:
            break
    run.refresh_from_db()
    return run


def test_fails_when_no_answer_ever_says_what_became_of_a_batch(world):
    clevertap = world(5_000)
    clevertap.answers = [CleverTapOutcomeUnknown(Reason.SERVER_ERROR)] * 99
    run = finish(RunFactory())
    assert (run.state, run.failure_code) == (Run.State.FAILED, "server_error")
    assert len(clevertap.bodies) == 8
    assert (run.accepted_count, run.unknown_count) == (0, run.read_count)


def test_a_run_that_got_no_answer_at_all_has_not_succeeded(world):
    clevertap = world(10)
    clevertap.answers = [CleverTapOutcomeUnknown(Reason.UNREADABLE)] * 99
    run = finish(RunFactory())
    assert (run.state, run.failure_code) == (Run.State.FAILED, "unreadable")
    assert (len(clevertap.bodies), run.unknown_count) == (delivery.UNKNOWN_TRIES, 10)


def test_one_batch_that_is_never_answered_does_not_hold_up_the_others(world):
    clevertap = world(5_000)
    lost = CleverTapOutcomeUnknown(Reason.SERVER_ERROR)
    clevertap.on_upload = lambda: clevertap.answers.extend(
        [lost] * (b'"c7"' in clevertap.bodies[-1])
    )
    run = finish(RunFactory())
    assert (run.state, run.accepted_count, run.unknown_count) == (Run.State.SUCCEEDED, 4_000, 1_000)


def test_a_sink_that_can_read_no_record_is_not_asked_for_each(world, monkeypatch):
    monkeypatch.setattr(delivery, "CULPRITS_ALLOWED", 3)
    clevertap = world(64)
    clevertap.answers = [CleverTapRefused(Reason.MALFORMED)] * 200
    run = finish(RunFactory())
    assert (run.state, run.failure_code) == (Run.State.FAILED, "too_many_malformed")
    assert (run.refused_count, run.read_count) == (3, 3)
    assert len(clevertap.bodies) < 12, "seven down to the first, and its neighbours"


def test_a_passcode_that_is_refused_in_mid_run_is_said_on_the_account(world):
    clevertap = world(10)
    clevertap.answers = [CleverTapRefused(Reason.CREDENTIALS)]
    run = finish(RunFactory())
    account = CleverTapAccount.objects.get()
    assert (account.verdict, account.verdict_sentence) == ("failed", run.failure_sentence)


def test_a_passcode_that_was_changed_meanwhile_is_not_called_refused(world):
    clevertap = world(10)
    clevertap.answers = [CleverTapRefused(Reason.CREDENTIALS)]
    change = {"updated_at": timezone.now() + timedelta(seconds=1), "verdict": "verified"}
    clevertap.on_upload = lambda: CleverTapAccount.objects.update(**change)
    assert finish(RunFactory()).failure_code == "credentials"
    assert CleverTapAccount.objects.get().verdict == "verified"
