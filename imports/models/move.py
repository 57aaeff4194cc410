"""That an import went from one connection to another when the first was deleted."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from connections.models import Connection
from imports.models.definition import Import


class Move(models.Model):
    """One import, where it was, where it is since. Kept for ever, as part of the evidence."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    parent = models.ForeignKey(Import, on_delete=models.PROTECT, related_name="moves")
    from_connection = models.ForeignKey(
        Connection, on_delete=models.PROTECT, related_name="imports_moved"
    )
    to_connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="+")
    moved_at = models.DateTimeField(default=timezone.now)
    moved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints: ClassVar = [
            # Who is moved away is never moved back: the connection it left is being deleted.
            models.UniqueConstraint(fields=["parent", "from_connection"], name="import_moved_once"),
        ]

    def __str__(self) -> str:
        return f"import {self.parent_id} from {self.from_connection_id} to {self.to_connection_id}"
