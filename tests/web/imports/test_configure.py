"""Create Import, step 1: SQL or a table, what it would cost, its first rows, and edits later."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from connections.models import Lookup
from connections.services import lookups
from imports.costs import GIB
from imports.mapping import Mapping
from imports.models import Import
from imports.services import runs
from tests.factories import CleverTapAccountFactory, ConnectionFactory, ImportFactory

CENTER = "/settings/partners/import-center/"
CREATE = f"{CENTER}create/"
SQL = "SELECT customer_id, email\nFROM customers"
NAMES = ("customer_id", "email")


def columns(*names, kind="STRING"):
    return [{"name": name, "type": kind, "mode": "NULLABLE", "fields": []} for name in names]


def dry_run(size=GIB, names=NAMES, **more):
    return {
        "kind": "QUERY",
        "rows": None,
        "bytes": size,
        "tables": 1,
        "columns": columns(*names),
    } | more


@pytest.fixture
def places(db):
    return ConnectionFactory(name="Warehouse"), CleverTapAccountFactory(name="Shop")


@pytest.fixture
def form(places):
    connection, account = places

    def filled(**changes):
        values = {"nickname": "Customers", "database": connection.pk, "account": account.pk}
        return {**values, "query_type": "sql", "sql": SQL, "cap": "", **changes}

    return filled


@pytest.fixture
def panel(as_creator, form, bells):
    """The part that says what is read, after the worker's answer."""

    def asked(answer=None, **changes):
        data = form(**changes)
        first = as_creator.post(f"{CREATE}check/", data).content.decode()
        found = re.search(r"check/\?lookup=([\w-]+)", first)
        if found is None or answer is None:
            return first
        finish(answer)
        given = {"lookup": found[1], "cap": data["cap"]}
        return as_creator.get(f"{CREATE}check/", given).content.decode()

    return asked


def without_skipped(mapping):
    return replace(Mapping.from_json(mapping), skipped=())


def finish(answer):
    """What a worker does: an answer, or the sentence why there is none."""
    lookup = Lookup.objects.newest_first().first()
    if isinstance(answer, dict):
        lookup.answered(answer)
    else:
        sentence, code, place = answer
        lookup.failed(sentence, code=code, place=place)


class TestCheck:
    def test_a_worker_is_asked_and_the_page_waits(self, panel):
        text = panel()
        assert 'data-poll="1"' in text
        assert (Lookup.objects.get().kind, Lookup.objects.get().sql) == ("query", SQL)

    def test_the_same_text_is_asked_once(self, panel):
        panel()
        panel(sql=f"{SQL}\r\n\r\n")
        assert Lookup.objects.count() == 1

    def test_bytes_money_and_columns_are_said(self, panel, settings):
        text = panel(dry_run(100 * GIB))
        for said in ("100.0 GiB", "$0.61", "$18.31", "$439.45", "2 columns", "$6.25 for a TiB"):
            assert said in text, said

    def test_the_price_is_a_setting(self, panel, settings):
        settings.BIGQUERY_PRICE_PER_TIB, settings.BIGQUERY_CURRENCY = 1024, "€"
        assert "€100.00" in panel(dry_run(100 * GIB))

    def test_a_fault_is_shown_at_its_place(self, panel):
        text = panel(("The query uses a column that does not exist.", "invalid_query", (2, 6)))
        assert "Line 2, column 6:" in text
        assert "FROM <mark>customers</mark>" in text
        assert 'data-line="2" data-column="6"' in text

    @pytest.mark.parametrize(
        ("sql", "said"),
        [
            ("SELECT 1; SELECT 2", "Line 1, column 11:"),
            ("DELETE FROM customers WHERE TRUE", "this is a DELETE"),
            ("-- only a comment", "Write the SELECT"),
        ],
    )
    def test_what_is_no_select_is_said_without_asking_google(self, sql, said, panel):
        assert said in panel(sql=sql)
        assert not Lookup.objects.exists()

    def test_what_is_over_the_cap_is_said(self, panel):
        text = panel(dry_run(3 * GIB), cap="2")
        assert "A run would read 3.0 GiB, which is over the cap of 2.0 GiB." in text

    def test_a_table_over_the_cap_may_have_fewer_columns_mapped(self, panel):
        answer = dry_run(3 * GIB, kind="TABLE", rows=9)
        text = panel(answer, query_type="table", table_id="customers", cap="2")
        assert "Map few of them, or raise the cap." in text

    def test_columns_without_a_name_are_counted(self, panel):
        text = panel(dry_run(names=("customer_id", "f0_", "f1_")))
        assert "Columns 2, 3 of the result: without a name." in text

    @pytest.mark.parametrize(
        ("chosen", "answer", "cure"),
        [
            ({"query_type": "table", "table_id": "customers"}, {"kind": "TABLE"}, "Choose SQL"),
            ({}, {}, "Name fewer columns behind SELECT."),
        ],
    )
    def test_ten_thousand_columns_are_refused_with_a_way_out(
        self, chosen, answer, cure, as_creator, form, panel
    ):
        wide = dry_run(names=[f"c{number}" for number in range(10_000)], **answer)
        said = "It has 10,000 columns, and at most 600 can be mapped"
        text = panel(wide, **chosen)
        assert said in text
        assert cure in text
        text = as_creator.post(CREATE, form(**chosen)).content.decode()
        assert said in text
        assert 'value="Customers"' in text
        assert not Import.objects.exists()

    def test_an_empty_table_is_said(self, panel):
        answer = dry_run(0, kind="TABLE", rows=0)
        text = panel(answer, query_type="table", table_id="customers")
        assert "This table is empty" in text

    def test_trouble_that_passes_blames_nobody(self, panel):
        text = panel(("BigQuery has trouble of its own.", "server_error", None))
        assert "It could not be checked" in text
        assert "saved as a draft" in text

    def test_the_text_of_a_query_is_escaped(self, panel):
        text = panel(("Wrong.", "invalid_query", (1, 8)), sql="SELECT <script>alert(1)</script>")
        assert "<script>" not in text

    @pytest.mark.parametrize("lookup", ["", "moon", "00000000-0000-0000-0000-000000000000"])
    def test_an_id_that_is_none_is_no_failure(self, lookup, as_creator, db):
        assert as_creator.get(f"{CREATE}check/", {"lookup": lookup}).status_code == 200

    def test_a_member_may_not_ask(self, as_member, form):
        for part in ("check", "rows"):
            assert as_member.post(f"{CREATE}{part}/", form()).status_code == 403


class TestFirstRows:
    def ask(self, client, form, answer=None, **changes):
        first = client.post(f"{CREATE}rows/", form(**changes)).content.decode()
        found = re.search(r"rows/\?lookup=([\w-]+)", first)
        if answer is None or found is None:
            return first
        finish(answer)
        return client.get(f"{CREATE}rows/", {"lookup": found[1]}).content.decode()

    def test_rows_come_with_types_and_what_they_cost(self, as_creator, form, bells):
        tags = {"name": "tags", "type": "STRING", "mode": "REPEATED", "fields": []}
        answer = {"kind": "QUERY", "rows": None, "columns": [*columns("email"), tags]}
        rows = [["ann@shop.example", [{"v": "vip"}]], [None, []]]
        text = self.ask(as_creator, form, {**answer, "preview": rows, "billed": 10 * 1024**2})
        for said in ("ann@shop.example", "ARRAY&lt;STRING&gt;", "[&quot;vip&quot;]", "10.0 MiB"):
            assert said in text, said

    @pytest.mark.parametrize(("cap", "asked"), [("", 10 * GIB), ("2", 2 * GIB), ("500", 10 * GIB)])
    def test_never_more_than_the_lower_cap(self, cap, asked, as_creator, form, bells):
        self.ask(as_creator, form, cap=cap)
        assert Lookup.objects.get().bytes_cap == asked

    def test_over_the_cap_it_says_so(self, as_creator, form, bells):
        text = self.ask(as_creator, form, ("It would bill more.", "bytes_cap", None))
        assert "It would bill more." in text

    def test_no_rows_are_said(self, as_creator, form, bells):
        answer = {
            "kind": "QUERY",
            "rows": None,
            "columns": columns("a"),
            "preview": [],
            "billed": 0,
        }
        assert "No rows" in self.ask(as_creator, form, answer)

    def test_nothing_chosen_is_said(self, as_creator, form, bells):
        assert "Choose a database" in self.ask(as_creator, form, sql="", database="")

    def test_rows_of_something_else_leave_the_page(self, as_creator, form, bells):
        self.ask(as_creator, form)
        shown = Lookup.objects.get().pk
        same = as_creator.post(f"{CREATE}check/", form(rows_of=shown)).content.decode()
        other = as_creator.post(f"{CREATE}check/", form(rows_of=shown, sql="SELECT 1 AS one"))
        assert "hx-swap-oob" not in same
        assert f'<div id="rows-of-{shown}" hx-swap-oob="true">' in other.content.decode()

    def test_a_late_word_takes_no_rows_that_were_asked_for_since(self, as_creator, form, bells):
        self.ask(as_creator, form)
        before = Lookup.objects.get().pk
        now = as_creator.post(f"{CREATE}rows/", form(sql="SELECT 1 AS one")).content.decode()
        late = as_creator.post(f"{CREATE}check/", form(rows_of=before, sql="SELECT 1 AS one"))
        taken = re.findall(r'<div id="([\w-]+)" hx-swap-oob', late.content.decode())
        assert taken == [f"rows-of-{before}"]
        assert taken[0] not in now

    def test_they_are_forgotten_within_the_hour(self, as_creator, form, bells):
        self.ask(as_creator, form)
        answer = {"kind": "QUERY", "columns": columns("a"), "preview": [["secret"]], "billed": 0}
        finish(answer)
        lookups.forget_old(now=timezone.now() + timedelta(minutes=61))
        assert "secret" not in str(Lookup.objects.get().answer)


class TestSave:
    def test_a_query_is_saved_as_a_draft_with_cap_and_estimate(self, as_creator, form, panel):
        panel(dry_run(3 * GIB))
        as_creator.post(CREATE, form(cap="50"))
        draft = Import.objects.get()
        assert (draft.query_type, draft.sql, draft.table_id) == ("sql", SQL, "")
        assert (draft.bytes_cap, draft.estimate) == (50 * GIB, {"bytes": 3 * GIB, "tables": 1})

    def test_a_check_that_is_under_way_holds_nobody_up(self, as_creator, form, bells):
        answer = as_creator.post(CREATE, form())
        assert answer.url == f"{CENTER}{Import.objects.get().pk}/map/"

    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            ({"sql": ""}, "Write the SELECT whose rows are imported."),
            ({"sql": "SELECT 1; SELECT 2"}, "Line 1, column 11: This is a second statement."),
            ({"sql": "DROP TABLE t"}, "this is a DROP"),
            ({"sql": "S" * 100_001}, "Use at most 100,000 characters"),
            ({"cap": "lots"}, "Write a number of GiB, for example 50."),
            ({"cap": "-1"}, "The cap must be at least 0.001 GiB."),
            ({"cap": "1e30"}, "The cap can be 1,000,000 GiB at most."),
            ({"query_type": "moon"}, "This is not in the list"),
            ({"query_type": "table", "table_id": ""}, "Choose the table to read."),
        ],
    )
    def test_is_refused_beside_the_field_and_nothing_typed_is_lost(
        self, changes, said, as_creator, form, bells
    ):
        data = form(**changes)
        text = as_creator.post(CREATE, data).content.decode()
        assert said in text
        assert not Import.objects.exists()
        assert data["sql"][:50] in text
        assert 'value="Customers"' in text

    def test_what_bigquery_refused_is_not_saved(self, as_creator, form, panel):
        panel(("The query has a syntax error.", "invalid_query", (2, 1)))
        text = as_creator.post(CREATE, form()).content.decode()
        assert "Line 2, column 1: The query has a syntax error." in text
        assert not Import.objects.exists()

    def test_a_view_whose_base_is_gone_is_said_beside_the_table(self, as_creator, form, panel):
        chosen = {"query_type": "table", "table_id": "active_customers"}
        said = "The view reads a table that does not exist any more."
        panel((said, "table_not_found", None), **chosen)
        text = as_creator.post(CREATE, form(**chosen)).content.decode()
        assert text.count(said) >= 2, "in the summary, and beside the table"
        assert 'value="Customers"' in text
        assert not Import.objects.exists()

    def test_what_is_over_the_cap_is_not_saved(self, as_creator, form, panel):
        panel(dry_run(3 * GIB))
        text = as_creator.post(CREATE, form(cap="1")).content.decode()
        assert "which is over the cap of 1.0 GiB" in text
        assert not Import.objects.exists()

    def test_what_could_not_be_checked_is_saved_all_the_same(self, as_creator, form, panel):
        panel(("BigQuery has trouble of its own.", "server_error", None))
        as_creator.post(CREATE, form())
        assert Import.objects.exists()

    @pytest.mark.parametrize("button", ["show_tables", "check", "preview"])
    def test_without_scripts_a_button_only_looks(self, button, as_creator, form, bells):
        text = as_creator.post(CREATE, form(**{button: "1"})).content.decode()
        assert SQL.split("\n")[0] in text
        assert not Import.objects.exists()


class TestEdit:
    @pytest.fixture
    def ready(self, places):
        connection, account = places
        return ImportFactory(connection=connection, account=account, nickname="Customers")

    def url(self, subject):
        return f"{CENTER}{subject.pk}/configure/"

    def test_the_form_has_what_was_saved(self, as_creator, places, bells):
        connection, account = places
        draft = ImportFactory(draft=True, connection=connection, account=account, query_type="sql",
                              table_id="", sql=SQL, bytes_cap=GIB // 2)  # fmt: skip
        text = as_creator.get(self.url(draft)).content.decode()
        assert "FROM customers" in text
        assert 'value="0.5"' in text

    def test_a_source_with_the_same_columns_keeps_mapping_and_status(
        self, as_creator, ready, form, panel
    ):
        panel(dry_run(names=("customer_id", "email", "city")))
        answer = as_creator.post(self.url(ready), form())
        before, mapping = ready.status, ready.mapping
        ready.refresh_from_db()
        assert answer.url == ready.get_absolute_url()
        assert (ready.sql, ready.table_id, ready.status) == (SQL, "", before)
        assert ready.mapping["skipped"] == ["customer_id", "city"]
        assert without_skipped(ready.mapping) == without_skipped(mapping)
        assert ready.columns[2]["name"] == "city"

    def test_vanished_columns_leave_the_mapping_and_are_named(self, as_creator, ready, form, panel):
        panel(dry_run(names=("customer_id",)))
        answer = as_creator.post(self.url(ready), form(), follow=True)
        ready.refresh_from_db()
        assert "taken out of the mapping: “email”." in answer.content.decode()
        assert (ready.status, ready.mapping["properties"]) == ("draft", [])
        assert ready.mapping["identity"] == {"column": "customer_id", "as": "identity"}

    def test_a_column_of_another_type_must_be_mapped_again(self, as_creator, ready, form, panel):
        panel(dry_run(columns=columns("customer_id") + columns("email", kind="RECORD")))
        as_creator.post(self.url(ready), form())
        ready.refresh_from_db()
        assert ready.status == "draft"

    def test_a_scheduled_import_whose_columns_vanish_starts_no_more(
        self, as_creator, ready, form, panel
    ):
        Import.objects.update(status="scheduled", next_slot_at=timezone.now() + timedelta(days=1))
        panel(dry_run(names=("other",)))
        as_creator.post(self.url(ready), form())
        ready.refresh_from_db()
        assert (ready.status, ready.next_slot_at) == ("draft", None)

    def test_a_mapped_import_waits_for_the_check(self, as_creator, ready, form, bells):
        text = as_creator.post(self.url(ready), form()).content.decode()
        ready.refresh_from_db()
        assert "BigQuery is still checking this. Save again in a moment." in text
        assert SQL.split("\n")[0] in text
        assert ready.sql == ""

    def test_another_cap_alone_changes_nothing_else(self, as_creator, ready, form, bells):
        same = {"query_type": "table", "table_id": "customers", "sql": ""}
        answer = as_creator.post(self.url(ready), form(**same, cap="7"))
        version, mapping = ready.version, ready.mapping
        ready.refresh_from_db()
        assert answer.url == ready.get_absolute_url()
        assert (ready.bytes_cap, ready.mapping, ready.version) == (7 * GIB, mapping, version + 1)

    def test_a_nickname_that_is_taken_is_refused(self, as_creator, ready, form, bells):
        ImportFactory(nickname="Orders")
        same = {"query_type": "table", "table_id": "customers", "sql": "", "nickname": "ORDERS"}
        assert (
            "There is already an import"
            in as_creator.post(self.url(ready), form(**same)).content.decode()
        )

    def test_a_stopped_import_can_no_longer_be_changed(self, as_creator, ready):
        Import.objects.update(status="stopped")
        assert as_creator.get(self.url(ready)).url == ready.get_absolute_url()

    def test_a_member_may_not(self, as_member, ready):
        assert as_member.get(self.url(ready)).status_code == 403

    def test_the_run_under_way_keeps_its_own_query(self, as_creator, ready, form, panel):
        run = runs.start_run(parent=ready, by=ready.created_by, now=timezone.now())
        panel(dry_run())
        as_creator.post(self.url(ready), form(cap="9"))
        run.refresh_from_db()
        assert (run.snapshot["table_id"], run.snapshot["sql"]) == ("customers", "")
