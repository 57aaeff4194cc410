"""What an owner writes with each group of requests, as one statement: its row, answers, intents.

Each of them alone is a journey to the database and back, with BEGIN and COMMIT five; while the thread
that reads computes, the owner's waits after each for the interpreter (ADR 43). PostgreSQL takes
all as one statement, of which nothing is written unless the row is still the owner's. SQLite
lies in this process, and has no such statement: there they are written one by one.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.db import DEFAULT_DB_ALIAS, connections

from imports.models import batch_statements
from imports.models.owned_update import owned_update

if TYPE_CHECKING:
    from imports.models.batch import Batch
    from imports.models.run import Run
    from imports.models.shard import Shard

Batches = Sequence["Batch"]
_IF_MINE = "EXISTS (SELECT 1 FROM mine)"


def is_possible() -> bool:
    """Whether the database takes such a statement."""
    return connections[DEFAULT_DB_ALIAS].vendor == "postgresql"


def write(
    work: "Run | Shard",
    values: Mapping[str, Any],
    *,
    answered: Batches,
    begun: Batches,
    extends: bool,
) -> bool | None:
    """Write the row's ``values``, what became of batches, and new ones: all or nothing.

    ``extends``: the lease, too, and only while nothing says that the run is to end.
    False: the row is not this owner's. None: it has to be done in steps; nothing was written.
    """
    owned = owned_update(work, values, extends=extends, unless_stopping=extends)
    if owned is None or not is_possible():
        return None
    text, filled = owned
    parts = [f"mine AS ({text} RETURNING 1)"]
    if answered:
        text, more = batch_statements.update_of_all(answered)
        parts.append(f"answers AS ({text} AND {_IF_MINE})")
        filled += more
    if begun:
        text, more = batch_statements.insert_of_all(begun)
        parts.append(f"intents AS ({text} WHERE {_IF_MINE})")
        filled += more
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute(f"WITH {', '.join(parts)} SELECT 1 FROM mine", filled)  # noqa: S608 - names of columns
        is_written = cursor.fetchone() is not None
    for batch in begun if is_written else ():
        batch._state.adding = False
    return is_written
