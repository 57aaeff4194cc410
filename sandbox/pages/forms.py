"""Fields of the sandbox's forms, and reading what a form sent."""

from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import parse_qsl

from starlette.requests import Request

from sandbox.pages.markup import Html, element

_MOST_BYTES = 20_000


class Field(NamedTuple):
    """One labelled control; with `choices` a list to choose from, else an input."""

    name: str
    label: str
    type: str
    value: str
    hint: str = ""
    step: str | None = None
    choices: Mapping[str, str] | None = None


def number_field(
    name: str, label: str, *, value: str = "", hint: str = "", step: str = "1"
) -> Field:
    """A number from 0; `step` is 1 for whole numbers, `any` for others."""
    return Field(name, label, "number", value, hint, step)


def text_field(name: str, label: str, *, value: str = "") -> Field:
    """A line of text."""
    return Field(name, label, "text", value)


def select_field(name: str, label: str, choices: Mapping[str, str], value: str = "") -> Field:
    """A closed list: what is sent, and what it says."""
    return Field(name, label, "select", value, choices=choices)


def render(field: Field, prefix: str) -> Html:
    """Label and control; `prefix` keeps ids apart when a page has several forms."""
    control_id = f"{prefix}-{field.name}"
    label = element("label", field.label, for_=control_id)
    if field.choices is not None:
        options = (
            element("option", said, value=sent, selected=sent == field.value)
            for sent, said in field.choices.items()
        )
        control = element("select", *options, id=control_id, name=field.name)
    else:
        control = element(
            "input",
            id=control_id,
            name=field.name,
            type=field.type,
            value=field.value,
            placeholder=field.hint or None,
            min="0" if field.type == "number" else None,
            step=field.step,
        )
    return element("div", label, control)


async def values_of(request: Request) -> dict[str, str]:
    """The form's values, the last one of a name; a body beyond 20 kB counts as empty."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MOST_BYTES:
            return {}
    return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
