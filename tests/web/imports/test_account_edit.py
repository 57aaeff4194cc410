"""Edit a CleverTap account: a passcode is replaced, and nobody's words or rows are lost."""

import logging
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import AuditEntry
from connections import encryption
from imports.account_check import check_account
from imports.models import CleverTapAccount
from imports.services import accounts
from tests.factories import CleverTapAccountFactory, ImportFactory, RunFactory

LIST = "/settings/clevertap-accounts/"
NEW = "NEW-XYZ-9876"


@pytest.fixture
def account(db):
    return CleverTapAccountFactory(
        name="Shop",
        time_zone="Europe/Berlin",
        verdict="verified",
        verdict_sentence="CleverTap accepts it.",
        tested_at=timezone.now(),
    )


def url(account):
    return f"{LIST}{account.pk}/edit/"


def form(account, **changes):
    values = {name: getattr(account, name) for name in ("name", "region", "account_id")}
    rest = {"passcode": "", "time_zone": account.time_zone}
    return {**values, **rest, "version": accounts.version_of(account), **changes}


def fresh(account):
    return CleverTapAccount.objects.get(pk=account.pk)


def passcode_of(account):
    found = fresh(account)
    context = CleverTapAccount.seal_context(found.pk)
    return encryption.open_sealed(found.sealed_passcode, context).reveal()


def save(client, account, **changes):
    answer = client.post(url(account), form(account, **changes), follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def at_work(account, **values):
    return RunFactory(parent=ImportFactory(account=account, **values), state="running")


def is_as_before(account):
    now = fresh(account)
    return all(
        getattr(now, name) == getattr(account, name)
        for name in ("name", "region", "account_id", "sealed_passcode", "verdict", "updated_at")
    )


class TestTheForm:
    def test_shows_what_is_saved_and_an_empty_box_for_the_passcode(self, as_admin, account):
        text = as_admin.get(url(account)).content.decode()
        assert 'value="Shop"' in text
        assert 'value="ABC-123-456Z"' in text
        assert '<option value="Europe/Berlin" selected>' in text
        assert "Leave it empty to keep the stored passcode." in text
        assert 'value="passcode"' not in text

    def test_changes_nothing_when_it_is_opened(self, as_admin, account, bells):
        as_admin.get(url(account), {"name": "Other", "passcode": NEW})
        assert is_as_before(account)
        assert bells == []

    @pytest.mark.parametrize("who", ["as_creator", "as_member"])
    def test_refuses_who_is_no_admin(self, who, request, account):
        client = request.getfixturevalue(who)
        assert client.get(url(account)).status_code == 403
        assert client.post(url(account), form(account, passcode=NEW)).status_code == 403
        assert is_as_before(account)

    def test_of_an_unknown_account_is_not_found(self, as_admin):
        missing = CleverTapAccountFactory.build(created_by=None)
        assert as_admin.get(url(missing)).status_code == 404

    def test_of_a_removed_account_is_not_found(self, as_admin):
        gone = CleverTapAccountFactory(removed_at=timezone.now(), sealed_passcode=None)
        assert as_admin.get(url(gone)).status_code == 404
        assert as_admin.post(url(gone), form(gone, passcode=NEW)).status_code == 404
        assert fresh(gone).sealed_passcode is None

    def test_is_a_button_for_admins_only(self, as_admin, as_creator, account):
        page = account.get_absolute_url()
        assert url(account) in as_admin.get(page).content.decode()
        assert url(account) not in as_creator.get(page).content.decode()

    def test_is_the_next_step_of_a_failed_account(self, as_admin, as_member):
        page = CleverTapAccountFactory(verdict="failed").get_absolute_url()
        assert "Correct the passcode</a>" in as_admin.get(page).content.decode()
        of_member = as_member.get(page).content.decode()
        assert "Correct the passcode</a>" not in of_member
        assert "An admin can correct the passcode." in of_member


class TestSaving:
    def test_seals_a_new_passcode_and_asks_clevertap_at_once(
        self, as_admin, account, bells, django_capture_on_commit_callbacks
    ):
        with django_capture_on_commit_callbacks(execute=True):
            text = save(as_admin, account, passcode=NEW)
        assert passcode_of(account) == NEW
        assert NEW not in fresh(account).sealed_passcode
        assert "is saved. CleverTap is being asked about it." in text
        assert bells == [("imports.check_account", {"account_id": str(account.pk)})]
        assert (fresh(account).verdict, fresh(account).tested_at) == ("testing", None)

    def test_an_empty_box_keeps_passcode_and_verdict(self, as_admin, account, bells):
        save(as_admin, account, name="Shop, production", time_zone="UTC")
        saved = fresh(account)
        assert (saved.name, saved.time_zone) == ("Shop, production", "UTC")
        assert (saved.verdict, saved.sealed_passcode) == ("verified", account.sealed_passcode)
        assert bells == []

    def test_another_region_and_account_id_with_their_passcode(self, as_admin, account, bells):
        save(as_admin, account, region="in1", account_id="XYZ-1", passcode=NEW)
        saved = fresh(account)
        assert (saved.region, saved.account_id, saved.verdict) == ("in1", "XYZ-1", "testing")
        assert passcode_of(account) == NEW

    def test_the_verdict_on_the_passcode_before_is_not_the_new_ones(self, as_admin, account, bells):
        accounts.request_test(account=account)
        read_by_a_worker = fresh(account)
        save(as_admin, account, passcode=NEW)
        assert not read_by_a_worker.record_test(verdict="verified", sentence="Accepted.")
        assert fresh(account).verdict == "testing"

    def test_asks_anew_about_an_account_that_a_worker_found_failing(self, as_admin, account, bells):
        CleverTapAccount.objects.filter(pk=account.pk).update(region="nowhere")
        accounts.request_test(account=account)
        check_account(account_id=account.pk)
        failed = fresh(account)
        assert failed.verdict == "failed"
        save(as_admin, failed, region="eu1", passcode=NEW)
        assert (fresh(account).verdict, fresh(account).verdict_sentence) == ("testing", "")

    def test_is_told_in_the_trail_without_the_passcode(self, as_admin, account, admin, bells):
        save(as_admin, account, account_id="XYZ-1", passcode=NEW)
        entry = AuditEntry.objects.get(object_id=str(account.pk))
        assert (entry.email, entry.action) == (admin.email, "passcode replaced")
        assert entry.before == {"account_id": "ABC-123-456Z"}
        assert entry.after == {"account_id": "XYZ-1"}

    def test_of_nothing_new_leaves_no_trace(self, as_admin, account, bells):
        save(as_admin, account)
        assert is_as_before(account)
        assert not AuditEntry.objects.exists()

    def test_replaces_a_passcode_that_cannot_be_opened(self, as_admin, account, bells):
        of_another_row = CleverTapAccountFactory().sealed_passcode
        CleverTapAccount.objects.filter(pk=account.pk).update(sealed_passcode=of_another_row)
        with pytest.raises(encryption.CannotOpen):
            passcode_of(account)
        save(as_admin, account, passcode=NEW)
        assert passcode_of(account) == NEW


class TestRefusals:
    @pytest.mark.parametrize(
        ("field", "value", "sentence"),
        [
            ("name", "", "Give the account a name."),
            ("region", "", "Choose the region"),
            ("region", "https://evil.example", "Choose again."),
            ("account_id", "a/../b", "letters, digits and hyphens only"),
            ("passcode", "x" * 201, "Use at most 200 characters"),
            ("time_zone", "Mars/Olympus", "Choose again."),
            ("version", "", "This page was not sent whole."),
            ("version", "yesterday", "since you opened this page"),
        ],
    )
    def test_say_what_is_wrong_and_keep_the_rest(
        self, field, value, sentence, as_admin, account, bells
    ):
        words = {"name": "Typed", "passcode": NEW, field: value}
        text = save(as_admin, account, **words)
        assert sentence in text
        assert field == "name" or 'value="Typed"' in text
        assert is_as_before(account)

    @pytest.mark.parametrize("changes", [{"region": "in1"}, {"account_id": "XYZ-1"}])
    def test_another_place_with_the_passcode_of_before(self, changes, as_admin, account, bells):
        answer = as_admin.post(url(account), form(account, name="", **changes))
        assert "belongs to the region and Account ID of before" in str(
            answer.context["form"]["passcode"].errors
        )
        assert "Give the account a name." in answer.content.decode()
        assert is_as_before(account)

    def test_the_service_refuses_that_too(self, account, admin):
        details = accounts.Details("Shop", "in1", account.account_id, "UTC")
        change = accounts.Change(details, accounts.version_of(account))
        with pytest.raises(accounts.PasscodeNeeded):
            accounts.edit_account(account=account, change=change, by=admin, now=timezone.now())

    def test_a_name_that_is_taken_in_another_case(self, as_admin, account, bells):
        CleverTapAccountFactory(name="SHOP  Two")
        text = save(as_admin, account, name="shop two", passcode=NEW)
        assert "There is already an account called “shop two”. Choose another name." in text
        assert is_as_before(account)
        assert bells == []

    def test_who_was_slower_is_told_and_saves_again(self, as_admin, account, bells):
        late = form(account, name="Mine", passcode=NEW)
        save(as_admin, account, time_zone="UTC")
        answer = as_admin.post(url(account), late)
        text = answer.content.decode()
        assert "Somebody changed “Shop” since you opened this page" in text
        assert 'value="Mine"' in text
        assert (fresh(account).name, passcode_of(account)) == ("Shop", "passcode")
        again = {**late, "version": answer.context["form"]["version"].value()}
        as_admin.post(url(account), again)
        assert (fresh(account).name, passcode_of(account)) == ("Mine", NEW)

    def test_who_was_slower_does_not_bring_back_an_account_id(self, as_admin, account, bells):
        late = form(account, name="Mine")
        save(as_admin, account, account_id="XYZ-1", passcode=NEW)
        answer = as_admin.post(url(account), late)
        again = {**late, "version": answer.context["form"]["version"].value()}
        text = as_admin.post(url(account), again).content.decode()
        assert "belongs to the region and Account ID of before" in text
        assert (fresh(account).account_id, passcode_of(account)) == ("XYZ-1", NEW)

    def test_an_account_that_was_removed_meanwhile(self, account, admin):
        CleverTapAccount.objects.filter(pk=account.pk).update(
            removed_at=timezone.now(), sealed_passcode=None
        )
        details = accounts.Details("Shop", "eu1", account.account_id, "UTC")
        change = accounts.Change(details, accounts.version_of(account))
        with pytest.raises(accounts.AccountGone, match="“Shop” was removed"):
            accounts.edit_account(account=account, change=change, by=admin, now=timezone.now())


class TestRunsAtWork:
    @pytest.mark.parametrize(
        ("field", "value"), [("region", "in1"), ("account_id", "XYZ-1")], ids=str
    )
    def test_keep_region_and_account_id_where_they_are(
        self, field, value, as_admin, account, bells
    ):
        at_work(account, nickname="Customers")
        answer = as_admin.post(url(account), form(account, passcode=NEW, **{field: value}))
        said = str(answer.context["form"][field].errors)
        assert "Runs at work send to this account: “Customers”. Stop them" in said
        assert is_as_before(account)

    def test_are_named_three_at_most(self, as_admin, account, bells):
        for number in range(5):
            at_work(account, nickname=f"Daily {number}")
        text = save(as_admin, account, region="in1", passcode=NEW)
        assert "“Daily 0”, “Daily 1”, “Daily 2” and 2 more." in text

    def test_that_are_queued_count_as_well(self, as_admin, account, bells):
        RunFactory(parent=ImportFactory(account=account, nickname="Queued"))
        assert "“Queued”" in save(as_admin, account, region="in1", passcode=NEW)
        assert is_as_before(account)

    def test_do_not_hinder_a_new_passcode_or_name(self, as_admin, account, bells):
        at_work(account)
        save(as_admin, account, name="Renamed", passcode=NEW)
        assert (fresh(account).name, passcode_of(account)) == ("Renamed", NEW)

    def test_of_other_accounts_and_ended_ones_do_not_hinder(self, as_admin, account, bells):
        at_work(CleverTapAccountFactory())
        RunFactory(parent=ImportFactory(account=account), succeeded=True)
        save(as_admin, account, region="in1", passcode=NEW)
        assert fresh(account).region == "in1"


class TestThePasscode:
    @pytest.mark.parametrize(
        "changes", [{}, {"name": ""}, {"region": "in1"}, {"version": "stale"}, {"name": "TAKEN"}]
    )
    def test_is_in_no_page_log_or_entry(self, changes, as_admin, account, bells, caplog):
        CleverTapAccountFactory(name="Taken")
        with caplog.at_level(logging.DEBUG):
            text = save(as_admin, account, passcode=NEW, **changes)
        assert NEW not in text
        assert NEW not in caplog.text
        assert NEW not in str(list(AuditEntry.objects.values()))

    def test_that_was_typed_in_vain_is_asked_for_again(self, as_admin, account, bells):
        assert "Enter the new passcode again." in save(as_admin, account, name="", passcode=NEW)
        assert "Enter the new passcode again." not in save(as_admin, account, name="")


def test_a_test_that_nobody_answers_still_ends_after_an_edit(as_admin, account, bells):
    save(as_admin, account, passcode=NEW)
    long_ago = timezone.now() - timedelta(days=1)
    CleverTapAccount.objects.update(test_requested_at=long_ago)
    assert "No worker answered in time" in as_admin.get(account.get_absolute_url()).content.decode()
