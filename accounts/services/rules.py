"""What holds for everybody: who has BigQuery, and whether a second step is demanded."""

from collections.abc import Iterable

from django.db import transaction

from accounts import trail
from accounts.models import Rules, User
from accounts.permissions import by_admin
from accounts.services import second_step, visits


def may_use_bigquery(user: User) -> bool:
    """Whether BigQuery is switched on for the person, by name or by role."""
    if user.has_bigquery is not None:
        return user.has_bigquery
    return user.role not in Rules.now().bigquery_off_for


def second_step_is_missing(user: User) -> bool:
    """Whether the person has to set up what everybody must have."""
    return Rules.now().is_second_step_required and not second_step.is_on(user)


@by_admin
def choose_rules(
    *, is_second_step_required: bool, bigquery_off_for: Iterable[str], by: User
) -> bool:
    """Put other rules in force. False if they are so already.

    Who has no second step when it becomes required is signed out everywhere, except ``by``.
    """
    after = {
        "second step required": is_second_step_required,
        "BigQuery off for": sorted(bigquery_off_for),
    }
    with transaction.atomic():
        rules, _ = Rules.objects.select_for_update().get_or_create(pk=Rules.THE_ONE)
        before = {
            "second step required": rules.is_second_step_required,
            "BigQuery off for": rules.bigquery_off_for,
        }
        if before == after:
            return False
        is_new = is_second_step_required and not rules.is_second_step_required
        rules.is_second_step_required = is_second_step_required
        rules.bigquery_off_for = after["BigQuery off for"]
        rules.save()
        trail.record(
            by=by,
            action="rules changed",
            kind="rules",
            object_id="",
            name="",
            before=before,
            after=after,
        )
        if is_new:
            _sign_out_without_second_step(by)
    return True


def _sign_out_without_second_step(by: User) -> None:
    without = User.objects.exclude(pk=by.pk).exclude(second_step__confirmed_at__isnull=False)
    for person in without.filter(visits__isnull=False).distinct():
        visits.end_others(user=person, session_key=None, by=by)
