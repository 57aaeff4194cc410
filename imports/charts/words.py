"""What a chart says in sentences: a summary for who does not see it, notes for everybody."""

from collections.abc import Sequence

from imports.charts.axis import Axis
from imports.charts.description import Measure, Point, Series


def summary_of(
    points: Sequence[Point], *, series: Sequence[Series], measure: Measure, each: str
) -> str:
    """One or two sentences with the range, the sums and the tallest column."""
    told = [point for point in points if point.values is not None]
    if not told:
        return "There is nothing in it."
    total = sum(point.total for point in told)
    sentences = [
        f"{_range(points, told, each)}: {measure.exact(total)} {measure.noun}{_parts(told, series, measure)}."
    ]
    if total and len(told) > 1:
        peak = max(told, key=lambda point: point.total)
        sentences.append(f"Most: {peak.title}, with {measure.exact(peak.total)}.")
    return " ".join(sentences)


def notes_of(
    points: Sequence[Point], *, axis: Axis, measure: Measure, each: str
) -> tuple[str, ...]:
    """What the drawing alone would get wrong: gaps, zeros, columns that are cut off."""
    told = [point for point in points if point.values is not None]
    named = [point for point in points if point.title]
    notes = []
    if told and len(told) < len(named):
        notes.append(f"A {each} without a run is left empty.")
    if any(point.total == 0 for point in told):
        notes.append("A flat line is a zero." if any(p.total for p in told) else "All are zero.")
    cut = [point for point in told if point.total > axis.top]
    if cut:
        names = ", ".join(f"{point.title} with {measure.exact(point.total)}" for point in cut)
        verb = "is cut off" if len(cut) == 1 else "are cut off"
        notes.append(f"{names} {verb}, so that the others can be seen.")
    return tuple(notes)


def _range(points: Sequence[Point], told: Sequence[Point], each: str) -> str:
    named = [point for point in points if point.title]
    if len(named) == 1:
        return named[0].title
    among = f"{len(told):,} of {len(named):,}" if len(told) < len(named) else f"{len(named):,}"
    return f"{named[0].title} to {named[-1].title}, {among} {each}s"


def _parts(told: Sequence[Point], series: Sequence[Series], measure: Measure) -> str:
    if len(series) == 1:
        return ""
    sums = [
        sum(point.values[place] for point in told if point.values) for place in range(len(series))
    ]
    named = zip(series, sums, strict=True)
    parts = [f"{one.label.lower()} {measure.exact(total)}" for one, total in named if total]
    return f" ({', '.join(parts)})" if parts else ""
