"""Deleting an import: its run stops, its history stays, its nickname is free again."""

import uuid

import pytest

from accounts.models import AuditEntry
from imports.models import Import, Run
from imports.services import deletion
from tests.factories import ImportFactory, RunFactory

CENTER = "/settings/partners/import-center/"


@pytest.fixture
def subject(db):
    return ImportFactory(nickname="Customers")


def url(subject):
    return f"{CENTER}{subject.pk}/delete/"


def token(subject):
    return {"token": deletion.review_deletion(subject).token}


def fresh(row):
    return type(row).objects.get(pk=row.pk)


def begun(subject):
    run = RunFactory(parent=subject)
    run.claim(owner="worker")
    return run


@pytest.mark.parametrize("who", ["as_admin", "as_creator"])
def test_takes_it_off_every_list(who, request, subject, bells):
    client = request.getfixturevalue(who)
    client.post(url(subject), token(subject))
    assert fresh(subject).is_deleted
    assert "Customers" not in client.get(CENTER).content.decode()


def test_frees_the_nickname(as_creator, subject, bells):
    as_creator.post(url(subject), token(subject))
    assert ImportFactory(nickname="Customers").pk != subject.pk


def test_asks_its_run_to_stop_and_shows_it_until_it_has_ended(as_creator, subject, bells):
    run = begun(subject)
    assert "It is running" in as_creator.get(url(subject)).content.decode()
    text = as_creator.post(url(subject), token(subject), follow=True).content.decode()
    assert "Its run is being stopped" in text
    assert fresh(run).is_stopping
    run.finish(Run.State.STOPPED)
    assert "No run of it is at work" in as_creator.get(subject.get_absolute_url()).content.decode()


def test_ends_a_queued_run_at_once(as_creator, subject, bells):
    run = RunFactory(parent=subject)
    as_creator.post(url(subject), token(subject))
    assert fresh(run).state == Run.State.STOPPED


def test_keeps_the_history_readable_for_members(as_creator, as_member, subject, bells):
    old = RunFactory(parent=subject, succeeded=True)
    as_creator.post(url(subject), token(subject))
    text = as_member.get(subject.get_absolute_url()).content.decode()
    assert "This import is deleted" in text
    assert "creator@shop.example" in text
    assert old.get_absolute_url() in text
    assert as_member.get(old.get_absolute_url()).status_code == 200


def test_offers_nothing_more_to_do_with_it(as_creator, subject, bells):
    as_creator.post(url(subject), token(subject))
    text = as_creator.get(subject.get_absolute_url()).content.decode()
    assert not [word for word in ("Run now", "Edit mapping", ">Delete<") if word in text]
    assert as_creator.post(f"{CENTER}{subject.pk}/run/").status_code == 404
    assert as_creator.get(f"{CENTER}{subject.pk}/map/").status_code == 404


def test_is_recorded_in_the_trail_once(as_creator, subject, bells):
    for _ in range(2):
        as_creator.post(url(subject), token(subject))
    entry = AuditEntry.objects.get(action="import deleted")
    assert (entry.object_name, entry.email) == ("Customers", "creator@shop.example")


def test_asks_again_when_a_run_began_meanwhile(as_creator, subject, bells):
    outdated = token(subject)
    run = begun(subject)
    text = as_creator.post(url(subject), outdated).content.decode()
    assert "changed since the question was shown" in text
    assert not fresh(subject).is_deleted
    assert not fresh(run).is_stopping


@pytest.mark.parametrize("value", ["", "x", "0" * 64, "\x00"])
def test_refuses_a_confirmation_of_something_else(value, as_creator, subject, bells):
    as_creator.post(url(subject), {"token": value})
    assert not fresh(subject).is_deleted


def test_members_may_not(as_member, subject):
    assert as_member.get(url(subject)).status_code == 403
    assert as_member.post(url(subject), token(subject)).status_code == 403
    assert not fresh(subject).is_deleted


def test_an_import_that_never_was_is_not_found(as_creator, db):
    assert as_creator.post(f"{CENTER}{uuid.uuid4()}/delete/", {"token": "x"}).status_code == 404


@pytest.mark.parametrize("status", ["ready", "scheduled", "paused", "stopped"])
def test_a_run_at_work_can_be_stopped_from_every_list_whatever_its_import_is(
    status, as_creator, subject
):
    run = begun(subject)
    Import.objects.update(status=status, next_slot_at="2100-01-01T00:00:00Z")
    stop = f'action="{run.get_absolute_url()}stop/"'
    for page in (CENTER, subject.get_absolute_url(), run.get_absolute_url()):
        assert stop in as_creator.get(page).content.decode()


@pytest.mark.parametrize(
    "values",
    [
        {"lease_until": None, "not_before": "2100-01-01T00:00:00Z", "troubles": 3},
        {"lease_until": "2026-01-01T00:00:00Z"},
        {"rows_total": None, "job_state": "running"},
    ],
    ids=["waiting to try again", "lost by its worker", "querying"],
)
def test_a_run_can_be_stopped_whatever_it_waits_for(values, as_creator, subject, bells):
    run = begun(subject)
    Run.objects.update(**values)
    assert "/stop/" in as_creator.get(CENTER).content.decode()
    as_creator.post(f"{run.get_absolute_url()}stop/")
    assert fresh(run).is_stopping
    # Its owner hears of it; where there is none, any worker may take it now and end it.
    owned = "lease_until" not in values
    assert Run.objects.claimable().filter(pk=run.pk).exists() != owned


def test_who_may_only_read_is_offered_no_stop(as_member, subject):
    begun(subject)
    assert "/stop/" not in as_member.get(CENTER).content.decode()
    assert "/stop/" not in as_member.get(subject.get_absolute_url()).content.decode()


def test_a_run_that_stops_already_is_offered_no_second_stop(as_creator, subject, bells):
    run = begun(subject)
    as_creator.post(f"{run.get_absolute_url()}stop/")
    for page in (CENTER, subject.get_absolute_url(), run.get_absolute_url()):
        assert f"{run.get_absolute_url()}stop/" not in as_creator.get(page).content.decode()
