"""Read sessions: what was chosen, cut into streams, remembered for six hours."""

import itertools
import secrets
import threading
import time
from dataclasses import dataclass

import grpc
import pyarrow as pa

from sandbox.google.accounts import PROJECT
from sandbox.google.schema import Field
from sandbox.google.storage.refusals import Refusal, denied_on_stream
from sandbox.google.storage.sources import Source

LIFETIME_SECONDS = 6 * 3600
_KEPT = 1000
# The service cuts as it likes: small tables so that tests see several streams.
_ROWS_A_STREAM = 100
_MOST_STREAMS = 100
_STREAMS_UNASKED = 4


@dataclass(frozen=True)
class Session:
    """One session of one account; `spans` are the rows of each stream, in the table's order."""

    name: str
    email: str
    source: Source
    fields: tuple[Field, ...]
    spans: tuple[range, ...]
    options: pa.ipc.IpcWriteOptions
    dense: bool
    expires: float

    @property
    def streams(self) -> list[str]:
        """The streams' resource names."""
        return [f"{self.name}/streams/{number}" for number in range(len(self.spans))]


class Sessions:
    """The sessions of this start, the oldest forgotten first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sessions: dict[str, Session] = {}

    def keep(self, session: Session) -> None:
        """Remember it."""
        with self._lock:
            self._sessions[session.name] = session
            while len(self._sessions) > _KEPT:
                del self._sessions[next(iter(self._sessions))]

    def stream(self, name: str, email: str) -> tuple[Session, range]:
        """The session and the rows of a stream. Raises: Refusal."""
        base, _, number = name.rpartition("/streams/")
        with self._lock:
            session = self._sessions.get(base)
        if session is None or not number.isdecimal() or int(number) >= len(session.spans):
            message = f"there was an error operating on '{name[:300]}': stream not found"
            raise Refusal(grpc.StatusCode.NOT_FOUND, message)
        if session.email != email:
            raise denied_on_stream(name, "bigquery.readsessions.getData")
        if session.expires < time.time():
            message = f"there was an error operating on '{name}': session expired"
            raise Refusal(grpc.StatusCode.FAILED_PRECONDITION, message)
        return session, session.spans[int(number)]


def new_name(location: str) -> str:
    """A session's resource name, as hard to guess as Google's."""
    return f"projects/{PROJECT}/locations/{location.lower()}/sessions/{secrets.token_urlsafe(24)}"


def cut(rows: int, most_streams: int) -> tuple[range, ...]:
    """The rows in even spans: at most as many as asked for, none for an empty table."""
    most = min(most_streams or _STREAMS_UNASKED, _MOST_STREAMS)
    count = min(most, -(-rows // _ROWS_A_STREAM))
    edges = [rows * number // count for number in range(count + 1)] if count else []
    return tuple(range(first, end) for first, end in itertools.pairwise(edges))
