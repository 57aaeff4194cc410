"""Create Import: configure, then map; what is typed is kept, what cannot work is said."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from connections.models import Lookup
from imports.models import Cursor, Import, Run
from tests.factories import ConnectionFactory, ImportFactory, RunFactory
from tests.web.imports.map_page import COLUMNS, mapped

CREATE = "/settings/partners/import-center/create/"


def configure(places, **changes):
    connection, account = places
    values = {"nickname": "Customers", "database": connection.pk, "account": account.pk}
    return {**values, "table_id": "customers", **changes}


class TestUpdatedOn:
    def test_is_none_unless_one_is_chosen(self, as_creator, draft, lookup, bells):
        as_creator.post(f"{draft.get_absolute_url()}map/", mapped(lookup))
        draft.refresh_from_db()
        assert draft.mapping["updated_on"] is None
        assert not Cursor.objects.exists()

    def test_is_kept_with_how_it_goes(self, as_creator, draft, lookup, bells):
        said = {"updated_on": "last_seen", "look_back": "2", "look_back_unit": "days"}
        more = {"nulls": "never", "newest_only": "on"}
        as_creator.post(f"{draft.get_absolute_url()}map/", mapped(lookup, **said, **more))
        draft.refresh_from_db()
        found = Cursor.objects.get(parent=draft)
        rule = {"column": "last_seen", "format": None, "time_zone": "Europe/Berlin"}
        assert draft.mapping["updated_on"] == rule
        assert (found.column, found.column_type, found.kind) == ("last_seen", "DATETIME", "profile")
        assert (found.look_back_seconds, found.nulls, found.newest_only) == (172_800, "never", True)
        text = as_creator.get(f"{draft.get_absolute_url()}map/").content.decode()
        assert '<option value="last_seen" selected>' in text
        assert '<option value="days" selected>' in text

    @pytest.mark.parametrize(
        ("said", "sentence"),
        [
            ({"look_back": "-1"}, "Enter 0 or more"),
            ({"look_back": "x"}, "Enter a whole number"),
            ({"look_back": "32", "look_back_unit": "days"}, "31 days is the longest"),
            ({"updated_on": "email"}, "This is not in the list"),
            ({"nulls": "sometimes"}, "This is not in the list"),
        ],
    )
    def test_refuses_beside_the_field_and_keeps_what_was_typed(
        self, said, sentence, as_creator, draft, lookup, bells
    ):
        values = mapped(lookup, email="Mail", **{"updated_on": "last_seen", **said})
        text = as_creator.post(f"{draft.get_absolute_url()}map/", values).content.decode()
        assert sentence in text
        assert 'value="Mail"' in text
        draft.refresh_from_db()
        assert draft.is_draft

    def test_another_column_begins_with_a_full_run(self, as_creator, draft, lookup, bells):
        address = f"{draft.get_absolute_url()}map/"
        run = RunFactory(parent=draft, succeeded=True)
        Cursor.objects.create(
            parent=draft,
            column="updated",
            column_type="DATETIME",
            kind="profile",
            value="2026-01-01T00:00:00",
            edge_low="2026-01-01T00:00:00",
            moved_at=run.finished_at,
            moved_by_run=run,
        )
        as_creator.post(address, mapped(lookup, updated_on="last_seen"))
        found = Cursor.objects.get()
        assert (found.column, found.value, found.version) == ("last_seen", "", 2)
        Cursor.objects.update(
            value="2026-01-01T00:00:00",
            edge_low="2026-01-01T00:00:00",
            moved_at=run.finished_at,
            moved_by_run=run,
        )
        as_creator.post(address, mapped(lookup, updated_on="last_seen", look_back="0"))
        found.refresh_from_db()
        assert (found.value, found.look_back_seconds) == ("2026-01-01T00:00:00", 0)


class TestConfigure:
    def test_saves_a_draft_and_goes_on_to_the_mapping(self, as_creator, creator, places, bells):
        answer = as_creator.post(CREATE, configure(places))
        draft = Import.objects.get()
        assert answer.url == f"/settings/partners/import-center/{draft.pk}/map/"
        assert (draft.status, draft.created_by) == (Import.Status.DRAFT, creator)

    def test_asks_a_worker_for_the_tables_of_the_database(self, as_creator, places, bells):
        as_creator.get(CREATE, {"database": places[0].pk})
        assert Lookup.objects.get().kind == Lookup.Kind.TABLES

    def test_asks_only_once_for_the_same_tables(self, as_creator, places, bells):
        for _ in range(3):
            as_creator.get(f"{CREATE}tables/", {"database": places[0].pk})
        assert Lookup.objects.count() == 1

    def test_refuses_a_nickname_that_is_taken(self, as_creator, places, bells):
        ImportFactory(nickname="CUSTOMERS")
        answer = as_creator.post(CREATE, configure(places))
        assert "There is already an import called" in answer.content.decode()
        assert Import.objects.count() == 1

    @pytest.mark.parametrize("field", ["nickname", "database", "account", "table_id"])
    def test_refuses_without(self, field, as_creator, places, bells):
        answer = as_creator.post(CREATE, configure(places, **{field: ""}))
        assert answer.status_code == 200
        assert not Import.objects.exists()

    @pytest.mark.parametrize("table", ["a`b", "x; DROP TABLE y", "../etc", "t\\"])
    def test_refuses_a_table_name_that_is_none(self, table, as_creator, places, bells):
        answer = as_creator.post(CREATE, configure(places, table_id=table))
        assert answer.status_code == 200
        assert not Import.objects.exists()

    def test_does_not_offer_a_connection_that_is_being_deleted(self, as_creator, places):
        ConnectionFactory(name="Leaving", deleting=True)
        assert "Leaving" not in as_creator.get(CREATE).content.decode()

    def test_says_what_is_missing_when_nothing_is_connected(self, as_creator, db):
        assert "No database yet" in as_creator.get(CREATE).content.decode()

    def test_refuses_a_member(self, as_member, db):
        assert as_member.get(CREATE).status_code == 403


class TestMap:
    def url(self, draft):
        return f"/settings/partners/import-center/{draft.pk}/map/"

    def test_waits_for_the_worker_without_an_error(self, as_creator, draft, bells):
        text = as_creator.get(self.url(draft)).content.decode()
        assert "Reading the columns" in text

    def test_suggests_names_and_shows_the_first_rows(self, as_creator, draft, lookup):
        text = as_creator.get(self.url(draft)).content.decode()
        assert 'value="Email"' in text
        assert "ann@shop.example" in text

    def test_saves_the_mapping_and_makes_the_import_ready(self, as_creator, draft, lookup):
        as_creator.post(self.url(draft), mapped(lookup))
        draft.refresh_from_db()
        assert draft.status == Import.Status.READY
        assert [rule["name"] for rule in draft.mapping["properties"]] == ["Email", "Last seen"]
        assert draft.mapping["skipped"] == ["customer_id", "address.city"]

    def test_dates_without_a_time_zone_get_the_chosen_one(self, as_creator, draft, lookup):
        as_creator.post(self.url(draft), mapped(lookup, time_zone="Asia/Kolkata"))
        draft.refresh_from_db()
        assert draft.mapping["properties"][1]["time_zone"] == "Asia/Kolkata"

    def test_of_one_that_has_run_the_schedule_is_no_step(self, as_creator, draft, lookup):
        as_creator.post(self.url(draft), mapped(lookup))
        RunFactory(parent=draft, succeeded=True)
        text = as_creator.get(f"{draft.get_absolute_url()}schedule/edit/").content.decode()
        assert 'aria-current="step"' not in text

    def test_what_grew_too_wide_leads_to_another_source(self, as_creator, draft, lookup):
        wide = [{**COLUMNS[0], "name": f"c{number}"} for number in range(601)]
        Lookup.objects.update(answer={"columns": wide, "preview": []})
        text = as_creator.get(self.url(draft)).content.decode()
        assert "It has 601 columns, and at most 600 can be mapped" in text
        assert f"{draft.get_absolute_url()}configure/" in text

    def test_six_hundred_columns_can_be_sent(self, as_creator, draft, lookup):
        names = [f"c{number}" for number in range(600)]
        columns = [{**COLUMNS[0], "name": one} for one in names]
        Lookup.objects.update(answer={"columns": columns, "preview": []})
        rows = {
            f"columns-{number}-{field}": value
            for number, name in enumerate(names)
            for field, value in (
                *(("column", name), ("name", name if number < 256 else ""), ("type", "string")),
                *(("format", ""), ("nulls", "omit")),
                *([("use", "on")] if number < 256 else [("other", "1")]),
            )
        }
        sent = mapped(lookup, identity_column="c0") | rows
        sent |= {"columns-TOTAL_FORMS": "600", "columns-INITIAL_FORMS": "600"}
        as_creator.post(self.url(draft), sent)
        draft.refresh_from_db()
        assert len(draft.mapping["properties"]) == 256

    def test_saves_and_goes_on_to_the_schedule(self, as_creator, draft, lookup):
        at = draft.get_absolute_url()
        answer = as_creator.post(f"{at}map/", mapped(lookup, action="schedule"))
        assert answer.headers["Location"] == f"{at}schedule/edit/"
        text = as_creator.get(answer.headers["Location"]).content.decode()
        assert "wizard-step--current" in text

    def test_a_faulty_mapping_does_not_get_to_the_schedule(self, as_creator, draft, lookup):
        answer = as_creator.post(
            f"{draft.get_absolute_url()}map/", mapped(lookup, email="50%", action="schedule")
        )
        draft.refresh_from_db()
        assert answer.status_code == 200
        assert draft.is_draft

    def test_saves_and_runs(self, as_creator, draft, lookup, bells):
        answer = as_creator.post(self.url(draft), mapped(lookup, action="run"))
        assert answer.url == Run.objects.get().get_absolute_url()

    def test_refuses_a_forbidden_name_beside_its_column(self, as_creator, draft, lookup):
        text = as_creator.post(self.url(draft), mapped(lookup, email="E$mail")).content.decode()
        draft.refresh_from_db()
        assert 'value="E$mail"' in text
        assert 'aria-invalid="true"' in text
        assert draft.status == Import.Status.DRAFT

    def test_refuses_without_an_identity(self, as_creator, draft, lookup):
        answer = as_creator.post(self.url(draft), mapped(lookup, identity_column=""))
        assert "Choose the column that says whose row it is." in answer.content.decode()

    def test_refuses_a_column_that_the_table_does_not_have(self, as_creator, draft, lookup):
        answer = as_creator.post(self.url(draft), mapped(lookup, identity_column="no_such"))
        draft.refresh_from_db()
        assert answer.status_code == 200
        assert draft.status == Import.Status.DRAFT

    def test_says_why_a_list_of_structs_cannot_be_mapped(self, as_creator, draft, lookup):
        columns = [*COLUMNS[:3], {**COLUMNS[3], "mode": "REPEATED"}]
        Lookup.objects.update(answer={"columns": columns, "preview": [], "rows": 0})
        assert "cannot be mapped as a whole" in as_creator.get(self.url(draft)).content.decode()

    def test_says_why_the_table_cannot_be_read(self, as_creator, draft, lookup):
        Lookup.objects.update(answer=None, failure_sentence="The table is gone.")
        assert "The table is gone." in as_creator.get(self.url(draft)).content.decode()

    def test_reads_a_table_again_that_could_not_be_read(self, as_creator, draft, lookup):
        Lookup.objects.update(answer=None, failure_sentence="The table is gone.")
        Lookup.objects.update(finished_at=timezone.now() - timedelta(minutes=1))
        assert "Reading the columns" in as_creator.get(self.url(draft)).content.decode()

    def test_refuses_an_answer_about_another_table(self, as_creator, draft, lookup, bells):
        Lookup.objects.update(table_id="other")
        text = as_creator.post(self.url(draft), mapped(lookup)).content.decode()
        draft.refresh_from_db()
        assert "Reading the columns" in text
        assert draft.status == Import.Status.DRAFT

    def test_a_stopped_import_can_no_longer_be_mapped(self, as_creator, places):
        stopped = ImportFactory(stopped=True, connection=places[0], account=places[1])
        assert as_creator.get(self.url(stopped)).url == stopped.get_absolute_url()


class TestMapSaysWhatBecomesOfEachColumn:
    def url(self, draft):
        return f"/settings/partners/import-center/{draft.pk}/map/"

    def row(self, text, column):
        return text.partition(f'data-column="{column}"')[2].partition("</tr>")[0]

    def test_the_identity_column_says_so(self, as_creator, draft, lookup):
        text = as_creator.get(self.url(draft)).content.decode()
        assert "data-identity-tag>Identity<" in self.row(text, "customer_id")
        assert "data-identity-tag hidden>" in self.row(text, "email")

    def test_every_mistake_is_said_at_once_and_nothing_typed_is_lost(
        self, as_creator, draft, lookup
    ):
        posted = mapped(lookup, email="E$mail", identity_column="", time_zone="Mars/Olympus")
        text = as_creator.post(self.url(draft), posted).content.decode()
        summary = text.partition('class="error-summary"')[2].partition("</ul>")[0]
        for said in ("Choose the column that says whose row it is.", "Choose again.", "E$mail"):
            assert said in summary
        assert 'value="E$mail"' in text

    def test_the_summary_stands_first_and_leads_to_the_box(self, as_creator, draft, lookup):
        text = as_creator.post(self.url(draft), mapped(lookup, email="E$mail")).content.decode()
        target = re.search(r'<a href="#(id_columns-\d+-name)"><code>email</code>', text).group(1)
        assert f'id="{target}"' in text
        assert text.index('class="error-summary"') < text.index('id="preview"')

    def test_a_type_that_there_is_not_is_refused_beside_its_column(self, as_creator, draft, lookup):
        posted = mapped(lookup)
        kind = next(name for name, value in posted.items() if name.endswith("-type") and value)
        text = as_creator.post(self.url(draft), {**posted, kind: "blob"}).content.decode()
        assert "This is not in the list, or not any more. Choose again." in text
        draft.refresh_from_db()
        assert draft.status == Import.Status.DRAFT

    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            ({"email": "x" * 301}, "Use at most 300 characters: these are 301."),
            ({"email": "E\0mail"}, "The name has a character that cannot be stored."),
            ({"columns-1-format": "moon"}, "This is not in the list"),
            ({"columns-1-nulls": "moon"}, "This is not in the list"),
        ],
    )
    def test_a_row_that_cannot_be_read_says_so_beside_itself(
        self, changes, said, as_creator, draft, lookup
    ):
        text = as_creator.post(f"{draft.get_absolute_url()}map/", mapped(lookup, **changes))
        draft.refresh_from_db()
        assert text.content.decode().count(said) == 2, "in the summary, and beside the box"
        assert 'value="Last seen"' in text.content.decode()
        assert draft.is_draft

    @pytest.mark.parametrize("total", ["", "x", "-1", "601", "9" * 30])
    def test_a_form_that_did_not_come_whole_saves_nothing(self, total, as_creator, draft, lookup):
        sent = mapped(lookup) | {"columns-TOTAL_FORMS": total}
        text = as_creator.post(f"{draft.get_absolute_url()}map/", sent).content.decode()
        draft.refresh_from_db()
        assert "This page was not sent whole." in text
        assert draft.is_draft

    def test_the_enter_key_saves_and_starts_nothing(self, as_creator, draft, lookup):
        text = as_creator.get(self.url(draft)).content.decode()
        first = re.search(r'<button type="submit"[^>]*name="action"[^>]*>', text).group()
        assert 'value="save"' in first
