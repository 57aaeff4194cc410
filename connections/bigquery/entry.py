"""What one line of the catalogue is: which symptoms it fits, and what is said about them."""

import re
from dataclasses import dataclass
from functools import partial

from connections.bigquery.causes import Cause
from connections.bigquery.errors import (
    BigQueryError,
    BigQueryRefused,
    BigQueryUnavailable,
    Reason,
)
from connections.bigquery.symptoms import Source, Symptom


@dataclass(frozen=True)
class Entry:
    """One known failure. ``codes`` or ``statuses`` that are empty fit everything.

    ``says`` is searched in Google's text. ``permission`` is what is missing when the text
    does not name it. ``{where}`` in the sentence is what was asked for. ``causes`` stand in
    order, the most likely first; where only one is possible the sentence says it alone.
    """

    kind: type[BigQueryError]
    source: Source
    reason: Reason
    sentence: str
    codes: tuple[str, ...] = ()
    statuses: tuple[int, ...] = ()
    says: str = ""
    permission: str | None = None
    causes: tuple[Cause, ...] = ()

    def fits(self, symptom: Symptom) -> bool:
        """Whether the symptom is of this failure."""
        return (
            symptom.source == self.source
            and (not self.codes or not symptom.codes.isdisjoint(self.codes))
            and (not self.statuses or symptom.status in self.statuses)
            and bool(re.search(self.says, symptom.text))
        )


refused = partial(Entry, BigQueryRefused)
unavailable = partial(Entry, BigQueryUnavailable)
