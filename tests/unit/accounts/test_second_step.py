"""The second step: paired, asked for, never twice the same code."""

from datetime import timedelta

import pyotp
import pytest
from django.core.exceptions import PermissionDenied

from accounts.models import AuditEntry, RecoveryCode, SecondStep, User
from accounts.services import second_step as steps
from accounts.services import seed_box
from accounts.services.second_step import CodeRefused

TURN = timedelta(seconds=30)


def code_at(user, moment):
    """What the person's app shows."""
    sealed = SecondStep.objects.get(pk=user.pk).boxed_seed
    return pyotp.TOTP(seed_box.unseal(sealed, user_id=user.pk)).at(int(moment.timestamp()))


@pytest.fixture
def paired(member, now):
    """A person whose second step is on, and the recovery codes; the turn of ``now`` is used."""
    steps.begin(user=member, now=now)
    codes = steps.confirm(user=member, code=code_at(member, now), now=now)
    return member, codes


class TestPairing:
    def test_shows_a_seed_until_it_is_confirmed(self, member, now):
        steps.begin(user=member, now=now)
        pairing = steps.pairing(member)

        assert pairing.uri.startswith("otpauth://totp/BigQuery%20import:max%40example.com")
        steps.confirm(user=member, code=pyotp.TOTP(pairing.seed).at(now), now=now)
        assert steps.pairing(member) is None
        assert steps.is_on(member)

    def test_is_not_on_before_a_first_code(self, member, now):
        steps.begin(user=member, now=now)

        with pytest.raises(CodeRefused, match="does not match"):
            steps.confirm(user=member, code="000000", now=now)
        assert not steps.is_on(member)
        assert not RecoveryCode.objects.exists()

    def test_does_not_replace_one_that_is_on(self, paired, now):
        person, _ = paired
        before = SecondStep.objects.get().boxed_seed

        steps.begin(user=person, now=now)

        assert SecondStep.objects.get().boxed_seed == before
        assert steps.is_on(person)

    def test_is_not_turned_on_for_a_seed_that_came_in_between(self, member, now, monkeypatch):
        def take(step, code, now):
            steps.begin(user=member, now=now)
            return True

        steps.begin(user=member, now=now)
        monkeypatch.setattr(steps, "_take", take)

        with pytest.raises(CodeRefused, match="set up elsewhere"):
            steps.confirm(user=member, code="123456", now=now)
        assert not steps.is_on(member)
        assert not RecoveryCode.objects.exists()

    def test_can_be_given_up_until_then(self, member, paired, now):
        steps.cancel(user=member)

        assert steps.is_on(member)

    def test_keeps_the_seed_sealed_and_the_codes_hashed(self, paired):
        _, codes = paired
        rows = str([*SecondStep.objects.values(), *RecoveryCode.objects.values()])

        assert len(set(codes)) == 10
        assert not [code for code in codes if code in rows or code.replace("-", "") in rows]


class TestVerify:
    def test_takes_a_code_of_the_turn_before_now_or_after(self, paired, now):
        person, _ = paired
        later = now + 10 * TURN
        for shift in (-TURN, 0 * TURN, TURN):
            steps.verify(user=person, code=code_at(person, later + shift), now=later)

    @pytest.mark.parametrize("shift", [-2, 2])
    def test_refuses_older_and_later_ones(self, paired, now, shift):
        person, _ = paired
        later = now + 10 * TURN

        with pytest.raises(CodeRefused):
            steps.verify(user=person, code=code_at(person, later + shift * TURN), now=later)

    def test_refuses_the_same_code_a_second_time(self, paired, now):
        person, _ = paired
        later = now + 10 * TURN
        steps.verify(user=person, code=code_at(person, later), now=later)

        with pytest.raises(CodeRefused, match="or was used"):
            steps.verify(user=person, code=code_at(person, later), now=later)

    def test_takes_each_recovery_code_once_however_it_is_typed(self, paired, now):
        person, codes = paired
        steps.verify(user=person, code=f" {codes[0].lower().replace('-', ' ')} ", now=now)

        with pytest.raises(CodeRefused):
            steps.verify(user=person, code=codes[0], now=now)
        assert steps.codes_left(person) == 9
        assert AuditEntry.objects.filter(action="recovery code used").count() == 1

    def test_refuses_the_recovery_code_of_somebody_else(self, paired, admin, now):
        _, codes = paired
        steps.begin(user=admin, now=now)
        steps.confirm(user=admin, code=code_at(admin, now), now=now)

        with pytest.raises(CodeRefused):
            steps.verify(user=admin, code=codes[0], now=now)

    @pytest.mark.parametrize(
        "code", ["", "١٢٣٤٥٦", "12345", "1234567", "\0" * 6, "\ud800", "-00000"]
    )
    def test_refuses_what_is_no_code(self, paired, now, code):
        person, _ = paired

        with pytest.raises(CodeRefused):
            steps.verify(user=person, code=code, now=now)

    def test_refuses_even_the_right_code_after_too_many_wrong_ones(self, paired, now, settings):
        person, _ = paired
        later = now + 10 * TURN
        for _ in range(settings.SECOND_STEP_TRIES):
            with pytest.raises(CodeRefused):
                steps.verify(user=person, code="000000", now=later)

        with pytest.raises(CodeRefused, match="Wait 15 minutes"):
            steps.verify(user=person, code=code_at(person, later), now=later)
        much_later = later + timedelta(minutes=15)
        steps.verify(user=person, code=code_at(person, much_later), now=much_later)

    def test_refuses_who_has_none(self, member, now):
        with pytest.raises(CodeRefused):
            steps.verify(user=member, code="000000", now=now)


class TestEnd:
    def test_is_turned_off_with_a_code_only(self, paired, now):
        person, _ = paired
        with pytest.raises(CodeRefused):
            steps.turn_off(user=person, code="000000", now=now)
        assert steps.is_on(person)

        later = now + 10 * TURN
        steps.turn_off(user=person, code=code_at(person, later), now=later)
        assert not steps.is_on(person)
        assert not RecoveryCode.objects.exists()

    def test_is_reset_by_an_admin_and_recorded(self, paired, admin):
        person, _ = paired

        steps.reset(user=person, by=admin)

        entry = AuditEntry.objects.get(action="second step reset")
        assert (entry.email, entry.object_name) == ("ana@example.com", "max@example.com")
        assert not steps.is_on(person)

    def test_is_not_reset_by_oneself_without_a_code(self, paired, admin):
        person, _ = paired
        User.objects.filter(pk=person.pk).update(role="admin")
        person.refresh_from_db()

        with pytest.raises(steps.NotForOneself, match="asks for a code"):
            steps.reset(user=person, by=person)
        with pytest.raises(PermissionDenied):
            steps.reset(user=person, by=User(role="creator"))
        assert steps.is_on(person)

    def test_new_recovery_codes_end_the_older_ones(self, paired, now):
        person, codes = paired
        later = now + 10 * TURN
        fresh = steps.renew_codes(user=person, code=code_at(person, later), now=later)

        assert not set(fresh) & set(codes)
        with pytest.raises(CodeRefused):
            steps.verify(user=person, code=codes[1], now=later)


class TestSeedBox:
    def test_opens_for_its_own_person_only(self, member, admin):
        sealed = seed_box.seal("A" * 32, user_id=member.pk)

        assert seed_box.unseal(sealed, user_id=member.pk) == "A" * 32
        with pytest.raises(seed_box.SeedUnreadable):
            seed_box.unseal(sealed, user_id=admin.pk)

    @pytest.mark.parametrize("spoilt", ["", "A", "A" * 80, "not base64!"])
    def test_opens_nothing_that_was_altered(self, member, spoilt):
        with pytest.raises(seed_box.SeedUnreadable):
            seed_box.unseal(spoilt, user_id=member.pk)

    def test_goes_on_after_a_change_of_the_secret_key(self, member, settings):
        sealed = seed_box.seal("A" * 32, user_id=member.pk)
        settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "n" * 60

        assert seed_box.unseal(sealed, user_id=member.pk) == "A" * 32
        settings.SECRET_KEY_FALLBACKS = []
        with pytest.raises(seed_box.SeedUnreadable):
            seed_box.unseal(sealed, user_id=member.pk)

    def test_of_another_key_leaves_recovery_codes_working(self, paired, now, settings):
        person, codes = paired
        settings.SECRET_KEY = "n" * 60

        steps.verify(user=person, code=codes[0], now=now)
