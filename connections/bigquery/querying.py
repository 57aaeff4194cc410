"""The part of the gateway that runs queries as jobs, and reads their results."""

from collections.abc import Iterator, Sequence
from typing import Any

from connections.bigquery import jobs, names, pages, storage, streams
from connections.bigquery.calling import Calling
from connections.bigquery.deadline import Deadline
from connections.bigquery.diagnosis import Asked
from connections.bigquery.jobs import Query
from connections.bigquery.shapes import Job, Page, Parameter, Stream


class Querying(Calling):
    """Methods of ``BigQuery``, with its promises about ``seconds`` and about errors."""

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

    @property
    def _asked_stream(self) -> str:
        return f"the Storage Read API at {storage.target_of(self._endpoints)}"

    def _asked_job(self, job_id: str, location: str) -> Asked:
        return Asked(self.project, f"job {names.check_job(job_id)} in {location}")
