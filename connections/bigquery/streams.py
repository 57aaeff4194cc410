"""One stream over a finished query: opened once, then read from any row that was reached.

A session asks for one stream at most, so that all rows come in one order; Google's own client
does so to keep the order of a query. A row is its offset in the stream, for as long as the
session lives (six hours or more), whoever reads.
"""

import threading
from collections.abc import Iterator
from queue import Empty, Full, Queue
from typing import Any, Final

import pyarrow as pa
from google.cloud.bigquery import Client
from google.cloud.bigquery_storage_v1 import types
from google.cloud.bigquery_storage_v1.services.big_query_read import BigQueryReadClient

from connections.bigquery.deadline import Deadline, TimeIsOver
from connections.bigquery.jobs import result_of
from connections.bigquery.pages import results_page
from connections.bigquery.shapes import Stream
from connections.bigquery.transport import NO_RETRY

_READ_AHEAD: Final = 2  # batches
_LOOK_SECONDS: Final = 0.2
_LONGEST_CALL: Final = 3600.0  # of a whole read; each answer has a deadline of its own


def open_stream(
    client: Client, storage: BigQueryReadClient, job_id: str, location: str, deadline: Deadline
) -> Stream:
    """Make a session with one stream over the result of the query."""
    table = result_of(client, job_id, location, deadline)
    session = storage.create_read_session(
        parent=f"projects/{client.project}",
        read_session=types.ReadSession(
            table=f"projects/{table.project}/datasets/{table.dataset_id}/tables/{table.table_id}",
            data_format=types.DataFormat.ARROW,
        ),
        max_stream_count=1,
        retry=NO_RETRY,
        timeout=deadline.left,
    )
    columns = results_page(client, job_id, location, range(0), deadline).columns
    schema = pa.ipc.read_schema(pa.py_buffer(session.arrow_schema.serialized_schema))
    return Stream(session.streams[0].name if session.streams else "", columns, schema)


class Batches:
    """The record batches of a stream from ``offset`` on, read ahead in one thread of its own.

    A thread for each batch, as other calls have one, would cost more than the batch.
    """

    def __init__(self, storage: BigQueryReadClient, stream: str, offset: int) -> None:
        self._storage, self._stream, self._offset = storage, stream, offset
        self._ready: Queue[pa.RecordBatch | Exception | None] = Queue(_READ_AHEAD)
        self._is_closed = threading.Event()
        self._responses: Any = None
        threading.Thread(target=self._read, name="bigquery-call", daemon=True).start()

    def next(self, deadline: Deadline) -> pa.RecordBatch | None:
        """None: the stream is over.

        Raises:
            TimeIsOver: nothing came by then.
            Exception: whatever gRPC raises.
        """
        while True:
            try:
                found = self._ready.get(timeout=deadline.next_look)
                break
            except Empty:
                if deadline.is_over:
                    raise TimeIsOver from None
        if isinstance(found, Exception):
            raise found
        return found

    def close(self) -> None:
        """Tell the other side that no more is wanted."""
        self._is_closed.set()
        if self._responses is not None:
            self._responses.cancel()

    def _read(self) -> None:
        try:
            for batch in self._batches():
                self._give(batch)
                if self._is_closed.is_set():
                    return
        except Exception as error:  # noqa: BLE001 - raised again in the reader's thread
            self._give(error)
        else:
            self._give(None)

    def _batches(self) -> Iterator[pa.RecordBatch]:
        self._responses = self._storage.read_rows(
            read_stream=self._stream, offset=self._offset, retry=NO_RETRY, timeout=_LONGEST_CALL
        )
        schema = None
        for answer in self._responses:
            # The message beneath: Google's wrapper would copy the rows.
            message = types.ReadRowsResponse.pb(answer)
            if schema is None:
                schema = pa.ipc.read_schema(pa.py_buffer(message.arrow_schema.serialized_schema))
            rows = pa.py_buffer(message.arrow_record_batch.serialized_record_batch)
            yield pa.ipc.read_record_batch(rows, schema)

    def _give(self, found: pa.RecordBatch | Exception | None) -> None:
        while not self._is_closed.is_set():
            try:
                self._ready.put(found, timeout=_LOOK_SECONDS)
            except Full:
                continue
            return
