"""Forms of deletions: what is confirmed, and for which list. For views only."""

from collections.abc import Sequence
from typing import Any, Protocol

from django import forms

from accounts.spoken import SpokenForm
from connections.models import DeletionChoice

_STOP = DeletionChoice.STOP
_FINISH = DeletionChoice.FINISH
_MOVE = DeletionChoice.MOVE
HINTS = {
    _STOP: (
        "No further row is sent, and BigQuery jobs are cancelled and seen done. "
        "The imports become Stopped."
    ),
    _FINISH: (
        "Runs that have begun go on to their end; a queued run is stopped. The imports become "
        "Stopped at once. The key is destroyed after the last run."
    ),
    _MOVE: (
        "They go on from there, drafts too, with mapping and history. Runs that have begun end "
        "with the present key; a queued run reads from the other connection. "
        "In another dataset, imports with a cursor start over and send every row."
    ),
}
NO_TARGET = "There is no other connection that they could move to."


def _typed() -> forms.TextInput:
    return forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"})


class Offered(Protocol):
    """What the form says about a connection to move to."""

    @property
    def target(self) -> object: ...
    @property
    def name(self) -> str: ...
    @property
    def place(self) -> str: ...
    @property
    def verdict(self) -> str: ...
    @property
    def is_same_place(self) -> bool: ...


class ChoosingForm(SpokenForm):
    """What becomes of imports and runs. Without an answer: stop them now."""

    token = forms.CharField(widget=forms.HiddenInput)
    choice = forms.ChoiceField(
        choices=DeletionChoice.choices,
        required=False,
        error_messages={"invalid_choice": "Choose what becomes of the imports."},
    )

    offered: Sequence[DeletionChoice] = ()

    def clean_choice(self) -> str:
        return self.cleaned_data["choice"] or str(_STOP)

    def options(self) -> list[dict[str, Any]]:
        """The radio buttons: value, label, hint, whether it is chosen, whether it can be."""
        chosen = self["choice"].value() or _STOP
        return [
            {
                "value": choice.value,
                "label": choice.label,
                "hint": HINTS[choice],
                "is_chosen": choice == chosen,
                "is_move": choice == _MOVE,
            }
            for choice in DeletionChoice
            if choice in self.offered
        ]


class DeleteForm(ChoosingForm):
    """Delete one connection; its imports can move to another one."""

    typed_name = forms.CharField(required=False, max_length=400, widget=_typed())
    target = forms.ChoiceField(
        label="Connection to move to",
        error_messages={
            "required": "Choose the connection that the imports move to.",
            "invalid_choice": (
                "That connection was changed or deleted since the list was shown. Choose again."
            ),
        },
    )

    def __init__(
        self, *args: Any, name: str, has_runs: bool, offers: Sequence[Offered], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.offered = [_STOP, *([_FINISH] if has_runs else []), _MOVE]
        self.has_targets = bool(offers)
        typed = self.fields["typed_name"]
        typed.label = f"Type {name} to confirm"
        typed.required = has_runs
        typed.error_messages["required"] = f"Type the name of the connection, “{name}”, to confirm."
        target = self.fields["target"]
        if isinstance(target, forms.ChoiceField):
            target.choices = _choices(offers)
            if not offers:
                target.error_messages["required"] = NO_TARGET

    def clean(self) -> None:
        """Where to is asked of a move only."""
        if self.cleaned_data.get("choice") != _MOVE:
            self.errors.pop("target", None)


class DeleteManyForm(ChoosingForm):
    """Delete several connections; the number of them is typed where something runs."""

    typed_number = forms.CharField(required=False, max_length=20, widget=_typed())

    def __init__(self, *args: Any, count: int, has_runs: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offered = [_STOP, _FINISH] if has_runs else []
        typed = self.fields["typed_number"]
        typed.label = f"Type {count} to confirm"
        typed.required = has_runs
        typed.error_messages["required"] = f"Type the number of connections, {count}, to confirm."


def _choices(offers: Sequence[Offered]) -> list[tuple[str, Any]]:
    groups = [
        ("Same project and dataset", [offer for offer in offers if offer.is_same_place]),
        ("Other place: the tables must exist there", [o for o in offers if not o.is_same_place]),
    ]
    choices: list[tuple[str, Any]] = [("", "Choose a connection")]
    for label, group in groups:
        if group:
            choices.append((label, [(str(offer.target), _label(offer)) for offer in group]))
    return choices


def _label(offer: Offered) -> str:
    return f"{offer.name} ({offer.place}), {offer.verdict}"
