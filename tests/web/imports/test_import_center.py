"""Import center: what a row says and offers, how the list is narrowed, sorted and shared."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from django.utils import timezone

from imports import filters
from imports.models import Import
from tests.factories import ConnectionFactory, ImportFactory, RunFactory, UserFactory
from tests.web.imports.stats_page import a_run

CENTER = "/settings/partners/import-center/"
NONE = "00000000-0000-0000-0000-000000000000"


@pytest.fixture
def two(db):
    """Ann's profiles of March, running; Bob's events of September, a draft."""
    ann, bob = (UserFactory(creator=True, email=f"{name}@shop.example") for name in ("ann", "bob"))
    early = ImportFactory(
        nickname="Early",
        table_id="crm_people",
        connection=ConnectionFactory(name="Warehouse West"),
        created_by=ann,
        created_at=datetime(2026, 3, 1, 12, tzinfo=UTC),
    )
    late = ImportFactory(
        nickname="Late",
        kind=Import.Kind.EVENT,
        draft=True,
        connection=ConnectionFactory(name="Lake"),
        created_by=bob,
        created_at=datetime(2026, 9, 1, 12, tzinfo=UTC),
    )
    RunFactory(parent=early)
    return early, late


@pytest.fixture
def get(as_member):
    def ask(**query):
        answer = as_member.get(CENTER, query)
        assert answer.status_code == 200
        return answer

    return ask


def names(answer):
    return [row["nickname"] for row in answer.context["rows"]]


def text(answer):
    main = answer.content.decode().partition("<main")[2].partition("</main>")[0]
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", main)).split())


class TestRows:
    def test_have_the_columns_of_the_product(self, get, two):
        head = re.search(r"<thead>.*?</thead>", get().content.decode(), re.S).group()
        words = [word.strip() for word in re.findall(r">([^<>]+)<", head) if word.strip()]
        assert words == [
            *("Nickname", "Status", "Sync Type", "Frequency", "Health", "Last Run"),
            *("Datasource", "Partner", "Created On", "Created By", "Updated On", "Updated By"),
        ]

    def test_say_running_while_a_run_is_at_work_whatever_the_status_is(self, get, two):
        Import.objects.filter(pk=two[0].pk).update(status="paused")
        assert [row["badge"].word for row in get().context["rows"]] == ["Draft", "Running"]

    def test_show_no_health_before_a_run_has_ended(self, get, two):
        assert [row["health"] for row in get().context["rows"]] == [None, None]

    def test_say_who_made_it_and_who_changed_it_last(self, get, two):
        Import.objects.filter(pk=two[0].pk).update(updated_by=two[1].created_by)
        assert text(get(q="Early")).count("bob@shop.example") == 2  # the filter offers him too
        assert "Manually Trigger" in text(get())

    def test_load_neither_mappings_nor_columns(self, get, two, django_assert_max_num_queries):
        with django_assert_max_num_queries(20) as captured:
            get()
        loaded = [
            query["sql"] for query in captured if '"imports_import"."mapping"' in query["sql"]
        ]
        assert loaded == []

    def test_a_nickname_is_text_wherever_it_stands(self, as_creator):
        ImportFactory(nickname="\"><script>alert('x')</script>")
        assert "<script>alert" not in as_creator.get(CENTER).content.decode()


class TestActions:
    def menu(self, client, name):
        page = client.get(CENTER, {"q": name}).content.decode()
        found = re.search(rf'Actions for {name}".*?</details>', page, re.S)
        return found.group() if found else ""

    def test_of_one_that_is_ready_start_it(self, as_creator, db):
        ImportFactory(nickname="Ready")
        menu = self.menu(as_creator, "Ready")
        for words in ("View", "Run now", "Edit mapping", "Edit schedule", "Delete"):
            assert f">{words}<" in menu
        assert ">Stop run<" not in menu

    def test_of_one_that_runs_stop_it(self, as_creator, two):
        menu = self.menu(as_creator, "Early")
        assert ">Stop run<" in menu
        assert ">Run now<" not in menu

    def test_of_a_draft_map_it(self, as_creator, two):
        menu = self.menu(as_creator, "Late")
        assert ">Map columns<" in menu
        assert ">Run now<" not in menu
        assert ">Edit schedule<" not in menu

    def test_of_a_stopped_one_change_nothing_more(self, as_creator, db):
        ImportFactory(nickname="Ended", stopped=True)
        menu = self.menu(as_creator, "Ended")
        assert ">Run now<" not in menu
        assert ">Edit mapping<" not in menu
        assert ">Edit schedule<" not in menu

    def test_do_not_start_what_its_connection_would_refuse(self, as_creator):
        ImportFactory(nickname="Left", connection=ConnectionFactory(deleting=True))
        assert ">Run now<" not in self.menu(as_creator, "Left")

    def test_are_not_for_members(self, as_member, two):
        assert self.menu(as_member, "Early") == ""


class TestFilters:
    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ({"status": "running"}, ["Early"]),
            ({"status": "ready"}, []),
            ({"status": "draft"}, ["Late"]),
            ({"sync_type": "event"}, ["Late"]),
            ({"created_from": "2026-03-02"}, ["Late"]),
            ({"created_to": "2026-03-01"}, ["Early"]),
            ({"q": "EARL"}, ["Early"]),
            ({"q": "crm_"}, ["Early"]),
            ({"q": "lake"}, ["Late"]),
            ({"q": "%"}, []),
            ({"frequency": "manual"}, ["Late", "Early"]),
            ({"frequency": "interval"}, []),
            ({"outcome": "active"}, ["Early"]),
            ({"outcome": "failed"}, []),
            ({"outcome": "never"}, ["Late"]),
            ({"partner": "bigquery"}, ["Late", "Early"]),
        ],
    )
    def test_find_what_the_row_says(self, get, two, query, found):
        assert names(get(**query)) == found

    @pytest.mark.parametrize(
        ("schedule", "frequency"),
        [
            ({"type": "interval"}, "interval"),
            ({"type": "weekly"}, "custom"),
            ({"type": "monthly"}, "custom"),
            ({"type": "once"}, "manual"),
            ({}, "manual"),
        ],
    )
    def test_find_every_schedule_under_one_frequency(self, get, db, schedule, frequency):
        ImportFactory(nickname="Only", schedule=schedule)
        found = [one for one in ("interval", "custom", "manual") if names(get(frequency=one))]
        assert found == [frequency]

    def test_find_by_how_the_newest_run_ended(self, get, two):
        early, _ = two
        early.runs.all().delete()
        for minutes, (state, code) in enumerate([("failed", "mapping_faulty"), ("succeeded", "")]):
            RunFactory(
                parent=early,
                state=state,
                failure_code=code,
                queued_at=timezone.now() + timedelta(minutes=minutes),
                finished_at=timezone.now(),
            )
        assert names(get(outcome="nothing_new")) == ["Early"]
        assert names(get(outcome="failed")) == []
        assert "“failed”" not in text(get(outcome="failed"))
        assert "There is no outcome “gone”" in text(get(outcome="gone"))

    def test_find_by_datasource_and_by_person(self, get, two):
        assert names(get(datasource=str(two[0].connection.pk))) == ["Early"]
        assert names(get(created_by=str(two[1].created_by.pk))) == ["Late"]

    def test_offer_no_datasource_and_no_person_without_imports(self, get, two):
        ConnectionFactory(name="Idle")
        page = get().content.decode()
        assert ">Idle</option>" not in page
        assert ">member@shop.example</option>" not in page

    def test_offer_the_chosen_datasource_also_beyond_the_first(self, get, two, monkeypatch):
        monkeypatch.setattr(filters, "MOST_DATASOURCES", 1)
        answer = get(datasource=str(two[0].connection.pk))
        assert names(answer) == ["Early"]
        assert ">Warehouse West</option>" in answer.content.decode()

    def test_stand_in_chips_that_take_them_away(self, get, as_member, two):
        answer = get(q="a", status="draft", sort="nickname")
        chips = {chip["label"]: chip["url"] for chip in answer.context["chips"]}
        assert chips["Status"] == "?q=a&sort=nickname"
        assert names(as_member.get(CENTER + chips["Status"])) == ["Early", "Late"]

    @pytest.mark.parametrize(
        ("query", "said"),
        [
            ({"status": "x' OR 1"}, "There is no status"),
            ({"sync_type": "row"}, "There is no sync type"),
            ({"datasource": NONE}, "is no connection that has imports"),
            ({"datasource": "x"}, "is no connection that has imports"),
            ({"created_by": NONE}, "is nobody who has imports here"),
            ({"created_from": "yesterday"}, "is not a day."),
            ({"created_from": "2026-09-01", "created_to": "2026-03-01"}, "Swap the two."),
            ({"sort": "mapping"}, "The list cannot be sorted by"),
            ({"q": "\0"}, "is not searched for"),
        ],
    )
    def test_that_cannot_be_read_say_so_and_filter_nothing(self, get, two, query, said):
        answer = get(**query)
        assert said in text(answer)
        assert len(names(answer)) == (1 if "created_to" in query else 2)


class TestOrder:
    @pytest.mark.parametrize(
        "sort",
        [
            *("nickname", "created_on", "created_by", "sync_type", "updated_by"),
            *("-datasource", "-status", "last_run", "-last_run"),
        ],
    )
    def test_is_by_the_column_asked_for(self, get, two, sort):
        # Events sort before profiles, and what never ran is last either way.
        expected = ["Late", "Early"] if sort == "sync_type" else ["Early", "Late"]
        assert names(get(sort=sort)) == expected

    def test_of_updates_is_the_newest_first(self, get, two):
        Import.objects.filter(pk=two[0].pk).update(updated_at=timezone.now() + timedelta(days=1))
        assert names(get(sort="-updated_on")) == ["Early", "Late"]

    def test_by_health_has_the_worst_first_and_what_has_none_last(self, get, two):
        """The newest run counts, once it is over, and rows that were skipped do not."""
        early, _ = two
        for nickname, counts in (("Half", (2, 1, 4)), ("Whole", (1, 0, 9)), ("Empty", (0, 0, 5))):
            accepted, refused, skipped = counts
            parent = ImportFactory(nickname=nickname, connection=early.connection)
            for day, more in ((0, {"refused": 9}), (1, {"refused": refused})):
                at = timezone.now() + timedelta(days=day)
                a_run(parent, at, accepted=accepted, skipped=skipped, **more)
        assert names(get(sort="health"))[:2] == ["Half", "Whole"]
        assert names(get(sort="-health"))[:2] == ["Whole", "Half"]
        assert set(names(get(sort="health"))[2:]) == {"Empty", "Early", "Late"}

    @pytest.mark.parametrize("sort", ["status", "last_run", "datasource", "health", "-created_by"])
    def test_shows_each_import_once_when_all_are_equal(self, get, sort):
        parent = ConnectionFactory()
        creator = UserFactory(creator=True)
        ImportFactory.create_batch(30, connection=parent, created_by=creator)
        assert len(set(names(get(sort=sort)) + names(get(sort=sort, page="2")))) == 30


class TestNothingFound:
    def test_names_the_filter_that_excludes_all(self, get, two):
        words = text(get(q="Early", status="draft"))
        assert "No import passes these filters" in words
        assert "Without Search there is 1." in words
        assert "Without Status there is 1." in words

    def test_without_any_import_says_what_to_do_to_whom(self, get, as_creator):
        assert "can do this." in text(get(status="draft"))
        assert ">Create Import<" not in get().content.decode()
        assert "Create Import" in text(as_creator.get(CENTER))


class TestQueries:
    def test_are_as_many_for_more_imports(self, get, two, django_assert_num_queries):
        get()
        with django_assert_num_queries(14):
            get()
        for _ in range(30):
            RunFactory(parent=ImportFactory())
        with django_assert_num_queries(14):
            get(status="running", q="cust", created_from="2026-01-01", sort="last_run", page="2")
