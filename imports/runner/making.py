"""Blocks of rows to records and refusals, by a mapping that is compiled once per slice."""

from dataclasses import replace
from typing import Any

from imports.mapping import Made, Mapping, RecordMaker, compile_mapping, named
from imports.mapping.columnar import ColumnMaker, rows_of
from imports.models import Run
from imports.runner.bounds import EDGE_COLUMN
from imports.runner.drift import compare_result
from imports.runner.ranges import Block


class BlockMaker:
    """Compiles with the first block, whose columns are those of the result."""

    def __init__(self, run: Run, mapping: Mapping) -> None:
        # Skipped columns are not part of the result, so the rule "every column is mapped or
        # skipped" was checked when the mapping was saved.
        self._mapping = replace(mapping, skipped=(EDGE_COLUMN,) if run.bounds else ())
        self._run = run
        # Rows that are sent again keep the time of the run that read them.
        self._run_ts = run.snapshot.get("run_ts") or int(run.queued_at.timestamp())
        self._makers: tuple[RecordMaker, ColumnMaker] | None = None

    def make(self, block: Block) -> Made:
        """Every row as a record or as a refusal, whichever way it came.

        Raises: MappingFaulty, SchemaChanged.
        """
        if self._makers is None:
            columns = named(block.columns, self._mapping.used_columns())
            compare_result(self._run, columns)
            rows = compile_mapping(self._mapping, columns, run_ts=self._run_ts)
            self._makers = rows, ColumnMaker(self._mapping, columns, rows)
        by_row, by_column = self._makers
        if block.cells:
            made = by_column.make(block.cells, block.first_row)
            return replace(made, cells=lambda number: by_row.cells_of(_row(block, number)))
        return by_row.make(block.rows, block.first_row)


def _row(block: Block, number: int) -> list[Any]:
    """One row of Arrow columns, as REST would have given it."""
    row: list[Any] = rows_of(block.part(number, number + 1).cells)[0]
    return row
