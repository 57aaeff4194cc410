"""The page of a cursor: where it stands, move back after a count, reset, ask the adviser."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import AuditEntry
from imports.models import Cursor, CursorQuestion, Import
from imports.models.cursor import source_of
from imports.services.cursors import NO_WORKER
from tests.factories import MAPPING, ImportFactory, RunFactory

COLUMNS = [
    {"name": name, "type": type_, "mode": "NULLABLE", "fields": []}
    for name, type_ in (
        *(("customer_id", "STRING"), ("email", "STRING")),
        *(("updated_at", "TIMESTAMP"), ("serial", "INTEGER")),
    )
]
AT = "2026-01-31 09:30:00.000000+00:00"


@pytest.fixture
def subject(db):
    mapping = {**MAPPING, "updated_on": {"column": "updated_at", "format": None}}
    return ImportFactory(nickname="Customers", columns=COLUMNS, mapping=mapping)


@pytest.fixture
def cursor(subject):
    run = RunFactory(parent=subject, succeeded=True)
    return Cursor.objects.create(
        parent=subject,
        column="updated_at",
        column_type="TIMESTAMP",
        kind="profile",
        value=AT,
        edge_low=AT,
        source=source_of(subject.read),
        moved_at=run.finished_at,
        moved_by_run=run,
    )


def url(subject, below=""):
    return f"/settings/partners/import-center/{subject.pk}/cursor/{below}"


def text_of(answer):
    assert answer.status_code == 200
    return answer.content.decode()


class TestShown:
    def test_without_a_column_every_run_sends_all_rows(self, as_creator, subject):
        text = text_of(as_creator.get(url(subject)))
        assert "Every run sends all rows" in text
        assert "Map columns" in text

    def test_the_value_when_it_moved_and_by_which_run(self, as_member, subject, cursor):
        text = text_of(as_member.get(url(subject)))
        assert "2026-01-31 09:30:00 UTC" in text
        assert cursor.moved_by_run.get_absolute_url() in text
        assert "Count rows" not in text, "a member moves nothing"

    def test_before_its_first_run(self, as_creator, subject):
        Cursor.objects.create(
            parent=subject, column="updated_at", column_type="TIMESTAMP", kind="profile"
        )
        text = text_of(as_creator.get(url(subject)))
        assert "The next run sends all rows" in text
        assert "Count rows" not in text


class TestMoveBack:
    def test_counts_first_and_changes_nothing(
        self, as_creator, subject, cursor, bells, django_capture_on_commit_callbacks
    ):
        with django_capture_on_commit_callbacks(execute=True):
            answer = as_creator.post(url(subject, "count/"), {"to": "2026-01-30"})
        question = CursorQuestion.objects.get()
        assert answer.url.startswith(f"{url(subject)}?question={question.pk}")
        assert bells == [("imports.answer_cursor_question", {"question_id": str(question.pk)})]
        assert question.asked["from"] == "2026-01-30 00:00:00.000000+00:00"
        assert question.asked["until"] == AT
        assert Cursor.objects.get().resend_from == ""

    def test_shows_the_count_and_asks(self, as_creator, subject, cursor, bells):
        as_creator.post(url(subject, "count/"), {"to": "2026-01-30"})
        question = CursorQuestion.objects.get()
        question.claim()
        question.answered({"rows": 1_234, "bytes": 10_485_760})
        text = text_of(as_creator.get(url(subject), {"question": question.pk}))
        assert "Send 1,234 rows again?" in text
        assert "Move back" in text

    @pytest.mark.parametrize(
        ("typed", "said"),
        [
            ("", "Enter the value from which"),
            ("soon", "Enter a moment such as"),
            ("2026-02-01", "moves back only"),
        ],
    )
    def test_what_cannot_be_gone_back_to_is_said_beside_the_field(
        self, typed, said, as_creator, subject, cursor, bells
    ):
        text = text_of(as_creator.post(url(subject, "count/"), {"to": typed}))
        assert said in text
        assert f'value="{typed}"' in text or not typed
        assert not CursorQuestion.objects.exists()

    def test_moves_and_is_written_down(self, as_creator, creator, subject, cursor):
        as_creator.post(url(subject, "move/"), {"to": "2026-01-30", "version": 1})
        cursor.refresh_from_db()
        assert cursor.resend_from == "2026-01-30 00:00:00.000000+00:00"
        assert (cursor.value, cursor.version, cursor.changed_by) == (AT, 2, creator)
        entry = AuditEntry.objects.get(action="cursor moved back")
        assert entry.before["value"] == AT
        assert entry.after["value"] == cursor.resend_from
        assert ">2026-01-30 00:00" in text_of(as_creator.get(url(subject)))

    @pytest.mark.parametrize("version", ["2", "", "x", "-1", "9" * 30])
    def test_refuses_a_page_that_is_out_of_date(self, version, as_creator, subject, cursor):
        answer = as_creator.post(
            url(subject, "move/"), {"to": "2026-01-30", "version": version}, follow=True
        )
        assert "The cursor has changed since this page was opened" in text_of(answer)
        assert Cursor.objects.get().resend_from == ""

    def test_looks_at_nothing_by_the_question_of_another_import(
        self, as_creator, subject, cursor, bells
    ):
        other = CursorQuestion.objects.create(
            parent=ImportFactory(),
            kind="cost",
            asked={"column": "secret", "type": "DATE", "unit": "", "time_zone": "UTC"},
            requested_by=subject.created_by,
            requested_at=timezone.now(),
        )
        asked = {"question": other.pk, "action": "look"}
        assert "Choose the column" in text_of(as_creator.post(url(subject, "ask/"), asked))
        assert not CursorQuestion.objects.filter(kind="advice").exists()

    @pytest.mark.parametrize("below", ["move/", "reset/", "count/", "ask/"])
    def test_is_forbidden_to_a_member(self, below, as_member, subject, cursor):
        assert as_member.post(url(subject, below), {"to": AT, "version": 1}).status_code == 403
        assert Cursor.objects.get().version == 1

    @pytest.mark.parametrize("below", ["move/", "reset/", "count/", "ask/"])
    def test_a_deleted_import_is_not_found(self, below, as_creator, subject, cursor):
        Import.objects.update(deleted_at=timezone.now())
        assert as_creator.post(url(subject, below), {"to": AT, "version": 1}).status_code == 404


class TestReset:
    def test_takes_the_value_away_and_is_written_down(self, as_creator, subject, cursor):
        as_creator.post(url(subject, "reset/"), {"version": 1})
        cursor.refresh_from_db()
        assert (cursor.value, cursor.moved_by_run, cursor.version) == ("", None, 2)
        assert AuditEntry.objects.get(action="cursor reset").before["value"] == AT

    def test_refuses_without_a_cursor(self, as_creator, subject):
        answer = as_creator.post(url(subject, "reset/"), {"version": 1}, follow=True)
        assert "has no cursor" in text_of(answer)


class TestAdviser:
    def test_shows_the_cost_before_it_looks(self, as_creator, subject, cursor, bells):
        as_creator.post(url(subject, "ask/"), {"column": "updated_at", "action": "cost"})
        question = CursorQuestion.objects.get()
        assert question.kind == CursorQuestion.Kind.COST
        question.answered({"bytes": 10_485_760})
        text = text_of(as_creator.get(url(subject), {"question": question.pk}))
        assert "Look at updated_at?" in text
        assert "10.0 MiB" in text

    def test_looks_on_demand_and_tells_what_it_saw(self, as_creator, subject, cursor, bells):
        as_creator.post(url(subject, "ask/"), {"column": "serial", "action": "look"})
        question = CursorQuestion.objects.get()
        assert (question.kind, question.asked["unit"]) == ("advice", "counter")
        numbers = {"rows": 9, "nulls": 2, "ahead": 0, "ties": 1, "bytes": 1}
        values = {"first": "1", "top": "9", "last": "9", "partition": "", "kind": "TABLE"}
        question.answered(numbers | values)
        text = text_of(as_creator.get(url(subject), {"question": question.pk}))
        assert "2 rows are without a value" in text

    @pytest.mark.parametrize("column", ["", "email", "nothing"])
    def test_refuses_a_column_that_cannot_be_one(self, column, as_creator, subject, bells):
        text = text_of(as_creator.post(url(subject, "ask/"), {"column": column}))
        assert "Choose" in text
        assert not CursorQuestion.objects.exists()

    def test_says_that_no_worker_answered(self, as_creator, subject, bells):
        as_creator.post(url(subject, "ask/"), {"column": "serial"})
        CursorQuestion.objects.update(requested_at=timezone.now() - timedelta(minutes=2))
        question = CursorQuestion.objects.get()
        assert NO_WORKER in text_of(as_creator.get(url(subject), {"question": question.pk}))

    @pytest.mark.parametrize("question", ["x", "", "00000000-0000-0000-0000-000000000000"])
    def test_a_question_that_is_none_is_left_out(self, question, as_creator, subject, cursor):
        assert "Asking BigQuery" not in text_of(
            as_creator.get(url(subject), {"question": question})
        )

    def test_a_question_of_another_import_is_left_out(self, as_creator, subject, cursor, bells):
        as_creator.post(url(subject, "ask/"), {"column": "serial"})
        question = CursorQuestion.objects.get()
        other = ImportFactory()
        text = text_of(as_creator.get(url(other), {"question": question.pk}))
        assert "Asking BigQuery" not in text


class TestDatabase:
    @pytest.mark.parametrize(
        "change", [{"moved_by_run": None}, {"moved_at": None}, {"edge_low": ""}, {"value": ""}]
    )
    def test_a_value_comes_from_a_run_or_not_at_all(self, change, cursor):
        with pytest.raises(IntegrityError), transaction.atomic():
            Cursor.objects.update(**change)

    def test_goes_back_only_from_a_value(self, subject):
        with pytest.raises(IntegrityError), transaction.atomic():
            Cursor.objects.create(
                parent=subject, column="c", column_type="DATE", kind="profile", resend_from="x"
            )
