"""The part of the gateway that Create Import asks: dry runs, first rows, sizes of tables."""

from collections.abc import Sequence

from connections.bigquery import jobs, names, trials
from connections.bigquery.calling import Calling
from connections.bigquery.diagnosis import Asked
from connections.bigquery.shapes import Estimate, Measure, Parameter, Sample


class Trying(Calling):
    """Methods of ``BigQuery``, with its promises about ``seconds`` and about errors."""

    def sizes(
        self, dataset_id: str, *, location: str, seconds: float | None = None
    ) -> dict[str, Measure]:
        """Rows, bytes and last change of the stored tables by id, in one query at no cost."""
        asked = Asked(self.project, self._where(names.check_dataset(dataset_id)))
        return self._call(
            seconds,
            asked.where,
            lambda deadline: trials.sizes(self._client, dataset_id, location, asked, deadline),
        )

    def estimate(
        self,
        sql: str,
        *,
        location: str,
        parameters: Sequence[Parameter] = (),
        default_dataset: str | None = None,
        seconds: float | None = None,
    ) -> Estimate:
        """What the query would scan. A bad query raises with its line and column.

        Names without a dataset are looked up in ``default_dataset``.
        """
        within = self._default(default_dataset)
        return self._call(
            seconds,
            f"a query in {location}",
            lambda deadline: jobs.estimate(
                self._client, sql, location, deadline, parameters, within
            ),
        )

    def sample(
        self,
        sql: str,
        *,
        location: str,
        rows: int,
        max_bytes_billed: int,
        default_dataset: str | None = None,
        seconds: float | None = None,
    ) -> Sample:
        """Run the query for its first rows. Over the cap it is refused (bytes_cap), at no cost.

        When time is over its job is cancelled and BigQueryUnavailable (timeout) raised.
        """
        within = self._default(default_dataset)
        trial = trials.Trial(sql, location, rows, max_bytes_billed, within)
        asked = Asked(self.project, f"a query in {location}")
        return self._call(
            seconds,
            asked.where,
            lambda deadline: trials.run(self._client, trial, asked, deadline),
        )
