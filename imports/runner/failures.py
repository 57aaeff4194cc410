"""Why a run ends as failed: the code, by which pages and documents explain it, and the sentence."""

from dataclasses import dataclass
from typing import Final

from connections.source import SourceUnavailable
from imports.contents import ContentsUnreadable
from imports.destination import DestinationUnavailable
from imports.mapping import MappingFaulty, MappingUnreadable
from imports.reading import ColumnUnusable
from imports.runner.bounds import BoundsUnusable
from imports.runner.delivery import ReplayDiffers, TooManyCulprits, TooManyHeld
from imports.runner.drift import SchemaChanged
from imports.runner.job import JobVanished
from imports.runner.proof import OrderDiffers
from imports.runner.threshold import TooManyRefused


@dataclass(frozen=True)
class Failure:
    """Why a run ends as failed: our code and our sentence."""

    code: str
    sentence: str


UNEXPECTED: Final = Failure(
    "unexpected", "Something failed that should not have. The log says what."
)
SUMS_DISAGREE: Final = Failure("sums", "The sums do not agree: not every row was accounted for.")
CODES: Final[dict[type[Exception], str]] = {
    SourceUnavailable: "key_unreadable",
    DestinationUnavailable: "account_unreadable",
    ColumnUnusable: "mapping_faulty",
    JobVanished: "job_vanished",
    BoundsUnusable: "bounds_unusable",
    MappingFaulty: "mapping_faulty",
    MappingUnreadable: "mapping_faulty",
    OrderDiffers: "order_differs",
    ReplayDiffers: "replay_differs",
    TooManyHeld: "too_many_held",
    TooManyCulprits: "too_many_malformed",
    TooManyRefused: "too_many_refused",
    ContentsUnreadable: "kept_unreadable",
    SchemaChanged: "schema_changed",
}


def failure_of(error: Exception) -> Failure | None:
    """What an exception of ours means for its run. None: it is no reason of ours to fail."""
    code = CODES.get(type(error))
    return Failure(code, str(error)) if code else None
