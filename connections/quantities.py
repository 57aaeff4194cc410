"""Numbers as people read them. Pure."""

from typing import Final

_UNITS: Final = ("KiB", "MiB", "GiB", "TiB", "PiB")


def bytes_in_words(count: int) -> str:
    """In the binary units that BigQuery bills in: ``1.2 GiB``; below 1 KiB ``512 bytes``."""
    if count < 1024:
        return f"{count} byte{'' if count == 1 else 's'}"
    size = float(count)
    for unit in _UNITS:
        size /= 1024
        if size < 1023.95 or unit == _UNITS[-1]:
            break
    return f"{size:,.1f} {unit}"
