"""The frame of every page and the pieces they share. Holds no page's content."""

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from starlette.responses import Response

from sandbox.pages.markup import Attribute, Html, document, element, join

PAGES = (
    ("/", "Start"),
    ("/received", "Received"),
    ("/faults", "Faults"),
    ("/requests", "Requests"),
)

SERVICE_LABELS = {
    "token": "Google token",
    "bigquery": "BigQuery",
    "storage": "Storage Read API",
    "clevertap": "CleverTap",
}

_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


class Column(NamedTuple):
    """A column of a table; numbers stand right."""

    label: str
    numeric: bool = False


def page(path: str, title: str, lead: str, *sections: Html, status: int = 200) -> Response:
    """A whole page as a response."""
    head = join(
        (
            element("meta", charset="utf-8"),
            element("meta", name="viewport", content="width=device-width, initial-scale=1"),
            element("meta", name="color-scheme", content="light dark"),
            element("title", f"{title} · Sandbox"),
            element("link", rel="stylesheet", href="/sandbox.css"),
            element("link", rel="icon", href="/sandbox.svg", type="image/svg+xml"),
        )
    )
    body = element(
        "body",
        element("a", "Skip to the content", href="#content", class_="skip"),
        _header(path),
        element(
            "main",
            element("h1", title),
            element("p", lead, class_="lead"),
            *sections,
            id="content",
        ),
        _footer(),
    )
    return Response(
        document(head, body), status_code=status, media_type="text/html", headers=_HEADERS
    )


def section(title: str, *children: object, note: str | None = None) -> Html:
    """A titled block of a page, with one sentence below the title."""
    heading = element("h2", title)
    explained = element("p", note, class_="note") if note else None
    return element("section", heading, explained, *children)


def table(columns: Sequence[Column], rows: Iterable[Sequence[object]], empty: str) -> Html:
    """A table that becomes a list of cards on a narrow screen; `empty` is said without rows."""
    body = [
        element("tr", *(_cell(column, value) for column, value in zip(columns, row, strict=True)))
        for row in rows
    ]
    if not body:
        return element("p", empty, class_="empty")
    head = element("tr", *(_header_cell(column) for column in columns))
    return element("table", element("thead", head), element("tbody", *body), class_="stacked")


def badge(label: str, tone: str) -> Html:
    """A short status; `tone` is good, warn, bad or plain."""
    return element("span", label, class_=f"badge {tone}")


def code(value: object, **attributes: Attribute) -> Html:
    """Something to read exactly, such as an address or an id."""
    return element("code", "" if value is None else str(value), **attributes)


def copyable(label: str, value: str) -> Html:
    """A labelled value that one click selects whole."""
    return element("div", element("dt", label), element("dd", code(value, class_="whole")))


def number(value: object) -> str:
    """An integer with thin groups of three, as read in a table."""
    return f"{value:,}" if isinstance(value, int) else "unknown"


def moment(epoch_seconds: float) -> Html:
    """A time in UTC, to the second."""
    when = datetime.fromtimestamp(epoch_seconds, UTC)
    shown = f"{when:%Y-%m-%d %H:%M:%S}"
    return element("time", shown, datetime=f"{when:%Y-%m-%dT%H:%M:%SZ}")


def as_json(value: object) -> str:
    """A property's value as it was sent."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _header(path: str) -> Html:
    links = (
        element("a", label, href=href, aria_current="page" if href == path else None)
        for href, label in PAGES
    )
    return element(
        "header",
        element(
            "div",
            element("a", "Sandbox", href="/", class_="brand"),
            element("p", "A stand-in on this machine; nothing leaves it.", class_="claim"),
            element("nav", *links, aria_label="Sandbox pages"),
            class_="bar",
        ),
        class_="top",
    )


def _footer() -> Html:
    return element(
        "footer",
        "Neither Google nor CleverTap: both are imitated here, for trying things out. "
        "Keys, passcodes and people on these pages are made up.",
    )


def _cell(column: Column, value: object) -> Html:
    numeric = "number" if column.numeric else None
    return element("td", element("div", value), data_label=column.label, class_=numeric)


def _header_cell(column: Column) -> Html:
    return element("th", column.label, scope="col", class_="number" if column.numeric else None)
