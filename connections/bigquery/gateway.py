"""BigQuery over REST, and gRPC where rows are many, for one service account and one project.

Specification: https://cloud.google.com/bigquery/docs/reference/rest. Google's own client
does the talking. Nothing of it leaves this package: no object, no exception, no text of an
error, and never the key, the assertion or the token. No call is tried twice here; that is
for the worker to decide, by which of the two errors it gets (docs/adr/0002).
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import timedelta
from threading import Event
from types import TracebackType
from typing import Any, Self, TypeVar

from google.cloud import bigquery
from google.cloud.bigquery_storage_v1.services.big_query_read import BigQueryReadClient

from connections.bigquery import checks, jobs, listing, names, pages, storage, streams
from connections.bigquery.deadline import Deadline, within
from connections.bigquery.diagnosis import Asked, diagnose
from connections.bigquery.errors import BigQueryRefused
from connections.bigquery.jobs import Query
from connections.bigquery.shapes import (
    Dataset,
    Endpoints,
    Job,
    Page,
    Parameter,
    Stream,
    Table,
)
from connections.bigquery.transport import (
    NO_RETRY,
    make_client,
    make_credentials,
    make_token_request,
)
from connections.bigquery.trying import Trying
from connections.bigquery.writing import Writing
from connections.service_account import ServiceAccountKey

T = TypeVar("T")

_LIST_PAGE = 1_000
_MOST_TABLES = 10_000


class BigQuery(Trying, Writing):
    """What this account can do in one project. Threads may share it; make it after a fork.

    Every method takes ``seconds``, the time until it returns or raises, whatever the other
    side does: DNS, silence and dripping included. Each raises BigQueryUnavailable or
    BigQueryRefused with a reason of the catalogue, and nothing else.
    """

    def __init__(
        self,
        key: ServiceAccountKey,
        *,
        project: str,
        endpoints: Endpoints,
        call_seconds: float = 10.0,
    ) -> None:
        """``call_seconds`` is the deadline where a method is not given its own.

        Nothing is sent yet. Raises BigQueryRefused (key_unusable, name_invalid).
        """
        self.project = names.check_project(project)
        self.call_seconds = call_seconds
        self._given_up = Event()
        self._endpoints = endpoints
        self._credentials = make_credentials(key, endpoints)
        self._token_request = make_token_request(endpoints)
        self._client = make_client(project, self._credentials, self._token_request, endpoints)

    def close(self) -> None:
        """Give back the connections. Calls afterwards would open new ones."""
        self._client.close()  # type: ignore[no-untyped-call]

    def give_up(self) -> None:
        """From another thread: the time of calls under way, and of later ones, is over."""
        self._given_up.set()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def authenticate(self, *, seconds: float | None = None) -> None:
        """Get an access token, and ask BigQuery nothing."""

        def work(deadline: Deadline) -> None:
            self._credentials.refresh(  # type: ignore[no-untyped-call]
                lambda url, **options: self._token_request(
                    url, **(options | {"timeout": deadline.left})
                )
            )

        self._call(seconds, "the access token", work)

    def check_project(self, *, seconds: float | None = None) -> None:
        """The project exists and the API is on. Says nothing about permissions: without
        any, the list that is asked for is empty rather than refused."""

        def work(deadline: Deadline) -> None:
            list(self._client.list_datasets(max_results=1, retry=NO_RETRY, timeout=deadline.left))

        self._call(seconds, f"project {self.project}", work)

    def datasets(self, *, seconds: float | None = None) -> list[Dataset]:
        """Up to 1,000 datasets that the account may see, by id; possibly none."""

        def work(deadline: Deadline) -> list[Dataset]:
            listed = self._client.list_datasets(
                max_results=_LIST_PAGE, retry=NO_RETRY, timeout=deadline.left
            )
            found = [Dataset(one.dataset_id, one._properties.get("location", "")) for one in listed]
            return sorted(found, key=lambda dataset: dataset.id)

        return self._call(seconds, f"project {self.project}", work)

    def dataset(self, dataset_id: str, *, seconds: float | None = None) -> Dataset:
        """One dataset, with the location where its queries must run."""

        def work(deadline: Deadline) -> Dataset:
            found = self._client.get_dataset(
                self._dataset(dataset_id), retry=NO_RETRY, timeout=deadline.left
            )
            life = found.default_table_expiration_ms
            return Dataset(
                id=found.dataset_id,
                location=found.location or "",
                default_expiration=timedelta(milliseconds=life) if life else None,
            )

        return self._call(seconds, self._where(dataset_id), work)

    def check_jobs(self, *, dataset_id: str, location: str, seconds: float | None = None) -> None:
        """Run a real job of no bytes in the dataset's location: listing works from anywhere,
        a query does not."""
        asked = Asked(self.project, f"a query in {location} for {self._where(dataset_id)}")
        self._call(
            seconds,
            asked.where,
            lambda deadline: jobs.run_nothing(self._client, location, asked, deadline),
        )

    def tables(
        self, dataset_id: str, limit: int = _MOST_TABLES, *, seconds: float | None = None
    ) -> list[Table]:
        """Tables and views by id, at most ``limit``: of each id, kind and partition."""

        def work(deadline: Deadline) -> list[Table]:
            return listing.tables(self._client, self._dataset(dataset_id), limit, deadline)

        return self._call(seconds, self._where(dataset_id), work)

    def table(self, dataset_id: str, table_id: str, *, seconds: float | None = None) -> Table:
        """One table or view with its columns."""

        def work(deadline: Deadline) -> Table:
            return listing.to_table(self._get_table(dataset_id, table_id, deadline))

        return self._call(seconds, self._where(dataset_id, table_id), work)

    def check_read(self, *, dataset_id: str, location: str, seconds: float | None = None) -> None:
        """List the tables and read a row of one. An empty dataset passes."""
        self._call(
            seconds,
            self._where(dataset_id),
            lambda deadline: checks.read_a_row(
                self._client, self._dataset(dataset_id), location, deadline
            ),
        )

    def check_table(
        self, dataset_id: str, table_id: str, *, location: str, seconds: float | None = None
    ) -> None:
        """Read a row of this table; of a view, see that a query on it would run."""
        reference = self._dataset(dataset_id).table(names.check_table(table_id))
        self._call(
            seconds,
            self._where(dataset_id, table_id),
            lambda deadline: checks.read_from(self._client, reference, location, deadline),
        )

    def check_write(self, *, dataset_id: str, seconds: float | None = None) -> None:
        """Create a table that would live for an hour, and drop it."""
        self._call(
            seconds,
            self._where(dataset_id),
            lambda deadline: checks.make_and_drop(
                self._client, self._dataset(dataset_id), deadline
            ),
        )

    def may_create_datasets(self, *, location: str, seconds: float | None = None) -> bool:
        """Whether a role on the whole project lets the account create datasets in it.

        Asked by a dry run: nothing is created, and nothing is billed.
        """
        name = names.check_dataset(checks.unlikely_name())
        sql = f"CREATE SCHEMA `{self.project}`.`{name}`"
        return self._may("bigquery.datasets.create", sql, location, seconds)

    def may_create_tables(
        self, dataset_id: str, *, location: str, seconds: float | None = None
    ) -> bool:
        """Whether the account may create tables in the dataset; asked by a dry run."""
        name = names.quoted(self.project, dataset_id, checks.unlikely_name())
        sql = f"CREATE TABLE {name} (nothing INT64)"
        return self._may("bigquery.tables.create", sql, location, seconds)

    def check_fast_reads(self, *, location: str, seconds: float | None = None) -> None:
        """Read the result of a query of no bytes over the Storage Read API.

        No table is needed, and nothing is billed; it shows that a session may be made and read.
        """
        host = storage.target_of(self._endpoints)
        asked = Asked(self.project, f"the Storage Read API at {host}")

        def work(deadline: Deadline) -> None:
            job_id = jobs.run_nothing(self._client, location, asked, deadline)
            result = jobs.result_of(self._client, job_id, location, deadline)
            with self._storage() as client:
                storage.read_one_response(client, result, self.project, deadline)

        self._call(seconds, asked.where, work)

    def start_query(  # noqa: PLR0913 - one argument per fact
        self,
        sql: str,
        *,
        job_id: str,
        location: str,
        labels: dict[str, str],
        max_bytes_billed: int | None,
        parameters: Sequence[Parameter] = (),
        default_dataset: str | None = None,
        seconds: float | None = None,
    ) -> Job:
        """Submit a query under our own id; once, however often it is called.

        A job that is there already is returned, if it carries ``labels``; else
        BigQueryRefused (job_conflict). After BigQueryUnavailable it may or may not have
        been submitted: call again, or ``cancel`` it.
        """
        within = self._default(default_dataset)
        query = Query(sql, job_id, location, labels, max_bytes_billed, parameters, within)
        asked = self._asked_job(job_id, location)
        return self._call(
            seconds, asked.where, lambda deadline: jobs.start(self._client, query, asked, deadline)
        )

    def job(self, job_id: str, *, location: str, seconds: float | None = None) -> Job:
        """The job as it is now. Raises BigQueryRefused (job_not_found)."""
        asked = self._asked_job(job_id, location)
        return self._call(
            seconds,
            asked.where,
            lambda deadline: jobs.look(self._client, job_id, location, asked, deadline),
        )

    def cancel(self, job_id: str, *, location: str, seconds: float | None = None) -> None:
        """Ask for the job's end. It is over when ``job`` says DONE, not before; a job that
        is over already, or unknown, is fine."""

        def work(deadline: Deadline) -> None:
            jobs.cancel(self._client, job_id, location, deadline)

        self._call(seconds, self._asked_job(job_id, location).where, work)

    def read_page(
        self,
        job_id: str,
        *,
        location: str,
        start_row: int,
        max_rows: int,
        as_columns: bool = False,
        seconds: float | None = None,
    ) -> Page:
        """Rows of a finished query from ``start_row`` (0 is the first) on.

        At most ``max_rows``, and at most 20 MB as BigQuery counts them: go on from
        ``start_row + len(rows)``. Results are kept for about a day. ``as_columns``: as
        ``Page.cells`` where that can be, which costs a fifth.

        Raises:
            BigQueryUnavailable: job_not_done, among others.
            BigQueryRefused: result_expired, job_not_found, or what the job failed with.
        """
        span = range(start_row, start_row + max_rows)
        return self._call(
            seconds,
            self._asked_job(job_id, location).where,
            lambda deadline: pages.results_page(
                self._client, job_id, location, span, deadline, as_columns=as_columns
            ),
        )

    def open_stream(self, job_id: str, *, location: str, seconds: float | None = None) -> Stream:
        """The rows of a finished query as one stream of the Storage Read API."""

        def work(deadline: Deadline) -> Stream:
            with self._storage() as client:
                return streams.open_stream(self._client, client, job_id, location, deadline)

        return self._call(seconds, self._asked_stream, work)

    def read_stream(
        self, name: str, *, start_row: int, seconds: float | None = None
    ) -> Iterator[Any]:
        """Record batches of Arrow from ``start_row`` on; ``seconds`` is for each of them.

        ``start_row`` must have been reached by a read before, or be 0. Close the iterator
        to end the call.
        """
        with self._storage() as client:
            batches = streams.Batches(client, name, start_row)
            try:
                while True:
                    batch = self._told(seconds, self._asked_stream, batches.next)
                    if batch is None:
                        return
                    yield batch
            finally:
                batches.close()

    def preview(
        self,
        dataset_id: str,
        table_id: str,
        rows: int = 10,
        *,
        start_row: int = 0,
        seconds: float | None = None,
    ) -> Page:
        """Rows of a stored table from ``start_row`` on, at no cost. A view raises not_readable."""
        span = range(start_row, start_row + rows)

        def work(deadline: Deadline) -> Page:
            table = self._get_table(dataset_id, table_id, deadline)
            return pages.table_page(self._client, table, span, deadline)

        return self._call(seconds, self._where(dataset_id, table_id), work)

    def _call(self, seconds: float | None, where: str, work: Callable[[Deadline], T]) -> T:
        return self._told(seconds, where, lambda deadline: within(deadline, lambda: work(deadline)))

    def _told(self, seconds: float | None, where: str, work: Callable[[Deadline], T]) -> T:
        """For work that keeps the deadline by itself."""
        seconds = self.call_seconds if seconds is None else seconds
        deadline = Deadline.after(seconds, given_up=self._given_up)
        try:
            return work(deadline)
        except Exception as error:  # noqa: BLE001 - every failure becomes one of our two
            ours = diagnose(error, Asked(self.project, where))
        # Outside the block, so that Google's exception is not carried along as context.
        raise ours.with_traceback(None)

    def _storage(self) -> AbstractContextManager[BigQueryReadClient]:
        return storage.open_client(self._credentials, self._token_request, self._endpoints)

    @property
    def _asked_stream(self) -> str:
        return f"the Storage Read API at {storage.target_of(self._endpoints)}"

    def _may(self, permission: str, sql: str, location: str, seconds: float | None) -> bool:
        """False only if this very permission is what Google misses; anything else raises."""
        try:
            self.estimate(sql, location=location, seconds=seconds)
        except BigQueryRefused as refused:
            if refused.permission != permission:
                raise
            return False
        return True

    def _get_table(self, dataset_id: str, table_id: str, deadline: Deadline) -> bigquery.Table:
        reference = self._dataset(dataset_id).table(names.check_table(table_id))
        return self._client.get_table(reference, retry=NO_RETRY, timeout=deadline.left)

    def _dataset(self, dataset_id: str) -> bigquery.DatasetReference:
        return bigquery.DatasetReference(self.project, names.check_dataset(dataset_id))

    def _where(self, dataset_id: str, table_id: str | None = None) -> str:
        if table_id is None:
            return f"dataset {self.project}.{dataset_id}"
        return f"table {self.project}.{dataset_id}.{table_id}"

    def _asked_job(self, job_id: str, location: str) -> Asked:
        return Asked(self.project, f"job {names.check_job(job_id)} in {location}")
