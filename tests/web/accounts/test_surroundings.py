"""What stands around every page: navigation, address, time zone, the way to sign in."""

import pytest
from django.utils import timezone

from accounts.middleware import viewer_time_zone
from accounts.models import AuditEntry
from accounts.places import navigation

EVERYBODY = ["Partners", "Import Connections", "Import center", "CleverTap accounts"]
A_CONNECTION = "/settings/partners/import-connections/00000000-0000-4000-8000-000000000000/"


def entries(nav):
    for entry in nav:
        yield entry
        yield from entries(entry["below"])


def titles(response):
    return [entry["title"] for entry in entries(response.context["nav"])]


class TestNavigation:
    @pytest.mark.parametrize(
        ("client_name", "expected"),
        [
            ("as_admin", [*EVERYBODY, "Users", "Audit Logs"]),
            ("as_creator", EVERYBODY),
            ("as_member", EVERYBODY),
        ],
    )
    def test_shows_what_the_role_may_open(self, request, client_name, expected):
        response = request.getfixturevalue(client_name).get("/account/")

        assert titles(response) == expected

    def test_is_empty_for_nobody(self, client, db):
        assert titles(client.get("/sign-in/")) == []

    @pytest.mark.parametrize(
        ("address", "title"),
        [
            ("/settings/users/", "Users"),
            ("/settings/audit-logs/", "Audit Logs"),
            ("/settings/partners/", "Partners"),
            ("/settings/partners/import-connections/", "Import Connections"),
            ("/settings/partners/import-center/", "Import center"),
        ],
    )
    def test_marks_the_one_place_where_one_is(self, as_admin, address, title):
        nav = as_admin.get(address).context["nav"]

        assert [entry["title"] for entry in entries(nav) if entry["active"]] == [title]
        assert [entry["title"] for entry in entries(nav) if entry["here"]] == [title]

    @pytest.mark.parametrize(
        ("address", "title"),
        [
            (A_CONNECTION, "Import Connections"),
            (f"{A_CONNECTION}edit/", "Import Connections"),
            ("/settings/partners/import-center/create/", "Import center"),
            ("/settings/partners/import-center/runs/made-up/", "Import center"),
            ("/settings/partners/bigquery/add/", "Partners"),
            ("/settings/clevertap-accounts/add/", "CleverTap accounts"),
        ],
    )
    def test_marks_the_place_that_a_page_below_belongs_to(self, admin, address, title):
        nav = navigation(admin, address)

        assert [entry["title"] for entry in entries(nav) if entry["active"]] == [title]
        assert not any(entry["here"] for entry in entries(nav))

    @pytest.mark.parametrize("address", ["/account/", "/search/"])
    def test_marks_nothing_on_a_page_that_belongs_to_none(self, as_admin, address):
        nav = as_admin.get(address).context["nav"]

        assert not any(entry["active"] for entry in entries(nav))

    def test_names_the_person_once_and_the_page_of_the_account(self, as_member, member):
        page = as_member.get("/settings/partners/").content.decode()

        assert page.replace("<wbr>", "").count(f">{member.email}<") == 1

    def test_stands_on_the_page_that_refuses(self, as_member):
        page = as_member.get("/settings/users/").content.decode()

        assert "You may not open this page" in page


class TestAddress:
    def test_is_the_sockets_whatever_a_header_says(self, as_member):
        as_member.post("/sign-out/", HTTP_X_FORWARDED_FOR="203.0.113.9")

        assert AuditEntry.objects.get().ip_address == "127.0.0.1"

    def test_is_the_forwarded_one_behind_our_proxy(self, as_member, settings):
        settings.TRUSTED_PROXY_COUNT = 1

        as_member.post("/sign-out/", HTTP_X_FORWARDED_FOR="6.6.6.6, 203.0.113.9")

        assert AuditEntry.objects.get().ip_address == "203.0.113.9"

    def test_counts_failures_by_the_address_behind_our_proxy(self, client, admin, settings):
        settings.TRUSTED_PROXY_COUNT = 1
        form = {"email": admin.email, "password": "wrong"}
        for _ in range(settings.AXES_FAILURE_LIMIT):
            client.post("/sign-in/", form, HTTP_X_FORWARDED_FOR="6.6.6.6, 203.0.113.9")

        same = client.post("/sign-in/", form, HTTP_X_FORWARDED_FOR="7.7.7.7, 203.0.113.9")
        other = client.post("/sign-in/", form, HTTP_X_FORWARDED_FOR="203.0.113.8")

        assert (same.status_code, other.status_code) == (429, 200)


class TestTimeZone:
    @pytest.mark.parametrize("name", ["Mars/Olympus", "", "../../etc/passwd", "a" * 64])
    def test_falls_back_to_utc_for_an_unknown_name(self, as_member, member, name):
        member.time_zone = name
        member.save()

        assert as_member.get("/account/").status_code == 200

    def test_does_not_stay_for_the_next_request(self, rf, member):
        member.time_zone = "Asia/Kolkata"
        request = rf.get("/")
        request.user = member
        inside = viewer_time_zone(lambda _: timezone.get_current_timezone_name())(request)

        assert (inside, timezone.get_current_timezone_name()) == ("Asia/Kolkata", "UTC")


class TestWhoIsNotSignedIn:
    HTMX = {"HX-Request": "true", "HX-Current-URL": "http://testserver/settings/users/?page=2"}

    def test_comes_back_to_the_page_of_a_form_and_not_to_its_button(self, client, db):
        response = client.post(
            "/settings/users/", headers={"Referer": "http://testserver/settings/users/?page=2"}
        )

        assert response.url == "/sign-in/?next=/settings/users/%3Fpage%3D2"

    def test_leaves_the_page_and_not_only_a_fragment_of_it(self, client, db):
        response = client.get("/settings/audit-logs/", headers=self.HTMX)

        assert response["HX-Redirect"] == "/sign-in/?next=/settings/users/%3Fpage%3D2"

    @pytest.mark.parametrize(
        "header", [{"Referer": "https://evil.example/"}, {"Referer": "//evil.example/x"}, {}]
    )
    def test_comes_back_to_the_first_page_from_anywhere_else(self, client, db, header):
        assert client.post("/settings/users/", headers=header).url == "/sign-in/?next=/"

    def test_is_not_sent_away_by_a_forged_current_address(self, client, db):
        forged = {**self.HTMX, "HX-Current-URL": "https://evil.example/"}
        response = client.get("/settings/users/", headers=forged)

        assert response["HX-Redirect"] == "/sign-in/?next=/"
