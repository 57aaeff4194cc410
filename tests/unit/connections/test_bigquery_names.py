"""Names in SQL and in addresses: whole or not at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connections.bigquery import BigQueryRefused, Reason, quoted
from connections.bigquery.names import check_job


@pytest.mark.parametrize(
    ("project", "dataset", "table"),
    [
        ("shop-4711", "shop", "customers"),
        ("example.com:shop-4711", "Shop_2", "customers"),
        ("shop-4711", "_hidden", "Kunden - Größe 2024"),
        ("shop-4711", "shop", "2024-01"),
        ("shop-4711", "shop", "顧客"),
    ],
)
def test_quotes_each_part(project, dataset, table):
    assert quoted(project, dataset, table) == f"`{project}`.`{dataset}`.`{table}`"


@pytest.mark.parametrize("project", ["", "shop", "Shop-4711", "shop_4711", "-shop-4711", "a`b-c"])
def test_refuses_a_project_that_is_none(project):
    assert_refused(project, "shop", "customers")


@pytest.mark.parametrize("dataset", ["", "my-shop", "shop.x", "shop`", "a b", "d" * 1025, "../x"])
def test_refuses_a_dataset_that_is_none(dataset):
    assert_refused("shop-4711", dataset, "customers")


@pytest.mark.parametrize(
    "table",
    [
        "",
        "a`b",
        "a\\b",
        "a\nb",
        "a\x00b",
        "a;b",
        "a'b",
        "a/b",
        "a?b",
        "a.b",
        "t$20240101",
        "t*",
        "\u202ea",
        "t" * 1025,
        "ä" * 513,
        "\ud800",
    ],
)
def test_refuses_a_table_that_is_none(table):
    assert_refused("shop-4711", "shop", table)


@pytest.mark.parametrize("job_id", ["", "a/b", "a?b", "a b", "a.b", "j" * 1025])
def test_refuses_a_job_id_that_is_none(job_id):
    with pytest.raises(BigQueryRefused):
        check_job(job_id)


@given(st.text(max_size=40))
def test_lets_nothing_end_the_quotes(table):
    try:
        sql = quoted("shop-4711", "shop", table)
    except BigQueryRefused:
        return
    assert sql.count("`") == 6
    assert "\\" not in sql


def assert_refused(project: str, dataset: str, table: str) -> None:
    with pytest.raises(BigQueryRefused) as caught:
        quoted(project, dataset, table)
    assert caught.value.reason == Reason.NAME_INVALID
