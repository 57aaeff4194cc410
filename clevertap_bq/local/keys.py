"""Secrets of a local installation: made once on the first start, never overwritten.

Each lies in a file of its own, mode 600, and reaches the programs as `<NAME>_FILE`.
"""

import base64
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from clevertap_bq.local.folder import Folder
from clevertap_bq.local.refusal import Refusal


@dataclass(frozen=True)
class Keys:
    """Paths of the secret files; no secret is held in memory longer than needed."""

    secret_key: Path
    credential_ring: Path
    broker_password: Path


def make_missing(folder: Folder) -> Keys:
    """The secret files, made where missing.

    Raises:
        Refusal: one exists and is empty or cannot be read, so that what it protects is at risk;
            or a database stands without the ring that opens its keys.
    """
    keys = Keys(
        secret_key=folder.secrets / "secret_key",
        credential_ring=folder.secrets / "credential_ring",
        broker_password=folder.secrets / "broker_password",
    )
    if folder.database.exists() and not keys.credential_ring.exists():
        raise Refusal(
            f"{keys.credential_ring} is missing, and the stored keys cannot be read without it. "
            f"Put it back from a backup, or start afresh in another DATA_DIR."
        )
    _once(keys.secret_key, lambda: secrets.token_urlsafe(64))
    _once(keys.credential_ring, _ring)
    _once(keys.broker_password, lambda: secrets.token_urlsafe(32))
    return keys


def write_private(path: Path, text: str) -> None:
    """Writes a file that only this user may read; replaces it whole."""
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as target:
        target.write(text)
        target.flush()
        os.fsync(target.fileno())
    fresh.replace(path)


def _once(path: Path, make: Callable[[], str]) -> None:
    if not path.exists():
        write_private(path, make() + "\n")
        return
    try:
        path.chmod(0o600)
        present = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        present = ""
    if not present:
        raise Refusal(
            f"{path} is empty or cannot be read. Put it back from a backup; it is not made anew, "
            f"because what it protects would be lost."
        )


def _ring() -> str:
    """One key, `keyid:base64-of-32-bytes`; more lines are added by rotation."""
    return f"k1:{base64.b64encode(secrets.token_bytes(32)).decode('ascii')}"
