"""What every local program finds in its environment. Secrets go by file, not by value."""

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from clevertap_bq.local.folder import Folder
from clevertap_bq.local.keys import Keys
from clevertap_bq.local.ports import LOOPBACK

# What make and this launcher use themselves; no program below needs it.
_OURS = ("MAKEFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "MFLAGS", "PORT", "SANDBOX_PORT", "ARGS")


def environment(
    given: Mapping[str, str],
    *,
    folder: Folder,
    keys: Keys,
    redis_url_file: Path | None,
    web_port: int,
    sandbox_port: int,
) -> dict[str, str]:
    """The environment of every program; DATABASE_URL and REDIS_URL of the user stay."""
    local = {name: value for name, value in given.items() if name not in _OURS}
    local.update(
        {
            "LOCAL_MODE": "1",
            "HTTPS_ONLY": "0",
            "SECRET_KEY_FILE": str(keys.secret_key),
            "CREDENTIAL_RING_FILE": str(keys.credential_ring),
            "PUBLIC_URL": f"http://{LOOPBACK}:{web_port}",
            "ALLOWED_HOSTS": f"{LOOPBACK},localhost",
            "SANDBOX_URL": f"http://{LOOPBACK}:{sandbox_port}",
            "EMAIL_FOLDER": str(folder.mails),
            "STATIC_ROOT": str(folder.static),
            "DATA_DIR": str(folder.path),
            "DJANGO_SETTINGS_MODULE": "clevertap_bq.settings",
            "PYTHONUNBUFFERED": "1",
            # As in the Dockerfile: each of a dozen threads would keep freed memory of its own.
            "MALLOC_ARENA_MAX": "2",
        }
    )
    if not (given.get("DATABASE_URL") or given.get("DATABASE_URL_FILE")):
        local["DATABASE_URL"] = f"sqlite:///{quote(str(folder.database))}"
    if redis_url_file is not None:
        local["REDIS_URL_FILE"] = str(redis_url_file)
    return local


def has_own_broker(given: Mapping[str, str]) -> bool:
    """Does the user name a Redis of their own?"""
    return bool(given.get("REDIS_URL") or given.get("REDIS_URL_FILE"))
