"""What the page of a cursor shows: words and forms, all computed."""

from dataclasses import dataclass

from django.db.models import Sum

from connections.quantities import bytes_in_words
from imports.advice import Advice, advice_of
from imports.cursor_form import ColumnChoiceForm, MoveBackForm
from imports.cursor_values import EDGE_ROWS, Scale
from imports.durations import in_words
from imports.endings import rows
from imports.mapping import Column
from imports.models import Cursor, CursorQuestion, Import
from imports.models.cursor import source_of


@dataclass(frozen=True)
class CursorPage:
    """``edge``: how many rows the last run remembers. ``choice`` is None while nothing is mapped.

    ``is_elsewhere``: its value speaks of something else than the import reads now.
    """

    cursor: Cursor | None
    edge: int
    look_back: str
    asked: CursorQuestion | None
    move: MoveBackForm | None
    choice: ColumnChoiceForm | None
    is_elsewhere: bool = False

    @property
    def is_mapped(self) -> bool:
        """Whether what is asked about is the saved cursor's column; else it is being chosen."""
        column = self.asked.asked.get("column") if self.asked else None
        return self.cursor is not None and self.cursor.column == column

    @property
    def is_full(self) -> bool:
        """More lies at the edge than is remembered."""
        return self.edge >= EDGE_ROWS

    @property
    def most(self) -> int:
        return EDGE_ROWS

    @property
    def kind(self) -> str:
        return self.asked.kind if self.asked else ""

    @property
    def scanned(self) -> str:
        """What the question has cost, or would."""
        answer = self.asked.answer if self.asked else None
        return bytes_in_words(answer["bytes"]) if answer else ""

    @property
    def counted(self) -> str:
        answer = self.asked.answer if self.asked else None
        return rows(answer["rows"]) if answer and "rows" in answer else ""

    @property
    def from_words(self) -> str:
        return self._scale.words(self.asked.asked["from"]) if self.asked else ""

    @property
    def advice(self) -> list[Advice]:
        asked = self.asked
        if asked is None or asked.answer is None:
            return []
        return advice_of(asked.answer, column=asked.asked["column"], scale=self._scale)

    @property
    def _scale(self) -> Scale:
        asked = self.asked.asked if self.asked else {}
        return Scale(asked["type"], asked["unit"], asked["time_zone"])


def page_of(
    subject: Import,
    asked: CursorQuestion | None,
    move: MoveBackForm | None,
    choice: ColumnChoiceForm | None,
) -> CursorPage:
    cursor = (
        Cursor.objects.select_related("moved_by_run", "changed_by").filter(parent=subject).first()
    )
    run = cursor.moved_by_run if cursor else None
    edge = run.edge_parts.aggregate(rows=Sum("row_count"))["rows"] if run else 0
    column = asked.asked["column"] if asked else cursor.column if cursor else ""
    if choice is None and subject.columns:
        columns = [Column.from_json(one) for one in subject.columns]
        choice = ColumnChoiceForm(columns=columns, initial={"column": column})
    stands = cursor is not None and bool(cursor.value)
    is_elsewhere = cursor is not None and stands and cursor.source != source_of(subject.read)
    if move is None and cursor is not None and stands and not is_elsewhere:
        move = MoveBackForm(cursor=cursor)
    return CursorPage(
        cursor=cursor,
        edge=edge or 0,
        look_back=_look_back(cursor) if cursor else "",
        asked=asked,
        move=move,
        choice=choice if choice and any(choice.types.values()) else None,
        is_elsewhere=is_elsewhere,
    )


def _look_back(cursor: Cursor) -> str:
    return in_words(cursor.look_back_seconds) if cursor.look_back_seconds else "none"
