"""CleverTap accounts: the passcode goes in and never comes out."""

import pytest

from imports.models import CleverTapAccount
from imports.services import accounts
from tests.factories import CleverTapAccountFactory

LIST = "/settings/clevertap-accounts/"
ADD = f"{LIST}add/"
PASSCODE = "ABC-XYZ-1234"


def form(**changes):
    values = {"name": "Shop", "region": "eu1", "account_id": "ABC-123-456Z", "passcode": PASSCODE}
    return {**values, "time_zone": "Europe/Berlin", **changes}


def test_saves_the_passcode_sealed_and_asks_clevertap_at_once(
    as_admin, bells, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        as_admin.post(ADD, form())
    account = CleverTapAccount.objects.get()
    assert account.sealed_passcode.startswith("v1.")
    assert PASSCODE not in account.sealed_passcode
    assert bells == [("imports.check_account", {"account_id": str(account.pk)})]


def test_never_sends_the_passcode_back(as_admin, bells):
    answer = as_admin.post(ADD, form(name=""))
    assert answer.status_code == 200
    assert PASSCODE not in answer.content.decode()
    assert "Enter the passcode again." in answer.content.decode()


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("name", "", "Give the account a name."),
        ("region", "", "Choose the region"),
        ("region", "https://evil.example", "Choose again."),
        ("account_id", "", "Enter the Account ID."),
        ("account_id", "a/../b", "letters, digits and hyphens only"),
        ("passcode", "", "Enter the passcode."),
        ("time_zone", "Mars/Olympus", "Choose again."),
    ],
)
def test_refuses_in_words_and_keeps_the_rest(field, value, sentence, as_admin, bells):
    answer = as_admin.post(ADD, form(**{field: value}))
    assert sentence in answer.content.decode()
    assert not CleverTapAccount.objects.exists()


def test_refuses_a_name_that_is_taken_in_another_case(as_admin, bells):
    CleverTapAccountFactory(name="SHOP")
    answer = as_admin.post(ADD, form())
    assert "There is already an account called" in answer.content.decode()
    assert "Enter the passcode again." in answer.content.decode()


def test_offers_no_address_to_type(as_admin):
    text = as_admin.get(ADD).content.decode()
    assert "https://" not in text


@pytest.mark.parametrize("who", ["as_creator", "as_member"])
def test_refuses_who_is_no_admin(who, request, db):
    assert request.getfixturevalue(who).post(ADD, form()).status_code == 403


def test_a_test_that_nobody_answers_ends_inconclusive(as_member, db):
    account = CleverTapAccountFactory()
    accounts.request_test(account=account)
    CleverTapAccount.objects.update(test_requested_at=account.created_at.replace(year=2020))
    assert "No worker answered in time" in as_member.get(f"{LIST}{account.pk}/").content.decode()


def test_an_unknown_account_is_not_found(as_member):
    missing = CleverTapAccount._meta.get_field("id").default()
    assert as_member.get(f"{LIST}{missing}/").status_code == 404


def test_only_who_may_add_an_account_is_offered_it(as_member, as_admin):
    assert "An admin can do this." in as_member.get(LIST).content.decode()
    assert "Add account</a>" not in as_member.get(LIST).content.decode()
    assert "Add account</a>" in as_admin.get(LIST).content.decode()


def test_names_the_region_as_it_was_chosen_and_an_unknown_one_by_its_code(as_member, db):
    known = CleverTapAccountFactory(region="eu1")
    gone = CleverTapAccountFactory(region="xy9")
    assert "Europe (EU1)" in as_member.get(known.get_absolute_url()).content.decode()
    assert "<dd>xy9</dd>" in as_member.get(gone.get_absolute_url()).content.decode()
