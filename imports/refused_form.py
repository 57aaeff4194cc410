"""Which refused rows are asked for, as the address or a form has it."""

from typing import Any

from django import forms

from accounts.spoken import SpokenForm
from imports.services.refused import Asked


class AskedForm(SpokenForm):
    """A reason of this run, an identity or a part of one; neither means all rows."""

    identity = forms.CharField(label="Identity", required=False, max_length=1024)
    reason = forms.ChoiceField(
        label="Reason",
        required=False,
        error_messages={
            "invalid_choice": "No kept row of this run was refused for that. Choose again."
        },
    )

    def __init__(self, *args: Any, keys: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reason = self.fields["reason"]
        assert isinstance(reason, forms.ChoiceField)  # noqa: S101 - for the type
        reason.choices = [("", "Any"), *keys]

    @property
    def asked(self) -> Asked:
        """What can be read of it; what cannot asks for nothing."""
        self.is_valid()
        found = self.cleaned_data
        return Asked(found.get("reason", ""), found.get("identity", ""))
