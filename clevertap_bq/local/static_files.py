"""Collects static files, and only when they changed: it takes seconds at every start."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.core.management import call_command

from clevertap_bq.bundles import LISTED_IN

STAMP = ".collected"


def collect_when_changed() -> bool:
    """True when files were collected; false when what lies there is of these very sources."""
    target = Path(settings.STATIC_ROOT)
    stamp = target / STAMP
    fingerprint = _fingerprint(Path(settings.BASE_DIR))
    if stamp.exists() and stamp.read_text(encoding="ascii") == fingerprint:
        return False
    # Cleared first: by itself it leaves a file that was changed within the second it was collected.
    call_command("collectstatic", interactive=False, verbosity=0, clear=True)
    stamp.write_text(fingerprint, encoding="ascii")
    return True


def _fingerprint(root: Path) -> str:
    """Our own files by content; those of packages by the list of their versions."""
    total = hashlib.sha256()
    others = (root / "requirements" / "production.txt", root / LISTED_IN)
    for path in [*_files(root / "static"), *others]:
        total.update(str(path.relative_to(root)).encode())
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def _files(folder: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder):
        folders.sort()
        yield from (Path(parent) / name for name in sorted(names))
