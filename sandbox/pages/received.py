"""The page `/received`: what "CleverTap" got: sums, batches with their verdict, people."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from sandbox.clevertap import Store
from sandbox.clevertap.refusals import MEANINGS
from sandbox.pages.layout import (
    Column,
    as_json,
    badge,
    code,
    moment,
    number,
    page,
    section,
    table,
)
from sandbox.pages.markup import Html, element, join, text

Row = dict[str, Any]

_SHOWN = 25
_LEAD = "What the importer has sent so far, as the receiving side saw and judged it."
_BATCH_COLUMNS = (
    Column("Received (UTC)"),
    Column("Verdict"),
    Column("Records", numeric=True),
    Column("Accepted", numeric=True),
    Column("Refused", numeric=True),
    Column("Refused because"),
    Column("Run and batch"),
    Column("Body SHA-256"),
)


def view(store: Store, request: Request) -> Response:
    """The page; `run` narrows it to one run, `identity` looks up one person."""
    run = request.query_params.get("run", "").strip() or None
    identity = request.query_params.get("identity", "").strip() or None
    batches = store.received.batches(run, _SHOWN)
    return page(
        "/received",
        "Received by “CleverTap”",
        _LEAD,
        _tiles(store.received.counts(run)),
        _lookup(store, identity, run),
        _batches(batches, run),
    )


def _tiles(counts: Row) -> Html:
    shown = (
        ("Profiles stored", counts["profiles"], False),
        ("Events stored", counts["events"], False),
        ("Batches", counts["batches"], False),
        ("Records", counts["records"], False),
        ("Accepted", counts["accepted"], False),
        ("Refused", counts["refused"], True),
        ("Repeated bodies", counts["batches"] - counts["distinct_bodies"], True),
        ("Repeated events", counts["duplicate_events"], True),
    )
    tiles = (
        element(
            "div",
            element("dt", label),
            element("dd", number(count)),
            class_="warn" if unwanted and count else None,
        )
        for label, count, unwanted in shown
    )
    return element("dl", *tiles, class_="tiles")


def _lookup(store: Store, identity: str | None, run: str | None) -> Html:
    label = element("label", "Identity", for_="identity")
    field = element("input", id="identity", name="identity", value=identity, autocomplete="off")
    fields = (
        element("div", label, field, class_="wide"),
        element("input", type="hidden", name="run", value=run) if run else None,
        element("button", "Look up", type="submit"),
        element("a", "Show the newest", href="/received", class_="button quiet")
        if identity
        else None,
    )
    form = element("form", element("div", *fields, class_="fields"), action="/received")
    profiles = store.received.profiles(identity, 5)
    events = store.received.events(identity, 20 if identity else 5)
    which = "Found" if identity else "Newest"
    return section(
        "Profiles and events",
        form,
        element("h3", f"{which} profiles"),
        _profiles(profiles),
        element("h3", f"{which} events"),
        _events(events),
        note="Search by the exact identity or CleverTap ID.",
    )


def _profiles(profiles: Sequence[Row]) -> Html:
    columns = (Column("Identity"), Column("Properties"), Column("Updated (UTC)"))
    rows = [
        (
            join((code(row["value"], class_="id"), element("small", row["kind"]))),
            _properties(row["data"]),
            join((moment(row["updated_at"]), element("small", _times(row["uploads"])))),
        )
        for row in profiles
    ]
    return table(columns, rows, "No profile.")


def _events(events: Sequence[Row]) -> Html:
    columns = (
        Column("Event"),
        Column("Identity"),
        Column("Properties"),
        Column("Took place (UTC)"),
    )
    rows = [
        (row["name"], code(row["value"], class_="id"), _properties(row["data"]), moment(row["ts"]))
        for row in events
    ]
    return table(columns, rows, "No event.")


def _times(uploads: int) -> str:
    if uploads == 0:
        return "made by an event"
    return "sent once" if uploads == 1 else f"sent {uploads:,} times"


def _properties(data: Row) -> Html:
    if not data:
        return element("span", "none", class_="none")
    items = (
        element("li", element("b", key), " ", code(as_json(value))) for key, value in data.items()
    )
    return element("ul", *items, class_="properties")


def _batches(batches: Sequence[Row], run: str | None) -> Html:
    title = f"Newest batches of run {run}" if run else "Newest batches"
    every = element("p", element("a", "Show all runs", href="/received")) if run else None
    rows = [
        (
            moment(row["received_at"]),
            _verdict(row),
            number(row["records"]),
            number(row["accepted"]),
            number(row["refused"]),
            _reasons(row["refused_by_code"]),
            _origin(row),
            code(row["sha256"][:12], title=row["sha256"]),
        )
        for row in batches
    ]
    return section(
        title,
        every,
        table(_BATCH_COLUMNS, rows, "No batch has arrived yet."),
        note=f"At most {_SHOWN} are shown. Dry runs are listed here, but count nowhere above.",
    )


def _verdict(row: Row) -> Html:
    if not row["refused"]:
        found = badge("success", "good")
    else:
        found = badge("partial", "warn") if row["accepted"] else badge("fail", "bad")
    return join((found, " ", badge("dry run", "plain"))) if row["dry_run"] else found


def _reasons(by_code: dict[str, int]) -> Html:
    items = (
        element("li", f"{number_} {MEANINGS.get(int(number_), '')}: {count:,}")
        for number_, count in sorted(by_code.items())
    )
    return element("ul", *items, class_="plain") if by_code else text("none")


def _origin(row: Row) -> Html:
    if not row["run"]:
        return text("not stated")
    link = element(
        "a", code(row["run"][:8]), href=f"/received?run={quote(row['run'])}", title=row["run"]
    )
    return join((link, f" · {row['batch']}" if row["batch"] is not None else ""))
