"""Forms of accounts and imports: shape only; rules of mapping live in imports.mapping."""

import zoneinfo
from typing import Any

from django import forms
from django.conf import settings

from accounts.spoken import SpokenForm
from connections.identifiers import IdentifierRefused, check_name
from imports.long_select import LongSelect
from imports.models import CleverTapAccount
from imports.models.account import PASSCODE_NEEDED

_SHOWN = ("name", "region", "account_id", "time_zone")


def checked(check: Any, value: str) -> str:
    """The cleaned value, or the refusal as a form error."""
    try:
        return str(check(value))
    except IdentifierRefused as refusal:
        raise forms.ValidationError(refusal.sentence, code=refusal.code) from None


def time_zones() -> list[tuple[str, str]]:
    """Every zone that this machine knows, as choices."""
    return [(zone, zone.replace("_", " ")) for zone in sorted(zoneinfo.available_timezones())]


class AccountForm(SpokenForm):
    AGAIN = "Enter the passcode again."

    name = forms.CharField(
        label="Name",
        max_length=200,
        help_text="A name of your own, for example Shop, production.",
        error_messages={"required": "Give the account a name."},
    )
    region = forms.ChoiceField(
        label="Region",
        help_text="The region in your CleverTap dashboard’s address, for example eu1 or in1.",
        error_messages={"required": "Choose the region of your CleverTap dashboard."},
    )
    account_id = forms.CharField(
        label="Account ID",
        max_length=64,
        help_text="In CleverTap: Settings > Project. It is also called Project ID.",
        error_messages={"required": "Enter the Account ID."},
    )
    passcode = forms.CharField(
        label="Passcode",
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text="In CleverTap: Settings > Passcode. It is encrypted and never shown again.",
        error_messages={"required": "Enter the passcode."},
    )
    time_zone = forms.ChoiceField(label="Time zone", initial="UTC")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        regions = settings.CLEVERTAP_REGIONS.items()
        _choices(self, "region", [("", "Choose a region")] + [(k, r["label"]) for k, r in regions])
        _choices(self, "time_zone", time_zones())

    def clean_name(self) -> str:
        return checked(check_name, self.cleaned_data["name"])

    def clean_account_id(self) -> str:
        value: str = self.cleaned_data["account_id"].strip()
        if not value.isascii() or not all(char.isalnum() or char == "-" for char in value):
            raise forms.ValidationError(
                "An Account ID has letters, digits and hyphens only, for example ABC-123-456Z."
            )
        return value

    def say_what_is_lost(self) -> None:
        """A passcode that was typed is not in the box of the answer: it has to be typed again."""
        if self.data.get("passcode") and not self.has_error("passcode"):
            self.add_error(
                "passcode", f"{self.AGAIN} What was typed is never sent back to this page."
            )


class AccountEditForm(AccountForm):
    """The form of Add account over a saved one: its passcode may stay as it is."""

    AGAIN = "Enter the new passcode again."

    version = forms.CharField(
        max_length=64,
        widget=forms.HiddenInput,
        error_messages={"required": "This page was not sent whole. Open it again."},
    )

    def __init__(self, *args: Any, account: CleverTapAccount, version: str, **kwargs: Any) -> None:
        shown = {name: getattr(account, name) for name in _SHOWN} | {"version": version}
        super().__init__(*args, initial=shown, **kwargs)
        self._account = account
        self.fields["passcode"].required = False
        self.fields["passcode"].is_conditional = True  # type: ignore[attr-defined]
        self.fields["passcode"].help_text = "Leave it empty to keep the stored passcode."

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or self.cleaned_data
        place = {name: found[name] for name in ("region", "account_id") if found.get(name)}
        is_whole = len(place) == 2 and not self.has_error("passcode")
        if is_whole and not found.get("passcode") and not self._account.is_at(**place):
            self.add_error("passcode", PASSCODE_NEEDED)
        return found

    def for_version(self, version: str) -> "AccountEditForm":
        """The same words, to be saved over what the account says by now."""
        posted: Any = self.data
        data = posted.copy()
        data["version"] = version
        form = AccountEditForm(data, account=self._account, version=version)
        form.full_clean()
        return form


def _choices(form: forms.Form, name: str, choices: list[tuple[str, str]]) -> None:
    field = form.fields[name]
    if isinstance(field, forms.ChoiceField):
        field.choices = choices


class TargetForm(SpokenForm):
    """Whose row it is, which event at what time, and how dates without a zone are read."""

    identity_column = forms.ChoiceField(
        label="Identity column",
        widget=LongSelect,
        error_messages={"required": "Choose the column that says whose row it is."},
    )
    identity_as = forms.ChoiceField(
        label="It holds",
        choices=[
            ("identity", "Identity (e-mail, phone or your own ID)"),
            ("objectId", "CleverTap ID"),
        ],
    )
    event_column = forms.ChoiceField(label="Event from Column", required=False, widget=LongSelect)
    event_name = forms.CharField(
        label="Specific Event",
        required=False,
        max_length=300,
        help_text="Or one name for all rows; then choose no column.",
    )
    created_on = forms.ChoiceField(
        label="Created On",
        widget=LongSelect,
        required=False,
        help_text="When the event took place.",
    )
    created_on_format = forms.ChoiceField(label="Format of Created On", required=False)
    time_zone = forms.ChoiceField(
        label="Time zone of dates",
        widget=LongSelect,
        help_text="For dates and times in the table that carry no time zone of their own.",
    )

    def __init__(
        self,
        *args: Any,
        columns: list[str],
        is_event: bool = False,
        formats: list[tuple[str, str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        named = [(column, column) for column in columns]
        _choices(self, "time_zone", time_zones())
        _choices(self, "identity_column", [("", "Choose a column"), *named])
        _choices(self, "event_column", [("", "No column"), *named])
        _choices(self, "created_on", [("", "The time of the run"), *named])
        _choices(self, "created_on_format", [("", "As the column is"), *formats])
        for name in EVENT_FIELDS:
            # Not "optional": one of the two names is needed, and what is empty has a meaning.
            self.fields[name].is_conditional = True  # type: ignore[attr-defined]
            if not is_event:
                del self.fields[name]


EVENT_FIELDS = ("event_column", "event_name", "created_on", "created_on_format")
