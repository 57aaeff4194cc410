"""Forms that refuse in our words: where a field says nothing of its own, not in Django's."""

from typing import Any

from django import forms

OURS = {
    "required": "This is needed. Fill it in.",
    "max_length": "Use at most %(limit_value)d characters: these are %(show_value)d.",
    "invalid_choice": "This is not in the list, or not any more. Choose again.",
}


class SpokenForm(forms.Form):
    """A form none of whose fields refuses in the words that Django brings."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            for code, sentence in OURS.items():
                if field.error_messages.get(code) in _of_django(field, code):
                    field.error_messages[code] = sentence


def _of_django(field: forms.Field, code: str) -> list[Any]:
    """What Django says by itself; None for what a validator of its own says."""
    kinds = (getattr(kind, "default_error_messages", {}) for kind in type(field).__mro__)
    return [None, *(messages[code] for messages in kinds if code in messages)]
