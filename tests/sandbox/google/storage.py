"""The Storage Read API as Google's own client speaks to it, and what it answers as rows."""

from contextlib import contextmanager

import grpc
import pyarrow as pa
from google.auth.transport.grpc import AuthMetadataPlugin
from google.auth.transport.requests import Request
from google.cloud.bigquery_storage_v1 import BigQueryReadClient, types
from google.cloud.bigquery_storage_v1.services import big_query_read
from google.cloud.bigquery_storage_v1.services.big_query_read.transports import (
    BigQueryReadGrpcTransport,
)

from tests.sandbox.google.running import Credentials

PROJECT = "projects/sandbox-shop-4711"
HOST = "bigquerystorage.googleapis.com"
ARROW = types.DataFormat.ARROW


def signed_by_itself(sandbox, name="good", **changes):
    """Call credentials as google-auth makes them for gRPC."""
    key = sandbox.key(name) | changes
    credentials = Credentials.from_service_account_info(key).with_always_use_jwt_access(True)
    return grpc.metadata_call_credentials(AuthMetadataPlugin(credentials, Request(), HOST))


def bearing(token):
    return grpc.access_token_call_credentials(token)


@contextmanager
def reader(sandbox, call_credentials=None):
    """Google's client; the good key's unless told otherwise."""
    credentials = grpc.composite_channel_credentials(
        grpc.local_channel_credentials(), call_credentials or signed_by_itself(sandbox)
    )
    target = sandbox.state.storage_url.removeprefix("http://")
    with grpc.secure_channel(target, credentials) as channel:
        yield BigQueryReadClient(transport=BigQueryReadGrpcTransport(channel=channel))


def session_on(client, table, /, *, streams=1, parent=PROJECT, **wanted):
    path = table if "/" in table else f"{PROJECT}/datasets/shop/tables/{table}"
    read_session = types.ReadSession({"table": path, "data_format": ARROW} | wanted)
    return client.create_read_session(
        parent=parent,
        read_session=read_session,
        max_stream_count=streams,
        retry=None,
        timeout=20,
    )


def schema_of(session):
    return pa.ipc.read_schema(pa.py_buffer(session.arrow_schema.serialized_schema))


def batches_of(client, session, stream=0, offset=0):
    """One try, without the reconnecting reader that Google's client wraps around it."""
    name = session.streams[stream].name
    responses = big_query_read.BigQueryReadClient.read_rows(
        client, {"read_stream": name, "offset": offset}, retry=None, timeout=20
    )
    for one in responses:
        content = pa.py_buffer(one.arrow_record_batch.serialized_record_batch)
        batch = pa.ipc.read_record_batch(content, schema_of(session))
        assert batch.num_rows == one.row_count
        batch.validate(full=True)
        yield batch


def rows_of(client, session, stream=0, offset=0):
    return [
        row for batch in batches_of(client, session, stream, offset) for row in batch.to_pylist()
    ]
