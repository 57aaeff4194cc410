"""Pure: what the numbers of an Updated On column mean for imports by it, in sentences."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from imports.cursor_values import DATE, DATETIME, EDGE_ROWS, Scale

_MANY_TIES: Final = 0.01


@dataclass(frozen=True)
class Advice:
    """``tone``: ok, warn or bad."""

    tone: str
    text: str


def advice_of(answer: dict[str, Any], *, column: str, scale: Scale) -> list[Advice]:
    """``answer``: as ``imports.cursor_questions`` stores it."""
    if not answer["rows"]:
        return [Advice("warn", "The table is empty, so nothing can be said of this column yet.")]
    if not answer["top"]:
        return [_useless(answer, column)]
    found = (_span(answer, scale), _nulls(answer), _ahead(answer, scale), _ties(answer, scale))
    return [*filter(None, found), *_of_the_type(scale), _partition(answer, column)]


def _useless(answer: dict[str, Any], column: str) -> Advice:
    what = "lies in the future" if answer["ahead"] else "is NULL"
    return Advice("bad", f"{column} cannot be used: every value of it {what}.")


def _span(answer: dict[str, Any], scale: Scale) -> Advice:
    first, top = scale.words(answer["first"]), scale.words(answer["top"])
    return Advice("ok", f"{answer['rows']:,} rows, from {first} to {top}.")


def _nulls(answer: dict[str, Any]) -> Advice:
    count = answer["nulls"]
    if not count:
        return Advice("ok", "No row is without a value.")
    return Advice(
        "warn",
        f"{_rows(count)} without a value: sent in every run, or never, as the mapping says.",
    )


def _ahead(answer: dict[str, Any], scale: Scale) -> Advice | None:
    if scale.is_counter:
        return None
    count = answer["ahead"]
    if not count:
        return Advice("ok", "No value lies in the future.")
    return Advice(
        "warn",
        f"{_rows(count)} in the future, the last at {scale.words(answer['last'])}. "
        "Each is sent once its time has come, and does not move the cursor before.",
    )


def _ties(answer: dict[str, Any], scale: Scale) -> Advice:
    count = answer["ties"]
    if count == 1:
        return Advice("ok", "One row holds the newest value.")
    if count > EDGE_ROWS:
        return Advice(
            "bad",
            f"{count:,} rows share the newest value. A run remembers {EDGE_ROWS:,} of them; "
            "the rest is sent again by the next run.",
        )
    tone = "warn" if count > max(1_000, answer["rows"] * _MANY_TIES) else "ok"
    return Advice(
        tone, f"{count:,} rows share the newest value. Each run reads them again, and skips them."
    )


def _of_the_type(scale: Scale) -> Iterator[Advice]:
    if scale.type == DATETIME:
        yield Advice(
            "warn",
            f"DATETIME carries no zone and is read as {scale.zone}. Where clocks are set back, "
            "choose a look-back of more than one hour.",
        )
    if scale.type == DATE:
        yield Advice(
            "warn",
            "A DATE changes once a day. Each run reads the whole newest day again.",
        )


def _partition(answer: dict[str, Any], column: str) -> Advice:
    if answer["partition"] == column:
        return Advice(
            "ok", "The table is partitioned by it, so later runs scan the newest part only."
        )
    if answer["kind"] != "TABLE":
        return Advice("ok", "What a later run of a view scans, its own query decides.")
    return Advice(
        "warn",
        "The table is not partitioned by it. Later runs send less, yet scan the columns whole.",
    )


def _rows(count: int) -> str:
    return "1 row is" if count == 1 else f"{count:,} rows are"
