"""How the gateway asks: the client of one key and project, the time of a call, and its two errors."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from threading import Event
from types import TracebackType
from typing import Self, TypeVar

from google.cloud import bigquery
from google.cloud.bigquery_storage_v1.services.big_query_read import BigQueryReadClient

from connections.bigquery import names, storage
from connections.bigquery.deadline import Deadline, within
from connections.bigquery.diagnosis import Asked, diagnose
from connections.bigquery.shapes import Endpoints
from connections.bigquery.transport import make_client, make_credentials, make_token_request
from connections.service_account import ServiceAccountKey

T = TypeVar("T")


class Calling:
    """What every part of ``BigQuery`` stands on; each of them has methods for one thing."""

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

    def _where(self, dataset_id: str, table_id: str | None = None) -> str:
        if table_id is None:
            return f"dataset {self.project}.{dataset_id}"
        return f"table {self.project}.{dataset_id}.{table_id}"

    def _dataset(self, dataset_id: str) -> bigquery.DatasetReference:
        return bigquery.DatasetReference(self.project, names.check_dataset(dataset_id))

    def _storage(self) -> AbstractContextManager[BigQueryReadClient]:
        return storage.open_client(self._credentials, self._token_request, self._endpoints)

    def _default(self, dataset_id: str | None) -> str | None:
        return f"{self.project}.{names.check_dataset(dataset_id)}" if dataset_id else None
