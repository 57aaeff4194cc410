"""An import of a query, its run, and what a worker has said of queries and tables."""

from datetime import timedelta

from connections.models import Lookup
from tests.browser.scenes.rows_of_people import HOUR, MINUTE, NOW, SOON
from tests.browser.scenes.scene import row
from tests.factories import COLUMNS, MAPPING, ImportFactory, RunFactory

SQL = """SELECT
  customer_id,
  ANY_VALUE(email) AS email,
  SUM(amount) AS spent
FROM orders
GROUP BY customer_id"""
FAULTY = SQL.replace("SUM(amount)", "SUM(amuont)")
SLOW = SQL.replace("orders", "orders_of_all_time")
AWAY = "SELECT customer_id, email FROM customers"
HUGE = "SELECT * FROM everything"
NAMELESS = "SELECT customer_id, COUNT(*) FROM orders GROUP BY 1"
# What is chosen in the form, by what is said of it.
SOURCES = {
    "a query": {"query_type": "sql", "sql": SQL},
    "a query with a fault": {"query_type": "sql", "sql": FAULTY},
    "a query being checked": {"query_type": "sql", "sql": SLOW},
    "a query that cannot be checked": {"query_type": "sql", "sql": AWAY},
    "a query over the cap": {"query_type": "sql", "sql": HUGE, "cap": 100},
    "a query without a name": {"query_type": "sql", "sql": NAMELESS},
    "a table": {"table_id": "customers_00"},
    "an empty table": {"table_id": "customers_01"},
    "a table that demands a filter": {"table_id": "customers_02"},
}
GIB = 1024**3


def all_of_them(place, person, common):
    _judged(place, person)
    subject = ImportFactory(
        id=row("import query"),
        nickname="Customers, by query",
        connection=place,
        query_type="sql",
        table_id="",
        sql=SQL,
        bytes_cap=100 * GIB,
        estimate={"bytes": 12 * GIB, "tables": 1},
        created_at=NOW - HOUR,
        **common,
    )
    RunFactory(
        id=row("run query"),
        parent=subject,
        state="succeeded",
        queued_at=NOW - 21 * MINUTE,
        started_at=NOW - 20 * MINUTE,
        finished_at=NOW - 2 * MINUTE,
        rows_total=0,
        bytes_billed=12 * GIB,
        snapshot={
            "sql": SQL,
            "table_id": "",
            "bytes_cap": 100 * GIB,
            "columns": COLUMNS,
            "mapping": MAPPING,
        },
    )


def _judged(place, person):
    columns = [
        {"name": name, "type": kind, "mode": "NULLABLE", "fields": []}
        for name, kind in (("customer_id", "STRING"), ("email", "STRING"), ("spent", "NUMERIC"))
    ]
    known = {"kind": "QUERY", "rows": None, "tables": 1, "columns": columns}
    table = {**known, "kind": "TABLE", "rows": 1_930_220, "bytes": 45 * GIB}
    address = {"name": "address", "type": "RECORD", "mode": "NULLABLE", "fields": columns[:2]}
    tags = {"name": "tags", "type": "STRING", "mode": "REPEATED", "fields": []}
    cells = ["C0000001", "ana@shop.example", "1204.50"]
    nested = [{"f": [{"v": "Karl-Marx-Allee 1"}, {"v": None}]}, [{"v": "vip"}, {"v": "新客户"}]]
    rows = {**known, "columns": [*columns, address, tags], "preview": [[*cells, *nested]] * 10}
    answers = [
        ({"kind": "query", "sql": SQL}, {"answer": {**known, "bytes": 12 * GIB}}),
        ({"kind": "query", "sql": HUGE}, {"answer": {**known, "bytes": 7_000 * GIB}}),
        (
            {"kind": "query", "sql": NAMELESS},
            {"answer": {**known, "bytes": GIB, "columns": [columns[0], {**columns[1], "name": "f0_"}]}},
        ),
        ({"kind": "query", "sql": FAULTY}, _fault("The query uses a column that does not exist.", 4, 7)),
        ({"kind": "query", "sql": AWAY}, {"failure_sentence": "BigQuery has trouble of its own.",
                                          "failure_code": "server_error"}),
        ({"kind": "query", "table_id": "customers_00"}, {"answer": table}),
        ({"kind": "query", "table_id": "customers_01"}, {"answer": {**table, "rows": 0, "bytes": 0}}),
        ({"kind": "query", "table_id": "customers_02"}, _fault("It may only be read with a filter.")),
        ({"kind": "rows", "sql": SQL, "bytes_cap": 10 * GIB},
         {"answer": {**rows, "billed": 12 * GIB}, "has_preview": True}),
    ]  # fmt: skip
    for question, answer in answers:
        _lookup(place, person, question, {**answer, "finished_at": SOON + timedelta(days=1)})
    _lookup(place, person, {"kind": "query", "sql": SLOW}, {})


def _fault(sentence, line=None, column=None):
    place = {"failure_line": line, "failure_column": column}
    return {"failure_sentence": sentence, "failure_code": "invalid_query", **place}


def _lookup(place, person, question, answer):
    Lookup.objects.create(
        connection=place,
        key=place.key,
        project_id=place.project_id,
        dataset_id=place.dataset_id,
        requested_by=person,
        requested_at=SOON,
        **question,
        **answer,
    )
