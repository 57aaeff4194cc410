"""Sign-in links as services: made, checked, used up, refused."""

import hashlib
from datetime import timedelta

import pytest

from accounts.models import AuditEntry, SignInLink
from accounts.services import check_sign_in_link, make_sign_in_link, use_sign_in_link
from accounts.services import links as link_services
from accounts.services.links import LinkRefused, PersonInactive


def token_in(path):
    return path.removeprefix("/sign-in/link/").removesuffix("/")


@pytest.fixture
def token(admin, now):
    return token_in(make_sign_in_link(user=admin, now=now))


class TestMakeSignInLink:
    def test_makes_a_token_of_32_random_bytes(self, admin, now):
        tokens = {token_in(make_sign_in_link(user=admin, now=now)) for _ in range(3)}

        assert {len(token) for token in tokens} == {43}
        assert len(tokens) == 3

    def test_keeps_only_the_hash_of_the_token(self, admin, now, token):
        link = SignInLink.objects.get()

        assert link.token_hash == hashlib.sha256(token.encode()).hexdigest()
        assert token not in str([list(row.values()) for row in SignInLink.objects.values()])

    def test_lasts_as_long_as_the_setting_says(self, admin, now, settings):
        settings.SIGN_IN_LINK_MINUTES = 7

        make_sign_in_link(user=admin, now=now)

        assert SignInLink.objects.get().expires_at == now + timedelta(minutes=7)

    def test_ends_older_links_of_the_same_person(self, admin, now, token):
        make_sign_in_link(user=admin, now=now)

        with pytest.raises(LinkRefused) as refusal:
            check_sign_in_link(token=token, now=now)
        assert refusal.value.reason == LinkRefused.Reason.EXPIRED

    def test_leaves_links_of_other_people_alone(self, admin, member, now, token):
        make_sign_in_link(user=member, now=now)

        assert check_sign_in_link(token=token, now=now) == admin

    def test_records_who_made_it_and_for_whom(self, admin, member, now):
        make_sign_in_link(user=member, now=now, by=admin)

        entry = AuditEntry.objects.get(action="sign-in link made")
        assert (entry.email, entry.object_name) == ("ana@example.com", "max@example.com")

    def test_refuses_a_person_who_may_not_sign_in(self, member, now):
        member.is_active = False

        with pytest.raises(PersonInactive, match=r"max@example\.com may not sign in"):
            make_sign_in_link(user=member, now=now)
        assert not SignInLink.objects.exists()

    def test_keeps_the_older_link_when_the_new_one_cannot_be_stored(
        self, admin, now, token, monkeypatch
    ):
        monkeypatch.setattr(link_services.secrets, "token_urlsafe", lambda size: token)

        with pytest.raises(link_services.transaction.Error):
            make_sign_in_link(user=admin, now=now)

        assert check_sign_in_link(token=token, now=now) == admin


class TestUseSignInLink:
    def test_gives_the_person_and_records_the_sign_in(self, admin, now, token):
        assert use_sign_in_link(token=token, now=now) == admin

        entry = AuditEntry.objects.get(action="signed in")
        assert (entry.email, entry.after) == ("ana@example.com", {"by": "link"})

    def test_works_until_the_last_second(self, admin, now, token):
        moment = now + timedelta(minutes=60) - timedelta(seconds=1)

        assert use_sign_in_link(token=token, now=moment) == admin

    def test_refuses_the_second_use(self, now, token):
        use_sign_in_link(token=token, now=now)

        with pytest.raises(LinkRefused, match="has been used"):
            use_sign_in_link(token=token, now=now)

    def test_refuses_an_expired_link(self, now, token):
        with pytest.raises(LinkRefused, match="is too old"):
            use_sign_in_link(token=token, now=now + timedelta(minutes=60))
        assert SignInLink.objects.get().used_at is None

    @pytest.mark.parametrize(
        "guess",
        [
            pytest.param("A" * 43, id="of the right length"),
            pytest.param("", id="empty"),
            pytest.param("\ud800", id="half a character"),
            pytest.param("x" * 100_000, id="very long"),
        ],
    )
    def test_refuses_an_unknown_token(self, db, now, guess):
        with pytest.raises(LinkRefused, match="does not work"):
            use_sign_in_link(token=guess, now=now)

    def test_refuses_the_hash_itself_as_a_token(self, now, token):
        stolen = SignInLink.objects.get().token_hash

        with pytest.raises(LinkRefused) as refusal:
            use_sign_in_link(token=stolen, now=now)
        assert refusal.value.reason == LinkRefused.Reason.UNKNOWN

    def test_refuses_an_inactive_person_as_if_the_link_were_unknown(self, admin, now, token):
        admin.is_active = False
        admin.save()

        with pytest.raises(LinkRefused) as inactive:
            use_sign_in_link(token=token, now=now)
        with pytest.raises(LinkRefused) as unknown:
            use_sign_in_link(token="unknown", now=now)
        assert str(inactive.value) == str(unknown.value)

    def test_does_not_use_up_the_link_of_an_inactive_person(self, admin, now, token):
        admin.is_active = False
        admin.save()

        with pytest.raises(LinkRefused):
            use_sign_in_link(token=token, now=now)
        assert SignInLink.objects.get().used_at is None

    def test_lets_only_one_in_when_two_passed_the_check(self, admin, now, token, monkeypatch):
        monkeypatch.setattr(link_services, "check_sign_in_link", lambda **words: admin)
        use_sign_in_link(token=token, now=now)

        with pytest.raises(LinkRefused, match="has been used"):
            use_sign_in_link(token=token, now=now)
        assert AuditEntry.objects.filter(action="signed in").count() == 1

    def test_records_each_refusal_with_its_reason(self, admin, now, token):
        use_sign_in_link(token=token, now=now)
        with pytest.raises(LinkRefused):
            use_sign_in_link(token=token, now=now)

        entry = AuditEntry.objects.get(action="sign-in refused")
        assert entry.after == {"by": "link", "reason": "used"}
        assert (entry.email, entry.object_name) == ("", "ana@example.com")
