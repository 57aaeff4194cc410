"""Connections that know the deadline of the call they serve (see ``deadline``)."""

from typing import Any

from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection

from connections.bigquery.deadline import check_in

_PIECE = 1024 * 1024


class _Plain(HTTPConnection):
    def connect(self) -> None:
        super().connect()
        check_in(self.sock)

    def request(self, *args: Any, **options: Any) -> None:
        check_in(self.sock)
        super().request(*args, **options)


class _Secure(HTTPSConnection):
    def connect(self) -> None:
        super().connect()
        check_in(self.sock)

    def request(self, *args: Any, **options: Any) -> None:
        check_in(self.sock)
        super().request(*args, **options)


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _Plain


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _Secure


class PunctualAdapter(HTTPAdapter):
    """Sends nothing after the deadline, not even once DNS and TLS have come round.

    Reads in large pieces: by itself requests reads a page of 4 MB in 400 steps.
    """

    def send(
        self, request: PreparedRequest, stream: bool = False, *args: Any, **options: Any
    ) -> Response:
        response = super().send(request, stream, *args, **options)
        if not stream:
            response._content = b"".join(response.iter_content(_PIECE))
        return response

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        _make_punctual(self.poolmanager)

    def proxy_manager_for(self, *args: Any, **options: Any) -> PoolManager:
        manager: PoolManager = super().proxy_manager_for(*args, **options)
        _make_punctual(manager)
        return manager


def _make_punctual(manager: PoolManager) -> None:
    manager.pool_classes_by_scheme = {"http": _PlainPool, "https": _SecurePool}
