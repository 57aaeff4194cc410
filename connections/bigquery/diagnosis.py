"""From a symptom to one of our two errors. What is not in the catalogue is no verdict."""

import logging
import re
import traceback
from dataclasses import dataclass
from pathlib import PurePath
from typing import Final

from connections.bigquery.catalogue import CATALOGUE
from connections.bigquery.errors import BigQueryError, BigQueryUnavailable, Reason
from connections.bigquery.symptoms import Symptom, symptom_of

logger = logging.getLogger(__name__)

UNEXPECTED: Final = (
    "Google’s answer could not be understood ({where}). Try again; if it stays, the log of "
    "this server says where to look."
)
# Only permissions that we know by name leave the gateway, never a word of the text itself.
PERMISSIONS: Final = frozenset(
    {
        "bigquery.connections.delegate",
        "bigquery.connections.use",
        "bigquery.datasets.create",
        "bigquery.datasets.get",
        "bigquery.datasets.update",
        "bigquery.jobs.create",
        "bigquery.jobs.get",
        "bigquery.jobs.list",
        "bigquery.jobs.update",
        "bigquery.models.getData",
        "bigquery.readsessions.create",
        "bigquery.readsessions.getData",
        "bigquery.routines.get",
        "bigquery.rowAccessPolicies.getFilteredData",
        "bigquery.tables.create",
        "bigquery.tables.delete",
        "bigquery.tables.get",
        "bigquery.tables.getData",
        "bigquery.tables.list",
        "bigquery.tables.update",
        "bigquery.tables.updateData",
    }
)
_PERMISSION: Final = re.compile(r"\bbigquery\.[A-Za-z]+\.[A-Za-z]+")
_PLACE: Final = re.compile(r"\[(\d{1,6}):(\d{1,6})\]")
_SHOWN: Final = 120
_CODE: Final = re.compile(r"[A-Za-z_]{1,40}")


@dataclass(frozen=True)
class Asked:
    """What a call was about, in our own identifiers; ``table`` is one that stores rows."""

    project: str
    where: str
    table: str | None = None

    @property
    def shown(self) -> str:
        """For a sentence: names can have a thousand characters, sentences are stored in 500."""
        return self.where if len(self.where) <= _SHOWN else f"{self.where[: _SHOWN - 1]}…"


def diagnose(error: BaseException, asked: Asked) -> BigQueryError:
    """The error to raise in place of a library's; what we do not know is logged by type."""
    if isinstance(error, BigQueryError):
        return error
    symptom = symptom_of(error)
    found = judge(symptom, asked)
    if found.reason == Reason.UNEXPECTED:
        logger.warning("unknown failure: %s %s", _trace(error), _facts(symptom))
    return found


def reason_of(error: BaseException) -> Reason:
    """What the catalogue calls this failure, for a caller that can go on after some."""
    return judge(symptom_of(error), Asked("", "")).reason


def judge(symptom: Symptom, asked: Asked) -> BigQueryError:
    """The first entry of the catalogue that fits, as an error."""
    entry = next((entry for entry in CATALOGUE if entry.fits(symptom)), None)
    if entry is None:
        sentence = UNEXPECTED.format(where=asked.shown)
        return BigQueryUnavailable(Reason.UNEXPECTED, sentence, resource=asked.where)
    is_denied = entry.reason == Reason.PERMISSION_DENIED
    return entry.kind(
        entry.reason,
        entry.sentence.format(where=asked.shown, project=asked.project),
        permission=(_permission(symptom.text) or entry.permission) if is_denied else None,
        resource=asked.where,
        table=asked.table,
        causes=entry.causes,
        location_in_sql=_place(symptom.text) if entry.reason == Reason.INVALID_QUERY else None,
    )


def _permission(text: str) -> str | None:
    return next((one for one in _PERMISSION.findall(text) if one in PERMISSIONS), None)


def _place(text: str) -> tuple[int, int] | None:
    found = _PLACE.search(text)
    return (int(found[1]), int(found[2])) if found else None


def _facts(symptom: Symptom) -> str:
    """Machine words and numbers only: a code that is not a plain word is left out."""
    codes = sorted(code for code in symptom.codes if _CODE.fullmatch(code))
    return f"source={symptom.source} status={symptom.status} codes={','.join(codes)}"


def _trace(error: BaseException) -> str:
    """Type and innermost place of the exception, without its text."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{PurePath(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"
    return f"{type(error).__name__} at {place}"
