"""Rows of the import half: where rows go, what is imported, each run of it."""

from imports.models.account import CleverTapAccount
from imports.models.batch import Batch, RefusedRow
from imports.models.definition import Import
from imports.models.heartbeat import Heartbeat
from imports.models.move import Move
from imports.models.run import SOURCE_FAILURES, Run

__all__ = [
    "SOURCE_FAILURES",
    "Batch",
    "CleverTapAccount",
    "Heartbeat",
    "Import",
    "Move",
    "RefusedRow",
    "Run",
]
