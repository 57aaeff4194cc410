"""Load jobs, sent as Google's client sends them: all rows or none, and never twice."""

import io
import json
from datetime import UTC, datetime, timedelta

import pytest
from google.api_core.exceptions import Conflict, Forbidden, GoogleAPICallError, NotFound
from google.cloud.bigquery import (
    LoadJobConfig,
    SchemaField,
    Table,
    TimePartitioning,
)  # fmt: skip
from google.cloud.bigquery import (
    client as of_google,
)

from sandbox.google.accounts import PROJECT

NOW = datetime.now(UTC)
SCHEMA = [
    SchemaField("at", "TIMESTAMP", "REQUIRED"),
    SchemaField("name", "STRING"),
    SchemaField("count", "INTEGER"),
    SchemaField("tags", "STRING", "REPEATED"),
]
ROW = {"at": NOW.isoformat(), "name": 'say "hi"\nZoë', "count": 5, "tags": ["a", "b"]}


@pytest.fixture
def table(admin):
    admin.delete_table(f"{PROJECT}.shop.loaded", not_found_ok=True)
    yield f"{PROJECT}.shop.loaded"
    admin.delete_table(f"{PROJECT}.shop.loaded", not_found_ok=True)


def load(client, table, *rows, job_id=None, **options):
    data = options.pop("data", None) or b"\n".join(json.dumps(row).encode() for row in rows)
    asked = {"source_format": "NEWLINE_DELIMITED_JSON", "schema": SCHEMA, "labels": {"run": "1"}}
    return client.load_table_from_file(
        io.BytesIO(data),
        table,
        size=len(data),
        job_id=job_id,
        num_retries=0,
        location="EU",
        job_config=LoadJobConfig(**(asked | options)),
    )


def rows_of(client, table):
    return [tuple(row) for row in client.list_rows(table)]


def refusal(job):
    with pytest.raises(GoogleAPICallError) as caught:
        job.result()
    return caught.value.message


def test_loads_rows_into_a_table_that_it_makes(client, table):
    job = load(client, table, ROW, {"at": ROW["at"], "count": "6"})

    assert (job.result().output_rows, job.labels) == (2, {"run": "1"})
    assert rows_of(client, table) == [
        (NOW, 'say "hi"\nZoë', 5, ["a", "b"]),
        (NOW, None, 6, []),
    ]


def test_an_id_is_used_once(client, table):
    load(client, table, ROW, job_id="l-1").result()
    with pytest.raises(Conflict):
        load(client, table, ROW, job_id="l-1")
    assert client.get_job("l-1", location="EU").output_rows == 1
    assert len(rows_of(client, table)) == 1


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ({"at": ROW["at"], "colour": "red"}, "No such field: colour."),
        ({"name": "x"}, "Missing required field: at."),
        ({"at": "soon"}, "too many errors"),
        ({"at": ROW["at"], "count": "many"}, "too many errors"),
        ({"at": ROW["at"], "name": ["x"]}, "Array specified for non-repeated field: name."),
    ],
)
def test_one_bad_row_keeps_all_others_out(client, table, row, says):
    load(client, table, ROW).result()

    assert says in refusal(load(client, table, ROW, row))
    assert len(rows_of(client, table)) == 1


def test_what_is_no_json_is_refused(client, table):
    assert "Parser terminated" in refusal(load(client, table, data=b'{"at": '))
    with pytest.raises(NotFound):
        client.get_table(table)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"create_disposition": "CREATE_NEVER"}, "Not found: Table"),
        ({"schema": []}, "No schema specified"),
    ],
)
def test_a_table_that_is_not_there_needs_leave_and_schema(client, table, options, says):
    assert says in refusal(load(client, table, ROW, **options))


@pytest.mark.parametrize(
    ("field", "says"),
    [
        (SchemaField("colour", "STRING"), "Cannot add fields"),
        (SchemaField("name", "INTEGER"), "changed type"),
    ],
)
def test_another_schema_is_refused(client, table, field, says):
    load(client, table, ROW).result()
    assert says in refusal(load(client, table, {"at": ROW["at"]}, schema=[SCHEMA[0], field]))


def test_dispositions_of_writing(client, table):
    load(client, table, ROW).result()
    assert "Already Exists" in refusal(load(client, table, ROW, write_disposition="WRITE_EMPTY"))
    load(client, table, ROW, ROW, write_disposition="WRITE_TRUNCATE").result()
    assert len(rows_of(client, table)) == 2


def test_large_rows_come_in_parts(client, table, monkeypatch):
    monkeypatch.setattr(of_google, "_MAX_MULTIPART_SIZE", 1)
    monkeypatch.setattr(of_google, "_DEFAULT_CHUNKSIZE", 256 * 1024)
    rows = [ROW | {"name": f"{number}-" + "x" * 10_000} for number in range(60)]

    assert load(client, table, *rows).result().output_rows == 60


def test_days_that_are_over_are_gone(client, admin, table):
    made = Table(table, SCHEMA)
    made.time_partitioning = TimePartitioning(field="at", expiration_ms=2 * 86_400_000)
    admin.create_table(made)
    old = (NOW - timedelta(days=4)).isoformat()

    load(client, table, ROW, ROW | {"at": old}).result()

    assert [row[0] for row in rows_of(client, table)] == [NOW]


@pytest.mark.parametrize("permission", ["bigquery.tables.create", "bigquery.tables.updateData"])
def test_needs_the_right_to_write(sandbox, client, table, permission):
    sandbox.fault(effect="deny", permission=permission)
    assert f"Permission {permission} denied" in refusal(load(client, table, ROW))


def test_needs_the_right_to_jobs(sandbox, table):
    with pytest.raises(Forbidden, match=r"bigquery\.jobs\.create"):
        load(sandbox.client("no-job-user"), table, ROW)


@pytest.mark.parametrize("options", [{"source_format": "CSV"}, {"autodetect": True}])
def test_says_what_it_does_not_imitate(client, table, options):
    with pytest.raises(GoogleAPICallError, match="does not imitate"):
        load(client, table, ROW, **options)


class TestProtocol:
    """What no well-behaved client sends."""

    def send(self, sandbox, method, query, body=b"", **headers):
        known = {"Authorization": f"Bearer {sandbox.token()}", **headers}
        path = f"/upload/bigquery/v2/projects/{PROJECT}/jobs?{query}"
        return sandbox.call(method, path, body, known)[0]

    def test_an_upload_needs_its_session(self, sandbox):
        ranged = {"Content-Range": "bytes 0-1/2"}
        assert self.send(sandbox, "PUT", "upload_id=nobody", b"{}", **ranged) == 404

    @pytest.mark.parametrize("kind", ["media", "", "multipart"])
    def test_what_it_cannot_read_is_refused(self, sandbox, kind):
        assert self.send(sandbox, "POST", f"uploadType={kind}", b"{}") in {400, 501}

    def test_a_part_that_does_not_follow_is_refused(self, sandbox):
        session = sandbox.state.uploads.begin("importer@nowhere", {})
        for content_range, part in (("bytes 5-6/9", b"ab"), ("bytes 0-6/9", b"ab"), ("0-1", b"ab")):
            with pytest.raises(Exception, match=r"byte range|Content-Range"):
                session.take(content_range, part)
        assert not session.take("bytes */*", b"")

    def test_an_upload_is_its_account_s_own(self, sandbox):
        session = sandbox.state.uploads.begin("importer@nowhere", {})
        ranged = {"Content-Range": "bytes 0-1/2"}
        assert self.send(sandbox, "PUT", f"upload_id={session.id}", b"{}", **ranged) == 404
