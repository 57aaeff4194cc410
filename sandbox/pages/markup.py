"""HTML that is safe by construction: whatever is not already `Html` is escaped.

Knows no page and no store.
"""

from collections.abc import Iterable
from html import escape

_VOID = frozenset({"br", "hr", "img", "input", "link", "meta", "wbr"})

Attribute = str | int | bool | None


class Html(str):
    """Text that is HTML already; made only by the functions of this module."""

    __slots__ = ()


def text(value: object) -> Html:
    """Any value as text; None is nothing."""
    if isinstance(value, Html):
        return value
    return Html("" if value is None else escape(str(value), quote=True))


def join(parts: Iterable[object]) -> Html:
    """The parts one after another, each escaped unless it is `Html`."""
    return Html("".join(text(part) for part in parts))


def element(name: str, /, *children: object, **attributes: Attribute) -> Html:
    """One element. `class_` stands for class; `_` in other names for `-`; None and False drop."""
    opening = f"<{name}{''.join(_attribute(*item) for item in attributes.items())}>"
    if name in _VOID:
        return Html(opening)
    return Html(f"{opening}{join(children)}</{name}>")


def document(head: Html, body: Html) -> bytes:
    """A whole page as bytes; what UTF-8 cannot hold is written out as an escape."""
    page = (
        "<!doctype html>\n"
        f'<html lang="en"><head>{head}</head>{body}</html>\n'
    )  # fmt: skip
    return page.encode("utf-8", "backslashreplace")


def _attribute(name: str, value: Attribute) -> str:
    if value is None or value is False:
        return ""
    label = name.rstrip("_").replace("_", "-")
    return f" {label}" if value is True else f' {label}="{escape(str(value), quote=True)}"'
