"""A part of a whole in words. For ``components/sums_bar.html``."""

from django import template

register = template.Library()


@register.filter
def share_of(part: int, whole: int) -> str:
    """98.2 %. Never "0 %" or "100 %" unless it is so: one refused row of a million is seen."""
    percent = 100 * part / whole
    if 0 < percent < 0.1:
        return "< 0.1 %"
    if 99.9 < percent < 100:
        return "> 99.9 %"
    return f"{percent:.1f}".removesuffix(".0") + " %"
