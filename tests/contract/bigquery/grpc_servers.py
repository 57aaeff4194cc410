"""Servers that a gRPC client can meet: one that refuses as told, and bare ports."""

import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any

import grpc
from google.protobuf import any_pb2
from google.rpc import error_details_pb2, status_pb2
from grpc_status import rpc_status

SERVICE = "google.cloud.bigquery.storage.v1.BigQueryRead"


class Refusing:
    """Answers every session with ``case``: a gRPC code, a message, and an ErrorInfo."""

    def __init__(self) -> None:
        self.port = 0
        self.case: dict[str, Any] = {}
        self.tokens: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def answer(self, request: bytes, context: grpc.ServicerContext) -> bytes:
        self.tokens.append(dict(context.invocation_metadata())["authorization"])
        code = grpc.StatusCode[self.case["grpc"]]
        status = status_pb2.Status(code=code.value[0], message=self.case["message"])
        if "info" in self.case:
            detail = any_pb2.Any()
            info = error_details_pb2.ErrorInfo(reason=self.case["info"], domain="googleapis.com")
            detail.Pack(info)
            status.details.append(detail)
        context.abort_with_status(rpc_status.to_status(status))
        return b""


@contextmanager
def refusing(credentials: grpc.ServerCredentials | None = None) -> Iterator[Refusing]:
    """On this machine, without TLS unless given a certificate's credentials."""
    threads = ThreadPoolExecutor(2)
    server = grpc.server(threads, options=[("grpc.so_reuseport", 0)])
    stub = Refusing()
    handler = grpc.unary_unary_rpc_method_handler(stub.answer)
    methods = {"CreateReadSession": handler}
    server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler(SERVICE, methods)])
    stub.port = server.add_secure_port(
        "127.0.0.1:0", credentials or grpc.local_server_credentials()
    )
    server.start()
    try:
        yield stub
    finally:
        server.stop(None).wait()
        threads.shutdown()


@contextmanager
def bare_port(behave: Callable[[socket.socket], None]) -> Iterator[int]:
    """A port where each connection meets ``behave``."""
    listener = socket.create_server(("127.0.0.1", 0))
    accepted: list[socket.socket] = []

    def serve(connection: socket.socket) -> None:
        with suppress(OSError):
            behave(connection)

    def accept() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                accepted.append(connection)
                threading.Thread(target=serve, args=(connection,), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)
        for connection in accepted:
            connection.close()
