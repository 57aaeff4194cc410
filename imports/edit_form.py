"""The form of Edit import: what can change without mapping anew."""

from typing import Any

from django import forms

from accounts.spoken import SpokenForm
from connections.identifiers import check_name
from imports.forms import checked
from imports.import_form import AccountChoice
from imports.models import LEAST_LIMIT, MOST_LIMIT, CleverTapAccount, Import
from imports.write_back_field import refusal_of, write_back_field

_NO_LIMIT = (
    f"Write a whole number from {LEAST_LIMIT:,} to {MOST_LIMIT:,}, without a sign. Leave it empty, and "
    "refused rows never stop a run."
)


class KnownAccount(AccountChoice):
    """What is no id at all is refused like an id that is not in the list: in our words."""

    def to_python(self, value: Any) -> Any:
        try:
            return super().to_python(value)
        except forms.ValidationError:
            message = self.error_messages["invalid_choice"]
            raise forms.ValidationError(message, code="invalid_choice") from None


class EditForm(SpokenForm):
    nickname = forms.CharField(
        label="Nickname",
        max_length=200,
        error_messages={"required": "Give the import a nickname."},
    )
    account = KnownAccount(
        label="CleverTap account",
        queryset=CleverTapAccount.objects.none(),
        empty_label=None,
        help_text="Rows of later runs go there. It can be changed only while no run is at work.",
        error_messages={"required": "Choose the CleverTap account that the rows go to."},
    )
    unknown_policy = forms.ChoiceField(
        label="When CleverTap’s answer to events is lost",
        choices=Import.UnknownPolicy.choices,
        help_text="Profiles are always sent again: that changes nothing twice.",
    )
    refused_limit = forms.IntegerField(
        label="Stop when more than … % of rows are refused",
        required=False,
        min_value=LEAST_LIMIT,
        max_value=MOST_LIMIT,
        help_text=("Counted once 1,000 rows were read. Empty: refused rows never stop a run."),
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), _NO_LIMIT),
    )
    write_back = write_back_field()
    version = forms.IntegerField(
        widget=forms.HiddenInput,
        error_messages={"required": "This page was not sent whole. Open it again."},
    )

    def __init__(self, *args: Any, subject: Import, **kwargs: Any) -> None:
        shown = {
            "nickname": subject.nickname,
            "account": subject.account_id,
            "unknown_policy": subject.unknown_policy,
            "refused_limit": subject.refused_limit,
            "write_back": subject.write_back,
            "version": subject.version,
        }
        super().__init__(*args, initial=shown, **kwargs)
        account = self.fields["account"]
        assert isinstance(account, forms.ModelChoiceField)  # noqa: S101 - for the type
        account.queryset = CleverTapAccount.objects.listed().order_by("name", "id")
        self._subject = subject

    def clean_nickname(self) -> str:
        return checked(check_name, self.cleaned_data["nickname"])

    def clean_write_back(self) -> bool:
        wanted: bool = self.cleaned_data["write_back"]
        if wanted and (refusal := refusal_of(self._subject.connection)):
            raise forms.ValidationError(refusal)
        return wanted

    def for_version(self, subject: Import) -> "EditForm":
        """The same words, to be saved over what the import is by now."""
        posted: Any = self.data
        data = posted.copy()
        data["version"] = str(subject.version)
        form = EditForm(data, subject=subject)
        form.full_clean()
        return form
