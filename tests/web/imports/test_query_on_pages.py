"""An import of a query on its pages: its text, what it costs, its mapping, and when it broke."""

import pytest
from django.utils import timezone

from connections.models import Lookup
from imports.costs import GIB
from imports.models import Import, Run
from imports.services import runs
from tests.factories import ImportFactory
from tests.web.imports.test_configure import CENTER, CREATE, NAMES, SQL, columns, dry_run, finish


@pytest.fixture
def query(db):
    return ImportFactory(query_type="sql", table_id="", sql=SQL, bytes_cap=50 * GIB,
                         estimate={"bytes": GIB, "tables": 1})  # fmt: skip


def test_the_import_shows_its_sql_cap_and_cost(as_member, query):
    text = as_member.get(query.get_absolute_url()).content.decode()
    for said in ("FROM customers", "50.0 GiB", "less than $0.01 a run"):
        assert said in text, said


def test_the_run_shows_what_it_ran_with(as_member, query, bells):
    run = runs.start_run(parent=query, by=query.created_by, now=timezone.now())
    Import.objects.update(sql="SELECT 2 AS two", bytes_cap=None)
    text = as_member.get(run.get_absolute_url()).content.decode()
    assert Run.objects.get().snapshot["sql"] == SQL
    assert "FROM customers" in text
    assert "50.0 GiB" in text


def test_the_mapping_is_made_from_the_dry_run(as_creator, query, bells):
    url = f"{CENTER}{query.pk}/map/"
    as_creator.get(url)
    assert Lookup.objects.get().kind == "query"
    finish(dry_run())
    text = as_creator.get(url).content.decode()
    assert "press Preview Results under <a href=" in text
    assert 'data-column="email"' in text


def test_the_mapping_shows_rows_that_were_looked_at(as_creator, query, bells):
    chosen = {"database": query.connection_id, "query_type": "sql", "sql": SQL}
    as_creator.post(f"{CREATE}rows/", chosen)
    answer = {"kind": "QUERY", "rows": None, "columns": columns(*NAMES), "billed": 1}
    finish({**answer, "preview": [["c1", "ann@shop.example"]]})
    text = as_creator.get(f"{CENTER}{query.pk}/map/").content.decode()
    assert "ann@shop.example" in text


def test_a_query_that_broke_leads_back_to_it(as_creator, query, bells):
    url = f"{CENTER}{query.pk}/map/"
    as_creator.get(url)
    finish(("The query uses a column that does not exist.", "invalid_query", (1, 1)))
    text = as_creator.get(url).content.decode()
    assert "The query could not be read" in text
    assert f"{CENTER}{query.pk}/configure/" in text
