"""``manage.py credentials``: which ring key seals what, does it open, move to the first key.

Prints counts, tables and row ids; never a value.
"""

from argparse import ArgumentTypeError
from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from connections.encryption import RingRefused, current_ring
from connections.sealed_columns import (
    Damaged,
    count_by_key_id,
    find_damaged,
    rotate,
    sealed_columns,
)

_LOST_ROLE = ("enter these secrets again", "nothing is left, may be removed")


class Command(BaseCommand):
    help = "Counts, verifies and rotates the sealed secrets (docs/adr/0004-secret-storage.md)."

    # It looks at the ring by itself, and must work while other settings do not.
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        actions.add_parser("status", help="count the sealed values by key id")
        actions.add_parser("verify", help="open every sealed value")
        moving = actions.add_parser("rotate", help="wrap everything with the ring's first key")
        moving.add_argument("--dry-run", action="store_true", help="open all, write nothing")
        moving.add_argument("--limit", type=_positive, help="move at most this many values")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            current_ring()
        except RingRefused as refused:
            raise CommandError(refused.sentence) from None
        if options["action"] == "rotate":
            self._rotate(limit=options["limit"], dry_run=options["dry_run"])
        else:
            {"status": self._status, "verify": self._verify}[options["action"]]()

    def _status(self) -> None:
        totals: Counter[str] = Counter()
        for column in sealed_columns():
            counts = count_by_key_id(column)
            totals += counts
            for key_id, count in sorted(counts.items()):
                self.stdout.write(f"{column}: {count} under {key_id}")
        ring = current_ring()
        for key_id in ring.keys:
            self.stdout.write(f"key {key_id}: {totals[key_id]}{self._role(key_id, totals)}")
        for key_id in sorted(ring.lost):
            self.stdout.write(
                f"key {key_id}: {totals[key_id]}, lost: {_LOST_ROLE[not totals[key_id]]}"
            )
        unknown = sorted(totals.keys() - ring.keys.keys() - ring.lost)
        if unknown:
            raise CommandError(f"Not in CREDENTIAL_RING, so unreadable: {', '.join(unknown)}.")

    def _role(self, key_id: str, totals: Counter[str]) -> str:
        if key_id == current_ring().first_id:
            return ", seals new values"
        return ", still needed" if totals[key_id] else ", unused: may be removed"

    def _verify(self) -> None:
        damaged = [found for column in sealed_columns() for found in find_damaged(column)]
        self._report(damaged)
        self.stdout.write("Every sealed value opens.")

    def _rotate(self, *, limit: int | None, dry_run: bool) -> None:
        first, word = current_ring().first_id, "Would move" if dry_run else "Moved"
        damaged: list[Damaged] = []
        for column in sealed_columns():
            done = rotate(column, limit=limit, dry_run=dry_run)
            if limit is not None:
                limit -= done.moved
            damaged += done.damaged
            self.stdout.write(f"{column}: {word.lower()} {done.moved} to {first}")
            if done.changed:
                self.stdout.write(f"{column}: {done.changed} were changed meanwhile; run it again")
        self._report(damaged)
        if limit is None and not dry_run:
            self._refuse_newcomers()

    def _refuse_newcomers(self) -> None:
        """What was sealed with an older key meanwhile: by a process with the ring of before."""
        ring = current_ring()
        older = ring.keys.keys() - {ring.first_id}
        left = sum(count_by_key_id(column)[key] for column in sealed_columns() for key in older)
        if left:
            raise CommandError(
                f"{left} values were sealed with an older key meanwhile. Restart every process, "
                "so that all have the same ring, and run this again."
            )

    def _report(self, damaged: Iterable[Damaged]) -> None:
        lines = [f"{one.column} row {one.row}: {one.reason.value}" for one in damaged]
        for line in lines:
            self.stderr.write(line)
        if lines:
            raise CommandError(f"{len(lines)} sealed values do not open.")


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError("must be a whole number above 0")
    return int(text)
