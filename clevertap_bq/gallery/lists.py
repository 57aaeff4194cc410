"""Samples of lists: tables, what narrows them down, and what stands there when they are empty."""

from typing import Any

from django.core.paginator import Paginator

from clevertap_bq.gallery.contents import Component, Group, State, states
from clevertap_bq.gallery.words import ARABIC, CHINESE, EMOJI, PERSON, SENTENCE, UNBROKEN

ROWS = [
    {"name": "Production", "state": "verified", "word": "Verified"},
    {"name": "Staging", "state": "failed", "word": "Failed"},
    {"name": "Sandbox", "state": "untested", "word": "Not tested", "sandbox": True},
    {"name": "Warehouse EU", "state": "testing", "word": "Testing"},
]
LONG_ROWS = [
    {"name": name, "state": "inconclusive", "word": "Inconclusive"}
    for name in (UNBROKEN, SENTENCE, ARABIC, CHINESE, EMOJI)
]
CHIPS = [
    {"label": "Status", "value": "Failed", "url": "?"},
    {"label": "Connected By", "value": PERSON, "url": "?"},
]


def _page(count: int, number: int, label: str) -> dict[str, Any]:
    page = Paginator(range(count), 50).page(number)
    return {"page": page, "prefix": "?page=", "noun": "connections", "label": label}


def _empty(icon: str, title: str, text: str, **more: Any) -> dict[str, Any]:
    return {"icon": icon, "title": title, "text": text, **more}


def group() -> Group:
    """Everything on a page that lists things."""
    return Group("Lists", "lists", (_table(), *_narrowing(), *_around()))


def _table() -> Component:
    table = "gallery/_table.html"
    notice = "components/notice.html"
    return Component(
        "table",
        "Rows to compare. Where the box is narrow each row becomes a card.",
        (
            State("many", table, {"rows": ROWS, "caption": "Connections"}),
            State("one", table, {"rows": ROWS[:1], "caption": "One connection"}),
            State("too long, other scripts", table, {"rows": LONG_ROWS, "caption": "Long names"}),
            State(
                "asking again (busy)", table, {"rows": ROWS[:2], "caption": "Busy", "busy": True}
            ),
            State("loading", "components/skeleton.html", {"label": "Loading connections"}),
            State("empty: see empty_state", "components/empty_state.html", _NONE_MATCHES),
            State("failed", notice, {"tone": "bad", "title": _FAILED[0], "text": _FAILED[1]}),
            State(
                "forbidden",
                notice,
                {"tone": "quiet", "title": _FORBIDDEN[0], "text": _FORBIDDEN[1]},
            ),
            State("stale", "gallery/_stale.html", {"rows": ROWS[:1], "caption": "Old numbers"}),
            State("wide data scrolls", "gallery/_preview.html"),
        ),
    )


_FAILED = (
    "The list could not be read",
    "The database did not answer. Reload the page in a moment; nothing was lost.",
)
_FORBIDDEN = (
    "Contents of refused rows are not shown to members",
    "Admins and creators see them. An admin can change your role under Users.",
)
_NONE_MATCHES = _empty(
    "filter",
    "No connection matches",
    "The filter “Status: Failed” excludes all 14 connections.",
    other_url="?",
    other_label="Reset",
    small=True,
)


def _narrowing() -> tuple[Component, ...]:
    pane = "gallery/_filter_pane.html"
    return (
        Component(
            "search",
            "Finds by words; the key / puts the cursor there.",
            states(
                "gallery/_search.html",
                default={"id": "q1", "label": "Search connections"},
                filled={"id": "q2", "label": "Search again", "value": SENTENCE},
            ),
        ),
        Component(
            "filter_pane",
            "The fields that narrow a list down, folded until they are wanted.",
            (
                State("closed", pane, {"id": "a"}),
                State("open, in use", pane, {"id": "b", "count": 2, "open": True}),
                State("open, with an error", pane, {"id": "c", "open": True, "error": True}),
            ),
        ),
        Component(
            "filter_chips",
            "What the list is narrowed down to; each can be taken away.",
            states(
                "components/filter_chips.html",
                one={"chips": CHIPS[:1], "reset_url": "?"},
                many={"chips": CHIPS * 4, "reset_url": "?"},
                too_long={
                    "chips": [
                        {"label": "Search", "value": words, "url": "?"}
                        for words in (UNBROKEN, ARABIC, EMOJI)
                    ],
                    "reset_url": "?",
                },
            ),
        ),
    )


def _around() -> tuple[Component, ...]:
    return (
        Component(
            "column_head",
            "The head of a column that can be sorted.",
            (State("not sorted, ascending, descending, numbers", "gallery/_column_heads.html"),),
        ),
        Component(
            "pagination",
            "Where one is in a long list, and the way on.",
            states(
                "components/pagination.html",
                first_page=_page(1930, 1, "First page"),
                in_the_middle=_page(1_930_220, 19_000, "Page in the middle"),
                last_page=_page(1930, 39, "Last page"),
                one_page=_page(14, 1, "One page"),
            ),
        ),
        Component(
            "empty_state",
            "Nothing here yet: why, and the one next thing to do.",
            (
                State("nothing yet", "components/empty_state.html", _NOTHING_YET),
                State("nothing found", "components/empty_state.html", _NONE_MATCHES),
                State(
                    "words only",
                    "components/empty_state.html",
                    {"title": "No runs yet", "small": True},
                ),
                State(
                    "too long", "components/empty_state.html", _empty("table", UNBROKEN, SENTENCE)
                ),
            ),
        ),
        Component(
            "menu",
            "More that can be done with a row, behind three dots.",
            (
                State("closed", "gallery/_menu.html", {"name": "Production"}),
                State("open", "gallery/_menu.html", {"name": "Staging", "open": True}),
            ),
            layout="row",
        ),
    )


_NOTHING_YET = _empty(
    "database",
    "No connections yet",
    "Connect a BigQuery dataset, or try everything with the sandbox first.",
    action_url="?",
    action_label="Add Database",
    other_url="?",
    other_label="Use the sandbox",
)
