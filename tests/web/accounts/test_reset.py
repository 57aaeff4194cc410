"""Forgotten passwords and invitations: asked for, mailed by a worker, used once."""

import re

import pytest
from django.core import mail as outbox
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import mail
from accounts.models import AuditEntry, SignInLink, User
from tests.web.accounts.conftest import PASSWORD

NEW = "eight loud herons"
BOTH = {"new_password": NEW, "repeated_password": NEW}


@pytest.fixture
def rung(monkeypatch, settings, django_capture_on_commit_callbacks):
    """Every bell of the post: (task, ids). Mails go to a list."""
    settings.SENDS_MAIL = True
    found = []
    for name in ("mail_invitation", "mail_reset"):
        monkeypatch.setattr(
            f"accounts.services.post.{name}.apply_async",
            lambda kwargs, retry, name=name: found.append((name, kwargs)),
        )
    return found


def ask(client, callbacks, email="ana@example.com"):
    with callbacks(execute=True):
        return client.post("/sign-in/forgot-password/", {"email": email})


def link_in(message):
    return re.search(r"http\S+(/sign-in/link/\S+)", message.body)[1]


@pytest.fixture
def reset_link(admin, settings):
    settings.SENDS_MAIL = True
    assert mail.send_reset(user_id=admin.pk)
    return link_in(outbox.outbox[-1])


class TestAsk:
    def test_rings_with_an_id_only(self, client, admin, rung, django_capture_on_commit_callbacks):
        ask(client, django_capture_on_commit_callbacks, "ANA@example.com")

        assert rung == [("mail_reset", {"user_id": str(admin.pk)})]
        assert AuditEntry.objects.get().action == "password reset asked for"

    def test_reads_the_same_for_somebody_who_is_not_here(
        self, client, admin, rung, django_capture_on_commit_callbacks
    ):
        here = ask(client, django_capture_on_commit_callbacks)
        nobody = ask(client, django_capture_on_commit_callbacks, "eve@example.com")

        strip = re.compile(r"[\w-]{40,}")
        assert strip.sub("", here.content.decode()) == strip.sub("", nobody.content.decode())
        assert [name for name, _ in rung] == ["mail_reset"] * 2

    def test_fills_nobodys_mailbox(self, client, admin, rung, django_capture_on_commit_callbacks):
        for _ in range(10):
            page = ask(client, django_capture_on_commit_callbacks).content.decode()

        assert len(rung) == 3
        assert "This was tried too often." in page

    def test_sends_nothing_where_there_is_no_mail_server(self, client, admin, settings):
        settings.SENDS_MAIL = False

        page = client.post("/sign-in/forgot-password/", {"email": admin.email}).content.decode()

        assert "This installation sends no mail." in page
        assert not AuditEntry.objects.exists()

    @pytest.mark.parametrize("email", ["", "ana", "a\0@example.com", "a" * 300 + "@example.com"])
    def test_refuses_what_is_no_address(self, client, rung, db, email):
        page = client.post("/sign-in/forgot-password/", {"email": email}).content.decode()

        assert "error-summary" in page
        assert rung == []


class TestMail:
    def test_holds_a_link_that_works(self, client, admin, reset_link):
        page = client.get(reset_link).content.decode()

        assert "Choose a new password" in page
        assert outbox.outbox[-1].to == ["ana@example.com"]

    def test_goes_to_nobody_who_is_switched_off(self, admin, settings):
        settings.SENDS_MAIL = True
        User.objects.update(is_active=False)

        assert not mail.send_reset(user_id=admin.pk)
        assert outbox.outbox == []

    def test_that_no_server_takes_is_no_failure(self, admin, settings):
        settings.SENDS_MAIL = True
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1

        assert not mail.send_reset(user_id=admin.pk)

    def test_invites_in_the_name_of_who_asked(self, client, admin, member, settings):
        settings.SENDS_MAIL = True
        mail.send_invitation(user_id=member.pk, by_id=admin.pk)
        message = outbox.outbox[-1]

        assert "ana@example.com has invited you" in message.body
        assert "within 7 days" in message.body
        assert client.post(link_in(message)).url == "/"
        assert "_auth_user_id" in client.session


class TestReset:
    def test_sets_the_password_and_signs_in(self, client, admin, reset_link):
        response = client.post(reset_link, BOTH)

        assert response.url == "/"
        assert client.session["_auth_user_id"] == str(admin.pk)
        assert User.objects.get().check_password(NEW)
        assert response["Referrer-Policy"] == "strict-origin"

    def test_works_once(self, client, reset_link):
        client.post(reset_link, BOTH)
        client.post("/sign-out/")

        assert client.post(reset_link, BOTH).status_code == 410
        assert "_auth_user_id" not in client.session

    @pytest.mark.parametrize(
        ("new", "again", "sentence"),
        [
            ("short", "short", "at least 12 characters"),
            ("qwerty123456", "qwerty123456", "common passwords"),
            (NEW, "another one", "The two new passwords differ."),
            ("", "", "Enter a new password."),
        ],
    )
    def test_refuses_a_bad_password_and_keeps_the_link(
        self, client, admin, reset_link, new, again, sentence
    ):
        page = client.post(reset_link, {"new_password": new, "repeated_password": again})

        assert sentence in page.content.decode()
        assert SignInLink.objects.get().used_at is None
        assert User.objects.get().check_password(PASSWORD)

    def test_does_not_sign_in_without_a_password(self, client, reset_link):
        assert client.post(reset_link).status_code == 200
        assert "_auth_user_id" not in client.session

    def test_is_made_by_an_admin_too(self, as_admin, member):
        answer = as_admin.post(f"/settings/users/{member.pk}/sign-in-link/", {"purpose": "reset"})

        assert SignInLink.objects.get().purpose == "reset"
        assert "Password reset for max@example.com" in answer.content.decode()


class TestInvite:
    def test_by_mail_shows_no_link(self, as_admin, rung, django_capture_on_commit_callbacks):
        form = {"email": "new@example.com", "role": "creator", "how": "mail"}
        with django_capture_on_commit_callbacks(execute=True):
            page = as_admin.post("/settings/users/", form, follow=True).content.decode()

        assert "An invitation is on its way to new@example.com." in page
        assert [name for name, _ in rung] == ["mail_invitation"]
        assert not SignInLink.objects.exists()

    def test_by_mail_is_not_offered_without_a_server(self, as_admin):
        form = {"email": "new@example.com", "role": "creator", "how": "mail"}

        assert "send invitation" not in as_admin.get("/settings/users/").content.decode()
        assert "/sign-in/link/" in as_admin.post("/settings/users/", form).content.decode()
        assert SignInLink.objects.get().purpose == "invitation"


def test_the_time_of_an_answer_tells_nobody_who_is_here(
    client, admin, settings, bells, monkeypatch
):
    """The same is asked of the database, and as much of it is kept on disk."""
    settings.SENDS_MAIL = True
    monkeypatch.setattr("accounts.services.post.reset_on_commit", lambda **_: None)
    asked = []
    for email in ("first@example.com", admin.email, "nobody@example.com"):
        with CaptureQueriesContext(connection) as captured:
            client.post("/sign-in/forgot-password/", {"email": email})
        verbs = [query["sql"].split()[0] for query in captured]
        asked.append([verb for verb in verbs if verb not in {"RELEASE", "ROLLBACK"}])

    assert asked[1] == asked[2]
    assert "INSERT" in asked[2]
    assert AuditEntry.objects.get().object_name == admin.email
