"""Where the imports of a connection that is deleted may go instead."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When

from connections import status
from connections.models import Connection

OFFERED = 200


class TargetRefused(Exception):
    """The imports cannot go there; the message is fit for the user."""


@dataclass(frozen=True)
class Target:
    """A connection to move to, as it was shown: an edit since then is another version."""

    connection_id: UUID
    version: int

    @classmethod
    def parse(cls, value: str) -> "Target | None":
        """What ``str`` made, or None if that is not what it is."""
        connection_id, _, version = value.partition(":")
        try:
            return cls(UUID(connection_id), int(version))
        except ValueError:
            return None

    def __str__(self) -> str:
        return f"{self.connection_id}:{self.version}"


@dataclass(frozen=True)
class Offer:
    """One line of the choice: where, whether the tables are the same ones, how it tested."""

    target: Target
    name: str
    place: str
    verdict: str
    is_same_place: bool


def offers_for(connection: Connection) -> list[Offer]:
    """Other active connections: those of the same project and dataset first, then by name."""
    same = Q(project_id=connection.project_id, dataset_id=connection.dataset_id)
    order = Case(When(same, then=Value(0)), default=Value(1), output_field=IntegerField())
    found = Connection.objects.active().exclude(pk=connection.pk).with_people()
    return [_offer(one, connection) for one in found.order_by(order, "name", "id")[:OFFERED]]


def locked_with(connection: Connection, target: Target | None) -> tuple[Connection, Connection]:
    """The rows of both, locked in the order of their ids; the first twice without a target.

    Raises:
        TargetRefused: the target is the connection itself, is leaving, gone, or was edited.
    """
    wanted = {connection.pk} | ({target.connection_id} if target else set())
    rows: QuerySet[Connection] = Connection.objects.select_for_update().filter(pk__in=wanted)
    found = {row.pk: row for row in rows.order_by("pk")}
    locked = found[connection.pk]
    if target is None:
        return locked, locked
    other = found.get(target.connection_id)
    if other is None or not other.is_active:
        raise TargetRefused(
            "The connection to move to is being deleted, or is gone. Choose another one."
        )
    if other.pk == locked.pk:
        raise TargetRefused(f"The imports are on “{locked.name}” already. Choose another one.")
    if other.version != target.version:
        raise TargetRefused(
            f"“{other.name}” was changed since the list was shown: it now reads "
            f"{other.dataset_reference}. Choose again."
        )
    return locked, other


def _offer(found: Connection, connection: Connection) -> Offer:
    return Offer(
        target=Target(found.pk, found.version),
        name=found.name,
        place=found.dataset_reference,
        verdict=status.badge_of(found).word,
        is_same_place=found.dataset_reference == connection.dataset_reference,
    )
