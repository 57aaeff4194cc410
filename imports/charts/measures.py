"""Numbers on an axis: short, and round in the unit they are counted in."""

from typing import Final

from connections.quantities import bytes_in_words, exact_bytes
from imports.charts.description import Measure

_THOUSANDS: Final = ((10**12, "T"), (10**9, "bn"), (10**6, "M"), (10**3, "k"))


def grouped(count: int) -> str:
    """1,930,220."""
    return f"{count:,}"


def short(count: int) -> str:
    """``1.9 M``: two or three figures, as an axis has room for; below 1,000 all of them."""
    for unit, word in _THOUSANDS:
        # What would be rounded up to the next unit is written in it: 999,999 is 1 M.
        if count >= unit * 0.9995:
            figure = f"{count / unit:.1f}" if count < 99.95 * unit else f"{count / unit:,.0f}"
            return f"{figure.removesuffix('.0')} {word}"
    return str(count)


def short_bytes(count: int) -> str:
    """``2 GiB``: as everywhere, without a zero behind the point."""
    return bytes_in_words(count).replace(".0 ", " ")


ROWS: Final = Measure(noun="rows", exact=grouped, short=short, whole=grouped)
BYTES: Final = Measure(
    noun="billed",
    exact=bytes_in_words,
    short=short_bytes,
    whole=exact_bytes,
    units=tuple(1024**power for power in range(6)),
)
