"""An instant in words, in the zone of who looks. For ``components/moment.html``.

Django's own ``date`` does the same several times slower, and a list shows fifty moments.
"""

from datetime import UTC, datetime

from django import template

register = template.Library()


@register.filter(expects_localtime=True)
def day_in_words(at: datetime) -> str:
    """14 Mar 2025."""
    return f"{at.day} {at:%b %Y}"


@register.filter(expects_localtime=True)
def clock(at: datetime) -> str:
    """09:26."""
    return f"{at:%H:%M}"


@register.filter(expects_localtime=True)
def exact_clock(at: datetime) -> str:
    """09:26:53."""
    return f"{at:%H:%M:%S}"


@register.filter(expects_localtime=True)
def exact_time(at: datetime) -> str:
    """Friday 14 March 2025, 09:26:53 CET (2025-03-14 08:26:53 UTC)."""
    return f"{at:%A} {at.day} {at:%B %Y, %H:%M:%S %Z} ({at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC)"


@register.filter
def machine_time(at: datetime) -> str:
    """2025-03-14T08:26:53Z, as ``<time datetime>`` wants it."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
