"""The charts of the gallery: one in each of its states, from made-up numbers."""

from datetime import date, timedelta
from typing import Final

from clevertap_bq.gallery.contents import Component, Group, State, states
from imports import charts
from imports.services.stats import SERIES

_DRAWN: Final = "components/chart.html"
_TODAY: Final = date(2026, 11, 24)
_STATES: Final = (
    ("none", "Nothing yet", 14),
    ("one", "One point", 14),
    ("many", "Many points, with gaps", 30),
    ("year", "A year: a column is a week", 365),
    ("zero", "All zero", 14),
    ("outlier", "One far above the others", 30),
)


def group() -> Group:
    """Figures over time, from numbers that are made up."""
    return Group("Charts", "charts", (_chart(), _strip(), _quantity()))


def _chart() -> Component:
    shown = [(title, _rows(name, title, days)) for name, title, days in _STATES]
    narrow = State("narrow", "gallery/_narrow_chart.html", {"chart": _rows("narrow", "Narrow", 30)})
    return Component(
        "chart",
        "Numbers over time, with a table of the same numbers.",
        (
            *(State(label.lower(), _DRAWN, {"chart": chart}) for label, chart in shown),
            State("one measure", _DRAWN, {"chart": _bytes()}),
            narrow,
        ),
        layout="pair",
    )


def _strip() -> Component:
    many, one = (charts.strip_of(marks) for marks in _marks())
    return Component(
        "health_strip",
        "The last runs of an import, oldest first.",
        states("components/health_strip.html", many={"strip": many}, one={"strip": one}),
        layout="row",
    )


def _quantity() -> Component:
    return Component(
        "bytes",
        "Bytes, in one unit everywhere; the exact number on hover.",
        states("components/bytes.html", default={"count": 1_288_490_189}, none={"count": 0}),
        layout="row",
    )


def _rows(name: str, title: str, days: int) -> charts.Chart:
    timeline = charts.timeline_of(_TODAY - timedelta(days=days - 1), _TODAY, today=_TODAY)
    count = len(timeline.spans)
    return charts.chart_of(
        id=f"sample-{name}",
        title=title,
        each=timeline.each,
        series=SERIES,
        points=[
            charts.Point(span.label, span.title, _values(name, place, count))
            for place, span in enumerate(timeline.spans)
        ],
        measure=charts.ROWS,
        notes=[timeline.rule] if timeline.rule else [],
        empty="No run lies in these days.",
    )


def _values(name: str, place: int, count: int) -> tuple[int, ...] | None:
    last = place == count - 1
    if name == "none" or (name == "one" and not last):
        return None
    if name == "zero":
        return (0, 0, 0, 0) if place % 3 == 0 else None
    if name == "outlier" and place == 4:
        return (1_812_400, 81_620, 24_000, 12_200)
    if place % 7 in {3, 5}:
        return None if place % 7 == 3 else (0, 0, 0, 0)
    rows = 9_000 + place * 7919 % 5_300
    return (rows, rows // 9 if place % 4 == 0 else 3, rows // 20, 400 if place % 6 == 0 else 0)


def _bytes() -> charts.Chart:
    months = charts.months_until(_TODAY, count=12).spans
    return charts.chart_of(
        id="sample-bytes",
        title="Bytes billed",
        each="month",
        series=[charts.Series("plain", "Bytes billed")],
        points=[
            charts.Point(
                span.label, span.title, (place * 7919 % 97 * 2**24,) if place > 2 else None
            )
            for place, span in enumerate(months)
        ],
        measure=charts.BYTES,
    )


def _marks() -> list[list[charts.Mark]]:
    words = (
        *(("green", "100 %"), ("yellow", "97.40 %"), ("red", "12.00 %"), ("none", "Nothing new")),
        *(("failed", "Could not connect"), ("stopped", "Stopped"), ("running", "Running")),
        *(("green", "100 %"), ("green", "100 %"), ("yellow", "99.10 %")),
    )
    marks = [charts.Mark(state, word) for state, word in words]
    return [marks, marks[:1]]
