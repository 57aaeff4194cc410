"""Stopping an import: nothing starts it any more, until somebody resumes it."""

from datetime import timedelta
from html import unescape

import pytest
from django.utils import timezone

from accounts.models import AuditEntry
from imports.models import Import, Run
from imports.services import scheduling
from tests.factories import ConnectionFactory, ImportFactory, RunFactory

CENTER = "/settings/partners/import-center/"
DAILY = {
    "type": "interval",
    "count": 1,
    "unit": "days",
    "start": "2020-01-01T09:00:00+00:00",
    "zone": "UTC",
    "end": None,
}


@pytest.fixture
def subject(db):
    return ImportFactory(
        nickname="Customers",
        status=Import.Status.SCHEDULED,
        schedule=DAILY,
        next_slot_at=timezone.now() + timedelta(hours=1),
    )


def fresh(row):
    return type(row).objects.get(pk=row.pk)


def post(client, subject, action="stop"):
    answer = client.post(f"{CENTER}{subject.pk}/{action}/", follow=True)
    return unescape(answer.content.decode())


def page(client, address):
    return unescape(client.get(address).content.decode())


def test_asks_first_and_says_what_it_means(as_creator, subject):
    text = page(as_creator, f"{CENTER}{subject.pk}/stop/")
    assert "Stop “Customers”?" in text
    assert "neither by its schedule nor by hand" in text
    assert "It is not running." in text
    assert fresh(subject).status == "scheduled"


def test_ends_its_starts_by_schedule_and_by_hand(as_creator, subject, bells):
    assert "is stopped: nothing starts it" in post(as_creator, subject)
    assert fresh(subject).status == "stopped"
    assert "Resume it before you run it." in post(as_creator, subject, "run")
    assert scheduling.start_due_runs(now=timezone.now() + timedelta(days=2)) == 0
    assert not Run.objects.exists()


def test_stops_its_run_at_work_and_a_queued_one_at_once(as_creator, subject, bells):
    run = RunFactory(parent=subject)
    run.claim(owner="worker")
    assert "It is running" in page(as_creator, f"{CENTER}{subject.pk}/stop/")
    assert "Its run is being stopped" in post(as_creator, subject)
    assert fresh(run).stop_reason == "Import “Customers” was stopped"
    queued = RunFactory(parent=ImportFactory())
    post(as_creator, queued.parent)
    assert fresh(queued).state == "stopped"


def test_is_taken_back_by_resume_with_its_schedule(as_creator, subject, bells):
    post(as_creator, subject)
    stopped = page(as_creator, subject.get_absolute_url())
    assert "This import is stopped" in stopped
    assert ">Resume<" in stopped
    assert "runs by its schedule again" in post(as_creator, subject, "resume")
    back = fresh(subject)
    assert back.status == "scheduled"
    assert back.next_slot_at > timezone.now()


@pytest.mark.parametrize("schedule", [{}, {**DAILY, "end": "2020-02-01T00:00:00+00:00"}])
def test_of_one_without_a_start_ahead_is_taken_back_to_run_by_hand(
    schedule, as_creator, subject, bells
):
    Import.objects.update(status="ready", schedule=schedule, next_slot_at=None)
    post(as_creator, subject)
    assert "Press Run now" in post(as_creator, subject, "resume")
    assert fresh(subject).status == "ready"
    post(as_creator, subject, "run")
    assert subject.runs.count() == 1


def test_is_not_offered_for_a_draft_nor_done(as_creator, db):
    draft = ImportFactory(draft=True)
    assert "Stop import" not in page(as_creator, draft.get_absolute_url())
    assert "A draft never runs" in post(as_creator, draft)
    assert fresh(draft).status == "draft"


def test_twice_says_so_and_keeps_what_is_there(as_creator, subject, bells):
    post(as_creator, subject)
    assert "is stopped already" in post(as_creator, subject)
    assert AuditEntry.objects.filter(action="import stopped").count() == 1


def test_by_a_deleted_connection_is_for_good(as_creator, db):
    gone = ConnectionFactory(deleting=True, name="Old warehouse")
    subject = ImportFactory(connection=gone, stopped=True)
    assert ">Resume<" not in page(as_creator, subject.get_absolute_url())
    assert "“Old warehouse” is being deleted" in post(as_creator, subject, "resume")
    assert fresh(subject).status == "stopped"


@pytest.mark.parametrize("place", [CENTER, "own page"])
def test_and_resume_stand_where_the_other_actions_are(place, as_creator, subject, bells):
    address = CENTER if place == CENTER else subject.get_absolute_url()
    assert ">Stop import<" in page(as_creator, address)
    post(as_creator, subject)
    text = page(as_creator, address)
    assert ">Stop import<" not in text
    assert ">Resume<" in text


def test_of_a_deleted_or_unknown_import_is_not_found(as_creator, subject):
    Import.objects.update(deleted_at=timezone.now(), status="stopped")
    for action in ("stop", "resume"):
        assert as_creator.post(f"{CENTER}{subject.pk}/{action}/").status_code == 404


def test_members_may_not_and_are_told_who_may(as_member, subject):
    assert as_member.get(f"{CENTER}{subject.pk}/stop/").status_code == 403
    assert as_member.post(f"{CENTER}{subject.pk}/stop/").status_code == 403
    Import.objects.update(status="stopped")
    assert "A Creator or an Admin can resume it" in page(as_member, subject.get_absolute_url())


@pytest.mark.parametrize("tab", ["edit", "configure", "map"])
def test_leaves_nothing_to_change_until_it_is_resumed(tab, as_creator, subject, bells):
    post(as_creator, subject)
    answer = as_creator.get(f"{CENTER}{subject.pk}/{tab}/", follow=True)
    assert "Resume it before you change it." in unescape(answer.content.decode())


def test_and_resume_are_recorded_in_the_trail(as_creator, subject, bells):
    post(as_creator, subject)
    post(as_creator, subject, "resume")
    actions = AuditEntry.objects.filter(object_id=subject.pk).order_by("at")
    assert [one.action for one in actions] == ["import stopped", "import resumed"]
