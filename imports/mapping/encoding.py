"""Writes JSON text: sorted keys, compact, UTF-8. The only place that does.

A record is put together from fragments (``,"Email":"a@b.example"``) whose keys were
sorted once, when the mapping was compiled; nothing is sorted or nested per row.
"""

from collections.abc import Iterable, Sequence
from json.encoder import encode_basestring

quote = encode_basestring  # a JSON string with its quotes; raises TypeError for anything else

# No limit on the body is documented; below 5 MB is a third party's advice (ADR 6).
MAX_BODY_BYTES = 5_000_000
ENVELOPE_BYTES = len(b'{"d":[]}')
MAX_RECORD_BYTES = MAX_BODY_BYTES - ENVELOPE_BYTES
# Neither can stand inside a JSON string: its quotes are escaped.
_BEGIN_OF_IDENTITY, _END_OF_IDENTITY = b'":"', b'","profileData":{'


def body_of(records: Sequence[bytes]) -> bytes:
    """One request body: ``{"d":[record,record]}``."""
    return enveloped(b",".join(records))


def enveloped(records: bytes | memoryview) -> bytes:
    """The same of records that have their commas between them."""
    return b"".join(pieces_of(records))


def pieces_of(records: bytes | memoryview) -> tuple[bytes | memoryview, ...]:
    """The same one behind the other, for who needs no copy."""
    return b'{"d":[', records, b"]}"


def person_of(record: bytes) -> bytes:
    """Whom a profile is about: its identity as JSON text has it. Of an event, nothing."""
    begin, end = person_within(record)
    return record[begin:end]


def person_within(record: bytes) -> tuple[int, int]:
    """Where that begins and ends."""
    end = record.find(_END_OF_IDENTITY)
    return (record.find(_BEGIN_OF_IDENTITY) + len(_BEGIN_OF_IDENTITY), end) if end >= 0 else (0, 0)


def list_of(items: Iterable[str]) -> str:
    """A JSON list of strings, in the given order."""
    return "[" + ",".join(map(quote, items)) + "]"


def record_of(front: str, properties: Sequence[str], back: Sequence[str]) -> str:
    """One record's text. Each property is a fragment with a leading comma, or empty.

    Raises: TypeError when one of the parts is a refusal instead of text.
    """
    return front + "".join(properties)[1:] + "".join(back)
