"""Forms of connections: shape only. The key is write-only and never sent back."""

from typing import Any

from django import forms

from connections.identifiers import (
    IdentifierRefused,
    check_dataset_id,
    check_name,
    check_project_id,
)
from connections.models import Access


class WriteOnlyTextarea(forms.Textarea):
    """Never given its value again: what was pasted does not travel back."""

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        return super().get_context(name, "", attrs)


class DatabaseForm(forms.Form):
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


class DeleteForm(forms.Form):
    token = forms.CharField(widget=forms.HiddenInput)
    typed_name = forms.CharField(
        required=False, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )

    def __init__(self, *args: Any, name: str, needs_typed_name: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["typed_name"]
        field.label = f"Type {name} to confirm"
        field.required = needs_typed_name
        field.error_messages["required"] = f"Type the name of the connection, “{name}”, to confirm."
