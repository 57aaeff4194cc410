"""The gRPC server: its own port on loopback, one service, threads.

Loopback credentials carry the caller's token without TLS, and only on this machine.
"""

import socket
from concurrent.futures import ThreadPoolExecutor

import grpc
from google.cloud.bigquery_storage_v1 import types

from sandbox.google.storage import gate, reads
from sandbox.google.storage.sessions import Sessions
from sandbox.state import SandboxState

HOST = "127.0.0.1"
# Each open stream holds one, also while its reader is slow or a fault lets it hang.
_THREADS = 64
_GRACE_SECONDS = 0.5
_OPTIONS = (
    # Else a second sandbox could listen on the same port, and get half of the calls.
    ("grpc.so_reuseport", 0),
    ("grpc.max_send_message_length", -1),
)


class StorageServer:
    """Bound when it is made, serving from `start` to `stop`."""

    def __init__(self, port: int) -> None:
        """0 takes any free port. Raises: OSError when it is taken."""
        _need_free(port)
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="storage")
        self._server = grpc.server(self._threads, options=_OPTIONS)
        self.port: int = self._server.add_secure_port(
            f"{HOST}:{port}", grpc.local_server_credentials()
        )

    @property
    def address(self) -> str:
        """Where it listens, as a URL."""
        return f"http://{HOST}:{self.port}"

    def start(self, state: SandboxState) -> None:
        """Serve over the state."""
        create, read = reads.handlers(Sessions())
        methods = {
            "CreateReadSession": grpc.unary_unary_rpc_method_handler(
                gate.unary(state, "CreateReadSession", create),
                types.CreateReadSessionRequest.deserialize,
                types.ReadSession.serialize,
            ),
            "ReadRows": grpc.unary_stream_rpc_method_handler(
                gate.streaming(state, "ReadRows", read),
                types.ReadRowsRequest.deserialize,
                types.ReadRowsResponse.serialize,
            ),
        }
        handler = grpc.method_handlers_generic_handler(gate.SERVICE, methods)
        self._server.add_generic_rpc_handlers((handler,))
        self._server.start()

    def stop(self) -> None:
        """End all calls, and give the port back."""
        self._server.stop(_GRACE_SECONDS).wait()
        self._threads.shutdown(wait=True, cancel_futures=True)


def _need_free(port: int) -> None:
    """gRPC would write its own report of a taken port to the terminal."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OverflowError as refused:
            raise OSError("not a port") from refused
