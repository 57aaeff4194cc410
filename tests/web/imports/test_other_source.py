"""What an import reads is edited while its cursor stands somewhere: begin anew, or go on."""

import pytest
from django.utils import timezone

from accounts.models import AuditEntry
from connections.models import Lookup
from imports.mapping import Mapping
from imports.models import Cursor
from imports.models.cursor import source_of
from imports.runner import bounds
from imports.services import cursors, runs
from tests.factories import MAPPING, ConnectionFactory, ImportFactory, RunFactory

AT = "2026-01-31 09:30:00.000000+00:00"
SQL = "SELECT customer_id, email, updated_at\nFROM customers"
OTHER = f"{SQL}\nWHERE email IS NOT NULL"
COLUMNS = [
    {"name": name, "type": type_, "mode": "NULLABLE", "fields": []}
    for name, type_ in (("customer_id", "STRING"), ("email", "STRING"), ("updated_at", "TIMESTAMP"))
]
START_OVER, GO_ON = "Start over: the next run sends every row", "Go on from 2026-01-31 09:30:00"


@pytest.fixture
def subject(db):
    mapping = {**MAPPING, "updated_on": {"column": "updated_at", "format": None}}
    return ImportFactory(
        nickname="Customers",
        query_type="sql",
        table_id="",
        sql=SQL,
        columns=COLUMNS,
        mapping=mapping,
    )


@pytest.fixture
def cursor(subject):
    run = RunFactory(parent=subject, succeeded=True)
    return Cursor.objects.create(
        parent=subject,
        source=source_of(subject.read),
        value=AT,
        edge_low=AT,
        moved_at=run.finished_at,
        moved_by_run=run,
        **READ,
    )


READ = {"column": "updated_at", "column_type": "TIMESTAMP", "kind": "profile"}


@pytest.fixture
def save(as_creator, subject, bells):
    """The form of Configure, sent once BigQuery has said which columns there are."""
    address = f"{subject.get_absolute_url()}configure/"

    def sent(columns=COLUMNS, **changes):
        values = {
            "nickname": "Customers",
            "database": subject.connection_id,
            "account": subject.account_id,
            "query_type": "sql",
            "sql": OTHER,
            "cap": "",
        } | changes
        as_creator.post(f"{address.rsplit('/', 3)[0]}/create/check/", values)
        for lookup in Lookup.objects.filter(finished_at=None):
            lookup.answered(
                {"kind": "QUERY", "rows": None, "bytes": 1, "tables": 1, "columns": columns}
            )
        return as_creator.post(address, values, follow=True).content.decode()

    sent.address = address
    return sent


def next_run(subject):
    """From where on the next run would read; empty: all rows."""
    subject.refresh_from_db()
    subject.runs.filter(state="queued").delete()
    run = runs.start_run(parent=subject, by=subject.created_by, now=timezone.now())
    return {one.name: one.value for one in bounds.question(run, "t").parameters}.get("low", "")


class TestAsked:
    def test_both_ways_are_said_beside_the_query_and_the_safe_one_is_chosen(
        self, as_creator, save, cursor
    ):
        text = as_creator.get(save.address).content.decode()
        assert START_OVER in text
        assert GO_ON in text
        assert 'value="start_over"' in text.split("checked")[0].rsplit("<input", 1)[1]

    def test_of_events_it_says_that_they_count_twice(self, as_creator, save, cursor, subject):
        type(subject).objects.update(kind="event")
        assert "Events are counted twice." in as_creator.get(save.address).content.decode()

    def test_nothing_is_asked_without_a_value(self, as_creator, save, subject):
        Cursor.objects.create(parent=subject, **READ)
        assert START_OVER not in as_creator.get(save.address).content.decode()

    def test_what_was_chosen_comes_back_with_a_mistake_elsewhere(self, save, cursor):
        text = save(sql="SELECT 1; SELECT 2", after_change="go_on")
        assert "checked" in text.split('value="go_on"')[1].split(">")[0]
        assert "SELECT 1; SELECT 2" in text

    def test_what_is_neither_is_refused_beside_the_field(self, save, cursor):
        text = save(after_change="maybe")
        cursor.refresh_from_db()
        assert "Choose one of the two." in text
        assert cursor.value == AT


class TestAnotherQuery:
    @pytest.mark.parametrize("answer", [{}, {"after_change": "start_over"}])
    def test_begins_anew_unless_somebody_says_otherwise(self, answer, save, cursor, subject):
        assert "the next run starts over and sends every row" in save(**answer)
        cursor.refresh_from_db()
        assert (cursor.value, cursor.version) == ("", 2)
        assert next_run(subject) == ""

    def test_goes_on_from_the_value_where_that_is_chosen(self, save, cursor, subject):
        assert "the next run goes on from the cursor" in save(after_change="go_on")
        cursor.refresh_from_db()
        assert (cursor.value, cursor.version) == (AT, 2)
        assert next_run(subject) == AT

    @pytest.mark.parametrize(
        ("answer", "action"), [("go_on", "cursor kept"), ("start_over", "cursor reset")]
    )
    def test_stands_in_the_trail(self, answer, action, save, cursor):
        save(after_change=answer)
        assert AuditEntry.objects.get(action=action).before["value"] == AT

    def test_the_same_query_changes_nothing(self, save, cursor, subject):
        assert "the next run reads this" in save(sql=f"{SQL};", cap="5")
        cursor.refresh_from_db()
        assert (cursor.value, cursor.version) == (AT, 1)
        assert next_run(subject)

    @pytest.mark.parametrize("answer", ["start_over", "go_on"])
    def test_a_run_of_the_query_before_moves_the_cursor_no_more(
        self, answer, save, cursor, subject
    ):
        run = runs.start_run(parent=subject, by=subject.created_by, now=timezone.now())
        found = bounds.fixed(run, bounds_mapping(subject), [None, 0])
        save(after_change=answer)
        later = {"value": "2026-02-01 00:00:00.000000+00:00", "edge_low": AT}
        assert not Cursor.move(run, **later, version=found.version, now=timezone.now())

    def test_a_first_run_of_the_query_before_leaves_none_behind(self, save, subject):
        """It had no value yet, so nothing was asked: what it finds is of the old query."""
        Cursor.objects.create(parent=subject, **READ)
        run = runs.start_run(parent=subject, by=subject.created_by, now=timezone.now())
        found = bounds.fixed(run, bounds_mapping(subject), [None, 0])
        save()
        assert not Cursor.move(
            run, value=AT, edge_low=AT, version=found.version, now=timezone.now()
        )

    def test_an_updated_on_of_another_type_begins_anew_with_it(self, save, cursor, subject):
        """A value of the old type could not even be asked for."""
        dated = [*COLUMNS[:2], {**COLUMNS[2], "type": "DATE"}]
        assert "the next run starts over" in save(columns=dated, after_change="go_on")
        cursor.refresh_from_db()
        assert (cursor.column_type, cursor.value) == ("DATE", "")
        assert next_run(subject) == ""

    def test_a_field_of_a_struct_is_still_mapped(self, save, subject):
        path = {"column": "geo.city", "name": "City", "type": "string", "nulls": "omit"}
        fields = [{"name": "city", "type": "STRING", "mode": "NULLABLE", "fields": []}]
        geo = {"name": "geo", "type": "RECORD", "mode": "NULLABLE", "fields": fields}
        type(subject).objects.update(mapping={**subject.mapping, "properties": [path]})
        save(columns=[*COLUMNS, geo])
        subject.refresh_from_db()
        assert subject.status == "ready"
        assert subject.mapping["properties"][0]["column"] == "geo.city"
        assert [one["name"] for one in subject.columns][-1] == "geo.city"


class TestAnotherPlace:
    def test_a_table_in_the_place_of_the_query_begins_anew(self, save, cursor, subject):
        save(query_type="table", table_id="customers", sql="")
        assert next_run(subject) == ""

    def test_another_dataset_begins_anew(self, save, cursor, subject):
        save(sql=SQL, database=ConnectionFactory(dataset_id="archive").pk)
        assert next_run(subject) == ""

    def test_another_connection_to_the_same_dataset_goes_on(self, save, cursor, subject):
        place = subject.connection
        same = {"project_id": place.project_id, "dataset_id": place.dataset_id}
        save(sql=SQL, database=ConnectionFactory(**same).pk)
        assert next_run(subject)

    def test_the_tab_says_so_where_a_dataset_was_changed_below_it(
        self, as_creator, cursor, subject
    ):
        type(subject.connection).objects.update(dataset_id="archive")
        text = as_creator.get(f"{subject.get_absolute_url()}cursor/").content.decode()
        assert "The next run sends all rows" in text
        assert "of another table, query or dataset" in text
        assert "Count rows" not in text
        assert next_run(subject) == ""


def test_nothing_happens_to_an_import_without_a_cursor(subject, creator):
    asked = {"goes_on": True, "by": creator, "now": timezone.now()}
    assert cursors.read_other(parent=subject, **asked) is None


def bounds_mapping(subject):
    return Mapping.from_json(subject.mapping)
