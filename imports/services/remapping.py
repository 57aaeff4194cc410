"""One click after a table has changed: the mapping over the columns that it has now."""

from datetime import datetime

from accounts.models import User
from accounts.permissions import by_creator
from imports.mapping import Column, Mapping, MappingUnreadable, problems
from imports.mapping.drift import Drift, remapped
from imports.models import Run
from imports.services import cursors, definitions


class CannotRemap(Exception):
    """Somebody has to map it by hand; the message says why, fit for the user."""


@by_creator
def remap(*, run: Run, by: User, now: datetime) -> str:
    """Save it; returns one sentence about what is different now.

    Raises:
        CannotRemap: the columns are not known here, or something that is needed is gone.
        CannotMap: as ``save_mapping``.
    """
    drift, parent = Drift.from_json(run.drift), run.parent
    present = [Column.from_json(one) for one in run.drift.get("present", [])]
    if not drift.changed or not present:
        raise CannotRemap("Which columns the table has now is not known. Map them by hand.")
    try:
        before = Mapping.from_json(parent.mapping)
    except MappingUnreadable as error:
        raise CannotRemap(str(error)) from None
    after = remapped(before, present)
    if before.updated_on and not after.updated_on:
        raise CannotRemap("The Updated On column is gone. Choose another, or read all rows.")
    found = problems(after, present)
    if found:
        raise CannotRemap(found[0].sentence)
    definitions.save_mapping(
        draft=parent,
        mapping=after.to_json(),
        columns=run.drift["present"],
        by=by,
        now=now,
        going=cursors.going_of(parent),
    )
    return _told(before, after)


def _told(before: Mapping, after: Mapping) -> str:
    left = [
        one.name for one in before.properties if one.name not in {o.name for o in after.properties}
    ]
    if not left:
        return "Remapped: every property is still sent. Run it again when you are ready."
    named = ", ".join(name[:60] for name in left[:3]) + (" and more" if len(left) > 3 else "")
    return f"Remapped: {named} can no longer be sent. Run it again when you are ready."
