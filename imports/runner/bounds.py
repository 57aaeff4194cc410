"""Which rows a run asks BigQuery for, fixed before its job is submitted (ADR 23).

A run by Updated On asks twice: first for the greatest value there is now, then for the
rows up to it. What it found is written into the run, so that a takeover asks the very same
query. Values go in as parameters, never as text of the query. Nothing here writes or asks.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, Self

from connections.bigquery import Parameter
from imports.cursor_values import INT64, Scale
from imports.mapping import EVENT, Mapping
from imports.models import Cursor, Run
from imports.models.cursor import source_of

# Names a row at the edge, beside the mapped columns. Its first digit: 1, remember it;
# 2, it may have been sent before; 3, both.
EDGE_COLUMN: Final = "clevertap_bq_edge"


class BoundsUnusable(Exception):
    """The rows cannot be asked for; the message is fit for the user."""


@dataclass(frozen=True)
class Asking:
    """A query and the values it names."""

    sql: str
    parameters: tuple[Parameter, ...] = ()


@dataclass(frozen=True)
class Bounds:
    """Texts of values; an empty one is no bound.

    Rows from ``low`` to ``high``, both with them. Those up to ``known``, or before
    ``resend_from``, may have been sent; those from ``window`` on are to be remembered.
    """

    column: str
    type: str
    unit: str
    kind: str
    identity: str
    nulls: str
    newest_only: bool
    version: int
    low: str
    high: str
    known: str
    resend_from: str
    window: str
    edge_of: str = ""
    ahead: int = 0

    @classmethod
    def of(cls, run: Run) -> Self | None:
        """None: the run asks for all rows."""
        stored = {name: value for name, value in run.bounds.items() if name != "bytes"}
        return cls(**stored) if stored else None

    def to_json(self, *, bytes_billed: int) -> dict[str, Any]:
        return asdict(self) | {"bytes": bytes_billed}

    @property
    def can_give_rows(self) -> bool:
        return bool(self.high) or self.nulls == Cursor.Nulls.EACH_RUN


def are_missing(run: Run) -> bool:
    """Whether the run goes by a cursor and does not know yet from where to where."""
    return bool(run.snapshot.get("incremental")) and not run.bounds


def question(run: Run, source: str) -> Asking:
    """The greatest value that is not in the future, and how many rows are."""
    asked = run.snapshot["incremental"]
    scale, column = _scale(asked), path(asked["column"])
    state = _State.of(run, asked)
    low, cap = state.low(scale), scale.cap(run.started_at or run.queued_at)
    greatest = f"MAX(IF({column} <= @cap, {column}, NULL))" if cap else f"MAX({column})"
    ahead = f"COUNTIF({column} > @cap)" if cap else "0"
    # Always a condition: some partitioned tables refuse a query without one.
    where = f"{column} >= @low" if low else f"{column} IS NOT NULL"
    values = {"cap": cap, "low": low}
    sql = f"SELECT {greatest} AS greatest, {ahead} AS ahead FROM {source} WHERE {where}"  # noqa: S608 - every part is whitelisted
    return Asking(sql, _parameters(scale, values))


def fixed(run: Run, mapping: Mapping, answer: Sequence[Any]) -> Bounds:
    """The bounds by what ``question`` was answered. Reads the cursor as it is now."""
    asked = run.snapshot["incremental"]
    scale, state = _scale(asked), _State.of(run, asked)
    greatest, ahead = answer
    # Never below the cursor: rows that were deleted since do not move it back.
    high = scale.latest("" if greatest is None else scale.of_cell(greatest), state.value)
    low = state.low(scale)
    # It remembers what it reads, so a look-back that was made longer grows run by run.
    window = scale.latest(scale.back(high, asked["look_back_seconds"]), low) if high else ""
    return Bounds(
        column=asked["column"],
        type=scale.type,
        unit=scale.unit,
        kind=mapping.kind,
        identity=mapping.identity.column if mapping.identity else "",
        nulls=asked["nulls"],
        newest_only=asked["newest_only"] and mapping.kind != EVENT,
        version=state.version,
        low=low,
        high=high,
        known=state.value,
        resend_from=state.resend_from,
        window=window,
        edge_of=state.edge_of,
        ahead=int(ahead or 0),
    )


def selection(run: Run, mapping: Mapping, source: str) -> Asking:
    """One SELECT of the mapped columns, in a stable order; by a cursor also the edge's name."""
    columns = ", ".join(map(path, mapping.used_columns()))
    found = Bounds.of(run)
    if found is None:
        return Asking(f"SELECT {columns} FROM {source}")  # noqa: S608 - every part is whitelisted
    if any(name.casefold() == EDGE_COLUMN for name in mapping.used_columns()):
        raise BoundsUnusable(
            "The column name clevertap_bq_edge is taken by this program. Rename it in a view."
        )
    return _Query(found, columns, source).asking


def path(column: str) -> str:
    """A column as it stands in a query; a dot leads to a field. Raises: BoundsUnusable."""
    return ".".join(f"`{_safe(part)}`" for part in column.split("."))


def _safe(column: str) -> str:
    if not column or "`" in column or "\\" in column or not column.isprintable():
        raise BoundsUnusable(f"The column name {column!r} cannot be used in a query.")
    return column


@dataclass(frozen=True)
class _State:
    """The cursor that a run begins at; ``version`` 0: it has none of its own any more."""

    value: str = ""
    edge_low: str = ""
    edge_of: str = ""
    resend_from: str = ""
    version: int = 0
    look_back_seconds: int = 0

    @classmethod
    def of(cls, run: Run, asked: dict[str, Any]) -> Self:
        cursor = Cursor.objects.filter(parent_id=run.parent_id).first()
        if cursor is None or not cursor.counts_as(asked):
            return cls()
        if cursor.value and cursor.source != source_of(run.snapshot):
            return cls(version=cursor.version)  # another table: it begins anew
        return cls(
            value=cursor.value,
            edge_low=cursor.edge_low,
            edge_of=str(cursor.moved_by_run_id or ""),
            resend_from=cursor.resend_from,
            version=cursor.version,
            look_back_seconds=asked["look_back_seconds"],
        )

    def low(self, scale: Scale) -> str:
        """From here on: so far back as the last run remembers, or somebody moved it."""
        if not self.value:
            return ""
        back = scale.back(self.value, self.look_back_seconds)
        reach = scale.latest(back, self.edge_low)
        return min(filter(None, (reach, self.resend_from)), key=scale.value)


@dataclass(frozen=True)
class _Query:
    bounds: Bounds
    columns: str  # what stands behind SELECT
    source: str

    @property
    def asking(self) -> Asking:
        columns = f"{self.columns}, {self._edge} AS `{EDGE_COLUMN}`"
        sql = f"SELECT {columns} FROM {self.source} WHERE {self._where}{self._qualify}"  # noqa: S608 - every part is whitelisted
        named = {
            name: value
            for name, value in asdict(self.bounds).items()
            if name in {"low", "high", "known", "resend_from", "window"} and f"@{name}" in sql
        }
        return Asking(sql, _parameters(_scale(asdict(self.bounds)), named))

    @property
    def _column(self) -> str:
        return path(self.bounds.column)

    @property
    def _json(self) -> str:
        return f"TO_JSON_STRING(STRUCT({self.columns}))"

    @property
    def _where(self) -> str:
        parts = [f"{self._column} <= @high"] if self.bounds.high else []
        if self.bounds.low and parts:
            parts.insert(0, f"{self._column} >= @low")
        dated = f"({' AND '.join(parts)})" if parts else ""
        nulls = self.bounds.nulls == Cursor.Nulls.EACH_RUN
        return " OR ".join(filter(None, (dated, f"{self._column} IS NULL" if nulls else "")))

    @property
    def _edge(self) -> str:
        if not self.bounds.high:
            return "CAST(NULL AS STRING)"
        later, known = f"{self._column} >= @window", self._known
        flag = f"IF({later}, 1, 0) + IF({known}, 2, 0)" if known else "1"
        applies = f"{later} OR {known}" if known else later
        name = f"CONCAT(CAST({flag} AS STRING), TO_HEX(MD5({self._json})){self._which})"
        return f"IF({applies}, {name}, NULL)"

    @property
    def _known(self) -> str:
        if self.bounds.resend_from:
            return f"{self._column} < @resend_from"
        return f"{self._column} <= @known" if self.bounds.known else ""

    @property
    def _which(self) -> str:
        """Of events that are equal in every column each one counts; equal profiles are one."""
        if self.bounds.kind != EVENT:
            return ""
        return f", '-', CAST(ROW_NUMBER() OVER (PARTITION BY {self._json}) AS STRING)"

    @property
    def _qualify(self) -> str:
        """The newest row of each person; of two at the same moment always the same one."""
        if not self.bounds.newest_only:
            return ""
        identity = path(self.bounds.identity)
        rank = (
            f"ROW_NUMBER() OVER (PARTITION BY {identity} "
            f"ORDER BY {self._column} DESC, {self._json} DESC)"
        )
        return f" QUALIFY {identity} IS NULL OR {rank} = 1"


def _scale(asked: dict[str, Any]) -> Scale:
    return Scale(asked["type"], asked["unit"], asked.get("time_zone", "UTC"))


def _parameters(scale: Scale, values: dict[str, str]) -> tuple[Parameter, ...]:
    kind = "INT64" if scale.type == INT64 else scale.type
    return tuple(Parameter(name, kind, value) for name, value in values.items() if value)
