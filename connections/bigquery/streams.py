"""One stream over a finished query: opened once, then read from any row that was reached.

A session asks for one stream at most, so that all rows come in one order; Google's own client
does so to keep the order of a query. A row is its offset in the stream, for as long as the
session lives (six hours or more), whoever reads.
"""

from collections.abc import Iterator
from typing import Any, Final

import pyarrow as pa
from google.cloud.bigquery import Client
from google.cloud.bigquery_storage_v1 import types
from google.cloud.bigquery_storage_v1.services.big_query_read import BigQueryReadClient

from connections.bigquery.deadline import Deadline
from connections.bigquery.jobs import result_of
from connections.bigquery.pages import results_page
from connections.bigquery.shapes import Stream
from connections.bigquery.transport import NO_RETRY

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
    """The record batches of a stream from ``offset`` on, one call of ``next`` each."""

    def __init__(self, storage: BigQueryReadClient, stream: str, offset: int) -> None:
        self._storage, self._stream, self._offset = storage, stream, offset
        self._responses: Any = None
        self._answers: Iterator[Any] = iter(())
        self._schema: pa.Schema | None = None

    def next(self) -> pa.RecordBatch | None:
        """None: the stream is over. Raises whatever gRPC raises."""
        if self._responses is None:
            self._responses = self._storage.read_rows(
                read_stream=self._stream,
                offset=self._offset,
                retry=NO_RETRY,
                timeout=_LONGEST_CALL,
            )
            self._answers = iter(self._responses)
        answer = next(self._answers, None)
        if answer is None:
            return None
        # The message beneath: Google's wrapper would copy the rows.
        message = types.ReadRowsResponse.pb(answer)
        if self._schema is None:
            self._schema = pa.ipc.read_schema(pa.py_buffer(message.arrow_schema.serialized_schema))
        rows = pa.py_buffer(message.arrow_record_batch.serialized_record_batch)
        return pa.ipc.read_record_batch(rows, self._schema)

    def close(self) -> None:
        """Tell the other side that no more is wanted."""
        if self._responses is not None:
            self._responses.cancel()
