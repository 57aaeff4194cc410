"""A whole chart: its shapes, its words, and the table with the same numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from imports.charts.axis import Axis, axis_for
from imports.charts.columns import Column, columns_of
from imports.charts.description import Measure, Point, Series
from imports.charts.words import notes_of, summary_of

HEAD: Final = 20  # room for the values above the columns
FOOT: Final = 26  # and for the words below the axis
_FLAT: Final = 40  # where all is zero
_NEAR: Final = 12.0  # per cent of the width
_LABELLED: Final = 12  # as many columns may all have their value above them
_WIDE_TICKS, _NARROW_TICKS = 6, 3


@dataclass(frozen=True)
class Text:
    """Words in the drawing. ``is_more``: left out where the chart is narrow."""

    x: str
    y: str
    words: str
    anchor: str = "middle"
    is_more: bool = False


@dataclass(frozen=True)
class Shape:
    """A rectangle; ``fill`` is the id of its pattern."""

    x: str
    width: str
    y: str
    height: str
    tone: str
    fill: str


@dataclass(frozen=True)
class Drawn:
    """One point as it is drawn: its words on hover, its bars, and what marks it."""

    title: str
    slot: Shape
    bars: tuple[Shape, ...]
    middle: str
    url: str
    is_cut: bool
    is_zero: bool


@dataclass(frozen=True)
class Cell:
    """A number of the table; ``whole`` on hover, where ``words`` are rounded."""

    words: str
    whole: str
    label: str


@dataclass(frozen=True)
class Row:
    title: str
    url: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Key:
    """One entry of the legend, with its sum."""

    tone: str
    fill: str
    label: str
    total: Cell


@dataclass(frozen=True)
class Chart:
    """All that ``components/chart.html`` draws. ``rows`` are the points that are no gaps."""

    id: str
    title: str
    each: str
    summary: str
    notes: tuple[str, ...]
    height: int
    base: str
    lines: tuple[Text, ...]
    ticks: tuple[Text, ...]
    values: tuple[Text, ...]
    columns: tuple[Drawn, ...]
    legend: tuple[Key, ...]
    heads: tuple[str, ...]
    rows: tuple[Row, ...]
    empty: str

    @property
    def is_empty(self) -> bool:
        return not self.rows


def chart_of(  # noqa: PLR0913  # all of it is what a chart is, and all by name
    *,
    id: str,
    title: str,
    each: str,
    series: Sequence[Series],
    points: Sequence[Point],
    measure: Measure,
    height: int = 200,
    empty: str = "Nothing to show yet.",
    notes: Sequence[str] = (),
) -> Chart:
    """``each``: what one point is ("day"). A point without a title only takes room."""
    axis = axis_for([point.total for point in points], units=measure.units)
    height = height if axis.top > 1 or any(point.total for point in points) else _FLAT
    columns = columns_of([point.values for point in points], axis=axis, height=height)
    legend = _legend(id, series, points, measure)
    return Chart(
        id=id,
        title=title,
        each=each,
        summary=summary_of(points, series=series, measure=measure, each=each),
        notes=(*notes, *notes_of(points, axis=axis, measure=measure, each=each)),
        height=HEAD + height + FOOT,
        base=_pixels(HEAD + height),
        lines=_lines(axis, measure, height),
        ticks=_ticks(points, columns, height),
        values=_values(points, columns, measure),
        columns=tuple(
            _drawn(id, series, measure, pair) for pair in zip(points, columns, strict=True)
        ),
        legend=legend,
        heads=_heads(series, measure),
        rows=tuple(_row(point, series, measure) for point in points if point.values is not None),
        empty=empty,
    )


def _lines(axis: Axis, measure: Measure, height: int) -> tuple[Text, ...]:
    return tuple(
        Text(
            x="0",
            y=_pixels(HEAD + height * (1 - axis.share(tick))),
            words=measure.short(tick) if tick else "0",
        )
        for tick in axis.ticks
    )


def _ticks(points: Sequence[Point], columns: list[Column], height: int) -> tuple[Text, ...]:
    """A few labels, counted from the last point backwards, so that today has its own."""
    named = [place for place, point in enumerate(points) if point.label]
    step = -(-len(points) // _WIDE_TICKS) or 1
    chosen = range(named[-1], named[0] - 1, -step) if named else range(0)
    apart = -(-_WIDE_TICKS // _NARROW_TICKS)
    y = _pixels(HEAD + height + 17)
    return tuple(
        Text(
            x=_percent(columns[place].middle),
            y=y,
            words=points[place].label,
            anchor=_anchor(columns[place].middle),
            is_more=order % apart != 0,
        )
        for order, place in enumerate(chosen)
    )


def _values(points: Sequence[Point], columns: list[Column], measure: Measure) -> tuple[Text, ...]:
    """Above the tallest column and those that are cut off; above all, where there is room."""
    tall = {
        place: point.total
        for place, (point, column) in enumerate(zip(points, columns, strict=True))
        if column.bars
    }
    if not tall:
        return ()
    peak = max(tall, key=lambda place: (tall[place], place))
    shown = [
        place
        for place in tall
        if len(columns) <= _LABELLED or place == peak or columns[place].is_cut
    ]
    return tuple(
        _value(columns[place], measure.short(tall[place]), is_peak=place == peak) for place in shown
    )


def _value(column: Column, words: str, *, is_peak: bool) -> Text:
    """Near either end it leans inwards, away from the words of the axis."""
    x, anchor = column.middle, "middle"
    if column.middle < _NEAR:
        x, anchor = column.x, "start"
    elif column.middle > 100 - _NEAR:
        x, anchor = column.x + column.width, "end"
    y = _pixels(HEAD + (column.top or 0) - 6)
    return Text(_percent(x), y, words, anchor, is_more=not is_peak and not column.is_cut)


def _drawn(
    id: str, series: Sequence[Series], measure: Measure, pair: tuple[Point, Column]
) -> Drawn:
    point, column = pair
    return Drawn(
        title=_hover(point, series, measure),
        slot=Shape(
            x=_percent(column.slot_x),
            width=_percent(column.slot_width),
            y="0",
            height="",
            tone="",
            fill="",
        ),
        bars=tuple(
            Shape(
                x=_percent(column.x),
                width=_percent(column.width),
                y=_pixels(HEAD + bar.y),
                height=_pixels(bar.height),
                tone=series[bar.place].tone,
                fill=f"{id}-{series[bar.place].tone}",
            )
            for bar in column.bars
        ),
        middle=_percent(column.middle),
        url=point.url,
        is_cut=column.is_cut,
        is_zero=column.is_zero,
    )


def _hover(point: Point, series: Sequence[Series], measure: Measure) -> str:
    if point.values is None:
        return f"{point.title}: no run" if point.title else ""
    if len(series) == 1:
        said = f"{measure.exact(point.total)} {measure.noun}"
        if measure.whole(point.total) != measure.exact(point.total):
            said += f", {measure.whole(point.total)}"
    else:
        parts = zip(series, point.values, strict=True)
        said = ", ".join(f"{one.label} {measure.exact(value)}" for one, value in parts if value)
    said = said or f"0 {measure.noun}"
    return f"{point.title}: {said}" + (f" ({point.note})" if point.note else "")


def _legend(
    id: str, series: Sequence[Series], points: Sequence[Point], measure: Measure
) -> tuple[Key, ...]:
    sums = [
        sum(point.values[place] for point in points if point.values is not None)
        for place in range(len(series))
    ]
    return tuple(
        Key(one.tone, f"{id}-{one.tone}", one.label, _cell(total, one.label, measure))
        for one, total in zip(series, sums, strict=True)
    )


def _heads(series: Sequence[Series], measure: Measure) -> tuple[str, ...]:
    names = tuple(one.label for one in series)
    return names if len(names) == 1 else (measure.noun.capitalize(), *names)


def _row(point: Point, series: Sequence[Series], measure: Measure) -> Row:
    values = point.values or ()
    numbers = values if len(values) == 1 else (point.total, *values)
    cells = zip(numbers, _heads(series, measure), strict=True)
    return Row(point.title, point.url, tuple(_cell(n, label, measure) for n, label in cells))


def _cell(value: int, label: str, measure: Measure) -> Cell:
    return Cell(words=measure.exact(value), whole=measure.whole(value), label=label)


def _anchor(middle: float) -> str:
    return "start" if middle < 4 else "end" if middle > 96 else "middle"


def _percent(share: float) -> str:
    return f"{share:.3f}%"


def _pixels(length: float) -> str:
    return f"{length:.1f}"
