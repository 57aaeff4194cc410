"""What refused rows and held batches contained: sealed for the database and opened again.

The one place that does so. Sealed with the credential ring like keys and passcodes, and
opened for who may see rows (ADR 25). Must not log, and knows no permissions.
"""

import json
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from connections import encryption
from connections.encryption import SealContext
from connections.secret import Secret
from imports.mapping.storable import is_cut
from imports.models import Batch, KeptRows, RefusedRow, Run

# Of one row, as JSON; beyond that only its identity is kept.
MOST_BYTES = 64_000
# Of the rows that are sealed together, so that a page never opens much for one of them.
MOST_BYTES_TOGETHER = 1_000_000


class ContentsUnreadable(Exception):
    """What was kept does not open: the ring lacks its key. The message is fit for the user."""


@dataclass(frozen=True, slots=True)
class Content:
    """``cells``: the mapped columns as BigQuery gave them. ``record``: what CleverTap refused.

    Either may be missing. Cells are whole, or not kept at all.
    """

    identity: str = ""
    cells: dict[str, Any] | None = None
    record: dict[str, Any] | None = None

    def to_text(self) -> str:
        """JSON in ASCII: whatever a cell holds, a NUL or half a character pair, comes back."""
        return _json([self.identity, self.cells, self.record])

    @classmethod
    def from_json(cls, stored: Sequence[Any]) -> "Content":
        identity, cells, record = stored
        return cls(identity, cells, record)


NOTHING = Content()


def seal_rows(rows: Iterable[tuple[RefusedRow, Content]]) -> list[KeptRows]:
    """The kept rows to store first; each refused row is told where its content is."""
    together: list[tuple[RefusedRow, str]] = []
    size, sealed = 0, []
    for row, content in rows:
        text, row.is_whole = _bounded(content)
        if together and size + len(text) > MOST_BYTES_TOGETHER:
            sealed.append(_sealed(together))
            together, size = [], 0
        together.append((row, text))
        size += len(text)
    return [*sealed, _sealed(together)] if together else sealed


def open_rows(rows: Sequence[RefusedRow]) -> Iterator[tuple[RefusedRow, Content]]:
    """Each row with its content; with nothing where that is not kept any more.

    Neighbours are mostly sealed together: few are opened at a time, none is kept open.

    Raises:
        ContentsUnreadable: the ring does not open them.
    """
    opened: dict[UUID | None, list[Any]] = {None: []}
    wanted = {row.kept_id for row in rows if row.kept_id}
    found = KeptRows.objects.in_bulk(wanted)
    for row in rows:
        if row.kept_id not in opened:
            kept = found.pop(row.kept_id, None) if row.kept_id else None
            opened[row.kept_id] = _opened(kept) if kept else []
        contents = opened[row.kept_id]
        known = row.place < len(contents)
        yield row, Content.from_json(contents[row.place]) if known else NOTHING


def rows_named(run: Run, text: str) -> list[UUID]:
    """The ids of the run's refused rows whose identity has the text in it, whatever its case.

    Raises:
        ContentsUnreadable: as ``open_rows``.
    """
    wanted, places = text.casefold(), set()
    for pk in list(run.kept_rows.values_list("pk", flat=True)):
        for place, (identity, *_) in enumerate(_opened(KeptRows.objects.get(pk=pk))):
            if wanted in identity.casefold():
                places.add((pk, place))
    rows = run.refused_rows.filter(kept__isnull=False).values_list("pk", "kept", "place")
    return [pk for pk, kept_id, place in rows if (kept_id, place) in places]


def seal_records(batch_id: UUID, records: Sequence[bytes]) -> str:
    """The records of a batch, to be sent again byte for byte."""
    return _seal(b"\n".join(records), Batch.seal_context(batch_id))


def open_records(batch: Batch) -> list[bytes]:
    """What ``seal_records`` sealed; JSON holds no line break.

    Raises:
        ContentsUnreadable: the ring does not open them, or they are not kept any more.
    """
    return _open(batch.sealed_records or "", Batch.seal_context(batch.pk)).split(b"\n")


def _bounded(content: Content) -> tuple[str, bool]:
    """The content as text, and whether all cells of the row are in it."""
    text = content.to_text()
    if len(text) > MOST_BYTES:
        return Content(content.identity).to_text(), False
    return text, content.cells is not None and not any(map(is_cut, content.cells.values()))


def _sealed(together: list[tuple[RefusedRow, str]]) -> KeptRows:
    kept = KeptRows(id=uuid4(), run_id=together[0][0].run_id)
    for place, (row, _) in enumerate(together):
        row.kept, row.place = kept, place
    texts = ",".join(text for _, text in together)
    kept.sealed_contents = _seal(f"[{texts}]".encode(), KeptRows.seal_context(kept.pk))
    return kept


def _opened(kept: KeptRows) -> list[Any]:
    whole = _open(kept.sealed_contents or "", KeptRows.seal_context(kept.pk))
    contents: list[Any] = json.loads(whole)
    return contents


def _seal(plain: bytes, context: SealContext) -> str:
    return encryption.seal(Secret(zlib.compress(plain, 1)), context)


def _open(sealed: str, context: SealContext) -> bytes:
    try:
        return zlib.decompress(encryption.open_sealed(sealed, context).reveal_bytes())
    except encryption.CannotOpen:
        raise ContentsUnreadable(
            "The kept rows cannot be opened with this installation’s credential ring. "
            "Ask the operator to restore the ring."
        ) from None


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))
