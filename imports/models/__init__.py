"""Rows of the import half: where rows go, what is imported, each run of it."""

from imports.models.account import CleverTapAccount
from imports.models.batch import Batch
from imports.models.cursor import Cursor, EdgePart
from imports.models.definition import LEAST_LIMIT, MOST_LIMIT, Import
from imports.models.dry_run import DryRun
from imports.models.failures import SOURCE_FAILURES
from imports.models.heartbeat import Heartbeat
from imports.models.log import LogLine
from imports.models.move import Move
from imports.models.question import CursorQuestion
from imports.models.refused import KeptRows, RefusedRow
from imports.models.run import WAITS_FOR_SLOTS, Run
from imports.models.shard import Shard
from imports.models.write_back import REFUSED_TABLE, RUNS_TABLE, WriteBack

__all__ = [
    "LEAST_LIMIT",
    "MOST_LIMIT",
    "REFUSED_TABLE",
    "RUNS_TABLE",
    "SOURCE_FAILURES",
    "WAITS_FOR_SLOTS",
    "Batch",
    "CleverTapAccount",
    "Cursor",
    "CursorQuestion",
    "DryRun",
    "EdgePart",
    "Heartbeat",
    "Import",
    "KeptRows",
    "LogLine",
    "Move",
    "RefusedRow",
    "Run",
    "Shard",
    "WriteBack",
]
