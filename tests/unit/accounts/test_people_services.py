"""People and passwords as services."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import AuditEntry, SignInLink, User
from accounts.services import (
    add_person,
    change_password,
    check_sign_in_link,
    choose_time_zone,
    first_admin,
    make_sign_in_link,
    set_password,
)
from accounts.services.links import LinkRefused
from accounts.services.passwords import CurrentPasswordWrong, PasswordRefused
from accounts.services.people import EmailTaken, PeopleExist

GOOD = "seven quiet herons"


class TestFirstAdmin:
    def test_makes_an_admin_without_a_password(self, db):
        user = first_admin(email="Ana@Example.com")

        assert (user.email, user.role) == ("ana@example.com", "admin")
        assert not user.has_usable_password()

    def test_refuses_when_there_is_anybody(self, member):
        with pytest.raises(PeopleExist):
            first_admin(email="eve@example.com")
        assert not User.objects.filter(role="admin").exists()


class TestAddPerson:
    def test_adds_the_person_and_makes_a_working_link(self, admin, now):
        invitation = add_person(email="New@Example.com", role="creator", by=admin, now=now)

        token = invitation.path.split("/")[-2]
        assert check_sign_in_link(token=token, now=now).email == "new@example.com"
        assert invitation.user.role == "creator"

    def test_records_who_added_whom(self, admin, now):
        add_person(email="new@example.com", role="creator", by=admin, now=now)

        entry = AuditEntry.objects.get(action="user added")
        assert (entry.email, entry.object_name) == ("ana@example.com", "new@example.com")
        assert entry.after == {"role": "creator"}

    def test_refuses_an_address_that_is_taken_in_another_case(self, admin, now):
        with pytest.raises(EmailTaken, match="in the list already"):
            add_person(email="ANA@example.com", role="member", by=admin, now=now)
        assert not AuditEntry.objects.exists()

    def test_refuses_a_role_that_does_not_exist(self, admin, now):
        with pytest.raises(ValueError, match="owner"):
            add_person(email="new@example.com", role="owner", by=admin, now=now)
        assert User.objects.count() == 1

    def test_adds_nobody_when_the_link_cannot_be_made(self, admin, now, settings):
        settings.INVITATION_DAYS = None

        with pytest.raises(TypeError):
            add_person(email="new@example.com", role="member", by=admin, now=now)
        assert User.objects.count() == 1


class TestSetPassword:
    def test_stores_a_hash_and_records_it(self, admin, now):
        set_password(user=admin, password=GOOD, now=now)

        admin.refresh_from_db()
        assert admin.check_password(GOOD)
        assert AuditEntry.objects.get().action == "password set"

    def test_ends_open_sign_in_links(self, admin, now):
        token = make_sign_in_link(user=admin, now=now).split("/")[-2]

        set_password(user=admin, password=GOOD, now=now)

        with pytest.raises(LinkRefused):
            check_sign_in_link(token=token, now=now)
        assert SignInLink.objects.count() == 1

    @pytest.mark.parametrize(
        ("weak", "sentence"),
        [
            pytest.param("seven herons", None, id="twelve characters are enough"),
            pytest.param("sevenherons", "at least 12 characters", id="too short"),
            pytest.param("qwerty123456", "common passwords", id="common"),
            pytest.param("739182645091", "more than digits", id="digits only"),
            pytest.param("ana@example.com", "like your e-mail", id="like the address"),
        ],
    )
    def test_judges_the_password(self, admin, now, weak, sentence):
        if sentence is None:
            set_password(user=admin, password=weak, now=now)
            return
        with pytest.raises(PasswordRefused, match=sentence) as refusal:
            set_password(user=admin, password=weak, now=now)
        assert weak not in str(refusal.value)
        assert not User.objects.get(pk=admin.pk).has_usable_password()


class TestChangePassword:
    @pytest.fixture
    def anna(self, admin, now):
        set_password(user=admin, password=GOOD, now=now)
        return admin

    def test_asks_nobody_for_a_password_they_do_not_have(self, admin, now):
        change_password(user=admin, current="", password=GOOD, now=now)

        assert User.objects.get().check_password(GOOD)

    def test_changes_it_with_the_current_one(self, anna, now):
        change_password(user=anna, current=GOOD, password="eight loud herons", now=now)

        assert User.objects.get().check_password("eight loud herons")

    def test_refuses_a_wrong_current_password(self, anna, now):
        with pytest.raises(CurrentPasswordWrong, match="not your current password"):
            change_password(user=anna, current="wrong", password="eight loud herons", now=now)
        assert User.objects.get().check_password(GOOD)

    def test_refuses_even_the_right_one_after_too_many_wrong_ones(self, anna, settings):
        now = timezone.now()
        for _ in range(settings.AXES_FAILURE_LIMIT):
            with pytest.raises(CurrentPasswordWrong, match="not your current"):
                change_password(user=anna, current="wrong", password="eight loud herons", now=now)

        with pytest.raises(CurrentPasswordWrong, match="Wait 15 minutes"):
            change_password(user=anna, current=GOOD, password="eight loud herons", now=now)
        later = now + timedelta(minutes=16)
        change_password(user=anna, current=GOOD, password="eight loud herons", now=later)


def test_keeps_the_chosen_time_zone(member):
    choose_time_zone(user=member, time_zone="Asia/Kolkata")

    assert User.objects.get().time_zone == "Asia/Kolkata"
