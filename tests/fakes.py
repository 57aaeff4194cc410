"""Stand-ins for the two gateways, with the same public surface (held to it by a contract test).

They keep what they were told, and fail as they are told to.
"""

import pyarrow as pa

from connections.bigquery import Column, Dataset, Estimate, Job, Page, State, Stream, Table
from imports.clevertap import Answer

COLUMNS = (Column("customer_id", "STRING"), Column("email", "STRING"))


class FakeBigQuery:
    """One job whose result is ``rows``; RUNNING for ``polls`` looks, then DONE."""

    def __init__(self, rows, *, polls=0, columns=COLUMNS, kind="TABLE", estimate=1_000):
        """Streams give ``streamed``, the same rows in an order of their own if a test likes."""
        self.rows, self.polls, self.columns = rows, polls, columns
        self.streamed, self.batch_rows, self.streams = rows, 700, []
        self.stream_failures = []  # what becomes of each batch that is asked for; None: nothing
        self.kind, self.estimated = kind, estimate
        self.started, self.cancelled, self.pages_read = [], [], []
        self.parameters = {}
        self.failure = self.table_failure = self.cap = None
        self.kept, self.loads, self.load_failures = [], {}, []
        self.on_load = lambda: None
        self.table_columns = None  # the table's, where they are others than the result's
        self.on_poll = self.on_give_up = lambda: None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        pass

    def give_up(self):
        self.on_give_up()

    def dataset(self, dataset_id, *, seconds=None):
        return Dataset(id=dataset_id, location="EU")

    def table(self, dataset_id, table_id, *, seconds=None):
        if self.table_failure:
            raise self.table_failure
        return Table(
            table_id, self.kind, rows=len(self.rows), columns=self.table_columns or self.columns
        )

    def preview(self, dataset_id, table_id, rows=10, *, start_row=0, seconds=None):
        shown = self.rows[start_row : start_row + rows]
        return Page(self.columns, shown, start_row, len(self.rows))

    def estimate(self, sql, *, location, parameters=(), default_dataset=None, seconds=None):
        return Estimate(self.estimated, self.columns)

    def start_query(
        self, sql, *, job_id, location, labels, max_bytes_billed=None, parameters=(),
        default_dataset=None, seconds=None,
    ):  # fmt: skip
        self.started.append((job_id, sql, location, labels))
        self.parameters[job_id] = {one.name: one.value for one in parameters}
        self.cap = max_bytes_billed
        return self._job(job_id, location)

    def job(self, job_id, *, location, seconds=None):
        self.on_poll()
        self.polls -= 1
        return self._job(job_id, location)

    def cancel(self, job_id, *, location, seconds=None):
        self.cancelled.append(job_id)

    def read_page(self, job_id, *, location, start_row, max_rows, as_columns=False, seconds=None):
        if self.failure:
            raise self.failure
        self.pages_read.append(start_row)
        rows = self.rows[start_row : start_row + max_rows]
        return Page(self.columns, rows, start_row, len(self.rows))

    def open_stream(self, job_id, *, location, seconds=None):
        self._fail_stream()
        schema = pa.schema([(column.name, pa.string()) for column in self.columns])
        return Stream(f"stream of {job_id}", self.columns, schema)

    def read_stream(self, name, *, start_row, seconds=None):
        self.streams.append((name, start_row))
        for row in range(start_row, len(self.streamed), self.batch_rows):
            self._fail_stream()
            cells = zip(*self.streamed[row : row + self.batch_rows], strict=True)
            arrays = [pa.array(column, pa.string()) for column in cells]
            yield pa.record_batch(arrays, [column.name for column in self.columns])

    def keep_table(self, dataset_id, table, *, seconds=None):
        self.kept.append((dataset_id, table.id))

    def start_load(
        self, dataset_id, table_id, lines, *, job_id, location, labels, seconds=None
    ):  # fmt: skip
        """Takes the rows once for each id, and raises afterwards what a test has put there."""
        self.on_load()
        self.loads.setdefault(job_id, (table_id, lines))
        failure = self.load_failures.pop(0) if self.load_failures else None
        if failure is not None:
            raise failure
        return self._job(job_id, location)

    def load(self, dataset_id, table_id, *, job_id, location, seconds=None):
        self.on_poll()
        self.polls -= 1
        return self._job(job_id, location)

    def _fail_stream(self):
        failure = self.stream_failures.pop(0) if self.stream_failures else None
        if failure is not None:
            raise failure

    def _job(self, job_id, location):
        cancelled = job_id in self.cancelled
        done = cancelled or self.polls <= 0
        return Job(
            id=job_id,
            location=location,
            state=State.DONE if done else State.RUNNING,
            failure=None,
            cancelled=cancelled,
            bytes_billed=10_485_760 if done else None,
            bytes_processed=1_000 if done else None,
            total_rows=len(self.rows) if done and not cancelled else None,
        )


class FakeCleverTap:
    """Accepts what it gets, unless ``answers`` holds something else for the next request."""

    def __init__(self):
        self.bodies, self.answers, self.dry = [], [], []
        self.on_upload = lambda: None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        pass

    def check(self):
        pass

    def upload(self, body, *, count, run, batch, dry_run=False):
        self.bodies.append(body if isinstance(body, bytes) else b"".join(body))
        self.dry.append(dry_run)
        self.on_upload()
        answer = self.answers.pop(0) if self.answers else Answer(count, (), 3)
        if isinstance(answer, BaseException):
            raise answer
        return answer
