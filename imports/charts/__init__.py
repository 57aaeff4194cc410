"""Charts: from a few numbers to shapes that ``components/chart.html`` draws as SVG (ADR 18).

Pure: no Django, no database, no clock. Words of the product come in; places go out.
"""

from imports.charts.chart import Chart, chart_of
from imports.charts.description import Measure, Point, Series
from imports.charts.measures import BYTES, ROWS
from imports.charts.strip import Mark, Strip, strip_of
from imports.charts.timeline import Span, Timeline, days_between, months_until, timeline_of

__all__ = [
    "BYTES",
    "ROWS",
    "Chart",
    "Mark",
    "Measure",
    "Point",
    "Series",
    "Span",
    "Strip",
    "Timeline",
    "chart_of",
    "days_between",
    "months_until",
    "strip_of",
    "timeline_of",
]
