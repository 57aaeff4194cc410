"""Forms of connections: shape only. The key is write-only and never sent back."""

from typing import Any

from django import forms

from accounts.spoken import SpokenForm
from connections.identifiers import (
    IdentifierRefused,
    check_dataset_id,
    check_name,
    check_project_id,
)
from connections.models import Access, Connection


class WriteOnlyTextarea(forms.Textarea):
    """Never given its value again: what was pasted does not travel back."""

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        return super().get_context(name, "", attrs)


class DatabaseForm(SpokenForm):
    connection_name = forms.CharField(
        label="Connection name",
        max_length=200,
        help_text="A name of your own, to find it again. Up to 100 characters.",
    )
    project_id = forms.CharField(
        label="Project ID",
        max_length=200,
        help_text="The Google Cloud project that holds the dataset, for example my-shop-4711.",
    )
    dataset_id = forms.CharField(
        label="Dataset ID",
        max_length=2000,
        widget=forms.TextInput(attrs={"list": "dataset-options", "autocomplete": "off"}),
        help_text="The dataset that imports read from, for example shop.",
    )
    access = forms.ChoiceField(
        label="Access",
        choices=Access.choices,
        initial=Access.READ_WRITE,
        widget=forms.RadioSelect,
        help_text=(
            "Read and write asks for BigQuery Data Editor, as CleverTap does. "
            "Read only is content with BigQuery Data Viewer; imports work the same."
        ),
    )
    key_draft = forms.UUIDField(required=False, widget=forms.HiddenInput)
    key_file = forms.FileField(
        label="Upload JSON file",
        required=False,
        widget=forms.FileInput(attrs={"accept": ".json,application/json"}),
    )
    key_text = forms.CharField(
        label="Custom key",
        required=False,
        strip=False,
        widget=WriteOnlyTextarea(
            attrs={
                "rows": 8,
                "spellcheck": "false",
                "autocomplete": "off",
                "autocapitalize": "off",
                "autocorrect": "off",
            }
        ),
    )

    # As they stand on the page, so that the summary of errors has the page's order.
    field_order = ("connection_name", "key_file", "key_text")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, sentence in _MISSING.items():
            self.fields[name].error_messages["required"] = sentence

    def check_for(self, action: str) -> None:
        """Check what the pressed button needs: reading a key needs nothing else yet."""
        self.full_clean()
        for name in _NOT_NEEDED_YET.get(action, ()):
            if self.has_error(name, "required"):
                del self.errors[name]

    def clean_connection_name(self) -> str:
        return self._checked(check_name, "connection_name")

    def clean_project_id(self) -> str:
        return self._checked(check_project_id, "project_id")

    def clean_dataset_id(self) -> str:
        return self._checked(check_dataset_id, "dataset_id")

    def _checked(self, check: Any, name: str) -> str:
        value: str = self.cleaned_data[name]
        if not value:
            return ""
        try:
            return str(check(value))
        except IdentifierRefused as refusal:
            raise forms.ValidationError(refusal.sentence, code=refusal.code) from None


class EditForm(DatabaseForm):
    """The form of Add Database over a saved connection: its key may stay as it is."""

    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)

    @classmethod
    def of(cls, connection: Connection) -> "EditForm":
        """Filled with what the connection says."""
        return cls(
            initial={
                "connection_name": connection.name,
                "project_id": connection.project_id,
                "dataset_id": connection.dataset_id,
                "access": connection.access,
                "version": connection.version,
            }
        )

    @property
    def shown(self) -> dict[str, str]:
        """What stands in the boxes now: what was typed, or what is saved."""
        return {name: str(self[name].value() or "") for name in self.fields} | {
            "guide": str(self.data.get("guide", ""))
        }

    @property
    def names_a_draft(self) -> bool:
        """Whether a new key was read before, though it may be gone by now."""
        return bool(self.data.get("key_draft"))

    def without_draft(self) -> "EditForm":
        """The same words, checked again, with the key that is in force."""
        return self._with(key_draft="")

    def for_version(self, version: int) -> "EditForm":
        """The same words, to be saved over what the connection says by now."""
        return self._with(version=str(version))

    def _with(self, **changes: str) -> "EditForm":
        posted: Any = self.data
        data = posted.copy()
        for name, value in changes.items():
            data[name] = value  # not update(), which adds to a QueryDict's lists
        form = EditForm(data)
        form.full_clean()
        return form


_MISSING = {
    "connection_name": "Give the connection a name.",
    "project_id": "Enter the Project ID. It is filled in when a key has been read.",
    "dataset_id": "Enter the Dataset ID.",
    "access": "Choose what the key may do.",
}
_NOT_NEEDED_YET = {
    "test": ("connection_name",),
    "read_key": ("connection_name", "project_id", "dataset_id", "access"),
    "look": ("connection_name", "project_id", "dataset_id", "access"),
}
