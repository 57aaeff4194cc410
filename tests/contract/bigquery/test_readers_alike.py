"""Both readers over the sandbox, by Google's own client: the same rows in the same order, and
records of the same bytes."""

import time
import uuid

import pyarrow as pa
import pytest

from connections.bigquery import BigQueryRefused, BigQueryUnavailable, Reason, State
from connections.bigquery.shapes import Column
from connections.bigquery.text_columns import columns_of_text, cut
from imports.mapping import compile_mapping, suggest
from imports.mapping.columnar import ColumnMaker, rows_of, speakable

TYPES = """
SELECT n AS id, CONCAT('p', CAST(n AS STRING), '@shop.example') AS email,
  CASE MOD(n, 5) WHEN 0 THEN NULL WHEN 1 THEN 'say "hi" \\\\ there' WHEN 2 THEN 'Zoë \\n' ELSE 'x' END AS text,
  IF(MOD(n, 7) = 0, NULL, n / 7) AS score, CAST(n AS NUMERIC) / 8 AS money, MOD(n, 2) = 0 AS flag,
  TIMESTAMP_SECONDS(n * 1000003) AS at, DATETIME(TIMESTAMP_SECONDS(n * 1000003)) AS local,
  DATE_ADD(DATE '1960-01-01', INTERVAL n DAY) AS day
FROM UNNEST(GENERATE_ARRAY(1, 2500)) AS n
"""


@pytest.fixture
def job_id():
    return f"readers-{uuid.uuid4().hex}"


def finished(bigquery, sql, job_id):
    job = bigquery.start_query(sql, job_id=job_id, location="EU", labels={}, max_bytes_billed=None)
    while job.state != State.DONE:
        time.sleep(0.02)
        job = bigquery.job(job_id, location="EU")
    assert job.failure is None, job.failure
    return job


def streamed(bigquery, name, start_row=0):
    return [list(batch.columns) for batch in bigquery.read_stream(name, start_row=start_row)]


def rows_streamed(bigquery, name, start_row=0):
    return [row for one in streamed(bigquery, name, start_row) for row in rows_of(one)]


@pytest.mark.parametrize("sql", [TYPES, "SELECT * FROM `sandbox-shop-4711`.shop.customers_small"])
def test_rows_and_records_are_the_same_by_either_reader(good, job_id, sql):
    total = finished(good, sql, job_id).total_rows
    page = good.read_page(job_id, location="EU", start_row=0, max_rows=total)
    stream = good.open_stream(job_id, location="EU")
    batches = streamed(good, stream.name)

    assert stream.columns == page.columns
    assert all(map(speakable, stream.schema.types, stream.columns))
    assert [row for one in batches for row in rows_of(one)] == page.rows
    mapping = suggest(page.columns)
    by_row = compile_mapping(mapping, page.columns, run_ts=1_700_000_000)
    by_column = ColumnMaker(mapping, page.columns, by_row)
    found, row = [], 0
    for columns in batches:
        made = by_column.make(columns, row)
        found += [*made.records, *made.refusals]
        row += len(columns[0])
    expected = by_row.make(page.rows, 0)
    assert sorted(map(str, found)) == sorted(map(str, [*expected.records, *expected.refusals]))


def test_a_page_as_columns_has_the_cells_of_the_page(good, job_id):
    finished(good, TYPES, job_id)
    asked = {"location": "EU", "start_row": 700, "max_rows": 900}
    page = good.read_page(job_id, **asked)
    cut_page = good.read_page(job_id, **asked, as_columns=True)

    assert (cut_page.rows, cut_page.total_rows) == ([], 2_500)
    assert rows_of(cut_page.cells) == page.rows


def test_a_page_with_lists_comes_as_rows(good, job_id):
    finished(good, "SELECT [1, 2] AS some, 'x' AS text", job_id)
    page = good.read_page(job_id, location="EU", start_row=0, max_rows=9, as_columns=True)

    assert (page.cells, page.rows) == ((), [[[{"v": "1"}, {"v": "2"}], "x"]])


def test_a_stream_goes_on_at_any_row_by_another_gateway(good, open_as, job_id):
    finished(good, TYPES, job_id)
    stream = good.open_stream(job_id, location="EU")
    whole = rows_streamed(good, stream.name)

    assert len(whole) == 2_500
    assert rows_streamed(open_as("good"), stream.name, 1_234) == whole[1_234:]
    assert rows_streamed(good, stream.name, 2_500) == []


def test_a_result_without_rows_has_no_stream(good, job_id):
    finished(good, "SELECT 1 AS n WHERE 1 = 0", job_id)

    assert good.open_stream(job_id, location="EU").name == ""


def test_a_permission_that_is_taken_away_is_named(sandbox, good, job_id):
    finished(good, TYPES, job_id)
    stream = good.open_stream(job_id, location="EU")
    sandbox.fault("deny", permission="bigquery.readsessions.getData")

    with pytest.raises(BigQueryRefused) as caught:
        next(good.read_stream(stream.name, start_row=0))
    assert caught.value.permission == "bigquery.readsessions.getData"


def test_a_stream_that_says_nothing_is_given_up(sandbox, good, job_id):
    finished(good, TYPES, job_id)
    stream = good.open_stream(job_id, location="EU")
    sandbox.fault("hang", service="storage", path="*/ReadRows")
    begun = time.monotonic()

    with pytest.raises(BigQueryUnavailable) as caught:
        next(good.read_stream(stream.name, start_row=0, seconds=0.5))
    assert (caught.value.reason, time.monotonic() - begun < 3) == (Reason.TIMEOUT, True)


def test_a_stream_that_breaks_in_the_middle_may_be_asked_again(sandbox, good, job_id):
    finished(good, TYPES, job_id)
    stream = good.open_stream(job_id, location="EU")
    sandbox.fault("lost_answer", service="storage", path="*/ReadRows", times=1)

    batches = good.read_stream(stream.name, start_row=0)
    row = next(batches).num_rows
    with pytest.raises(BigQueryUnavailable):
        next(batches)
    assert len(rows_streamed(good, stream.name, row)) == 2_500 - row


class TestCut:
    COLUMNS = (Column("a", "STRING"), Column("b", "STRING"))

    def cells(self, rows, head=b'"schema":{}', columns=COLUMNS):
        found = cut(b'{%s,"rows":[%s],"pageToken":"t"}' % (head, rows))
        if found is None:
            return None
        cells = columns_of_text(found[1], columns)
        return cells and [one.to_pylist() for one in cells]

    def test_texts_that_look_like_the_words_between_cells(self):
        rows = rb'{"f":[{"v":"a\"},{\"v\":\"b"},{"v":"]}]}"}]},{"f":[{"v":"\\"},{"v":null}]}'
        assert self.cells(rows) == [['a"},{"v":"b', "\\"], ["]}]}", None]]

    def test_escapes_of_every_kind(self):
        rows = rb'{"f":[{"v":"\u003c\n\ud83d\ude00"},{"v":""}]}'
        assert self.cells(rows) == [["<\n\U0001f600"], [""]]

    @pytest.mark.parametrize(
        "rows",
        [
            b"",
            b'{"f":[{"v":"a"}]}',
            b'{"f":[{"v":"a"},{"v":true}]}',
            b'{"f":[{"v":"a"},{"v":[]}]}',
            b'{"f":[{"v":"a"},{"v":"b"}]},{"f":[{"v":"a"}]}',
            b'{"f": [{"v": "a"}, {"v": "b"}]}',
            rb'{"f":[{"v":"a"},{"v":"\ud83d"}]}',
            b'{"f":[{"v":"a"},{"v":"\xff"}]}',
        ],
    )
    def test_what_looks_otherwise_is_left_to_json(self, rows):
        assert self.cells(rows) is None

    def test_a_head_that_is_no_json_is_left_to_json(self):
        assert self.cells(b'{"f":[{"v":"a"},{"v":"b"}]}', head=b"nonsense") is None

    def test_gives_arrow_text(self):
        rows = b'"},{"v":"'.join([b"a", b"b"])
        assert columns_of_text(rows, self.COLUMNS)[0].type == pa.string()
