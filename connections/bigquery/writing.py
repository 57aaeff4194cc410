"""The part of the gateway that writes: tables of our own, by load jobs and nothing else."""

from connections.bigquery import loads, names
from connections.bigquery.calling import Calling
from connections.bigquery.diagnosis import Asked
from connections.bigquery.loads import Load
from connections.bigquery.shapes import Job, OwnTable


class Writing(Calling):
    """Methods of ``BigQuery``, with its promises about ``seconds`` and about errors."""

    def keep_table(self, dataset_id: str, table: OwnTable, *, seconds: float | None = None) -> None:
        """See that a table of ours is there, or make it.

        Raises BigQueryRefused (table_not_ours, table_differs) where the name is taken by
        something else; nothing is changed then.
        """
        dataset = self._dataset(dataset_id)
        asked = Asked(self.project, self._where(dataset_id, names.check_table(table.id)))
        self._call(
            seconds,
            asked.where,
            lambda deadline: loads.keep(self._client, dataset, table, asked, deadline),
        )

    def start_load(  # noqa: PLR0913 - one argument per fact
        self,
        dataset_id: str,
        table_id: str,
        lines: bytes,
        *,
        job_id: str,
        location: str,
        labels: dict[str, str],
        seconds: float | None = None,
    ) -> Job:
        """Append lines of JSON to a table that is there; once, however often it is called.

        As ``start_query``: a job that is there already is returned, if it carries
        ``labels``; after BigQueryUnavailable call again with the same id.
        """
        dataset = self._dataset(dataset_id)
        reference = dataset.table(names.check_table(table_id))
        load = Load(lines, names.check_job(job_id), location, labels)
        asked = Asked(self.project, self._where(dataset_id, table_id))
        return self._call(
            seconds,
            asked.where,
            lambda deadline: loads.start(self._client, reference, load, asked, deadline),
        )

    def load(
        self,
        dataset_id: str,
        table_id: str,
        *,
        job_id: str,
        location: str,
        seconds: float | None = None,
    ) -> Job:
        """The load job as it is now; ``total_rows`` are those it has written."""
        asked = Asked(self.project, self._where(dataset_id, table_id))
        known = names.check_job(job_id)
        return self._call(
            seconds,
            asked.where,
            lambda deadline: loads.look(self._client, known, location, asked, deadline),
        )
