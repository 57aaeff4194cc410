"""The part of the gateway that Test Connection asks: may the key do what it is for?"""

from connections.bigquery import checks, jobs, names, storage
from connections.bigquery.deadline import Deadline
from connections.bigquery.diagnosis import Asked
from connections.bigquery.errors import BigQueryRefused
from connections.bigquery.transport import NO_RETRY
from connections.bigquery.trying import Trying


class Checking(Trying):
    """Methods of ``BigQuery``, with its promises about ``seconds`` and about errors.

    Some ask by a dry run, and so stand on those.
    """

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

    def check_jobs(self, *, dataset_id: str, location: str, seconds: float | None = None) -> None:
        """Run a real job of no bytes in the dataset's location: listing works from anywhere,
        a query does not."""
        asked = Asked(self.project, f"a query in {location} for {self._where(dataset_id)}")
        self._call(
            seconds,
            asked.where,
            lambda deadline: jobs.run_nothing(self._client, location, asked, deadline),
        )

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

    def _may(self, permission: str, sql: str, location: str, seconds: float | None) -> bool:
        """False only if this very permission is what Google misses; anything else raises."""
        try:
            self.estimate(sql, location=location, seconds=seconds)
        except BigQueryRefused as refused:
            if refused.permission != permission:
                raise
            return False
        return True
