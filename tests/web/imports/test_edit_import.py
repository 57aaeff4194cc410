"""Edit, duplicate, pause and resume an import, from wherever it is listed."""

import pytest
from django.db import IntegrityError, transaction

from accounts.models import AuditEntry
from imports.models import Import
from imports.services import editing
from tests.factories import (
    CleverTapAccountFactory,
    ConnectionFactory,
    ImportFactory,
    RunFactory,
)

CENTER = "/settings/partners/import-center/"
# What a copy does not take over: its own name and history, and when it runs.
ITS_OWN = {
    *("id", "nickname", "nickname_key", "status", "schedule", "next_slot_at", "version"),
    *("created_at", "created_by_id", "updated_at", "updated_by_id", "deleted_at", "deleted_by_id"),
}


@pytest.fixture
def subject(db):
    return ImportFactory(nickname="Customers")


def url(subject, rest="edit/"):
    return f"{subject.get_absolute_url()}{rest}"


def words(subject, **changed):
    said = {
        "nickname": subject.nickname,
        "account": str(subject.account_id),
        "unknown_policy": subject.unknown_policy,
        "version": subject.version,
    }
    return {**said, **changed}


def fresh(subject):
    return Import.objects.get(pk=subject.pk)


class TestEdit:
    def test_changes_name_account_and_policy(self, as_creator, subject):
        account = CleverTapAccountFactory()
        said = words(subject, nickname=" People ", account=account.pk, unknown_policy="hold")
        assert as_creator.post(url(subject), said).url == subject.get_absolute_url()
        found = fresh(subject)
        assert (found.nickname, found.account, found.unknown_policy) == ("People", account, "hold")
        entry = AuditEntry.objects.get(action="import changed")
        assert entry.before["nickname"] == "Customers"
        assert entry.after["account"] == account.name

    def test_sets_and_clears_the_limit_of_refused_rows(self, as_creator, subject):
        for said, was, shown in (("99", None, "At more than 99 %"), ("", 99, "Never")):
            as_creator.post(url(subject), words(fresh(subject), refused_limit=said))
            entry = AuditEntry.objects.filter(action="import changed").latest("at")
            assert entry.before == {"refused_limit": was}
            assert entry.after == {"refused_limit": fresh(subject).refused_limit}
            assert fresh(subject).refused_limit == (int(said) if said else None)
            assert shown in as_creator.get(subject.get_absolute_url()).content.decode()

    def test_keeps_a_limit_that_cannot_be(self, as_creator, subject):
        answer = as_creator.post(url(subject), words(subject, refused_limit="120"))
        assert 'value="120"' in answer.content.decode()

    @pytest.mark.parametrize("limit", [0, 100])
    def test_the_database_takes_no_limit_that_is_no_percentage(self, limit, subject):
        with pytest.raises(IntegrityError), transaction.atomic():
            Import.objects.update(refused_limit=limit)
        assert Import.objects.update(refused_limit=99) == 1

    def test_nothing_changed_is_nothing_written(self, as_creator, subject):
        as_creator.post(url(subject), words(subject))
        assert fresh(subject).version == subject.version
        assert not AuditEntry.objects.filter(action="import changed").exists()

    @pytest.mark.parametrize(
        ("changed", "says"),
        [
            ({"nickname": ""}, "Give the import a nickname."),
            ({"nickname": "x" * 201}, "Use at most 200 characters"),
            ({"account": ""}, "Choose the CleverTap account"),
            ({"account": "moon"}, "This is not in the list, or not any more."),
            ({"unknown_policy": "moon"}, "This is not in the list, or not any more."),
            ({"refused_limit": "0"}, "Write a whole number from 1 to 99"),
            ({"refused_limit": "100"}, "Write a whole number from 1 to 99"),
            ({"refused_limit": "-5"}, "Write a whole number from 1 to 99"),
            ({"refused_limit": "7.5"}, "Write a whole number from 1 to 99"),
            ({"refused_limit": "20 %"}, "Write a whole number from 1 to 99"),
            ({"version": ""}, "This page was not sent whole. Open it again."),
        ],
    )
    def test_says_beside_the_field_what_is_wrong(self, changed, says, as_creator, subject):
        answer = as_creator.post(url(subject), words(subject, **changed))
        assert says in answer.content.decode()
        assert fresh(subject).nickname == "Customers"

    def test_refuses_a_name_that_is_taken(self, as_creator, subject):
        ImportFactory(nickname="People")
        answer = as_creator.post(url(subject), words(subject, nickname="PEOPLE"))
        assert "There is already an import called “PEOPLE”." in answer.content.decode()

    def test_loses_nobodys_change(self, as_creator, subject):
        Import.objects.update(version=7)
        answer = as_creator.post(url(subject), words(subject, nickname="People"))
        page = answer.content.decode()
        assert "since you opened this page" in page
        assert 'value="People"' in page
        assert 'value="7"' in page

    def test_keeps_the_account_while_a_run_sends_to_it(self, as_creator, subject):
        RunFactory(parent=subject)
        said = words(subject, account=CleverTapAccountFactory().pk)
        assert (
            "rows would go to two accounts" in as_creator.post(url(subject), said).content.decode()
        )
        as_creator.post(url(subject), words(subject, nickname="People"))
        assert (fresh(subject).nickname, fresh(subject).account) == ("People", subject.account)

    def test_of_one_that_was_stopped_is_refused(self, as_creator, db):
        stopped = ImportFactory(stopped=True)
        answer = as_creator.get(url(stopped), follow=True)
        assert "Resume it before you change it." in answer.content.decode()

    def test_is_not_for_members(self, as_member, subject):
        assert as_member.get(url(subject)).status_code == 403
        assert as_member.post(url(subject, "duplicate/")).status_code == 403


class TestDuplicate:
    def test_makes_a_draft_with_all_but_its_schedule(self, as_creator, db):
        subject = ImportFactory(
            nickname="Customers", status="scheduled", schedule={"kind": "x"}, refused_limit=20
        )
        RunFactory(parent=subject)
        answer = as_creator.post(url(subject, "duplicate/"))
        copy = Import.objects.get(nickname="Copy of Customers")
        assert answer.url == url(copy)
        assert (copy.status, copy.schedule, copy.next_slot_at) == ("draft", {}, None)
        assert copy.refused_limit == 20
        assert (copy.mapping, copy.columns) == (subject.mapping, subject.columns)
        assert copy.created_by.email == "creator@shop.example"
        assert not copy.runs.exists()

    def test_says_of_every_column_whether_a_copy_has_it(self):
        columns = {field.attname for field in Import._meta.concrete_fields}
        assert columns == {*editing.COPIED, *ITS_OWN}

    def test_finds_a_name_that_is_free_and_short_enough(self, as_creator, db):
        subject = ImportFactory(nickname="x" * 100)
        for _ in range(3):
            as_creator.post(url(subject, "duplicate/"))
        names = Import.objects.exclude(pk=subject.pk).values_list("nickname", flat=True)
        assert len(set(names)) == 3
        assert {len(name) for name in names} == {100}

    def test_of_a_connection_that_is_leaving_is_refused(self, as_creator, db):
        subject = ImportFactory(connection=ConnectionFactory(deleting=True))
        answer = as_creator.post(url(subject, "duplicate/"), follow=True)
        assert "is being deleted" in answer.content.decode()
        assert Import.objects.count() == 1

    def test_of_one_that_was_deleted_is_not_found(self, as_creator, subject):
        subject.delete_for_good(by_id=subject.created_by_id, now=subject.created_at)
        assert as_creator.post(url(subject, "duplicate/")).status_code == 404


class TestMenus:
    @pytest.mark.parametrize("place", [CENTER, None])
    @pytest.mark.parametrize(("status", "offer"), [("scheduled", "Pause"), ("paused", "Resume")])
    def test_offer_what_can_be_done_also_while_it_runs(self, status, offer, place, as_creator, db):
        subject = ImportFactory(status=status)
        run = RunFactory(parent=subject)
        page = as_creator.get(place or subject.get_absolute_url()).content.decode()
        for action in ("edit", "duplicate", "delete", offer.lower()):
            assert f'{subject.get_absolute_url()}{action}/"' in page
        assert f'{run.get_absolute_url()}stop/"' in page

    def test_offer_no_pause_without_a_schedule(self, as_creator, subject):
        for place in (CENTER, subject.get_absolute_url()):
            page = as_creator.get(place).content.decode()
            assert f'{subject.get_absolute_url()}pause/"' not in page

    def test_offer_nothing_to_members(self, as_member, subject):
        page = as_member.get(CENTER).content.decode()
        assert "duplicate/" not in page

    def test_a_pause_says_that_the_run_goes_on(self, as_creator, db):
        subject = ImportFactory(status="scheduled")
        run = RunFactory(parent=subject)
        answer = as_creator.post(url(subject, "pause/"), follow=True)
        assert (
            "Its run at work goes on to its end: stop it to end it now." in answer.content.decode()
        )
        run.refresh_from_db()
        assert run.stop_requested_at is None

    def test_a_pause_without_a_run_says_that_nothing_starts(self, as_creator, db):
        answer = as_creator.post(url(ImportFactory(status="scheduled"), "pause/"), follow=True)
        assert "is paused: nothing starts by schedule." in answer.content.decode()
