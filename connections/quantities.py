"""Bytes as people read them: the only place that writes them. Pure.

Google bills BigQuery by the TiB, so these are binary units, and say so.
https://cloud.google.com/bigquery/pricing
"""

from typing import Final

_UNITS: Final = ("KiB", "MiB", "GiB", "TiB", "PiB")


def bytes_in_words(count: int) -> str:
    """In the binary units that BigQuery bills in: ``1.2 GiB``; below 1 KiB ``512 bytes``."""
    if count < 1024:
        return exact_bytes(count)
    size = float(count)
    for unit in _UNITS:
        size /= 1024
        if size < 1023.95 or unit == _UNITS[-1]:
            break
    return f"{size:,.1f} {unit}"


def exact_bytes(count: int) -> str:
    """``1,288,490,189 bytes``."""
    return f"{count:,} byte{'' if count == 1 else 's'}"
