"""The way back to Create Import from a form that has to be filled in first. For views only.

Whoever opens Create Import without a connection or an account is led to Add Database or Add account
and returns by itself, with what was chosen before. The way is a word in the address, never an
address, so that no link can send anybody elsewhere.
"""

from collections.abc import Mapping
from urllib.parse import urlencode
from uuid import UUID

from django.urls import reverse

_CHOSEN = ("database", "account")


def detour(query: Mapping[str, str]) -> str:
    """What an address must end with to come back to Create Import with what ``query`` chose."""
    return f"?{urlencode({'then': 'create', **_chosen(query)})}"


def detour_of(query: Mapping[str, str]) -> str:
    """The same for a page that is on such a way already; for others nothing."""
    return detour(query) if _is_on_the_way(query) else ""


def way_back(query: Mapping[str, str], **made: UUID) -> str | None:
    """Create Import with what was chosen before and what was ``made`` now; None: not on the way."""
    if not _is_on_the_way(query):
        return None
    chosen = _chosen(query) | {name: str(pk) for name, pk in made.items()}
    return f"{reverse('imports:create')}?{urlencode(chosen)}"


def _is_on_the_way(query: Mapping[str, str]) -> bool:
    return query.get("then") == "create"


def _chosen(query: Mapping[str, str]) -> dict[str, str]:
    return {name: query[name] for name in _CHOSEN if _is_id(query.get(name, ""))}


def _is_id(value: str) -> bool:
    try:
        return bool(UUID(value))
    except ValueError:
        return False
