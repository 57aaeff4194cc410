"""/settings/users/<person>/, the rules for everybody, and the gate before BigQuery."""

import uuid

import pytest
from django.test import Client

from accounts.models import AuditEntry, Rules, SecondStep, User
from tests.web.accounts.conftest import PASSWORD

RULES = "/settings/users/rules/"
CENTER = "/settings/partners/import-center/"


def address(person):
    return f"/settings/users/{person.pk}/"


def post(client, person, action, **more):
    return client.post(address(person), {"action": action, **more}, follow=True).content.decode()


class TestPerson:
    def test_says_how_they_sign_in(self, as_admin, member):
        page = as_admin.get(address(member)).content.decode()

        for words in ("max@example.com", "Not set", "Open sessions"):
            assert words in page

    def test_gives_a_role_and_bigquery(self, as_admin, member):
        page = post(as_admin, member, "access", role="creator", bigquery="off")

        member.refresh_from_db()
        assert "Access is saved." in page
        assert (member.role, member.has_bigquery) == ("creator", False)

    @pytest.mark.parametrize(
        ("role", "bigquery", "sentence"),
        [
            ("owner", "", "Choose Admin, Creator"),
            ("", "", "Choose a role."),
            ("member", "maybe", "On or Off."),
        ],
    )
    def test_refuses_what_does_not_exist(self, as_admin, member, role, bigquery, sentence):
        assert sentence in post(as_admin, member, "access", role=role, bigquery=bigquery)
        assert not AuditEntry.objects.exists()

    def test_does_not_demote_the_last_admin(self, as_admin, admin):
        page = post(as_admin, admin, "access", role="member", bigquery="")

        assert "is the only admin who may sign in" in page
        assert User.objects.get().role == "admin"

    def test_switches_off_and_signs_out_at_once(self, as_admin, member):
        member.set_password(PASSWORD)
        member.save()
        theirs = Client()
        theirs.post("/sign-in/", {"email": member.email, "password": PASSWORD})

        page = post(as_admin, member, "switch_off")

        assert "may not sign in any more" in page
        assert theirs.get("/account/").status_code == 302
        assert "may sign in again" in post(as_admin, member, "switch_on")

    def test_does_not_switch_oneself_off(self, as_admin, admin):
        assert "cannot switch yourself off" in post(as_admin, admin, "switch_off")

    def test_resets_a_second_step(self, as_admin, member):
        SecondStep.objects.create(user=member, boxed_seed="x", confirmed_at=member.created_at)

        assert "signs in without a second step" in post(as_admin, member, "second_step")
        assert not SecondStep.objects.exists()

    def test_is_no_way_round_ones_own_second_step(self, as_admin, admin):
        """Whoever finds an admin's browser open knows neither the password nor a code."""
        SecondStep.objects.create(user=admin, boxed_seed="x", confirmed_at=admin.created_at)

        assert "Reset second step" not in as_admin.get(address(admin)).content.decode()
        assert "it asks for a code" in post(as_admin, admin, "second_step")
        assert SecondStep.objects.exists()

    def test_ignores_an_action_that_it_does_not_know(self, as_admin, member):
        post(as_admin, member, "promote")

        assert not AuditEntry.objects.exists()

    def test_is_not_found_for_an_unknown_person(self, as_admin):
        assert as_admin.get(f"/settings/users/{uuid.uuid4()}/").status_code == 404


class TestRules:
    def test_are_saved(self, as_admin):
        form = {"second_step": "on", "bigquery_off_for": ["member", "creator"]}
        page = as_admin.post(RULES, form, follow=True).content.decode()

        rules = Rules.now()
        assert "Rules are saved." in page
        assert rules.is_second_step_required
        assert rules.bigquery_off_for == ["creator", "member"]

    def test_refuse_a_role_that_does_not_exist(self, as_admin):
        page = as_admin.post(RULES, {"bigquery_off_for": ["owner"]}).content.decode()

        assert "Choose among Admin, Creator and Member." in page
        assert not Rules.objects.exists()

    def test_sign_out_who_has_no_second_step_when_it_becomes_required(self, as_admin, member):
        member.set_password(PASSWORD)
        member.save()
        theirs = Client()
        theirs.post("/sign-in/", {"email": member.email, "password": PASSWORD})

        as_admin.post(RULES, {"second_step": "on"})

        assert theirs.get("/account/").status_code == 302
        assert as_admin.get("/account/").status_code == 200


class TestGate:
    @pytest.mark.parametrize("path", [CENTER, "/search/?q=a", "/settings/clevertap-accounts/"])
    def test_closes_bigquery_to_a_role(self, as_member, path):
        Rules.objects.create(bigquery_off_for=["member"])

        response = as_member.get(path)

        assert response.status_code == 403
        assert "Contact your administrator for access." in response.content.decode()

    def test_leaves_ones_own_account_open(self, as_member):
        Rules.objects.create(bigquery_off_for=["member"])

        assert as_member.get("/account/").status_code == 200

    def test_opens_for_a_person_by_name(self, as_member, member):
        Rules.objects.create(bigquery_off_for=["member"])
        User.objects.filter(pk=member.pk).update(has_bigquery=True)

        assert as_member.get(CENTER).status_code == 200

    def test_closes_for_a_person_by_name(self, as_creator, creator):
        User.objects.filter(pk=creator.pk).update(has_bigquery=False)

        assert as_creator.post("/settings/partners/import-center/create/").status_code == 403


def test_roles_page_is_for_everybody(as_member):
    page = as_member.get("/settings/users/roles/").content.decode()

    assert "Who may do what. Your role: Member." in page
