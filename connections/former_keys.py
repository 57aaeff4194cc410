"""What a connection's page says of its former keys: restorable, or safe to delete at Google."""

from dataclasses import dataclass
from datetime import datetime

from connections.models import Connection, FormerKey

_SHOWN = 10


@dataclass(frozen=True)
class FormerKeyState:
    """One former key and what may be done with it now."""

    former: FormerKey
    is_restorable: bool
    is_kept: bool
    still_used_by: str
    deletion_command: str


def former_keys_of(connection: Connection, *, now: datetime) -> list[FormerKeyState]:
    """The newest ten, newest first, in a fixed number of queries."""
    rows = connection.former_keys.select_related("key", "replaced_by").newest_first()
    formers = list(rows[:_SHOWN])
    users = _users_of(formers)
    return [_state(former, users, now) for former in formers]


def _state(former: FormerKey, users: dict[str, list[str]], now: datetime) -> FormerKeyState:
    is_kept = former.key.destroyed_at is None
    names = ", ".join(f"“{name}”" for name in users.get(former.key.public_fingerprint, []))
    is_gone = not is_kept and not names
    return FormerKeyState(
        former=former,
        is_restorable=is_kept and former.restored_at is None and former.restorable_until > now,
        is_kept=is_kept,
        still_used_by=names,
        deletion_command=_deletion(former) if is_gone else "",
    )


def _users_of(formers: list[FormerKey]) -> dict[str, list[str]]:
    """The names of listed connections that hold the same keys, by the keys' fingerprints."""
    wanted = [former.key.public_fingerprint for former in formers]
    holders = Connection.objects.listed().filter(key__public_fingerprint__in=wanted)
    users: dict[str, list[str]] = {}
    for fingerprint, name in holders.order_by("name").values_list(
        "key__public_fingerprint", "name"
    ):
        users.setdefault(fingerprint, []).append(name)
    return users


def _deletion(former: FormerKey) -> str:
    """E-mail and id passed the key lint, so they can stand in a command."""
    return (
        f"gcloud iam service-accounts keys delete {former.key.private_key_id} \\\n"
        f"  --iam-account={former.key.client_email}"
    )
