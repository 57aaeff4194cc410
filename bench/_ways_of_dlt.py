"""dlt with a custom destination, in a Python that has it; never a dependency of the product.

``python -m venv dlt && dlt/bin/pip install dlt google-cloud-bigquery google-cloud-bigquery-storage
pyarrow requests``, then BENCH_DLT=dlt/bin/python. Rows of Google's client, or record batches of
the Storage Read API; bodies of 1,000 to the same sink, by dlt's own workers. Prints JSON.
"""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench._engine_world import DATASET, PROJECT, Clock, peak_megabytes
from bench._naive import record_of


def rows_of(asked: dict[str, Any], credentials: Any) -> Iterator[Any]:
    """As dlt's documents read a database: dicts."""
    from google.cloud import bigquery  # noqa: PLC0415

    client = bigquery.Client(
        PROJECT, credentials, client_options={"api_endpoint": asked["sandbox"]}
    )
    for row in client.list_rows(f"{PROJECT}.{DATASET}.{asked['table']}"):
        yield dict(row)


def batches_of(asked: dict[str, Any], credentials: Any) -> Iterator[Any]:
    """Record batches, as they come."""
    import grpc  # noqa: PLC0415
    import pyarrow as pa  # noqa: PLC0415
    from google.auth.transport.grpc import AuthMetadataPlugin  # noqa: PLC0415
    from google.auth.transport.requests import Request  # noqa: PLC0415
    from google.cloud import bigquery_storage_v1 as storage  # noqa: PLC0415
    from google.cloud.bigquery_storage_v1.services.big_query_read.transports import (  # noqa: PLC0415
        BigQueryReadGrpcTransport,
    )

    plugin = AuthMetadataPlugin(credentials, Request())
    channel = grpc.secure_channel(
        asked["storage"].removeprefix("http://"),
        grpc.composite_channel_credentials(
            grpc.local_channel_credentials(), grpc.metadata_call_credentials(plugin)
        ),
        options=(("grpc.max_receive_message_length", -1),),
    )
    client = storage.BigQueryReadClient(transport=BigQueryReadGrpcTransport(channel=channel))
    table = f"projects/{PROJECT}/datasets/{DATASET}/tables/{asked['table']}"
    session = client.create_read_session(
        parent=f"projects/{PROJECT}",
        read_session=storage.types.ReadSession(
            table=table, data_format=storage.types.DataFormat.ARROW
        ),
        max_stream_count=1,
    )
    schema = pa.ipc.read_schema(pa.py_buffer(session.arrow_schema.serialized_schema))
    for answer in client.read_rows(session.streams[0].name):
        content = pa.py_buffer(answer.arrow_record_batch.serialized_record_batch)
        yield pa.Table.from_batches([pa.ipc.read_record_batch(content, schema)])


def main() -> None:
    """Read what is asked, do it, say how it went."""
    asked = json.load(sys.stdin)
    os.environ.update(DLT_DATA_DIR=f"{asked['folder']}/dlt", RUNTIME__DLTHUB_TELEMETRY="false")
    import dlt  # noqa: PLC0415
    import requests  # noqa: PLC0415
    from google.oauth2 import service_account  # noqa: PLC0415

    document = json.loads(Path(asked["key"]).read_text(encoding="utf-8"))
    credentials = service_account.Credentials.from_service_account_info(
        document, scopes=["https://www.googleapis.com/auth/bigquery"]
    )
    is_arrow = asked["way"] == "dlt-arrow"
    session, sent = requests.Session(), []

    @dlt.destination(
        batch_size=1000,
        loader_file_format="parquet" if is_arrow else "typed-jsonl",
        name="clevertap",
        naming_convention="direct",
    )
    def clevertap(items: Any, table: Any) -> None:
        rows = items.to_pylist() if is_arrow else items
        body = json.dumps({"d": [record_of(row) for row in rows]})
        session.post(f"{asked['sink']}/1/upload", data=body).json()
        sent.append(len(rows))  # the sink knows compact JSON only

    source = batches_of if is_arrow else rows_of
    clock = Clock()
    pipeline = dlt.pipeline("bench", destination=clevertap, pipelines_dir=f"{asked['folder']}/dlt")
    pipeline.run(source(asked, credentials), table_name="customers")
    cpu, wall = clock.taken()
    if sum(sent) != asked["rows"]:
        raise SystemExit(f"dlt sent {sum(sent)} of {asked['rows']} rows")
    answer = {
        "cpu": cpu * 1e6 / asked["rows"],
        "speed": asked["rows"] / wall,
        "rss": peak_megabytes(),
    }
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
