"""Pure: spans of time as people say them, a measured one exactly and a guessed one roughly."""

from typing import Final

_MINUTE: Final = 60
_HOUR: Final = 60 * _MINUTE
_DAY: Final = 24 * _HOUR


def in_words(seconds: float) -> str:
    """``0.4 s``, ``12 s``, ``7 min 51 s``, ``2 h 5 min``, ``3 d 4 h``: two units at most."""
    if 0 < seconds < 0.95:
        return f"{max(seconds, 0.1):.1f} s"
    whole = max(round(seconds), 0)
    if whole < _MINUTE:
        return f"{whole} s"
    for unit, name, smaller, its_name in (
        (_DAY, "d", _HOUR, "h"),
        (_HOUR, "h", _MINUTE, "min"),
        (_MINUTE, "min", 1, "s"),
    ):
        if whole >= unit:
            rest = whole % unit // smaller
            return f"{whole // unit:,} {name}" + (f" {rest} {its_name}" if rest else "")
    raise AssertionError("a minute and more has a unit")


def about(seconds: float) -> str:
    """``a few seconds``, ``about 40 seconds``, ``about 2 minutes``, ``about 3 hours``.

    A guess is rounded, so that it does not change with every look.
    """
    if seconds < 8:
        return "a few seconds"
    if seconds < 55:
        return f"about {max(round(seconds / 10), 1) * 10} seconds"
    for unit, name, most in ((_MINUTE, "minute", 90), (_HOUR, "hour", 36), (_DAY, "day", 0)):
        count = max(round(seconds / unit), 1)
        if count < most or not most:
            return f"about {count:,} {name}{'' if count == 1 else 's'}"
    raise AssertionError("days have no upper end")
