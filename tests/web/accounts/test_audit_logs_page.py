"""/settings/audit-logs/: what people did."""

from datetime import UTC, datetime

import pytest

from accounts import address, trail
from accounts.models import AuditEntry


def add(by, count=1, **words):
    thing = {"action": "run started", "kind": "run", "object_id": "7", "name": "Customers"}
    for number in range(count):
        with address.acting_from("192.0.2.7"):
            trail.record(by=by, **{**thing, "name": f"Customers {number}", **words})


class TestPage:
    def test_says_who_did_what_to_which_object_from_where(self, as_admin, creator):
        add(creator)

        page = as_admin.get("/settings/audit-logs/").content.decode()

        for words in ("cleo@example.com", "Run started", "Run “Customers 0”", "192.0.2.7"):
            assert words in page

    def test_shows_the_newest_first_50_a_page(self, as_admin, creator):
        add(creator, count=51)

        first = as_admin.get("/settings/audit-logs/").context["page"].object_list
        second = as_admin.get("/settings/audit-logs/?page=2").context["page"].object_list

        assert [entry.object_name for entry in first[:2]] == ["Customers 50", "Customers 49"]
        assert (len(first), [entry.object_name for entry in second]) == (50, ["Customers 0"])

    def test_tells_the_server_from_somebody_not_signed_in(self, as_admin):
        add(None)
        trail.record(by=None, action="user added", kind="user", object_id="", name="")

        page = as_admin.get("/settings/audit-logs/").content.decode()

        assert "Not signed in" in page
        assert "On the server" in page

    def test_writes_odd_names_as_text(self, as_admin, creator):
        add(creator, name="<script>x</script>")

        assert "<script>x" not in as_admin.get("/settings/audit-logs/").content.decode()

    @pytest.mark.parametrize("page", ["0", "-1", "9999", "x", ""])
    def test_answers_an_odd_page_number(self, as_admin, page):
        assert as_admin.get(f"/settings/audit-logs/?page={page}").status_code == 200

    def test_shows_times_in_the_zone_of_who_looks(self, as_admin, admin, creator):
        AuditEntry.objects.create(action="any", at=datetime(2026, 1, 1, 20, 30, tzinfo=UTC))
        admin.time_zone = "Asia/Kolkata"
        admin.save()

        assert "2 Jan" in as_admin.get("/settings/audit-logs/").content.decode()


class TestWhoMay:
    @pytest.mark.parametrize("client_name", ["as_creator", "as_member"])
    def test_refuses_all_but_admins(self, request, client_name):
        client = request.getfixturevalue(client_name)

        assert client.get("/settings/audit-logs/").status_code == 403

    def test_sends_who_is_not_signed_in_to_sign_in(self, client, db):
        response = client.get("/settings/audit-logs/")

        assert response.url == "/sign-in/?next=/settings/audit-logs/"

    def test_refuses_every_change(self, as_admin):
        for method in ("post", "put", "patch", "delete"):
            assert getattr(as_admin, method)("/settings/audit-logs/").status_code == 405
