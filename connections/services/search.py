"""Finds connections, imports, CleverTap accounts and runs by what somebody remembers of them.

Reads only, in one query for each kind however many rows there are, and shows no more than the
first few of each. Every member may see all four kinds; pages are found elsewhere, by role.
"""

import re
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Case, IntegerField, Q, Value, When
from django.db.models.expressions import Combinable

from connections import status
from connections.models import Connection, folded
from connections.models.connection import ConnectionQuerySet
from imports import progress
from imports.models import CleverTapAccount, Import, Run

SHOWN = 8
SHORTEST_ID = 4
_HEX_DIGITS = 32
_ID = re.compile(r"[0-9a-f]+")


@dataclass(frozen=True)
class Hit:
    """One thing that was found: where it is, what else tells it apart, and its badge."""

    title: str
    url: str
    note: str = ""
    state: str = ""
    word: str = ""
    is_sandbox: bool = False


@dataclass(frozen=True)
class Group:
    """The first hits of one kind, the best first; ``has_more``: there are others."""

    title: str
    hits: list[Hit]
    has_more: bool = False


def search(text: str) -> list[Group]:
    """Whatever has ``text`` in its names; its characters mean themselves. Empty groups are left out.

    ``text`` is what was typed, without outer spaces, at most some hundred characters.
    """
    if not text:
        return []
    groups = (
        _group("Connections", [_connection(found) for found in _connections(text)]),
        _group("Imports", [_import(found) for found in _imports(text)]),
        _group("CleverTap accounts", [_account(found) for found in _accounts(text)]),
        _group("Runs", [_run(found) for found in _runs(text)]),
    )
    return [group for group in groups if group.hits]


def _group(title: str, hits: list[Hit]) -> Group:
    return Group(title, hits[:SHOWN], has_more=len(hits) > SHOWN)


def _connections(text: str) -> ConnectionQuerySet:
    """Also the deleted, whose pages keep what they did; they come last."""
    found = Connection.objects.select_related("key", "latest_test").filter(
        Q(name_key__contains=folded(text))
        | Q(project_id__icontains=text)
        | Q(dataset_id__icontains=text)
    )
    rank = _rank("name_key", text, last=Q(state=Connection.State.DELETED))
    return found.order_by(rank, "name_key", "-created_at")[: SHOWN + 1]


def _imports(text: str) -> list[Import]:
    found = Import.objects.select_related("connection").filter(nickname_key__contains=folded(text))
    rank = _rank("nickname_key", text, last=Q(deleted_at__isnull=False))
    return list(found.order_by(rank, "nickname_key", "-created_at")[: SHOWN + 1])


def _accounts(text: str) -> list[CleverTapAccount]:
    found = CleverTapAccount.objects.listed().filter(
        Q(name_key__contains=folded(text)) | Q(account_id__icontains=text)
    )
    return list(found.order_by(_rank("name_key", text), "name_key")[: SHOWN + 1])


def _runs(text: str) -> list[Run]:
    """By the beginning of the id, with its hyphens or without: a range of the primary key."""
    digits = text.lower().replace("-", "")
    if not SHORTEST_ID <= len(digits) <= _HEX_DIGITS or not _ID.fullmatch(digits):
        return []
    ids = (UUID(digits.ljust(_HEX_DIGITS, "0")), UUID(digits.ljust(_HEX_DIGITS, "f")))
    found = Run.objects.select_related("parent").filter(pk__range=ids)
    return list(found.order_by("-queued_at")[: SHOWN + 1])


def _rank(field: str, text: str, *, last: Q | None = None) -> Combinable:
    """Exactly this name, then names that begin so, then the rest; at the end what is ``last``."""
    key = folded(text)
    rules = [
        When(**{field: key}, then=Value(0)),
        When(**{f"{field}__startswith": key}, then=Value(1)),
    ]
    if last is not None:
        rules.insert(0, When(last, then=Value(3)))
    return Case(*rules, default=Value(2), output_field=IntegerField())


def _connection(found: Connection) -> Hit:
    badge = status.badge_of(found)
    return Hit(
        title=found.name,
        url=found.get_absolute_url(),
        note=found.dataset_reference,
        state=badge.value,
        word=badge.word,
        is_sandbox=found.key.is_sandbox,
    )


def _import(found: Import) -> Hit:
    return Hit(
        title=found.nickname,
        url=found.get_absolute_url(),
        note=f"{found.connection.name}, {found.source_name}",
        state="deleted" if found.is_deleted else found.status,
        word="Deleted" if found.is_deleted else found.get_status_display(),
    )


def _account(found: CleverTapAccount) -> Hit:
    return Hit(
        title=found.name,
        url=found.get_absolute_url(),
        note=f"{found.region}, {found.account_id}",
        state=found.verdict,
        word=found.get_verdict_display(),
        is_sandbox=found.is_sandbox,
    )


def _run(found: Run) -> Hit:
    outcome = progress.outcome_of(found)
    return Hit(
        title=f"Run of {found.parent.nickname}",
        url=found.get_absolute_url(),
        note=str(found.pk),
        state=outcome.state,
        word=outcome.word,
    )
