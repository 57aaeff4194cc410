"""Forms of accounts: shape only. Passwords are write-only and never sent back."""

import zoneinfo
from functools import cache
from typing import Any

from django import forms

from accounts.models import User
from accounts.spoken import SpokenForm

_EMAIL_LENGTH = 254
_PASSWORD_LENGTH = 256
_REGIONS = {
    "Africa",
    "America",
    "Antarctica",
    "Arctic",
    "Asia",
    "Atlantic",
    "Australia",
    "Europe",
    "Indian",
    "Pacific",
}
_NO_EMAIL = "Enter an e-mail address, for example name@example.com."


def _email_field(**attributes: str) -> forms.EmailField:
    return forms.EmailField(
        label="E-mail",
        max_length=_EMAIL_LENGTH,
        widget=forms.EmailInput(attrs=attributes),
        error_messages={
            "required": _NO_EMAIL,
            "invalid": _NO_EMAIL,
            "max_length": f"Use an e-mail address of at most {_EMAIL_LENGTH} characters.",
        },
    )


def _password_field(label: str, *, missing: str, autocomplete: str, **more: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        strip=False,
        max_length=_PASSWORD_LENGTH,
        widget=forms.PasswordInput(attrs={"autocomplete": autocomplete}),
        error_messages={
            "required": missing,
            "max_length": f"Use a password of at most {_PASSWORD_LENGTH} characters.",
        },
        **more,
    )


class SignInForm(SpokenForm):
    email = _email_field(autocomplete="username", autocapitalize="none", spellcheck="false")
    password = _password_field(
        "Password", missing="Enter your password.", autocomplete="current-password"
    )


def _role_field() -> forms.ChoiceField:
    return forms.ChoiceField(
        label="Role",
        choices=User.Role,
        initial=User.Role.MEMBER,
        help_text=(
            "Admins connect, repair and delete. Creators make and run imports. Members read only."
        ),
        error_messages={
            "required": "Choose a role.",
            "invalid_choice": "Choose Admin, Creator or Member.",
        },
    )


class PersonForm(SpokenForm):
    email = _email_field(autocomplete="off", autocapitalize="none", spellcheck="false")
    role = _role_field()


class ResetForm(SpokenForm):
    email = _email_field(autocomplete="username", autocapitalize="none", spellcheck="false")


class CodeForm(SpokenForm):
    code = forms.CharField(
        label="Code",
        max_length=64,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "autocapitalize": "none", "spellcheck": "false"}
        ),
        error_messages={"required": "Enter the code that your app shows."},
    )


class AccessForm(SpokenForm):
    """What an admin decides for one person."""

    BIGQUERY = (("", "As the role"), ("on", "On"), ("off", "Off"))

    role = _role_field()
    bigquery = forms.ChoiceField(
        label="BigQuery",
        choices=BIGQUERY,
        required=False,
        help_text="Off closes connections, imports and accounts to this person.",
        error_messages={"invalid_choice": "Choose As the role, On or Off."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["bigquery"].is_conditional = True  # type: ignore[attr-defined]

    def clean_bigquery(self) -> bool | None:
        return {"": None, "on": True, "off": False}[self.cleaned_data["bigquery"]]


class RulesForm(SpokenForm):
    second_step = forms.BooleanField(
        label="Ask everybody for a second step at sign-in",
        required=False,
        help_text="People without one are signed out now, and set it up when they next sign in.",
    )
    bigquery_off_for = forms.MultipleChoiceField(
        label="BigQuery is off for",
        choices=User.Role,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="A person’s own setting goes before this one.",
        error_messages={"invalid_choice": "Choose among Admin, Creator and Member."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["bigquery_off_for"].is_conditional = True  # type: ignore[attr-defined]


class TimeZoneForm(SpokenForm):
    time_zone = forms.ChoiceField(
        label="Time zone",
        help_text="Dates are shown to you in this zone.",
        error_messages={
            "required": "Choose a time zone.",
            "invalid_choice": "Choose a time zone from the list.",
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["time_zone"].choices = time_zone_choices()  # type: ignore[attr-defined]


class NewPasswordForm(SpokenForm):
    new_password = _password_field(
        "New password",
        missing="Enter a new password.",
        autocomplete="new-password",
        help_text="At least 12 characters. A few words are better than one odd word.",
    )
    repeated_password = _password_field(
        "New password again",
        missing="Enter the new password a second time.",
        autocomplete="new-password",
    )

    def clean(self) -> None:
        new = self.cleaned_data.get("new_password")
        repeated = self.cleaned_data.get("repeated_password")
        if new and repeated and new != repeated:
            self.add_error("repeated_password", "The two new passwords differ. Enter both again.")


def _current_password_field() -> forms.CharField:
    return _password_field(
        "Current password",
        missing="Enter your current password.",
        autocomplete="current-password",
    )


class CurrentPasswordForm(SpokenForm):
    """Asked for before ways to sign in are changed."""

    current_password = _current_password_field()


class PasswordForm(NewPasswordForm):
    current_password = _current_password_field()
    field_order = ("current_password", "new_password", "repeated_password")

    def __init__(self, *args: Any, has_password: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not has_password:
            del self.fields["current_password"]


@cache
def time_zone_choices() -> list[tuple[str, Any]]:
    """UTC, then the zones of this machine by region, without old and technical names."""
    regions: dict[str, list[tuple[str, str]]] = {}
    for name in sorted(zoneinfo.available_timezones()):
        region, _, place = name.partition("/")
        if place and region in _REGIONS:
            words = place.replace("_", " ").replace("/", ", ")
            regions.setdefault(region, []).append((name, words))
    return [("UTC", "UTC"), *regions.items()]
