import json

import pytest

from sandbox import sample
from sandbox.sample.dirt import CUSTOMER_DIRT, EVENT_DIRT, FUTURE, REFUSED_IDENTITIES

# The dirt once more, as a query finds it: what `facts` promises is counted in the data.
FOUND = {
    "identity_null": "customer_id IS NULL",
    "identity_empty": "customer_id = ''",
    "identity_too_long": "LENGTH(customer_id) > 1024",
    "email_null": "email IS NULL",
    "email_without_at": "STRPOS(email, '@') = 0",
    "email_with_two_ats": "REGEXP_CONTAINS(email, '@.*@')",
    "email_with_a_space": "STRPOS(email, ' ') > 0",
    "phone_null": "phone IS NULL",
    "phone_with_letters": "REGEXP_CONTAINS(phone, '[A-Z]')",
    "birth_date_null": "birth_date IS NULL",
    "birth_date_year_one": "birth_date = DATE '0001-01-01'",
    "birth_date_in_the_future": "birth_date > DATE '2090-01-01'",
    "lifetime_value_null": "lifetime_value IS NULL",
    "lifetime_value_negative": "lifetime_value < 0",
    "orders_null": "orders IS NULL",
    "address_null": "address IS NULL",
    "address_without_city": "address IS NOT NULL AND address.city IS NULL",
    "preferences_null": "preferences IS NULL",
    "updated_at_null": "updated_at IS NULL",
    "updated_at_in_the_future": f"updated_at = TIMESTAMP '{FUTURE}'",
    **{f"identity_{text}": f"customer_id = '{text}'" for text in REFUSED_IDENTITIES},
}


@pytest.mark.parametrize("table", ["customers", "customers_small"])
def test_every_published_count_of_dirt_is_exact(client, table):
    counts = ", ".join(f"COUNTIF({found}) AS `{name}`" for name, found in FOUND.items())
    (row,) = client.query_and_wait(f"SELECT COUNT(*) AS row_count, {counts} FROM shop.{table}")
    facts = sample.facts()[table]
    assert row.row_count == facts["rows"]
    assert {name: row[name] for name in FOUND} == {name: facts["dirt"][name] for name in FOUND}


def test_ties_are_exact(client):
    for table in ("customers", "events"):
        tied = sample.facts()[table]["updated_at_tied"]
        sql = f"SELECT COUNT(*) AS n FROM shop.{table} WHERE updated_at = '{tied['at']}'"
        (row,) = client.query_and_wait(sql)
        assert row.n >= tied["rows"]
        assert tied["rows"] == 40 * sample.facts()[table]["rows"] // 1000


def test_duplicates_are_exact(client):
    sql = """SELECT COUNT(customer_id) - COUNT(DISTINCT customer_id) AS n FROM shop.customers
        WHERE STARTS_WITH(customer_id, 'C')"""
    (row,) = client.query_and_wait(sql)
    assert row.n == sample.facts()["customers"]["dirt"]["identity_of_the_row_before"]


def test_no_row_has_two_faults():
    for faults in (CUSTOMER_DIRT, EVENT_DIRT):
        remainders = [one.remainder for one in faults]
        assert len(set(remainders)) == len(remainders)
        assert max(remainders) < 500
        assert not [one for one in remainders if 200 <= one <= 239]


def test_the_tables_are_as_large_as_promised(client):
    assert client.get_table("shop.customers").num_rows >= 100_000
    assert client.get_table("shop.events").num_rows >= 300_000
    small, large = client.get_table("shop.customers_small"), client.get_table("shop.customers")
    assert (small.num_rows, small.schema) == (500, large.schema)


def test_the_facts_are_published(sandbox):
    status, text = sandbox.call("GET", "/control/facts")
    assert (status, json.loads(text)) == (200, sample.facts())
