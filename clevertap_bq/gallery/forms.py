"""Samples of what takes input: buttons, fields, the key."""

from typing import Any

from django import forms

from clevertap_bq.gallery.contents import Component, Group, State, states
from clevertap_bq.gallery.words import ARABIC, AT, CHINESE, EMAIL, SENTENCE, UNBROKEN

KINDS = ("primary", "secondary", "quiet", "danger", "danger-quiet")
VERBS = {
    "primary": "Save",
    "secondary": "Test Connection",
    "quiet": "Cancel",
    "danger": "Delete",
    "danger-quiet": "Delete",
}
_QUERY = "SELECT customer_id, email\nFROM customers\nWHERE orders > 10"
NO_KEY = ["This is an OAuth client file. Choose the JSON key of a service account."]


class SampleForm(forms.Form):
    """One field of each kind, to look at."""

    name = forms.CharField(
        label="Connection name",
        help_text="Shown when you make an import. Up to 100 characters.",
        max_length=100,
    )
    dataset = forms.CharField(label="Dataset ID", required=False)
    starts = forms.DateField(
        label="Starts", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    region = forms.ChoiceField(
        label="Region", choices=[("", "Choose a region"), ("eu1", "Europe (EU1)")]
    )
    access = forms.ChoiceField(
        label="Access",
        help_text="Imports work the same with either.",
        choices=[("read_write", "Read and write"), ("read_only", "Read only")],
        widget=forms.RadioSelect,
        initial="read_write",
    )
    query = forms.CharField(
        label="Query",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "class": "form-control--code"}),
    )
    days = forms.MultipleChoiceField(
        label="Days",
        required=False,
        choices=[("mon", "Monday"), ("tue", "Tuesday")],
        widget=forms.CheckboxSelectMultiple,
    )
    tell = forms.BooleanField(label="Tell me when a test fails", required=False)


def _disabled() -> SampleForm:
    form = SampleForm(prefix="off", initial={"name": "Production", "query": "SELECT 1"})
    for one in form.fields.values():
        one.disabled = True
    return form


def _wrong() -> SampleForm:
    sent = {"bad-name": UNBROKEN, "bad-region": "moon", "bad-starts": "soon", "bad-days": "sun"}
    return SampleForm(sent, prefix="bad")


def _long() -> SampleForm:
    form = SampleForm(prefix="long", initial={"name": UNBROKEN, "query": f"{SENTENCE}\n{CHINESE}"})
    form.fields["name"].label = SENTENCE
    form.fields["name"].help_text = UNBROKEN
    form.fields["tell"].label = ARABIC
    return form


def group() -> tuple[Group, ...]:
    """Buttons, fields, and the key."""
    return (
        Group("Buttons", "buttons", (_button(),)),
        Group("Forms", "forms", _fields()),
        Group("Service account key", "key", _key()),
    )


def _button() -> Component:
    button = "components/button.html"
    kinds = [State(kind, button, {"label": VERBS[kind], "kind": kind}) for kind in KINDS]
    return Component(
        "button",
        "Does something; the verb is on it. One primary button a page.",
        (
            *kinds,
            State("focus", button, {"label": "Save", "kind": "primary"}, is_focused=True),
            State("disabled", button, {"label": "Save", "kind": "primary", "disabled": True}),
            State("disabled, secondary", button, {"label": "Test", "disabled": True}),
            State("busy", "gallery/_busy_buttons.html"),
            State(
                "with an icon", button, {"label": "Add Database", "icon": "plus", "kind": "primary"}
            ),
            State("small", button, {"label": "Run", "icon": "play", "small": True}),
            State("a link", button, {"label": "View Details", "href": "?"}),
            State("icon alone", "gallery/_icon_button.html"),
            State("too long", button, {"label": SENTENCE}),
        ),
        layout="row",
    )


def _fields() -> tuple[Component, ...]:
    return (
        Component(
            "field",
            "Label, help, error, box: in that order. Drawn by crispy.",
            (
                State(
                    "default, one of each kind",
                    "gallery/_form.html",
                    {"form": SampleForm(prefix="some")},
                ),
                State("side by side", "gallery/_form_row.html"),
                State("with errors", "gallery/_form_wrong.html", {"form": _wrong()}),
                State("disabled", "gallery/_form.html", {"form": _disabled()}),
                State("too long, other scripts", "gallery/_form.html", {"form": _long()}),
            ),
            layout="pair",
        ),
        Component(
            "field_errors",
            "What is wrong with a field, above its box.",
            states(
                "components/field_errors.html",
                one={"id": "e1", "errors": ["Enter a name."]},
                many={"id": "e2", "errors": ["Enter a name.", SENTENCE]},
                too_long={"id": "e3", "errors": [UNBROKEN]},
            ),
        ),
        Component(
            "sql_editor",
            "A query as text, with line numbers where scripts run.",
            states(
                "components/sql_editor.html",
                empty={"id": "sql1", "name": "sql1", "label": "SQL", "help": "One SELECT."},
                filled={"id": "sql2", "name": "sql2", "label": "SQL", "value": _QUERY},
                wrong={
                    "id": "sql3",
                    "name": "sql3",
                    "label": "SQL",
                    "value": f"SELECT {UNBROKEN}",
                    "errors": ["Line 1, column 8: The query uses a column that does not exist."],
                },
            ),
        ),
        Component(
            "error_summary",
            "Everything that is wrong with a form, above it; takes the focus.",
            states("components/error_summary.html", many={"form": _wrong(), "still": True}),
        ),
    )


def _identity(name: str, **more: Any) -> dict[str, Any]:
    known = {"email": EMAIL, "project": "acme-analytics", "key_id": "3f9c1b2a"}
    return {"id": name, "title": f"Key ({name})", **known, **more}


def _key() -> tuple[Component, ...]:
    drop = "gallery/_key_drop.html"
    twice = [{"tone": "warn", "text": "The same key is already stored in “Staging”."}]
    return (
        Component(
            "key_drop",
            "Takes a key by file, drop or paste, and has it read at once.",
            (
                State("default", drop, {"id": "drop"}),
                State("the text tab", drop, {"id": "text", "source": "custom"}),
                State("refused", drop, {"id": "bad", "file_errors": NO_KEY}),
                State(
                    "refused text", drop, {"id": "worse", "source": "custom", "text_errors": NO_KEY}
                ),
            ),
            layout="pair",
        ),
        Component(
            "key_identity",
            "Whose key it is: never the key.",
            states(
                "components/key_identity.html",
                default=_identity("plain"),
                held_and_sandbox=_identity(
                    "held", expires=AT, notes=twice, is_sandbox=True, replace_url="?"
                ),
                too_long=_identity(
                    "long", project=UNBROKEN, notes=[{"tone": "bad", "text": UNBROKEN}]
                ),
            ),
            layout="pair",
        ),
        Component(
            "key_notes",
            "What is odd about the key.",
            states(
                "components/key_notes.html",
                one={"id": "one", "notes": twice},
                many={"id": "many", "notes": [*twice, {"tone": "info", "text": SENTENCE}]},
            ),
        ),
    )
