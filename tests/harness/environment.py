"""The environment that the checks and the tests find: complete, random, of this run only."""

import base64
import os
import secrets
from pathlib import Path

_OF_THE_USER = (
    "ALLOWED_HOSTS",
    "CREDENTIAL_RING",
    "DATABASE_URL",
    "DATA_DIR",
    "EGRESS_ADDRESSES",
    "EMAIL_FOLDER",
    "EMAIL_FROM",
    "EMAIL_HOST",
    "EMAIL_HOST_PASSWORD",
    "EMAIL_HOST_USER",
    "EMAIL_PORT",
    "EMAIL_USE_TLS",
    "HTTPS_ONLY",
    "LIVE_DATASET",
    "LIVE_KEY_FILE",
    "LIVE_TABLE",
    "LOCAL_MODE",
    "LOG_JSON",
    "LOG_LEVEL",
    "MAKEFLAGS",
    "MAKELEVEL",
    "METRICS_TOKEN",
    "MFLAGS",
    "OIDC_ADDS_PEOPLE",
    "OIDC_ADMINS",
    "OIDC_CLIENT_ID",
    "OIDC_CLIENT_SECRET",
    "OIDC_CREATORS",
    "OIDC_ISSUER",
    "OIDC_LABEL",
    "OIDC_MEMBERS",
    "OIDC_ROLE_CLAIM",
    "PORT",
    "PUBLIC_URL",
    "REDIS_URL",
    "REMAP_SIGTERM",
    "SANDBOX_PORT",
    "SANDBOX_STORAGE_URL",
    "SANDBOX_URL",
    "SECRET_KEY",
    "STATIC_ROOT",
    "TICK_SECONDS",
    "RUN_LEASE_SECONDS",
    "CLEVERTAP_TIMEOUT_SECONDS",
    "TRUSTED_PROXY_COUNT",
)


def for_checks(folder: Path) -> dict[str, str]:
    """Enough for Django to start; no server is needed."""
    dropped = {*_OF_THE_USER, *(f"{name}_FILE" for name in _OF_THE_USER)}
    kept = {name: value for name, value in os.environ.items() if name not in dropped}
    return (
        kept
        | _bytecode(kept, folder)
        | {
            "SECRET_KEY": secrets.token_urlsafe(64),
            "CREDENTIAL_RING": f"test:{base64.b64encode(secrets.token_bytes(32)).decode()}",
            "DATABASE_URL": f"sqlite:///{folder / 'db.sqlite3'}",
            "REDIS_URL": "redis://127.0.0.1:6379/0",
            "PUBLIC_URL": "http://127.0.0.1:8000",
            "ALLOWED_HOSTS": "127.0.0.1,localhost",
            "LOCAL_MODE": "1",
            "HTTPS_ONLY": "0",
            "LOG_LEVEL": "WARNING",
            "LOG_JSON": "0",
            "STATIC_ROOT": str(folder / "static"),
            "PYTHONUNBUFFERED": "1",
            # Its threads would be started anew in every child, before that becomes another program.
            "GRPC_ENABLE_FORK_SUPPORT": "0",
        }
    )


def _bytecode(kept: dict[str, str], folder: Path) -> dict[str, str]:
    """Where Python may keep nothing that it compiled, it keeps it for the length of this run.

    Each job of each pass loads every module of the tests, and to compile one for pytest takes
    longer than to load it.
    """
    if not kept.pop("PYTHONDONTWRITEBYTECODE", ""):
        return {}
    return {"PYTHONPYCACHEPREFIX": str(folder / "bytecode")}


def like_production(checks: dict[str, str]) -> dict[str, str]:
    """What an operator sets, for `check --deploy`."""
    return checks | {
        "LOCAL_MODE": "0",
        "HTTPS_ONLY": "1",
        "PUBLIC_URL": "https://clevertap-bq.example.com",
        "ALLOWED_HOSTS": "clevertap-bq.example.com",
        "LOG_JSON": "1",
        "DATABASE_URL": "postgres://clevertap_bq:unused@127.0.0.1:5432/clevertap_bq",
    }
