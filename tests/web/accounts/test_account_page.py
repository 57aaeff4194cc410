"""/account/: one's own time zone and password."""

from django.test import Client

from accounts.models import User
from tests.web.accounts.conftest import PASSWORD

NEW = "eight loud herons"


def change(client, **words):
    data = {"current_password": PASSWORD, "new_password": NEW, "repeated_password": NEW}
    return client.post("/account/", {"action": "password", **data, **words})


class TestPage:
    def test_shows_e_mail_and_role(self, as_creator):
        page = as_creator.get("/account/").content.decode()

        assert "cleo@example.com" in page
        assert "Creator" in page

    def test_sends_who_is_not_signed_in_to_sign_in(self, client, db):
        assert client.get("/account/").url == "/sign-in/?next=/account/"

    def test_refuses_other_methods(self, as_member):
        assert as_member.delete("/account/").status_code == 405

    def test_ignores_a_form_that_it_does_not_know(self, as_member, member):
        response = as_member.post("/account/", {"action": "role", "role": "admin"})

        assert response.status_code == 200
        assert User.objects.get(pk=member.pk).role == "member"


class TestTimeZone:
    def test_is_kept_and_used_at_once(self, as_admin):
        form = {"action": "time_zone", "time_zone": "Asia/Kolkata"}
        page = as_admin.post("/account/", form, follow=True).content.decode()

        assert User.objects.get().time_zone == "Asia/Kolkata"
        assert '<option value="Asia/Kolkata" selected>' in page

    def test_refuses_one_that_is_not_in_the_list(self, as_admin):
        page = as_admin.post("/account/", {"action": "time_zone", "time_zone": "Mars/Olympus"})

        assert "Choose a time zone from the list." in page.content.decode()
        assert User.objects.get().time_zone == "UTC"


class TestPassword:
    def test_is_set_by_somebody_who_has_none(self, as_member, member):
        change(as_member)

        assert User.objects.get(pk=member.pk).check_password(NEW)

    def test_asks_for_the_current_one_where_there_is_one(self, as_admin, as_member):
        assert "Current password" in as_admin.get("/account/").content.decode()
        assert "Current password" not in as_member.get("/account/").content.decode()

    def test_keeps_this_session_and_ends_all_others(self, as_admin, admin):
        elsewhere = Client()
        elsewhere.force_login(admin, backend="django.contrib.auth.backends.ModelBackend")
        before = as_admin.session.session_key

        change(as_admin)

        assert as_admin.get("/account/").status_code == 200
        assert as_admin.session.session_key != before
        assert elsewhere.get("/account/").status_code == 302

    def test_refuses_a_wrong_current_one(self, as_admin):
        page = change(as_admin, current_password="wrong").content.decode()

        assert "This is not your current password." in page
        assert User.objects.get().check_password(PASSWORD)

    def test_cannot_leave_the_current_one_out(self, as_admin):
        page = change(as_admin, current_password="").content.decode()

        assert "Enter your current password." in page
        assert User.objects.get().check_password(PASSWORD)

    def test_refuses_a_weak_one_and_says_why(self, as_admin):
        page = change(as_admin, new_password="12345", repeated_password="12345").content.decode()

        assert "Use at least 12 characters." in page
        assert "Use more than digits." in page
        assert User.objects.get().check_password(PASSWORD)

    def test_refuses_two_that_differ(self, as_admin):
        page = change(as_admin, repeated_password=f"{NEW}!").content.decode()

        assert "The two new passwords differ." in page

    def test_sends_nothing_back_that_was_typed(self, as_admin):
        page = change(as_admin, new_password="canary-1", repeated_password="canary-2")

        assert "canary" not in page.content.decode()
