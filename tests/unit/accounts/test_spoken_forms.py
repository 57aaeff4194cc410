"""No form refuses in Django's words."""

import inspect

import pytest
from django import forms

import accounts.forms
import connections.deletion_forms
import connections.forms
import imports.forms
from accounts.spoken import OURS, SpokenForm

MODULES = (accounts.forms, connections.forms, connections.deletion_forms, imports.forms)
FORMS = [
    kind
    for module in MODULES
    for _, kind in inspect.getmembers(module, inspect.isclass)
    if issubclass(kind, forms.BaseForm) and kind.__module__ == module.__name__
]


@pytest.mark.parametrize("kind", FORMS, ids=lambda kind: kind.__name__)
def test_every_form_speaks_in_our_words(kind):
    assert issubclass(kind, SpokenForm)


class Anything(SpokenForm):
    words = forms.CharField(max_length=3)
    choice = forms.ChoiceField(choices=[("a", "A")])
    named = forms.CharField(error_messages={"required": "Give it a name."})


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("words", "", OURS["required"]),
        ("words", "four", "Use at most 3 characters: these are 4."),
        ("choice", "b", OURS["invalid_choice"]),
        ("choice", "", OURS["required"]),
        ("named", "", "Give it a name."),
    ],
)
def test_a_refusal_is_ours_and_a_fields_own_sentence_wins(field, value, said):
    form = Anything({"words": "abc", "choice": "a", "named": "x", field: value})
    assert form.errors[field] == [said]
