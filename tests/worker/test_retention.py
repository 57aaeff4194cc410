"""Details of old runs are forgotten, in small portions; sums are kept for ever."""

from datetime import timedelta

import pytest
from django.utils import timezone

from imports import sweeps
from imports.models import Batch, KeptRows, RefusedRow, Run
from imports.services import retention
from tests.factories import RunFactory
from tests.refused import hold, person, refuse

pytestmark = pytest.mark.django_db

NOW = timezone.now()
SUMS = {"read_count": 6, "accepted_count": 2, "refused_count": 2, "unknown_count": 2}


def a_run(days, **facts):
    run = RunFactory(succeeded=True, **{**SUMS, **facts})
    Run.objects.filter(pk=run.pk).update(finished_at=NOW - timedelta(days=days))
    refuse(run, person(1), person(2))
    Batch.objects.create(run=run, first_row=0, end_row=4, record_count=2, state="answered")
    hold(run, 4, b"{}", b"{}")
    return run


def left():
    return (RefusedRow.objects.count(), KeptRows.objects.count(), Batch.objects.count())


def test_forgets_after_the_stated_days_and_keeps_the_sums():
    run = a_run(days=31)
    assert retention.forget_details(now=NOW) == 4
    run.refresh_from_db()
    assert run.forgotten_at == NOW
    assert {name: getattr(run, name) for name in SUMS} == SUMS
    assert left() == (0, 0, 1)
    assert Batch.objects.get().sealed_records is None, "what was decided stays, and no contents"


@pytest.mark.parametrize("days", [0, 29])
def test_keeps_what_is_younger(days):
    a_run(days=days)
    assert retention.forget_details(now=NOW) == 0
    assert left() == (2, 1, 2)


def test_keeps_what_a_run_at_work_sends_again():
    run = a_run(days=31)
    RunFactory(parent=run.parent, replay_of=run, source="refused")
    assert retention.forget_details(now=NOW) == 0


def test_keeps_what_belongs_to_a_run_at_work():
    run = RunFactory(queued_at=NOW - timedelta(days=90))
    refuse(run, person(1))
    assert retention.forget_details(now=NOW) == 0


def test_goes_in_portions_and_does_not_begin_again(monkeypatch, django_assert_max_num_queries):
    monkeypatch.setattr(retention, "PORTION", 1)
    a_run(days=31)
    a_run(days=40)
    monkeypatch.setattr(retention, "SECONDS", 0.0)
    assert retention.forget_details(now=NOW) == 0, "no time, no work"
    monkeypatch.setattr(retention, "SECONDS", 10.0)
    assert retention.forget_details(now=NOW) == 8
    with django_assert_max_num_queries(1):
        assert retention.forget_details(now=NOW) == 0


def test_the_tick_does_it(monkeypatch, bells):
    monkeypatch.setattr(sweeps, "ring", lambda *args, **ids: True)
    run = a_run(days=31)
    sweeps.sweep(now=NOW)
    run.refresh_from_db()
    assert run.forgotten_at == NOW


def test_the_days_are_a_setting(settings):
    settings.RUN_DETAILS_DAYS = 3
    a_run(days=4)
    assert retention.forget_details(now=NOW) == 4
