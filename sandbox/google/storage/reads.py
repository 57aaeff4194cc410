"""`CreateReadSession` and `ReadRows`.

https://cloud.google.com/bigquery/docs/reference/storage/rpc/google.cloud.bigquery.storage.v1
"""

import time
from collections.abc import Callable, Iterator

import grpc
import pyarrow as pa
from google.cloud.bigquery_storage_v1 import types
from google.protobuf import timestamp_pb2

from sandbox.google import schema
from sandbox.google.accounts import PROJECT
from sandbox.google.errors import ApiError
from sandbox.google.schema import Field
from sandbox.google.storage import sessions, sources
from sandbox.google.storage.arrow import batches, schema_of
from sandbox.google.storage.gate import Ask
from sandbox.google.storage.refusals import (
    Refusal,
    denied_on_project,
    denied_on_stream,
    invalid,
    not_imitated,
)
from sandbox.google.storage.sessions import Session, Sessions
from sandbox.google.storage.sources import Source
from sandbox.google.tracing import facts_of

_CREATE = "bigquery.readsessions.create"
_READ = "bigquery.readsessions.getData"
_NO_COMPRESSION = types.ArrowSerializationOptions.CompressionCodec.COMPRESSION_UNSPECIFIED
_COMPRESSIONS = {
    _NO_COMPRESSION: None,
    types.ArrowSerializationOptions.CompressionCodec.LZ4_FRAME: "lz4",
    types.ArrowSerializationOptions.CompressionCodec.ZSTD: "zstd",
}

Create = Callable[[Ask, types.CreateReadSessionRequest], types.ReadSession]
Read = Callable[[Ask, types.ReadRowsRequest], Iterator[types.ReadRowsResponse]]


def handlers(kept: Sessions) -> tuple[Create, Read]:
    """The two calls over one store of sessions."""

    def create(ask: Ask, request: types.CreateReadSessionRequest) -> types.ReadSession:
        project = request.parent.removeprefix("projects/")
        if project != PROJECT or not ask.caller.may(_CREATE):
            raise denied_on_project(project, _CREATE)
        source = sources.find(ask.state, ask.caller, request.read_session.table)
        session = _session(ask, request, source)
        kept.keep(session)
        job = facts_of(source.job) if source.job else {}
        ask.note(table=request.read_session.table, streams=len(session.spans), **job)
        return _described(ask, session, request.read_session)

    def read(ask: Ask, request: types.ReadRowsRequest) -> Iterator[types.ReadRowsResponse]:
        if not ask.caller.may(_READ):
            raise denied_on_stream(request.read_stream, _READ)
        session, span = kept.stream(request.read_stream, ask.caller.email)
        job = facts_of(session.source.job) if session.source.job else {}
        ask.note(offset=request.offset or None, rows=0, **job)
        if not 0 <= request.offset <= len(span):
            message = f"there was an error operating on '{request.read_stream}': bad offset"
            raise Refusal(grpc.StatusCode.OUT_OF_RANGE, message)
        end = (request.offset + len(span)) // 2 if ask.loses_half else len(span)
        yield from _responses(ask, session, span, range(request.offset, end))

    return create, read


def _session(ask: Ask, request: types.CreateReadSessionRequest, source: Source) -> Session:
    wanted = request.read_session
    _refuse_what_is_missing(wanted)
    return Session(
        name=sessions.new_name(source.location),
        email=ask.caller.email,
        source=source,
        fields=_selected(source, list(wanted.read_options.selected_fields)),
        spans=sessions.cut(source.rows, request.max_stream_count),
        options=_write_options(wanted.read_options.arrow_serialization_options),
        dense=bool(source.rows) and ask.state.warehouse.is_dense(source.table, source.rows),
        expires=time.time() + sessions.LIFETIME_SECONDS,
    )


def _refuse_what_is_missing(wanted: types.ReadSession) -> None:
    options = wanted.read_options
    if wanted.data_format == types.DataFormat.DATA_FORMAT_UNSPECIFIED:
        raise invalid("the data format must be specified")
    missing = {
        "the AVRO format": wanted.data_format == types.DataFormat.AVRO,
        "row restrictions": bool(options.row_restriction),
        "samples of a table": bool(options.sample_percentage),
        "tables of another time": "snapshot_time" in wanted.table_modifiers,
        "compressed responses": bool(options.response_compression_codec),
    }
    if name := next((name for name, asked in missing.items() if asked), None):
        raise not_imitated(name)


def _selected(source: Source, paths: list[str]) -> tuple[Field, ...]:
    try:
        return schema.selected(source.table.fields, paths) if paths else source.table.fields
    except ApiError as refused:
        raise invalid(refused.message) from None


def _write_options(asked: types.ArrowSerializationOptions) -> pa.ipc.IpcWriteOptions:
    return pa.ipc.IpcWriteOptions(compression=_COMPRESSIONS.get(asked.buffer_compression))


def _described(ask: Ask, session: Session, wanted: types.ReadSession) -> types.ReadSession:
    size = 0
    if session.source.job is None:
        _, sizes = ask.state.warehouse.sizes(session.source.table)
        size = sum(sizes[one.name] for one in session.fields)
    expires = timestamp_pb2.Timestamp()
    expires.FromSeconds(int(session.expires))
    return types.ReadSession(
        name=session.name,
        expire_time=expires,
        data_format=types.DataFormat.ARROW,
        arrow_schema=_schema(session),
        table=wanted.table,
        read_options=wanted.read_options,
        streams=[types.ReadStream(name=name) for name in session.streams],
        estimated_total_bytes_scanned=size,
        estimated_row_count=session.source.rows,
        trace_id=wanted.trace_id,
    )


def _responses(
    ask: Ask, session: Session, span: range, wanted: range
) -> Iterator[types.ReadRowsResponse]:
    """Of the rows of a stream those that are wanted, by their offsets in it."""
    total, done, schema_once = len(span), wanted.start, _schema(session)
    found = batches(
        ask.state.warehouse,
        session.source.table,
        session.fields,
        span[wanted.start : wanted.stop],
        dense=session.dense,
    )
    for batch in found:
        begun, done = done, done + batch.num_rows
        ask.note(rows=done - wanted.start)
        progress = types.StreamStats.Progress(
            at_response_start=begun / total, at_response_end=done / total
        )
        yield types.ReadRowsResponse(
            arrow_record_batch=types.ArrowRecordBatch(
                serialized_record_batch=_serialized(batch, session.options),
                row_count=batch.num_rows,
            ),
            row_count=batch.num_rows,
            stats=types.StreamStats(progress=progress),
            arrow_schema=schema_once,
        )
        schema_once = None  # only the first answer carries it


def _schema(session: Session) -> types.ArrowSchema | None:
    content = schema_of(session.fields).serialize().to_pybytes()
    return types.ArrowSchema(serialized_schema=content)


def _serialized(batch: pa.RecordBatch, options: pa.ipc.IpcWriteOptions) -> bytes:
    """The batch as one message of Arrow's IPC format, without its schema."""
    if options.compression is None:
        return bytes(batch.serialize().to_pybytes())
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema, options=options) as writer:
        writer.write_batch(batch)
    messages = pa.ipc.MessageReader.open_stream(sink.getvalue())
    messages.read_next_message()  # the schema
    return bytes(messages.read_next_message().serialize().to_pybytes())
