"""Rows of the connection half: a key, the place it opens, and whether that works."""

from connections.models.connection import Access, Connection, DeletionChoice, folded
from connections.models.former_key import FormerKey
from connections.models.key import StoredKey
from connections.models.lookup import Lookup
from connections.models.question import Question, QuestionQuerySet, answered_or_failed
from connections.models.test import ConnectionTest, ConnectionTestStep

__all__ = [
    "Access",
    "Connection",
    "ConnectionTest",
    "ConnectionTestStep",
    "DeletionChoice",
    "FormerKey",
    "Lookup",
    "Question",
    "QuestionQuerySet",
    "StoredKey",
    "answered_or_failed",
    "folded",
]
