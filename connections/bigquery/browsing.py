"""The part of the gateway that looks around: datasets, their tables, and rows of one."""

from datetime import timedelta

from google.cloud import bigquery

from connections.bigquery import listing, names, pages
from connections.bigquery.calling import Calling
from connections.bigquery.deadline import Deadline
from connections.bigquery.shapes import Dataset, Page, Table
from connections.bigquery.transport import NO_RETRY

_LIST_PAGE = 1_000
_MOST_TABLES = 10_000


class Browsing(Calling):
    """Methods of ``BigQuery``, with its promises about ``seconds`` and about errors."""

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

    def _get_table(self, dataset_id: str, table_id: str, deadline: Deadline) -> bigquery.Table:
        reference = self._dataset(dataset_id).table(names.check_table(table_id))
        return self._client.get_table(reference, retry=NO_RETRY, timeout=deadline.left)
