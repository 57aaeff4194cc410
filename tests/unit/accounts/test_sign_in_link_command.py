"""`manage.py sign_in_link`: one link on the last line, or one sentence and exit code 2."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from accounts.models import AuditEntry, SecondStep, User
from accounts.services import check_sign_in_link


def run(**options):
    out = io.StringIO()
    call_command("sign_in_link", stdout=out, **options)
    return out.getvalue().splitlines()


def person_of(line):
    return check_sign_in_link(token=line.split("/")[-2], now=timezone.now())


@pytest.fixture
def nobody(db):
    return None


class TestFirstAdmin:
    def test_makes_the_first_admin_and_says_so(self, nobody):
        sentence, link = run(first_admin=True)

        assert "admin@localhost.localdomain is the first admin" in sentence
        assert person_of(link).is_admin

    def test_takes_the_e_mail_address_given(self, nobody):
        *_, link = run(first_admin=True, email="ana@example.com")

        assert person_of(link).email == "ana@example.com"

    def test_prints_a_link_for_the_oldest_admin_when_there_are_people(self, admin, member):
        User.objects.create_user(email="second@example.com", role="admin")

        lines = run(first_admin=True)

        assert len(lines) == 1
        assert person_of(lines[0]) == admin

    def test_passes_over_an_admin_who_is_switched_off(self, admin):
        second = User.objects.create_user(email="second@example.com", role="admin")
        User.objects.filter(pk=admin.pk).update(is_active=False)

        assert person_of(run(first_admin=True)[0]) == second

    def test_refuses_what_is_no_e_mail_address(self, nobody):
        with pytest.raises(CommandError, match="not an e-mail address") as refusal:
            run(first_admin=True, email="ana")
        assert refusal.value.returncode == 2
        assert not User.objects.exists()


class TestSecondStep:
    def test_is_taken_away_for_an_admin_who_has_lost_the_phone(self, admin):
        sealed = {"boxed_seed": "x", "confirmed_at": timezone.now()}
        SecondStep.objects.create(user=admin, **sealed)

        *_, link = run(reset_second_step=True)

        assert person_of(link) == admin
        assert not SecondStep.objects.exists()
        assert AuditEntry.objects.filter(action="second step reset", email="").exists()

    def test_stays_when_nobody_says_so(self, admin):
        SecondStep.objects.create(user=admin, boxed_seed="x", confirmed_at=timezone.now())

        run()

        assert SecondStep.objects.exists()


class TestLink:
    def test_is_a_full_address_on_its_own(self, admin, settings):
        settings.PUBLIC_URL = "https://import.example.com"

        lines = run(email="ANA@example.com")

        assert len(lines) == 1
        assert lines[0].startswith("https://import.example.com/sign-in/link/")

    def test_is_for_the_oldest_admin_when_nobody_is_named(self, member, admin):
        assert person_of(run()[0]) == admin

    @pytest.mark.parametrize(
        ("options", "sentence"),
        [
            pytest.param({"email": "eve@example.com"}, "nobody with the e-mail", id="unknown"),
            pytest.param({"email": "max@example.com"}, "may not sign in", id="switched off"),
            pytest.param({}, "no admin who may sign in", id="no admin"),
        ],
    )
    def test_refuses_in_one_sentence_with_exit_code_2(self, member, options, sentence):
        User.objects.update(is_active=False)

        with pytest.raises(CommandError, match=sentence) as refusal:
            run(**options)
        assert refusal.value.returncode == 2
        assert "\n" not in str(refusal.value)

    def test_refuses_when_the_tables_are_missing(self, transactional_db):
        with connection.schema_editor() as editor:
            editor.alter_db_table(User, "accounts_user", "accounts_user_away")
        try:
            with pytest.raises(CommandError, match="database is not ready") as refusal:
                run(first_admin=True)
        finally:
            with connection.schema_editor() as editor:
                editor.alter_db_table(User, "accounts_user_away", "accounts_user")
        assert refusal.value.returncode == 2
