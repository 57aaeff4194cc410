"""Audit Logs: filters in the address, one entry with before and after, a file for spreadsheets."""

import csv
import io
import uuid

import pytest

from accounts.models import AuditEntry

LOGS, FILE = "/settings/audit-logs/", "/settings/audit-logs.csv"


def add(email="cleo@example.com", action="run started", **more):
    words = {"object_kind": "run", "object_id": "7", "object_name": "Customers", **more}
    return AuditEntry.objects.create(email=email, action=action, **words)


def shown(client, query):
    return [entry.action for entry in client.get(f"{LOGS}?{query}").context["page"].object_list]


@pytest.fixture
def entries(db):
    add(action="run started", at="2026-03-01T10:00Z")
    add(action="role changed", at="2026-03-02T23:30Z", email="ana@example.com", object_kind="user")
    add(action="key replaced", at="2026-03-04T10:00Z", object_name="Production")


class TestFilters:
    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("", ["key replaced", "role changed", "run started"]),
            ("from=2026-03-02", ["key replaced", "role changed"]),
            ("from=2026-03-02&to=2026-03-02", ["role changed"]),
            ("to=2026-03-01", ["run started"]),
            ("person=ANA", ["role changed"]),
            ("action=replaced", ["key replaced"]),
            ("object=production", ["key replaced"]),
            ("object=user", ["role changed"]),
            ("person=zebra", []),
        ],
    )
    def test_narrow_the_list(self, as_admin, entries, query, expected):
        assert shown(as_admin, query) == expected

    def test_count_days_as_the_person_who_looks_does(self, as_admin, admin, entries):
        admin.time_zone = "Asia/Kolkata"
        admin.save()

        assert shown(as_admin, "from=2026-03-03&to=2026-03-03") == ["role changed"]

    @pytest.mark.parametrize(
        ("query", "sentence"),
        [
            ("from=yesterday", "This is not a day."),
            ("to=9999-01-01", "Choose a day from 1970 to 2999."),
            ("from=2026-03-04&to=2026-03-01", "Swap the two."),
            ("person=" + "x" * 300, "Use at most 200 characters"),
            ("object=%00", "Nothing here has such a character."),
        ],
    )
    def test_say_what_cannot_be_read_and_do_not_apply_it(self, as_admin, entries, query, sentence):
        page = as_admin.get(f"{LOGS}?{query}")

        assert sentence in page.content.decode()
        assert page.status_code == 200

    def test_are_kept_by_the_pages_and_the_file(self, as_admin, entries):
        context = as_admin.get(f"{LOGS}?person=cleo&page=1").context

        assert context["page_prefix"] == "?person=cleo&page="
        assert context["csv_url"] == f"{FILE}?person=cleo"

    def test_say_so_when_nothing_passes(self, as_admin, entries):
        assert (
            "No entry passes these filters"
            in as_admin.get(f"{LOGS}?person=nobody").content.decode()
        )


class TestEntry:
    def test_shows_before_and_after_in_words(self, as_admin):
        entry = add(before={"role": "member", "is_on": False}, after={"role": "admin", "n": 12345})

        page = as_admin.get(f"{LOGS}{entry.pk}/").content.decode()

        for words in ("member", "admin", "no", "12,345", "Is on"):
            assert words in page

    def test_that_is_not_there_is_not_found(self, as_admin):
        assert as_admin.get(f"{LOGS}{uuid.uuid4()}/").status_code == 404

    def test_is_for_admins_only(self, as_creator):
        assert as_creator.get(f"{LOGS}{add().pk}/").status_code == 403


class TestFile:
    def rows(self, client, query=""):
        answer = client.get(f"{FILE}?{query}")
        assert answer["Content-Disposition"] == 'attachment; filename="audit-logs.csv"'
        assert "no-store" in answer["Cache-Control"]
        assert answer.streaming, "a trail of years is no text in memory"
        return list(csv.DictReader(io.StringIO(answer.getvalue().decode())))

    def test_holds_what_passes_the_filters_newest_first(self, as_admin, entries):
        assert [row["Action"] for row in self.rows(as_admin, "person=cleo")] == [
            "key replaced",
            "run started",
        ]

    @pytest.mark.parametrize(
        ("name", "guarded"),
        [
            *((name, f"'{name}") for name in ("=1+1", "+1", "-1", "@SUM(A1)", " =1", "\uff1d1")),
            *(("\t=1", "'\t'=1"), ("\n=1", "'\n'=1"), ("shop; =1", "shop;' =1")),
        ],
    )
    def test_gives_a_spreadsheet_nothing_to_compute(self, as_admin, name, guarded):
        add(object_name=name, email="=cmd@example.com")

        (row,) = self.rows(as_admin)
        assert row["Name"] == guarded
        assert row["E-mail"].startswith("'=")

    def test_is_for_admins_only(self, as_creator):
        assert as_creator.get(FILE).status_code == 403
