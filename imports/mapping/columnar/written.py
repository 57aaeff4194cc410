"""Records as one piece of memory, each followed by a comma, in the order of their rows.

The body of a request is then a cut through that memory. An object for each record, and putting
them together again, cost more than hashing and sending them (ADR 30).
"""

import hashlib
from collections.abc import Iterator, Sequence
from copy import copy
from typing import Any, overload

import pyarrow as pa

from imports.mapping.encoding import enveloped, pieces_of


class Written(Sequence[bytes]):
    """Many records; one becomes bytes of its own only where it is looked at."""

    def __init__(self, texts: pa.StringArray, people: pa.StringArray | None) -> None:
        """``texts``: each record and a comma. ``people``: whom each profile is about."""
        _, ends, data = texts.buffers()
        places = memoryview(ends).cast("i")
        self._ends = places[texts.offset : texts.offset + len(texts) + 1]
        self._data = memoryview(data)
        self._people = people

    def __len__(self) -> int:
        return len(self._ends) - 1

    @overload
    def __getitem__(self, at: int) -> bytes: ...
    @overload
    def __getitem__(self, at: slice) -> "Written": ...
    def __getitem__(self, at: int | slice) -> "bytes | Written":
        if isinstance(at, slice):
            return self._part(*at.indices(len(self)))
        at = range(len(self))[at]
        return bytes(self._data[self._ends[at] : self._ends[at + 1] - 1])

    def _part(self, begin: int, end: int, step: int) -> "Written":
        if step != 1:
            raise ValueError("records that do not lie one behind the other")
        part = copy(self)
        part._ends = self._ends[begin : max(begin, end) + 1]
        part._people = None if self._people is None else self._people[begin:end]
        return part

    def __iter__(self) -> Iterator[bytes]:
        return (self[at] for at in range(len(self)))

    @property
    def size(self) -> int:
        """Bytes of all of them, without their commas."""
        return int(self._ends[-1] - self._ends[0]) - len(self)

    def body(self) -> bytes:
        """The request body of all of them; there must be one at least."""
        return enveloped(self._within)

    def pieces(self) -> tuple[bytes | memoryview, ...]:
        """That body from where it lies, one piece behind the other."""
        return pieces_of(self._within)

    def sha256(self) -> str:
        """Of that body, which is not made for it: what waits for its turn takes half the memory."""
        found = hashlib.sha256()
        for piece in self.pieces():
            found.update(piece)
        return found.hexdigest()

    @property
    def _within(self) -> memoryview:
        begin, end = self._ends[0], self._ends[-1]
        return self._data[begin : max(begin, end - 1)]

    def people(self) -> Sequence[Any]:
        """As ``encoding.person_of`` cuts them from each record; empty for events."""
        return [] if self._people is None else self._people.cast(pa.binary()).to_pylist()
