"""Forms of accounts: shape, and nothing secret sent back."""

import pytest

from accounts.forms import (
    PasswordForm,
    PersonForm,
    ResetForm,
    SignInForm,
    TimeZoneForm,
    time_zone_choices,
)


def test_offers_utc_first_and_zones_by_region():
    choices = time_zone_choices()

    assert choices[0] == ("UTC", "UTC")
    assert ("Europe/Berlin", "Berlin") in dict(choices)["Europe"]
    assert ("America/New_York", "New York") in dict(choices)["America"]


@pytest.mark.parametrize("name", ["Mars/Olympus", "../../etc/passwd", "", "localtime", "Factory"])
def test_refuses_a_zone_that_is_not_offered(name):
    assert "time_zone" in TimeZoneForm({"time_zone": name}).errors


def test_asks_for_the_current_password_only_where_there_is_one():
    assert "current_password" in PasswordForm(has_password=True).fields
    assert "current_password" not in PasswordForm(has_password=False).fields


def test_refuses_two_new_passwords_that_differ():
    form = PasswordForm(
        {"new_password": "seven quiet herons", "repeated_password": "seven quiet heroes"},
        has_password=False,
    )

    assert form.errors == {"repeated_password": ["The two new passwords differ. Enter both again."]}


def test_keeps_the_spaces_around_a_password():
    form = SignInForm({"email": "ana@example.com", "password": " spaced "})

    assert form.is_valid()
    assert form.cleaned_data["password"] == " spaced "


def test_never_writes_a_typed_password_into_the_page():
    form = PasswordForm(
        {"current_password": "canary-1", "new_password": "canary-2", "repeated_password": "c"},
        has_password=True,
    )

    assert not form.is_valid()
    assert "canary" not in form.as_p()


@pytest.mark.parametrize("form", [PersonForm, ResetForm, SignInForm])
@pytest.mark.parametrize(
    "rest", ["\nBcc: b@example.com", "\r\n\r\nHello", "%0aBcc:b", ",b@example.com"]
)
def test_takes_no_address_that_would_be_a_header_of_a_mail(form, rest):
    assert "email" in form({"email": f"a@example.com{rest}"}).errors
