"""The Storage Read API: rows over gRPC, as Arrow, many times faster than REST.

Specification: https://cloud.google.com/bigquery/docs/reference/storage. The account signs its
own token for it (https://google.aip.dev/auth/4111), so no token address is asked. A client is
made where it is used, after any fork, and closed there.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

import grpc
from google.auth.transport.grpc import AuthMetadataPlugin
from google.cloud.bigquery import TableReference
from google.cloud.bigquery_storage_v1 import types
from google.cloud.bigquery_storage_v1.services.big_query_read import BigQueryReadClient
from google.cloud.bigquery_storage_v1.services.big_query_read.transports import (
    BigQueryReadGrpcTransport,
)
from google.oauth2 import service_account

from connections.bigquery.deadline import Deadline
from connections.bigquery.shapes import Endpoints
from connections.bigquery.transport import NO_RETRY, TokenRequest

# What Google's tokens are meant for, whatever the address that is called.
_AUDIENCE_HOST: Final = "bigquerystorage.googleapis.com"
_OPTIONS: Final = (
    ("grpc.max_receive_message_length", -1),
    # No call is tried twice here (docs/adr/0002).
    ("grpc.enable_retries", 0),
)
_NO_PROXY: Final = (("grpc.enable_http_proxy", 0),)


class _Way(NamedTuple):
    """How the other side is reached."""

    credentials: Any
    options: tuple[tuple[str, Any], ...]


@contextmanager
def open_client(
    credentials: service_account.Credentials, token_request: TokenRequest, endpoints: Endpoints
) -> Iterator[BigQueryReadClient]:
    """Google's own client at our address; its connection ends with the block."""
    own = credentials.with_scopes(None).with_always_use_jwt_access(True)
    plugin = AuthMetadataPlugin(own, token_request, default_host=_AUDIENCE_HOST)  # type: ignore[no-untyped-call]
    call_credentials = grpc.metadata_call_credentials(plugin)
    way = _way_to_google(token_request, endpoints) if endpoints.is_google else _way_to_sandbox()
    channel = grpc.secure_channel(
        target_of(endpoints),
        grpc.composite_channel_credentials(way.credentials, call_credentials),
        options=(*_OPTIONS, *way.options),
    )
    with channel:
        yield BigQueryReadClient(transport=BigQueryReadGrpcTransport(channel=channel))


def read_one_response(
    client: BigQueryReadClient, table: TableReference, project: str, deadline: Deadline
) -> None:
    """Open a session on the table and take the first rows of it; an empty table has none."""
    name = f"projects/{table.project}/datasets/{table.dataset_id}/tables/{table.table_id}"
    session = client.create_read_session(
        parent=f"projects/{project}",
        read_session=types.ReadSession(table=name, data_format=types.DataFormat.ARROW),
        max_stream_count=1,
        retry=NO_RETRY,
        timeout=deadline.left,
    )
    for stream in session.streams[:1]:
        responses: Any = client.read_rows(
            read_stream=stream.name, retry=NO_RETRY, timeout=deadline.left
        )
        next(iter(responses), None)
        responses.cancel()


def target_of(endpoints: Endpoints) -> str:
    """Host and port, as gRPC takes them."""
    parts = urlsplit(endpoints.storage_endpoint)
    return parts.netloc if parts.port else f"{parts.netloc}:443"


def _way_to_sandbox() -> _Way:
    """Credentials that gRPC accepts on this machine only."""
    return _Way(grpc.local_channel_credentials(), _NO_PROXY)


def _way_to_google(token_request: TokenRequest, endpoints: Endpoints) -> _Way:
    """TLS, by the proxy and the CA file that REST takes too; gRPC by itself knows neither."""
    session: Any = token_request.session
    found = session.merge_environment_settings(endpoints.storage_endpoint, {}, None, None, None)
    proxy = found["proxies"].get("https") or found["proxies"].get("all")
    return _Way(
        grpc.ssl_channel_credentials(root_certificates=_authorities(found["verify"])),
        (("grpc.http_proxy", proxy),) if proxy else _NO_PROXY,
    )


def _authorities(chosen: bool | str) -> bytes | None:
    """The operator's CA file; None: the authorities that gRPC brings along."""
    if not isinstance(chosen, str) or Path(chosen).is_dir():
        return None
    if not Path(chosen).exists():
        raise OSError("the CA file does not exist")  # as requests raises it
    return Path(chosen).read_bytes()
