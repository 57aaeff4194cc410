"""What an entry of the gallery is, and how it becomes HTML. Knows no component by name."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString


@dataclass(frozen=True)
class State:
    """One way that a component can be: a template and what a view would pass to it."""

    label: str
    template: str
    context: Mapping[str, Any] = field(default_factory=dict)
    is_focused: bool = False

    @property
    def html(self) -> SafeString:
        """The sample as a page would draw it."""
        return render_to_string(self.template, dict(self.context))


@dataclass(frozen=True)
class Component:
    """A component under the name that docs/components.md gives it."""

    name: str
    purpose: str
    states: tuple[State, ...]
    layout: str = "stack"  # "row": small things side by side; "pair": two columns where wide


@dataclass(frozen=True)
class Group:
    """A section of the gallery."""

    title: str
    slug: str
    components: tuple[Component, ...]


def states(template: str, **contexts: Mapping[str, Any]) -> tuple[State, ...]:
    """Several states of one fragment; ``too_long={...}`` is labelled "too long"."""
    return tuple(
        State(label.replace("_", " "), template, context) for label, context in contexts.items()
    )
