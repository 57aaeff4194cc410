"""Rows of the import half: where rows go, what is imported, each run of it."""

from imports.models.account import CleverTapAccount
from imports.models.batch import Batch, RefusedRow
from imports.models.definition import Import
from imports.models.heartbeat import Heartbeat
from imports.models.run import Run

__all__ = ["Batch", "CleverTapAccount", "Heartbeat", "Import", "RefusedRow", "Run"]
