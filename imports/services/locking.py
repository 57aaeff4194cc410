"""One order of locks, so that nobody waits in a ring: connection, then import, then its runs.

A CleverTap account that is locked as well comes before all of them.
"""

from uuid import UUID

from django.db import transaction

from connections.models import Connection
from imports.models import CleverTapAccount, Import


class _Moved(Exception):
    def __init__(self, connection_id: UUID) -> None:
        self.connection_id = connection_id


def lock(parent: Import) -> tuple[Connection, Import]:
    """Hold the import and the connection that it has by now, until the transaction ends.

    An import that is moved while we wait for its connection is locked again under its new
    one. The first try is a savepoint: rolled back, it lets go of the wrong row.
    """
    connection_id = parent.connection_id
    while True:
        try:
            with transaction.atomic():
                return _locked(parent.pk, connection_id)
        except _Moved as moved:
            connection_id = moved.connection_id


def lock_imports_of(account: CleverTapAccount) -> None:
    """Hold every import that sends to the account: no run of theirs begins until the end."""
    theirs = Import.objects.filter(account=account)
    places = Connection.objects.filter(pk__in=theirs.values("connection"))
    list(places.select_for_update().order_by("pk").values_list("pk"))
    list(theirs.select_for_update().order_by("pk").values_list("pk"))


def _locked(import_id: UUID, connection_id: UUID) -> tuple[Connection, Import]:
    connection = Connection.objects.select_for_update().get(pk=connection_id)
    found = Import.objects.select_for_update().get(pk=import_id)
    if found.connection_id != connection.pk:
        raise _Moved(found.connection_id)
    return connection, found
