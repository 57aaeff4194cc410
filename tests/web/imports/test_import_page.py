"""An import's Overview, Mapping and Schedule: what is so, and the one next thing to do."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from imports.models import Heartbeat, Import
from tests.factories import MAPPING, ConnectionFactory, ImportFactory
from tests.web.imports.stats_page import a_run, page, part

HTMX = {"HX-Request": "true"}


@pytest.fixture
def subject(db):
    return ImportFactory(nickname="Customers")


def ago(**time):
    return timezone.now() - timedelta(**time)


def tabs(text):
    found = re.findall(r'tabs__tab"\s+href="([^"]*)"\s+(aria-current="page")?>(\w+)', text)
    return [(title, bool(current)) for _, current, title in found]


class TestTabs:
    @pytest.mark.parametrize(
        ("tab", "title"),
        [
            *(("", "Overview"), ("mapping/", "Mapping"), ("schedule/", "Schedule")),
            *(("cursor/", "Cursor"), ("stats/", "Stats")),
        ],
    )
    def test_each_stands_at_an_address_of_its_own(self, tab, title, as_member, subject):
        names = ["Overview", "Mapping", "Schedule", "Cursor", "Stats"]
        assert tabs(page(as_member, subject, tab)) == [(name, name == title) for name in names]

    @pytest.mark.parametrize("tab", ["", "mapping/", "schedule/", "cursor/", "stats/"])
    def test_a_run_can_be_stopped_from_every_one(self, tab, as_creator, subject):
        run = a_run(subject, ago(minutes=1), state="running", accepted=3)
        text = page(as_creator, subject, tab)
        assert f'action="{run.get_absolute_url()}stop/"' in text
        assert "Run now" not in part(text, 'id="import-actions"', "tabs")

    @pytest.mark.parametrize("tab", ["", "mapping/", "schedule/", "cursor/", "stats/"])
    def test_a_member_is_offered_nothing_that_changes_something(self, tab, as_member, subject):
        a_run(subject, ago(minutes=1), state="running", accepted=3)
        actions = part(page(as_member, subject, tab), 'id="import-actions"', "tabs")
        assert not re.search(r"<form|<button|href=", actions)

    def test_a_run_that_is_stopping_already_cannot_be_stopped_again(self, as_creator, subject):
        run = a_run(subject, ago(minutes=1), state="running", stop_requested_at=timezone.now())
        text = page(as_creator, subject)
        assert f"{run.get_absolute_url()}stop/" not in text
        assert "Stopping" in text


class TestNextStep:
    def step(self, client, subject):
        text = page(client, subject)
        return part(text, '<div class="notice', 'class="split"') if "notice--" in text else ""

    def test_of_a_draft_is_its_mapping(self, as_creator, as_member, db):
        draft = ImportFactory(draft=True)
        assert f"{draft.get_absolute_url()}map/" in self.step(as_creator, draft)
        for_members = self.step(as_member, draft)
        assert "A Creator or an Admin can do it." in for_members
        assert "<a " not in for_members

    def test_of_one_that_never_ran_is_to_run_it(self, as_creator, as_member, subject):
        for_creators = self.step(as_creator, subject)
        assert "Press Run now when you are ready." in for_creators
        assert f"{subject.get_absolute_url()}schedule/edit/" in for_creators
        assert "A Creator or an Admin can start it." in self.step(as_member, subject)

    @pytest.mark.parametrize(
        ("code", "title", "where"),
        [
            ("token_rejected", "The last run could not connect", "connection"),
            ("network", "The last run could not connect", "connection"),
            ("permission_denied", "The last run failed", "connection"),
            ("credentials", "The last run could not connect", "account"),
            ("query_invalid", "The last run failed", "run"),
        ],
    )
    def test_of_a_failure_is_where_it_is_mended(self, code, title, where, as_member, subject):
        run = a_run(
            subject, ago(hours=1), state="failed", failure_code=code, failure_sentence="So it is."
        )
        places = {"connection": subject.connection, "account": subject.account, "run": run}
        step = self.step(as_member, subject)
        assert title in step
        assert "So it is." in step
        assert f'href="{places[where].get_absolute_url()}' in step

    def test_of_refused_rows_is_to_see_why(self, as_member, subject):
        run = a_run(subject, ago(hours=1), accepted=1000, refused=1200, unknown=3)
        step = self.step(as_member, subject)
        assert "Of its 2,203 rows: 1,200 refused, 3 sent without an answer." in step
        assert run.get_absolute_url() in step

    def test_of_one_that_lost_its_connection_says_so(self, as_creator, db):
        gone = ConnectionFactory(deleting=True, name="Old warehouse")
        subject = ImportFactory(connection=gone, stopped=True)
        step = self.step(as_creator, subject)
        assert "Its connection “Old warehouse” was deleted." in step
        assert "Run now" not in page(as_creator, subject)

    def test_is_nothing_when_all_is_well(self, as_member, subject):
        a_run(subject, ago(days=2), state="failed", failure_sentence="Long ago.")
        a_run(subject, ago(hours=1), accepted=5)
        text = page(as_member, subject)
        assert "notice--" not in text
        assert "Long ago." not in text


class TestOverview:
    def test_shows_the_sums_of_the_last_run_that_is_over(self, as_member, subject):
        last = a_run(subject, ago(hours=2), accepted=1200, refused=34)
        a_run(subject, ago(minutes=1), state="running", accepted=7)
        text = part(page(as_member, subject), 'id="last-run"', "</section>")
        assert f'href="{last.get_absolute_url()}"' in text
        assert re.search(r"Accepted</dt><dd[^>]*>1,200", text)
        assert "97.24 %" in text

    @pytest.mark.parametrize(
        ("run", "words"),
        [
            ({}, "Nothing new"),
            ({"state": "failed", "failure_code": "token_rejected"}, "Could not connect"),
        ],
    )
    def test_never_says_the_same_of_no_news_and_no_connection(self, run, words, as_member, subject):
        a_run(subject, ago(hours=1), **run)
        text = part(page(as_member, subject), 'id="last-run"', "</section>")
        assert words in text
        assert "No row was read." in text

    def test_shows_the_run_at_work_live_and_stops_asking_at_its_end(self, as_creator, subject):
        Heartbeat.objects.create(part=Heartbeat.Part.IMPORT, seen_at=timezone.now())
        run = a_run(subject, ago(minutes=1), state="running", accepted=40, rows_total=100)
        text = page(as_creator, subject)
        assert 'data-poll="2"' in text
        assert "40 of 100 rows" in text
        assert f'href="{run.get_absolute_url()}"' in part(text, 'id="at-work"', "</section>")
        type(run).objects.update(state="stopped", finished_at=timezone.now())
        assert "data-poll" not in page(as_creator, subject)

    def test_sends_htmx_the_part_with_the_buttons_that_go_with_it(self, as_creator, subject):
        a_run(subject, ago(minutes=1), accepted=40)
        text = as_creator.get(subject.get_absolute_url(), headers=HTMX).content.decode()
        assert "<html" not in text
        assert re.search(r'id="import-actions" hx-swap-oob="true"', text)
        assert "Run now" in text

    def test_of_a_deleted_import_offers_nothing_and_keeps_its_history(self, as_creator, subject):
        run = a_run(subject, ago(hours=1), accepted=5)
        Import.objects.update(deleted_at=timezone.now(), status="stopped")
        text = page(as_creator, subject)
        assert "This import is deleted" in text
        assert run.get_absolute_url() in text
        assert not re.search(r"Run now|Edit mapping|>Delete<", text)


class TestMapping:
    def lines(self, client, **stored):
        return page(client, ImportFactory(**stored), "mapping/")

    def test_states_the_identity_as_such_and_not_as_skipped(self, as_member, db):
        stored = {**MAPPING, "skipped": ["customer_id"]}
        text = self.lines(as_member, mapping=stored)
        assert "Says whose row it is." in text
        assert "Skipped columns" not in text

    def test_says_why_a_column_is_skipped(self, as_member, db):
        columns = [
            {"name": "address", "type": "RECORD", "mode": "NULLABLE", "fields": []},
            {"name": "note", "type": "STRING", "mode": "NULLABLE", "fields": []},
        ]
        stored = {**MAPPING, "skipped": ["address", "note", "gone"]}
        text = part(
            self.lines(as_member, mapping=stored, columns=columns), "Skipped columns", "</section>"
        )
        assert "address is nested (STRUCT)" in text
        assert text.count("On purpose.") == 2
        assert "No longer there" in text

    def test_calls_the_formats_of_dates_what_they_were_chosen_by(self, as_member, db):
        rule = {"column": "born", "name": "Born", "type": "date", "format": "iso8601"}
        text = self.lines(as_member, mapping={**MAPPING, "properties": [rule]})
        assert "ISO 8601" in text
        assert "iso8601" not in text

    @pytest.mark.parametrize("mapping", [[1], {"properties": "all"}, {"identity": 7}])
    def test_that_cannot_be_read_is_told_and_never_a_server_error(self, mapping, as_member, db):
        assert "Map the columns again." in self.lines(as_member, mapping=mapping)

    def test_of_a_draft_says_who_can_make_one(self, as_creator, as_member, db):
        draft = ImportFactory(draft=True)
        assert "Nothing is mapped yet" in page(as_creator, draft, "mapping/")
        assert "A Creator or an Admin says" in page(as_member, draft, "mapping/")


class TestSchedule:
    def test_says_what_is_so(self, as_member, subject):
        a_run(subject, ago(hours=1), accepted=5)
        text = page(as_member, subject, "schedule/")
        assert "Manually Trigger" in text
        assert subject.created_by.email in text

    def test_of_a_stopped_import_promises_no_run(self, as_member, db):
        text = page(as_member, ImportFactory(stopped=True), "schedule/")
        assert "This import is stopped: nothing starts it." in text
        assert "Run now" not in text

    def test_of_one_that_never_ran_says_never(self, as_member, subject):
        assert "Never" in part(page(as_member, subject, "schedule/"), "Last started", "</dl>")
