"""Refuses to start with settings that would lose or leak a secret.

The system checks look at settings only; ``verify_ring_at_boot`` also looks at the stored
rows and is for the processes that open them. Texts name settings, never their values
(but for EGRESS_ADDRESSES, whose values are for everybody).
"""

import ipaddress
import re
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import structlog
from django.apps.config import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import DatabaseError

from connections import encryption
from connections.egress import read_egress
from connections.encryption import CannotOpen, RingRefused, SealContext
from connections.sealed_columns import (
    UNREADABLE_FORM,
    SealedColumn,
    count_by_key_id,
    opens_any,
    sealed_columns,
)
from connections.secret import Secret

logger = structlog.get_logger(__name__)

_PROBE: Final = SealContext(table="checks", column="probe", row="0")
_HANDLERS: Final = ["connections.uploads.SmallMemoryUploadHandler"]
_MOUNTED: Final = "/run/secrets"
_GOOGLE: Final = "googleapis.com"

Apps = Sequence[AppConfig] | None


@register(Tags.security)
def check_ring(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    """CREDENTIAL_RING parses, and its first key seals and opens."""
    try:
        _verify_probe()
    except RingRefused as refused:
        return [Error(refused.sentence, id="connections.E001")]
    if settings.SECRET_KEY in re.split(r"[\s,:]+", settings.CREDENTIAL_RING):
        return [
            Error(
                "CREDENTIAL_RING repeats SECRET_KEY. Losing one must not lose the other.",
                hint="Make the ring’s key with `openssl rand -base64 32`.",
                id="connections.E002",
            )
        ]
    return []


@register(Tags.security)
def check_ring_file(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    """The ring's file, where it comes from one, is nobody else's to read."""
    path = settings.CREDENTIAL_RING_PATH
    if path is None or not _others_may_read(path):
        return []
    return [
        Warning(
            "The file of CREDENTIAL_RING_FILE can be read by every user of this machine.",
            hint="`chmod 600` it, or its folder 700, for the user that runs this program.",
            id="connections.W001",
        )
    ]


@register(Tags.security)
def check_sandbox(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    """The stand-in for Google exists in local mode only, on this machine only."""
    errors: list[CheckMessage] = []
    if not settings.LOCAL_MODE and (settings.SANDBOX_URL or _has_foreign_google()):
        errors.append(
            Error(
                "SANDBOX_URL is set, but LOCAL_MODE is not: keys could be sent to a stand-in.",
                hint="Unset SANDBOX_URL; only local mode has a sandbox.",
                id="connections.E003",
            )
        )
    for name in ("SANDBOX_URL", "SANDBOX_STORAGE_URL"):
        url = getattr(settings, name)
        if settings.SANDBOX_URL and url and not _is_this_machine(url):
            errors.append(
                Error(
                    f"{name} is not an address of this machine.",
                    hint="Use http://127.0.0.1 and the sandbox’s port.",
                    id="connections.E004",
                )
            )
    return errors


@register(Tags.security)
def check_uploads(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    """No upload handler writes a key to the disk."""
    if list(settings.FILE_UPLOAD_HANDLERS) == _HANDLERS:
        return []
    return [
        Error(
            "FILE_UPLOAD_HANDLERS must be SmallMemoryUploadHandler alone: "
            "Django’s own handlers write uploaded keys to the disk.",
            id="connections.E005",
        )
    ]


@register()
def check_egress(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    """Each of EGRESS_ADDRESSES is one; what is not is left out of the page, and named here."""
    return [
        Warning(
            f"EGRESS_ADDRESSES: entry {fault.position}, {fault.text!r}, {fault.reason}",
            hint="Write addresses such as those of your NAT gateway, by comma, without ports.",
            id="connections.W002",
        )
        for fault in read_egress(settings.EGRESS_ADDRESSES).faults
    ]


@register(Tags.security, deploy=True)
def check_production(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    """A deployed installation is not in local mode and speaks HTTPS only."""
    errors: list[CheckMessage] = []
    if settings.LOCAL_MODE:
        errors.append(
            Error(
                "LOCAL_MODE is on. It is for one person on one machine, and trusts a sandbox.",
                hint="Unset LOCAL_MODE.",
                id="connections.E006",
            )
        )
    if not settings.HTTPS_ONLY:
        errors.append(
            Error(
                "HTTPS_ONLY is off, so keys and passcodes would travel in clear.",
                hint="Put a proxy with TLS in front and unset HTTPS_ONLY.",
                id="connections.E007",
            )
        )
    return errors


def verify_ring_at_boot(*, needs_database: bool = True) -> None:
    """End a process whose ring is bad or does not open what is stored; call it first of all.

    Workers open secrets and need the database at once. The web process and the scheduler
    start without it, as they outlive it when it goes away later; then only the ring is
    looked at.

    Raises: SystemExit, with a sentence, if the ring is bad, a stored value was sealed with
    a key that is not in it, or a key id now stands for other bytes. Not an Exception:
    Celery logs those of its signal handlers and starts the worker all the same.
    """
    try:
        _verify_probe()
        faults = _stored_faults()
    except RingRefused as refused:
        raise SystemExit(refused.sentence) from None
    except DatabaseError:
        if not needs_database:
            logger.warning("the stored secrets were not looked at: no answer from the database")
            return
        faults = ["the database does not answer or is not migrated (`manage.py migrate`)"]
    if faults:
        raise SystemExit(f"CREDENTIAL_RING: {'; '.join(faults)}.")


def _verify_probe() -> None:
    expected = Secret("probe")
    try:
        opened = encryption.open_sealed(encryption.seal(expected, _PROBE), _PROBE)
    except CannotOpen:
        opened = None
    if opened != expected:
        raise RingRefused("does_not_open", "its first key does not open what it seals.")


def _stored_faults() -> list[str]:
    ring, faults = encryption.current_ring(), []
    # A form that nobody knows is a damaged row, or a newer program's: it shows on its own.
    known = {*ring.keys, *ring.lost, UNREADABLE_FORM}
    used: dict[str, list[SealedColumn]] = {}
    for column in sealed_columns():
        counts = count_by_key_id(column)
        unknown = sorted(counts.keys() - known)
        if unknown:
            faults.append(
                f"{column} has values under keys that are not in it: {unknown}. Put those keys "
                f"back, or write `{unknown[0]}:lost` if they are gone for good"
            )
        for key_id in counts.keys() & ring.keys.keys():
            used.setdefault(key_id, []).append(column)
    for key_id, columns in sorted(used.items()):
        if not any(opens_any(column, key_id) for column in columns):
            faults.append(f"the key {key_id} does not open what was sealed under its id")
    return faults


def _others_may_read(path: Path) -> bool:
    """Read or write, and every folder on the way lets them through.

    Not asked in a container's /run/secrets: its mode is the host's, and nobody else is in.
    """
    real = path.resolve()
    if path.is_relative_to(_MOUNTED) or real.is_relative_to(_MOUNTED):
        return False
    try:
        is_open = real.stat().st_mode & (stat.S_IROTH | stat.S_IWOTH)
        is_reached = all(folder.stat().st_mode & stat.S_IXOTH for folder in real.parents)
    except OSError:
        return False  # its absence has another message, with another name
    return bool(is_open and is_reached)


def _has_foreign_google() -> bool:
    addresses = [url for row in settings.GOOGLE_ENDPOINTS.values() for url in row.values()]
    return not all(_is_google(urlsplit(url).hostname or "") for url in addresses)


def _is_google(host: str) -> bool:
    return host == _GOOGLE or host.endswith("." + _GOOGLE)


def _is_this_machine(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
