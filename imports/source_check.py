"""What a page says about the source of an import while it is being chosen. Pure.

From the answer of the dry run: why it cannot be read, or what reading it costs.
"""

from dataclasses import dataclass
from typing import Any, Final

from connections.models import Lookup
from connections.quantities import bytes_in_words
from imports.costs import DAILY, HOURLY, Price, billed
from imports.mapping import Column, flat_columns, too_many
from imports.sql_text import Place, excerpt

# Failures that another table or another SQL cures. The others may pass by themselves, or by
# a role that is granted: a draft can be saved meanwhile.
_FAULTS: Final = frozenset(
    {
        *("invalid_query", "table_not_found", "dataset_not_found", "wrong_location"),
        *("name_invalid", "not_readable", "too_large"),
    }
)


@dataclass(frozen=True)
class SourceCheck:
    """One dry run as it is shown. Without a ``lookup`` the text itself was at fault.

    ``runs_a_month``: by the import's schedule, None where it has none.
    """

    price: Price
    lookup: Lookup | None = None
    cap: int | None = None
    runs_a_month: int | None = None
    sentence: str = ""
    place: Place | None = None
    sql: str = ""

    @classmethod
    def of(cls, lookup: Lookup, **facts: Any) -> "SourceCheck":
        line, column = lookup.failure_line, lookup.failure_column
        place = Place(line, column) if line and column else None
        sentence = lookup.failure_sentence
        return cls(lookup=lookup, sentence=sentence, place=place, sql=lookup.sql, **facts)

    @property
    def is_pending(self) -> bool:
        return self.lookup is not None and not self.lookup.is_finished

    @property
    def is_fault(self) -> bool:
        """Whether nothing can be read as it stands."""
        if self.lookup is None:
            return bool(self.sentence)
        return self.lookup.failure_code in _FAULTS

    @property
    def excerpt(self) -> tuple[str, str, str] | None:
        """The line of the fault: before it, the word there, the rest."""
        return excerpt(self.sql, self.place) if self.place and self.sql else None

    @property
    def answer(self) -> dict[str, Any] | None:
        return self.lookup.answer if self.lookup else None

    @property
    def estimate(self) -> dict[str, int]:
        """As an import keeps it."""
        return {key: self.answer[key] for key in ("bytes", "tables")} if self.answer else {}

    @property
    def bytes_read(self) -> int:
        return self.estimate.get("bytes", 0)

    @property
    def bytes_billed(self) -> int:
        return billed(self.bytes_read, self.estimate.get("tables", 1))

    @property
    def columns(self) -> list[dict[str, Any]] | None:
        return self.answer["columns"] if self.answer else None

    @property
    def column_words(self) -> str:
        count = len(self.columns or [])
        return f"{count:,} column{'' if count == 1 else 's'}"

    @property
    def is_query(self) -> bool:
        return bool(self.lookup and self.lookup.sql)

    @property
    def is_empty(self) -> bool:
        return bool(self.answer) and self.answer.get("rows") == 0  # type: ignore[union-attr]

    @property
    def unnamed(self) -> list[int]:
        """Which columns of the result have no name, from 1: they cannot be selected."""
        found, place = [], 0
        for number, column in enumerate(self.columns or [], start=1):
            if self.is_query and column["name"] == f"f{place}_":
                found.append(number)
                place += 1
        return found

    @property
    def refusal(self) -> str:
        """Why it must not be saved so, beside the table or the SQL; empty if it may be."""
        if self.is_fault:
            return self.sentence
        if self.unnamed:
            numbers = ", ".join(str(number) for number in self.unnamed[:5])
            word = "Column" if len(self.unnamed) == 1 else "Columns"
            return f"{word} {numbers} of the result: without a name. Write AS and a name behind it."
        columns = [Column.from_json(stored) for stored in self.columns or []]
        return too_many(len(flat_columns(columns)), is_query=self.is_query)

    @property
    def cap_refusal(self) -> str:
        """Why the cap must be another one; empty if it holds."""
        if not self.is_query or not self._is_over:
            return ""
        return (
            f"A run would read {bytes_in_words(self.bytes_read)}, which is over the cap of "
            f"{bytes_in_words(self.cap or 0)}. Raise the cap, or read less."
        )

    @property
    def cap_warning(self) -> str:
        """Of a table fewer columns may be mapped: then a run reads less than the estimate."""
        if self.is_query or not self._is_over:
            return ""
        return (
            f"All its columns are {bytes_in_words(self.bytes_read)}, and the cap is "
            f"{bytes_in_words(self.cap or 0)}. Map few of them, or raise the cap."
        )

    @property
    def _is_over(self) -> bool:
        return self.cap is not None and self.bytes_read > self.cap

    @property
    def cost(self) -> str:
        return self.price.in_words(self.bytes_billed)

    @property
    def months(self) -> list[tuple[str, str]]:
        """What a month costs: by the schedule if there is one, else by two usual ones."""
        usual = [("A month, if daily", DAILY), ("A month, if hourly", HOURLY)]
        own = self.runs_a_month
        told = usual if own is None else [(f"A month, by its schedule ({own:,} runs)", own)]
        return [(words, self.price.in_words(self.bytes_billed * runs)) for words, runs in told]
