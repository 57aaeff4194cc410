"""The rows of the form of Map: one for each column of the source, and there may be hundreds.

A form of Django's for each of them takes seconds at 500 columns (docs/performance.md), so these
are read, judged and prepared here: by the same names, with the same sentences.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from accounts.spoken import OURS
from imports.mapping import FORMATS, MOST_COLUMNS, TYPES, Column, PropertyRule
from imports.mapping.definition import OMIT

PREFIX: Final = "columns"
LONGEST_NAME: Final = 300
Choices = tuple[tuple[str, str], ...]
_CALLED: Final = {
    "epoch_seconds": "Epoch Seconds",
    "epoch_milliseconds": "Epoch Milliseconds",
    "iso8601": "ISO 8601",
}
TYPE_CHOICES: Final[Choices] = tuple((name, name.capitalize()) for name in TYPES)
FORMAT_CHOICES: Final[Choices] = tuple((key, _CALLED.get(key, key)) for key in FORMATS)
_CHOICES: Final[dict[str, Choices]] = {
    "type": TYPE_CHOICES,
    "format": (("", "As the column is"), *FORMAT_CHOICES),
    "nulls": ((OMIT, "Leave out"), ("delete", "Delete in CleverTap")),
}


def format_in_words(key: str) -> str:
    """What people choose it by."""
    return _CALLED.get(key, key)


@dataclass
class MapRow:
    """What becomes of one column, as it is shown or was posted; ``errors`` by field."""

    number: int
    column: str
    use: bool = False
    name: str = ""
    type: str = "string"
    format: str = ""
    nulls: str = OMIT
    errors: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, number: int, column: Column, rule: PropertyRule | None) -> "MapRow":
        if rule is None:
            return cls(number, column.name)
        return cls(
            number, column.name, True, rule.name, rule.type, rule.format or "", rule.nulls or OMIT
        )

    @classmethod
    def posted(cls, data: Mapping[str, Any], number: int) -> "MapRow":
        def said(name: str) -> str:
            return str(data.get(f"{PREFIX}-{number}-{name}") or "")

        use = said("use") not in {"", "false", "False"}
        row = cls(number, said("column"), use, said("name").strip())
        row.type, row.format, row.nulls = said("type"), said("format"), said("nulls")
        row._judge()
        return row

    def add_error(self, name: str, sentence: str) -> None:
        self.errors.setdefault(name, []).append(sentence)

    def _judge(self) -> None:
        if not self.column:
            self.add_error("column", OURS["required"])
        if len(self.name) > LONGEST_NAME:
            most = {"limit_value": LONGEST_NAME, "show_value": len(self.name)}
            self.add_error("name", OURS["max_length"] % most)
        if "\0" in self.name:
            self.add_error("name", "The name has a character that cannot be stored. Type it again.")
        for name, choices in _CHOICES.items():
            chosen = getattr(self, name)
            if chosen and chosen not in dict(choices):
                self.add_error(name, OURS["invalid_choice"])

    @property
    def prefix(self) -> str:
        return f"{PREFIX}-{self.number}"

    @property
    def said(self) -> dict[str, Any]:
        """What its template says, by plain names: a template reaches those quickest."""
        said: dict[str, Any] = {
            "prefix": self.prefix,
            "column": self.column,
            "use": self.use,
            "name": self.name,
        }
        for name in _CHOICES:
            said[f"{name}_options"] = _options(name, getattr(self, name))
        for name, sentences in self.errors.items():
            said[f"{name}_errors"] = sentences
        return said

    @property
    def told(self) -> Iterable[tuple[str, str]]:
        """Each error with the field that it leads to, but for what nobody sees."""
        return [
            (name, sentence)
            for name, sentences in self.errors.items()
            for sentence in sentences
            if name != "column"
        ]


def posted_rows(data: Mapping[str, Any]) -> list[MapRow] | None:
    """The rows that were sent; None: they did not come whole."""
    try:
        count = int(str(data.get(f"{PREFIX}-TOTAL_FORMS")))
    except ValueError:
        return None
    if not 0 <= count <= MOST_COLUMNS:
        return None
    return [MapRow.posted(data, number) for number in range(count)]


def _options(name: str, chosen: str) -> SafeString:
    """The choices as they stand in the page; drawn once for each that can be chosen."""
    return _drawn(name, chosen if chosen in dict(_CHOICES[name]) else "")


@lru_cache(maxsize=64)
def _drawn(name: str, chosen: str) -> SafeString:
    options = (
        (value, SafeString(" selected") if value == chosen else "", words)
        for value, words in _CHOICES[name]
    )
    return format_html_join("", '<option value="{}"{}>{}</option>', options)
