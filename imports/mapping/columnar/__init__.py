"""The same records as ``RecordMaker`` makes, from Arrow columns instead of rows (ADR 24).

No rule is written here a second time: what a column may skip is only the work of a cell that
is surely spelled as it stands. Every other cell goes through the converter of its row.
"""

from imports.mapping.columnar.cells import rows_of, speakable
from imports.mapping.columnar.maker import ColumnMaker
from imports.mapping.columnar.written import Written

__all__ = ["ColumnMaker", "Written", "rows_of", "speakable"]
