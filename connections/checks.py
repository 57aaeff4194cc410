"""Refuses to start with settings that would lose or leak a secret.

The system checks look at settings only; ``verify_ring_at_boot`` also looks at the stored
rows and is for the processes that open them. Texts name settings, never their values.
"""

import ipaddress
import re
from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from django.apps.config import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import DatabaseError

from connections import encryption
from connections.encryption import CannotOpen, RingRefused, SealContext
from connections.sealed_columns import count_by_key_id, find_damaged_sample, sealed_columns
from connections.secret import Secret

_PROBE: Final = SealContext(table="checks", column="probe", row="0")
_HANDLERS: Final = ["connections.uploads.SmallMemoryUploadHandler"]
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
                hint="Make the ring's key with `openssl rand -base64 32`.",
                id="connections.E002",
            )
        ]
    return []


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
                    hint="Use http://127.0.0.1 and the sandbox's port.",
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
            "Django's own handlers write uploaded keys to the disk.",
            id="connections.E005",
        )
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


def verify_ring_at_boot() -> None:
    """End a process that cannot open what is stored; call it from Celery's worker_init.

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
    known = encryption.current_ring().keys
    faults = []
    for column in sealed_columns():
        unknown = sorted(set(count_by_key_id(column)) - known.keys())
        if unknown:
            faults.append(f"{column} has values under keys that are not in it: {unknown}")
        elif any(find_damaged_sample(column)):
            faults.append(f"{column} has values that its keys do not open")
    return faults


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
