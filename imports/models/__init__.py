"""Rows of the import half: where rows go, what is imported, each run of it."""

from imports.models.account import CleverTapAccount
from imports.models.batch import Batch
from imports.models.definition import Import
from imports.models.heartbeat import Heartbeat
from imports.models.move import Move
from imports.models.refused import KeptRows, RefusedRow
from imports.models.run import SOURCE_FAILURES, WAITS_FOR_SLOTS, Run

__all__ = [
    "SOURCE_FAILURES",
    "WAITS_FOR_SLOTS",
    "Batch",
    "CleverTapAccount",
    "Heartbeat",
    "Import",
    "KeptRows",
    "Move",
    "RefusedRow",
    "Run",
]
