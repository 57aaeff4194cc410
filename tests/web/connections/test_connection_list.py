"""Import Connections: what a row says and offers, how it is narrowed, sorted and shared."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from connections.models import Connection
from tests.factories import ConnectionFactory, ImportFactory, RunFactory
from tests.web.connections.list_page import LIST, early_and_late, let_speak, names, opener, text


@pytest.fixture
def two(db):
    return early_and_late()


@pytest.fixture
def get(as_member):
    return opener(as_member)


class TestRows:
    def test_lists_the_newest_first(self, get, two):
        assert names(get()) == ["Late", "Early"]

    def test_has_the_columns_of_the_product(self, get, two):
        heads = re.findall(r'<th scope="col".*?</th>', get().content.decode(), re.DOTALL)
        words = [" ".join(re.sub(r"<[^>]*>", " ", head).split()) for head in heads]
        assert words == [
            *("Name", "Project Dataset", "Location", "Status", "Last tested"),
            *("Imports running / all", "Connected On Connected By"),
        ]

    def test_counts_running_imports_and_all(self, get, two):
        ImportFactory(connection=two[0])
        RunFactory(parent=ImportFactory(connection=two[0]))
        RunFactory(succeeded=True, parent=ImportFactory(connection=two[1]))
        late, early = get().context["rows"]
        assert (early["running"], early["imports"]) == (1, 2)
        assert (late["running"], late["imports"]) == (0, 1)

    def test_does_not_count_deleted_imports(self, get, two):
        ImportFactory(connection=two[0], deleted_at=timezone.now())
        assert [row["imports"] for row in get().context["rows"]] == [0, 0]

    def test_groups_large_numbers(self, get, two, monkeypatch):
        monkeypatch.setattr(
            "connections.views.listing._counted", lambda rows, by: {two[0].pk: 12345}
        )
        assert "12,345 / 12,345" in text(get(q="Early"))

    def test_shows_days_in_the_zone_of_the_viewer_and_the_instant_on_hover(self, get, member, two):
        member.time_zone = "Asia/Tokyo"
        member.save()
        Connection.objects.filter(pk=two[0].pk).update(
            created_at=datetime(2026, 3, 1, 23, 30, 5, tzinfo=UTC)
        )
        html = get(q="Early").content.decode()
        assert "2 Mar 2026, 08:30" in text(get(q="Early"))
        assert 'title="Monday 2 March 2026, 08:30:05 JST (2026-03-01 23:30:05 UTC)"' in html
        assert 'datetime="2026-03-01T23:30:05Z"' in html

    def test_a_test_at_work_was_last_tested_now(self, get, two):
        let_speak(two[0], verdict="")
        assert "Testing Now" in text(get(q="Early"))

    def test_an_edit_makes_a_verdict_of_before_count_no_more(self, get, two):
        let_speak(two[0])
        assert get(q="Early").context["rows"][0]["badge"].word == "Verified"
        Connection.objects.filter(pk=two[0].pk).update(dataset_id="other")
        assert get(q="Early").context["rows"][0]["badge"].word == "Not verified"

    def test_never_shows_a_deleted_connection(self, get, two):
        now = timezone.now()
        gone = {"deletion_requested_at": now, "deleted_at": now}
        Connection.objects.filter(pk=two[0].pk).update(state="deleted", **gone)
        assert names(get()) == ["Late"]
        assert names(get(q="Early")) == []

    def test_never_loads_or_shows_the_sealed_key(self, get, two, django_assert_max_num_queries):
        with django_assert_max_num_queries(20) as captured:
            page = get().content.decode()
        assert two[0].key.sealed_key not in page
        assert not [query for query in captured if "sealed_key" in query["sql"]]


class TestActions:
    def test_an_admin_may_view_test_edit_and_delete_by_name(self, as_admin, two):
        page = as_admin.get(LIST).content.decode()
        for action in ("Actions for", "View", "Test", "Edit", "Delete"):
            assert f'aria-label="{action} Early"' in page

    def test_an_admin_may_select_several_for_deletion(self, as_admin, two):
        page = as_admin.get(LIST).content.decode()
        assert f'name="id" value="{two[0].pk}" form="delete-many"' in page
        assert 'action="/settings/partners/import-connections/delete/"' in page

    @pytest.mark.parametrize("client", ["as_member", "as_creator"])
    def test_nobody_else_may_select(self, request, client, two):
        page = request.getfixturevalue(client).get(LIST).content.decode()
        assert "delete-many" not in page

    def test_test_asks_with_post_and_a_token(self, as_admin, two):
        page = as_admin.get(LIST).content.decode()
        form = re.search(
            rf'<form method="post" action="{LIST}{two[0].pk}/test/">.*?</form>', page, re.S
        )
        assert "csrfmiddlewaretoken" in form.group()
        assert "Test Early" in form.group()

    @pytest.mark.parametrize("client", ["as_member", "as_creator"])
    def test_nobody_else_is_offered_any_of_them(self, request, client, two):
        page = request.getfixturevalue(client).get(LIST).content.decode()
        for action in ("Actions for", "Test", "Edit", "Delete"):
            assert f'aria-label="{action} Early"' not in page
        assert 'class="menu"' not in page

    def test_a_connection_that_is_being_deleted_can_only_be_viewed(self, as_admin):
        ConnectionFactory(name="Leaving", deleting=True)
        page = as_admin.get(LIST).content.decode()
        assert 'aria-label="View Leaving"' in page
        assert 'aria-label="Test Leaving"' not in page
        assert 'aria-label="Delete Leaving"' not in page

    def test_a_name_is_text_wherever_it_stands(self, as_admin):
        ConnectionFactory(name="\"><script>alert('x')</script>")
        assert "<script>alert" not in as_admin.get(LIST).content.decode()


class TestFilters:
    def test_connected_on_holds_both_of_its_days(self, get, two):
        assert names(get(connected_from="2026-03-01")) == ["Late", "Early"]
        assert names(get(connected_from="2026-03-02")) == ["Late"]
        assert names(get(connected_to="2026-09-01")) == ["Late", "Early"]
        assert names(get(connected_to="2026-08-31")) == ["Early"]
        assert names(get(connected_from="2026-03-01", connected_to="2026-03-01")) == ["Early"]

    def test_a_day_is_the_day_of_who_looks(self, get, member, two):
        Connection.objects.filter(pk=two[0].pk).update(
            created_at=datetime(2026, 3, 1, 23, 30, tzinfo=UTC)
        )
        assert names(get(connected_from="2026-03-02", connected_to="2026-03-02")) == []
        member.time_zone = "Asia/Tokyo"
        member.save()
        assert names(get(connected_from="2026-03-02", connected_to="2026-03-02")) == ["Early"]
        assert "in your time zone, Asia/Tokyo" in text(get())

    def test_connected_by_finds_whose_connections_they_are(self, get, two):
        assert names(get(connected_by=str(two[0].created_by.pk))) == ["Early"]

    def test_connected_by_offers_only_people_who_have_connections(self, get, two):
        page = get().content.decode()
        assert ">ann@shop.example</option>" in page
        assert ">member@shop.example</option>" not in page

    def test_status_finds_what_the_badge_says(self, get, two):
        let_speak(two[0], verdict="failed")
        assert names(get(status="failed")) == ["Early"]
        assert names(get(status="untested")) == ["Late"]

    def test_search_finds_by_name_project_and_dataset_in_any_case(self, get, two):
        for word in ("earl", "ACME", "Crm_eu"):
            assert names(get(q=word)) == ["Early"]

    def test_search_folds_letters_of_every_language(self, get):
        ConnectionFactory(name="Straße ÅNGSTRÖM")
        assert names(get(q="STRASSE ångström")) == ["Straße ÅNGSTRÖM"]

    @pytest.mark.parametrize("sign", ["%", "_", "\\", "'", '"', "*", "?", "数", "é̂"])
    def test_search_takes_every_sign_for_itself(self, get, sign):
        ConnectionFactory(name="Plain", project_id="plain", dataset_id="plain")
        ConnectionFactory(name=f"With{sign}sign", project_id="plain", dataset_id="plain")
        assert names(get(q=sign)) == [f"With{sign}sign"]

    def test_filters_narrow_together(self, get, two):
        ann = str(two[0].created_by.pk)
        assert names(get(connected_by=ann, q="Early", connected_to="2026-03-01")) == ["Early"]
        assert names(get(connected_by=ann, q="Late")) == []

    def test_each_can_be_taken_away_and_all_be_reset(self, get, two):
        answer = get(q="Early", connected_from="2026-03-01", connected_to="2026-03-01", sort="name")
        chips = {chip["label"]: (chip["value"], chip["url"]) for chip in answer.context["chips"]}
        assert chips == {
            "Search": ("Early", "?connected_from=2026-03-01&connected_to=2026-03-01&sort=name"),
            "Connected On": ("1 Mar 2026", "?q=Early&sort=name"),
        }
        assert '<a class="btn btn-quiet" href="?">Reset</a>' in answer.content.decode()


class TestQuickChoices:
    @pytest.fixture
    def days(self, get, member, monkeypatch):
        """What each choice sets at 23:30 of 15 March in UTC: in Tokyo it is the 16th."""
        now = datetime(2026, 3, 15, 23, 30, tzinfo=UTC)
        monkeypatch.setattr("django.utils.timezone.now", lambda: now)
        member.time_zone = "Asia/Tokyo"
        member.save()

        def ask(**query):
            return {one["label"]: one for one in get(**query).context["days"]}

        return ask

    def test_set_both_ends_in_the_zone_of_the_viewer(self, days):
        urls = {label: one["url"] for label, one in days().items()}
        until = "&connected_to=2026-03-16"
        assert urls == {
            "Today": f"?connected_from=2026-03-16{until}",
            "Last 7 days": f"?connected_from=2026-03-10{until}",
            "Last 30 days": f"?connected_from=2026-02-15{until}",
            "This month": f"?connected_from=2026-03-01{until}",
        }

    def test_keep_the_other_filters(self, days):
        assert days(q="x", page="3")["Today"]["url"].startswith("?q=x&connected_from=")

    def test_the_one_in_force_is_marked(self, days):
        chosen = days(connected_from="2026-03-10", connected_to="2026-03-16")
        assert [label for label, one in chosen.items() if one["is_chosen"]] == ["Last 7 days"]


class TestOrder:
    @pytest.mark.parametrize(
        ("sort", "expected"),
        [
            ("name", ["Early", "Late"]),
            ("-name", ["Late", "Early"]),
            ("project", ["Early", "Late"]),
            ("dataset", ["Early", "Late"]),
            ("connected_on", ["Early", "Late"]),
            ("connected_by", ["Early", "Late"]),
            ("-connected_by", ["Late", "Early"]),
            ("status", ["Late", "Early"]),
        ],
    )
    def test_is_by_the_column_asked_for(self, get, two, sort, expected):
        let_speak(two[0])
        assert names(get(sort=sort)) == expected

    @pytest.mark.parametrize("sort", ["tested", "-tested"])
    def test_what_was_never_tested_is_last_either_way(self, get, two, sort):
        let_speak(two[0])
        assert names(get(sort=sort)) == ["Early", "Late"]

    @pytest.mark.parametrize("sort", ["project", "-project", "location", "status", "tested"])
    def test_shows_each_connection_once_when_all_are_equal(self, get, sort):
        for _ in range(30):
            ConnectionFactory()
        shown = names(get(sort=sort)) + names(get(sort=sort, page="2"))
        assert len(set(shown)) == 30

    def test_a_head_turns_the_order_round_and_keeps_the_filters(self, get, two):
        groups = get(sort="name", q="a").context["groups"]
        heads = {head["label"]: head for group in groups for head in group}
        assert heads["Name"]["direction"] == "ascending"
        assert heads["Name"]["url"] == "?q=a&sort=-name"
        assert heads["Connected On"]["url"] == "?q=a&sort=-connected_on"
        assert heads["Project"]["direction"] == ""
        assert heads["Imports"]["url"] == ""


class TestNothingFound:
    def test_names_the_filter_that_excludes_all_with_what_is_there_without_it(self, get, two):
        words = text(get(q="Early", connected_by=str(two[1].created_by.pk)))
        assert "No connection passes these filters" in words
        assert "Without Search there is 1." in words
        assert "Without Connected By there is 1." in words

    def test_does_not_name_a_filter_that_is_not_to_blame(self, get, two):
        words = text(get(q="nothing like it", connected_from="2026-01-01", status="untested"))
        assert "Without Search there are 2." in words
        assert "Without Connected On" not in words
        assert "Without Status" not in words

    def test_the_link_leads_to_what_it_counted(self, as_member, get, two):
        (blamed,) = get(q="Late", connected_to="2026-03-01", sort="name").context["empty"][
            "filters"
        ][1:]
        assert blamed["label"] == "Connected On"
        assert names(as_member.get(LIST + blamed["url"])) == ["Late"]

    def test_says_when_no_single_filter_is_to_blame(self, get, two):
        words = text(get(q="nothing", connected_from="2030-01-01", status="failed"))
        assert "No single filter excludes them all" in words

    def test_without_any_connection_filters_are_not_to_blame(self, get):
        assert "Nothing is connected yet" in text(get(q="x", status="failed"))

    def test_offers_add_database_only_to_who_may(self, get, as_admin):
        assert "An admin can do this." in text(get())
        assert "Add Database" not in text(get())
        assert "An admin can do this." not in text(as_admin.get(LIST))


class TestQueries:
    def test_are_as_many_for_more_connections(self, get, two, django_assert_num_queries):
        get()
        with django_assert_num_queries(13):
            get()
        for _ in range(30):
            connection = ConnectionFactory()
            let_speak(connection)
            RunFactory(parent=ImportFactory(connection=connection))
        with django_assert_num_queries(13):
            get(status="verified", q="ware", connected_from="2026-01-01", sort="status", page="2")

    def test_are_as_many_for_more_filters_that_find_nothing(
        self, get, two, django_assert_num_queries
    ):
        today = timezone.localdate()
        with django_assert_num_queries(10):
            get(q="zzz")
        with django_assert_num_queries(10):
            get(
                q="zzz",
                status="failed",
                connected_by=str(two[0].created_by.pk),
                connected_to=str(today + timedelta(days=1)),
            )
