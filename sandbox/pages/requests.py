"""The page `/requests`: the ledger as a table, newest first."""

from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from sandbox.ledger import Entry, Filter, Ledger
from sandbox.pages.layout import (
    SERVICE_LABELS,
    Column,
    as_json,
    badge,
    code,
    moment,
    page,
    section,
    table,
)
from sandbox.pages.markup import Html, element, text

_SHOWN = 100
_LEAD = "Every request to the stand-ins since the sandbox was started, newest first."
_COLUMNS = (
    Column("No.", numeric=True),
    Column("Time (UTC)"),
    Column("Service"),
    Column("Request"),
    Column("Answer"),
    Column("Took", numeric=True),
    Column("Facts"),
)


def view(ledger: Ledger, request: Request) -> Response:
    """The page; `service` and `run` narrow it."""
    service = request.query_params.get("service", "")
    service = service if service in SERVICE_LABELS else ""
    run = request.query_params.get("run", "").strip()
    wanted = Filter(service=service or None, run=run or None, limit=_SHOWN)
    rows = [_row(entry) for entry in reversed(ledger.find(wanted))]
    return page(
        "/requests",
        "Requests",
        _LEAD,
        _choices(service, run),
        section(
            _title(service, run),
            element("p", element("a", "Show all runs", href="/requests")) if run else None,
            table(_COLUMNS, rows, "No request of this kind has been made yet."),
            note=f"At most {_SHOWN} are shown; the whole ledger is at /ledger, as JSON.",
        ),
    )


def _title(service: str, run: str) -> str:
    which = SERVICE_LABELS.get(service, "All services")
    return f"{which}, run {run}" if run else which


def _choices(service: str, run: str) -> Html:
    links = (
        element(
            "a",
            label,
            href=_address(value, run),
            aria_current="true" if value == service else None,
        )
        for value, label in {"": "All", **SERVICE_LABELS}.items()
    )
    return element("nav", *links, class_="choices", aria_label="Service")


def _address(service: str, run: str) -> str:
    query = urlencode(
        {name: value for name, value in (("service", service), ("run", run)) if value}
    )
    return f"/requests?{query}" if query else "/requests"


def _row(entry: Entry) -> tuple[object, ...]:
    took = None if entry.milliseconds is None else f"{entry.milliseconds:,.0f} ms"
    return (
        entry.seq,
        moment(entry.at),
        SERVICE_LABELS.get(entry.service, entry.service),
        code(f"{entry.method} {entry.path}", class_="path"),
        _answer(entry.status),
        took,
        _facts(entry.facts),
    )


def _answer(status: int | None) -> Html:
    if status is None:
        return badge("under way", "plain")
    if status == 0:
        return badge("no answer", "bad")
    if status < 400:
        return badge(str(status), "good")
    return badge(str(status), "warn" if status < 500 else "bad")


def _facts(facts: dict[str, Any]) -> Html:
    if not facts:
        return text("none")
    items = (element("li", element("b", name), " ", _fact(name, facts[name])) for name in facts)
    return element("ul", *items, class_="properties")


def _fact(name: str, value: Any) -> Html:
    if name == "run":
        return element("a", code(str(value)[:8]), href=_address("", str(value)), title=str(value))
    if name == "sha256":
        return code(str(value)[:12], title=str(value))
    return badge(str(value), "warn") if name == "fault" else code(as_json(value))
