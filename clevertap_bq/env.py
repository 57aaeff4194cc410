"""Reads the process environment, typed, and fails with the variable's name.

Every value may also come from a file: ``NAME_FILE=/run/secrets/name``. An error
names the variable and never its value.
"""

import os
from decimal import Decimal, InvalidOperation
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"0", "false", "no", "off"}


def text(name: str, default: str | None = None) -> str:
    """The variable, or the content of the file that ``<name>_FILE`` points to."""
    path = os.environ.get(f"{name}_FILE")
    if path:
        return _from_file(name, path)
    value = os.environ.get(name, "").strip() or default
    if value is None:
        raise ImproperlyConfigured(
            f"{name} is not set. Set {name}, or {name}_FILE to a file that holds it. "
            f"docs/operations.md lists every variable; `make run` sets them by itself."
        )
    return value


def origin(name: str) -> Path | None:
    """The file that ``text`` reads the variable from, if it comes from one."""
    path = os.environ.get(f"{name}_FILE")
    return Path(path) if path else None


def flag(name: str, *, default: bool) -> bool:
    """A yes or no: 1/0, true/false, yes/no, on/off."""
    raw = os.environ.get(name, "").strip().lower()
    if not raw:
        return default  # an empty line in .env must not switch anything off
    if raw in _TRUE:
        return True
    if raw in _FALSE:
        return False
    raise ImproperlyConfigured(f"{name} must be 1 or 0.")


def integer(name: str, default: int) -> int:
    """A whole number."""
    raw = os.environ.get(name, "").strip()
    try:
        return int(raw) if raw else default
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a whole number.") from None


def decimal(name: str, default: str) -> Decimal:
    """A number that is not negative, such as a price."""
    raw = os.environ.get(name, "").strip() or default
    try:
        number = Decimal(raw)
    except InvalidOperation:
        number = Decimal(-1)
    if not number.is_finite() or number < 0:
        raise ImproperlyConfigured(f"{name} must be a number, such as 6.25.")
    return number


def next_port(url: str) -> str:
    """The same address with the port after."""
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        port = None
    host = parts.netloc.rpartition(":")[0]
    return f"{parts.scheme}://{host}:{port + 1}" if port else url


def words(name: str, default: str = "") -> list[str]:
    """A comma-separated list, blanks dropped."""
    parts = (os.environ.get(name, "").strip() or default).split(",")
    return [part.strip() for part in parts if part.strip()]


def _from_file(name: str, path: str) -> str:
    try:
        content = Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise ImproperlyConfigured(
            f"{name}_FILE points to a file that cannot be read. Check that it exists "
            f"and that this user may read it."
        ) from None
    if not content:
        raise ImproperlyConfigured(f"The file that {name}_FILE points to is empty.")
    return content
