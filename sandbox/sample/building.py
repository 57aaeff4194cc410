"""Makes the sample tables in the warehouse, in one transaction, by DuckDB's own SQL."""

from sandbox.google.access import Caller
from sandbox.google.accounts import DATASET, PROJECT
from sandbox.google.catalog import Dataset, Table, now_ms
from sandbox.google.sql.statement import Analyst
from sandbox.google.warehouse import Warehouse
from sandbox.sample import dirt

LOCATION = "EU"

_ACTIVE = f"""SELECT customer_id, email, phone, name, city, lifetime_value, orders, updated_at
FROM `{PROJECT}.{DATASET}.customers`
WHERE is_subscribed AND orders > 10"""  # noqa: S608 - constants

_MACROS = (
    "CREATE OR REPLACE TEMP MACRO customer_key(n) AS 'C' || lpad(CAST(n AS VARCHAR), 7, '0')",
    "CREATE OR REPLACE TEMP MACRO event_key(n) AS 'E' || lpad(CAST(n AS VARCHAR), 8, '0')",
    # A number from 0 to `size` - 1 that looks random: Knuth's multiplicative hash of the row.
    "CREATE OR REPLACE TEMP MACRO spread(n, salt, size) AS "
    "((n * 2654435761 + salt * 40503) % 4294967296) // 64 % size",
    "CREATE OR REPLACE TEMP MACRO pick(words, n, salt) AS words[1 + spread(n, salt, len(words))]",
)

_FIRST_NAMES = "['Asha','Bela','Carlos','Dmitri','Elif','Fatima','Goran','Hana','Ines','Jonas']"
_LAST_NAMES = "['Rao','Silva','Novak','Khan','Mori','Okafor','Petrov','Quinn','Rossi','Sato']"
_CITIES = "['Bengaluru','Mumbai','Delhi','Pune','Berlin','Lisbon','Singapore','Dubai','Austin']"
_KINDS = "['Product Viewed','Added To Cart','Order Placed','Order Returned','Review Written']"
_TAGS = "['vip','new','churn-risk','newsletter','wholesale','gift']"
_GOODS = "['Kettle','Lamp','Chair','Mug','Desk','Rug','Clock']"

_MINUTE = "INTERVAL 1 MINUTE"

# Column, DuckDB type, value of a clean row; `i` is the row's number, from 1.
_CUSTOMER = (
    ("customer_id", "VARCHAR", "customer_key(i)"),
    ("email", "VARCHAR", "'customer' || i || '@example.com'"),
    ("phone", "VARCHAR", "'+91' || (9000000000 + i)"),
    ("name", "VARCHAR", f"pick({_FIRST_NAMES}, i, 1) || ' ' || pick({_LAST_NAMES}, i, 2)"),
    ("gender", "VARCHAR", "pick(['M','F'], i, 3)"),
    ("birth_date", "DATE", "DATE '1950-01-01' + CAST(spread(i, 4, 20000) AS INTEGER)"),
    ("city", "VARCHAR", f"pick({_CITIES}, i, 5)"),
    ("signup_at", "TIMESTAMPTZ",
     f"TIMESTAMPTZ '2022-01-01 00:00:00+00' + spread(i, 6, 2000000) * {_MINUTE}"),
    ("lifetime_value", "DECIMAL(38,9)", "spread(i, 7, 10000000) / 100"),
    ("orders", "BIGINT", "spread(i, 8, 60)"),
    ("average_rating", "DOUBLE", "spread(i, 9, 50) / 10.0"),
    ("is_subscribed", "BOOLEAN", "spread(i, 10, 3) > 0"),
    ("tags", "VARCHAR[]", f"{_TAGS}[1 + spread(i, 11, 5):2 + spread(i, 11, 5)]"),
    ("address",
     "STRUCT(street VARCHAR, city VARCHAR, postcode VARCHAR, country VARCHAR, "
     "geo STRUCT(lat DOUBLE, lon DOUBLE))",
     f"{{'street': i || ' Main Street', 'city': pick({_CITIES}, i, 5), "
     "'postcode': CAST(560000 + spread(i, 12, 999) AS VARCHAR), 'country': 'IN', "
     "'geo': {'lat': 8 + spread(i, 13, 20), 'lon': 70 + spread(i, 14, 20)}}"),
    ("preferences", "JSON",
     "'{\"language\":\"' || pick(['en','hi','de','pt'], i, 15) || '\",\"channels\":[\"email\"]}'"),
    ("last_seen", "TIMESTAMP",
     f"TIMESTAMP '2026-01-01 00:00:00' + spread(i, 16, 390000) * {_MINUTE}"),
    ("updated_at", "TIMESTAMPTZ",
     f"TIMESTAMPTZ '2026-01-01 00:00:00+00' + spread(i, 17, 390000) * {_MINUTE}"),
)  # fmt: skip

_ITEM = (
    f"{{'sku': 'SKU-' || spread(i + n, 25, 900), 'name': pick({_GOODS}, i + n, 26), "
    "'quantity': 1 + n, 'price': spread(i + n, 27, 9000) / 100}"
)
_EVENT = (
    ("event_id", "VARCHAR", "event_key(i)"),
    ("customer_id", "VARCHAR", f"customer_key(1 + spread(i, 20, {dirt.CUSTOMERS}))"),
    ("event_name", "VARCHAR", f"pick({_KINDS}, i, 21)"),
    ("event_time", "TIMESTAMPTZ",
     f"TIMESTAMPTZ '2026-01-01 00:00:00+00' + spread(i, 22, 390000) * {_MINUTE}"),
    ("amount", "DECIMAL(38,9)", "spread(i, 23, 500000) / 100"),
    ("currency", "VARCHAR", "pick(['INR','USD','EUR'], i, 24)"),
    ("product", "STRUCT(sku VARCHAR, name VARCHAR, price DECIMAL(38,9))",
     f"{{'sku': 'SKU-' || spread(i, 25, 900), 'name': pick({_GOODS}, i, 26), "
     "'price': spread(i, 27, 9000) / 100}"),
    ("items",
     "STRUCT(sku VARCHAR, name VARCHAR, quantity BIGINT, price DECIMAL(38,9))[]",
     f"[{_ITEM} FOR n IN range(1 + spread(i, 28, 3))]"),
    ("is_mobile", "BOOLEAN", "spread(i, 29, 2) = 0"),
    ("updated_at", "TIMESTAMPTZ",
     f"TIMESTAMPTZ '2026-01-01 00:01:00+00' + spread(i, 22, 390000) * {_MINUTE}"),
)  # fmt: skip


def fill(warehouse: Warehouse, caller: Caller) -> None:
    """Make the dataset unless it is there; all of it or nothing."""
    if warehouse.catalog.dataset(DATASET) is not None:
        return
    now = now_ms()
    with warehouse.change() as cursor:
        for macro in _MACROS:
            cursor.execute(macro)
        cursor.execute(f'CREATE SCHEMA warehouse."{DATASET}"')
        for name, columns, rows, faults in (
            ("customers", _CUSTOMER, dirt.CUSTOMERS, dirt.CUSTOMER_DIRT),
            ("customers_small", _CUSTOMER, dirt.SMALL, dirt.CUSTOMER_DIRT),
            ("events", _EVENT, dirt.EVENTS, dirt.EVENT_DIRT),
        ):
            table = Table(DATASET, name, (), now, now)
            warehouse.adopt(cursor, table, _rows(columns, rows, faults))
        extra = {"description": "Sample data of the sandbox", "labels": {"sample": "yes"}}
        warehouse.catalog.put_dataset(cursor, Dataset(DATASET, LOCATION, now, now, extra))
    _add_view(warehouse, caller)


def _add_view(warehouse: Warehouse, caller: Caller) -> None:
    view_sql, fields = Analyst(warehouse).view_sql(_ACTIVE, caller, LOCATION)
    now = now_ms()
    view = Table(DATASET, "active_customers", fields, now, now, view=_ACTIVE)
    warehouse.add_table(view, view_sql)


def _rows(
    columns: tuple[tuple[str, str, str], ...], rows: int, faults: tuple[dirt.Dirt, ...]
) -> str:
    parts = ", ".join(
        f"CAST({_value(name, clean, faults)} AS {kind}) AS {name}" for name, kind, clean in columns
    )
    return f"SELECT {parts} FROM range(1, {rows + 1}) AS numbers(i)"  # noqa: S608 - constants


def _value(name: str, clean: str, faults: tuple[dirt.Dirt, ...]) -> str:
    first, last = dirt.TIES
    remainder = f"i % {dirt.PERIOD}"
    cases = [f"WHEN {remainder} = {one.remainder} THEN {one.value}" for one in faults
             if one.column == name]  # fmt: skip
    if name == "updated_at":
        tied = f"TIMESTAMPTZ '{dirt.TIED_AT}'"
        cases.append(f"WHEN {remainder} BETWEEN {first} AND {last} THEN {tied}")
    return f"CASE {' '.join(cases)} ELSE {clean} END" if cases else clean
