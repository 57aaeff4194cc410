"""What admins decide: roles, BigQuery, who may sign in, and rules for everybody."""

import pytest

from accounts.models import AuditEntry, Rules, SignInLink, User
from accounts.services import make_sign_in_link, people, rules
from accounts.services.people import ChangeRefused


@pytest.fixture
def second_admin(db):
    return User.objects.create_user(email="bea@example.com", role="admin")


class TestRole:
    def test_is_changed_and_recorded_with_what_it_was(self, admin, member):
        assert people.choose_role(user=member, role="creator", by=admin)

        entry = AuditEntry.objects.get(action="role changed")
        assert (entry.before, entry.after) == ({"role": "member"}, {"role": "creator"})

    def test_that_is_the_same_is_no_change(self, admin, member):
        assert not people.choose_role(user=member, role="member", by=admin)
        assert not AuditEntry.objects.exists()

    def test_is_not_taken_from_the_last_admin(self, admin):
        with pytest.raises(ChangeRefused, match="only admin who may sign in"):
            people.choose_role(user=admin, role="member", by=admin)
        assert User.objects.get().role == "admin"

    def test_is_not_taken_from_the_last_admin_who_may_sign_in(self, admin, second_admin):
        User.objects.filter(pk=second_admin.pk).update(is_active=False)

        with pytest.raises(ChangeRefused):
            people.choose_role(user=admin, role="creator", by=admin)

    def test_can_be_taken_from_one_of_two_admins(self, admin, second_admin):
        assert people.choose_role(user=admin, role="member", by=admin)


class TestSwitchOff:
    def test_ends_links_and_can_be_undone(self, admin, member, now):
        make_sign_in_link(user=member, now=now)

        assert people.switch_off(user=member, by=admin, now=now)

        assert not User.objects.get(pk=member.pk).is_active
        assert SignInLink.objects.get().expires_at == now
        assert people.switch_on(user=member, by=admin)
        assert User.objects.get(pk=member.pk).is_active

    def test_is_not_for_oneself(self, admin, second_admin, now):
        with pytest.raises(ChangeRefused, match="yourself"):
            people.switch_off(user=admin, by=admin, now=now)

    def test_is_not_for_the_last_admin(self, admin, now):
        with pytest.raises(ChangeRefused, match="only admin"):
            people.switch_off(user=admin, by=User(role="admin"), now=now)


class TestBigQuery:
    @pytest.mark.parametrize(
        ("own", "off_for", "may"),
        [(None, [], True), (None, ["member"], False), (True, ["member"], True), (False, [], False)],
    )
    def test_follows_the_person_first_and_then_the_role(self, member, own, off_for, may):
        Rules.objects.create(bigquery_off_for=off_for)
        member.has_bigquery = own

        assert rules.may_use_bigquery(member) == may

    def test_of_a_person_is_recorded(self, admin, member):
        assert people.choose_bigquery(user=member, has_bigquery=False, by=admin)
        assert not people.choose_bigquery(user=member, has_bigquery=False, by=admin)

        entry = AuditEntry.objects.get()
        assert (entry.before, entry.after) == ({"bigquery": "as the role"}, {"bigquery": "off"})


class TestRules:
    def test_are_recorded_once_and_only_when_something_differs(self, admin):
        words = {"is_second_step_required": True, "bigquery_off_for": ["member"], "by": admin}

        assert rules.choose_rules(**words)
        assert not rules.choose_rules(**words)
        assert AuditEntry.objects.get().after == {
            "second step required": True,
            "BigQuery off for": ["member"],
        }


class TestAppendOnly:
    @pytest.fixture
    def entry(self, db):
        return AuditEntry.objects.create(action="any")

    @pytest.mark.parametrize(
        "change",
        [
            lambda entry: entry.save(),
            lambda entry: entry.delete(),
            lambda entry: AuditEntry.objects.update(action="other"),
            lambda entry: AuditEntry.objects.all().delete(),
            lambda entry: AuditEntry.objects.bulk_update([entry], ["action"]),
        ],
    )
    def test_entries_are_neither_changed_nor_removed(self, entry, change):
        with pytest.raises(TypeError, match="never changed"):
            change(entry)
        assert AuditEntry.objects.get().action == "any"

    def test_not_even_by_sql(self, entry):
        from django.db import DatabaseError, connection, transaction  # noqa: PLC0415

        statements = ["UPDATE accounts_auditentry SET action = 'other'"]
        if connection.vendor == "postgresql":
            statements.append("DELETE FROM accounts_auditentry")
        for statement in statements:
            with pytest.raises(DatabaseError, match="never"), transaction.atomic():
                connection.cursor().execute(statement)
