"""Write-back on the pages: switched on with one sentence, told on the run, tried again."""

import pytest
from django.utils import timezone

from accounts.models import AuditEntry
from connections.models import Access
from imports.models import REFUSED_TABLE, RUNS_TABLE, Import, WriteBack
from tests.factories import (
    CleverTapAccountFactory,
    ConnectionFactory,
    ImportFactory,
    RunFactory,
)

CREATE = "/settings/partners/import-center/create/"


def fields(**changed):
    connection = ConnectionFactory(access=changed.pop("access", Access.READ_WRITE))
    account = CleverTapAccountFactory()
    values = {"nickname": "Customers", "database": connection.pk, "account": account.pk}
    return {**values, "table_id": "customers", **changed}


def edited(subject, **changed):
    said = {
        "nickname": subject.nickname,
        "account": subject.account_id,
        "unknown_policy": subject.unknown_policy,
        "version": subject.version,
    }
    return {**said, **changed}


def run_with(state, *, access=Access.READ_WRITE, **facts):
    parent = ImportFactory(connection=ConnectionFactory(access=access), write_back=True)
    run = RunFactory(parent=parent, succeeded=True, **facts.pop("run", {}))
    finished = None if state == "waiting" else timezone.now()
    WriteBack.objects.create(run=run, state=state, finished_at=finished, **facts)
    return run


def text(client, run):
    return " ".join(client.get(run.get_absolute_url()).content.decode().split())


class TestSwitch:
    def test_is_off_and_says_what_it_does_and_where(self, as_creator, bells):
        CleverTapAccountFactory()
        ConnectionFactory()
        page = as_creator.get(CREATE).content.decode()
        assert RUNS_TABLE in page
        assert REFUSED_TABLE in page
        as_creator.post(CREATE, fields())
        assert Import.objects.get().write_back is False

    def test_is_switched_on_with_a_new_import(self, as_creator, bells):
        as_creator.post(CREATE, fields(write_back="on"))
        assert Import.objects.get().write_back is True
        assert AuditEntry.objects.get(action="import created").after["write_back"] is True

    def test_is_refused_beside_its_field_for_a_connection_that_is_read_only(
        self, as_creator, bells
    ):
        answer = as_creator.post(CREATE, fields(write_back="on", access=Access.READ_ONLY))
        (said,) = answer.context["form"].errors["write_back"]
        assert "is Read only, so nothing can be written there" in said
        assert not Import.objects.exists()

    def test_is_switched_on_and_off_later(self, as_creator, db):
        subject = ImportFactory()
        url = f"{subject.get_absolute_url()}edit/"
        as_creator.post(url, edited(subject, write_back="on"))
        subject.refresh_from_db()
        assert subject.write_back is True
        assert AuditEntry.objects.get(action="import changed").after == {"write_back": True}
        as_creator.post(url, edited(subject))
        subject.refresh_from_db()
        assert subject.write_back is False

    def test_later_too_it_is_refused_where_nothing_may_be_written(self, as_creator, db):
        subject = ImportFactory(connection=ConnectionFactory(access=Access.READ_ONLY))
        answer = as_creator.post(
            f"{subject.get_absolute_url()}edit/", edited(subject, write_back="on", nickname="X")
        )
        assert "write_back" in answer.context["form"].errors
        assert Import.objects.get().nickname == subject.nickname

    def test_a_change_of_the_source_keeps_it(self, as_creator, bells):
        subject = ImportFactory(draft=True, write_back=True)
        page = as_creator.get(f"{subject.get_absolute_url()}configure/").content.decode()
        assert 'name="write_back"' in page
        assert "checked" in page.split('name="write_back"')[1].split(">")[0]


class TestRunPage:
    def test_says_nothing_where_nothing_was_asked_for(self, as_member, db):
        assert "Written back" not in text(as_member, RunFactory(succeeded=True))

    def test_says_where_it_is(self, as_member, db):
        counts = {"read_count": 3, "refused_count": 3, "snapshot": {"mapping": {}}}
        page = text(as_member, run_with("done", rows_written=2, run=counts))
        assert f"The summary is in shop-4711.shop.{RUNS_TABLE}." in page
        assert f"2 of 3 rows are in {REFUSED_TABLE}." in page
        assert "data-poll" not in page

    def test_goes_on_looking_while_it_waits(self, as_member, db):
        page = text(as_member, run_with("waiting"))
        assert "follow in a moment" in page
        assert "data-poll" in page

    def test_says_when_it_is_tried_again(self, as_member, db):
        facts = {"sentence": "BigQuery has trouble of its own.", "not_before": timezone.now()}
        page = text(as_member, run_with("waiting", **facts))
        assert "BigQuery has trouble of its own. It is tried again by itself:" in page

    @pytest.mark.parametrize(
        ("client", "access", "offered"),
        [
            ("as_creator", Access.READ_WRITE, True),
            ("as_member", Access.READ_WRITE, False),
            ("as_creator", Access.READ_ONLY, False),
        ],
    )
    def test_offers_to_try_again(self, client, access, offered, request, db):
        client = request.getfixturevalue(client)
        page = text(client, run_with("failed", access=access, sentence="Grant it."))
        assert "Grant it." in page
        assert ('id="write-back-again"' in page) is offered


class TestTryAgain:
    def url(self, run):
        return f"{run.get_absolute_url()}write-back/"

    def test_lets_it_wait_anew_and_says_who(self, as_creator, creator, bells):
        run = run_with("failed", sentence="No.")
        assert as_creator.post(self.url(run)).url == run.get_absolute_url()
        assert WriteBack.objects.get().is_waiting
        entry = AuditEntry.objects.get(action="write-back tried again")
        assert entry.object_id == str(run.pk)

    def test_says_why_not(self, as_creator, bells):
        run = run_with("done")
        page = as_creator.post(self.url(run), follow=True).content.decode()
        assert "There is nothing to try again" in page

    def test_is_not_for_members(self, as_member, db):
        run = run_with("failed", sentence="No.")
        assert as_member.post(self.url(run)).status_code == 403
        assert WriteBack.objects.get().state == "failed"
