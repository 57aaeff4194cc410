"""The catalogue as a text: sentences that people can act on, and causes in their order."""

import re
import string

import pytest

from connections.bigquery import BigQueryRefused, BigQueryUnavailable, Reason
from connections.bigquery.catalogue import CATALOGUE
from connections.bigquery.diagnosis import PERMISSIONS, Asked, judge
from connections.bigquery.symptoms import Source, Symptom
from tests.contract.bigquery.bodies import bodies

ASKED = Asked("shop-4711", "dataset shop-4711.shop")
GENERAL = next(one for one in CATALOGUE if "lacks a permission" in one.sentence)
CAUSES = sorted({cause for one in CATALOGUE for cause in one.causes}, key=lambda one: one.title)
causes = pytest.mark.parametrize("cause", CAUSES, ids=lambda cause: cause.title[:60])
# Failures of one cause only: the sentence has said it all.
CLEAR = {
    Reason.BYTES_CAP,
    Reason.INVALID_QUERY,
    Reason.JOB_CONFLICT,
    Reason.NAME_INVALID,
    Reason.NOT_READABLE,
    Reason.RESULT_EXPIRED,
    Reason.TOO_LARGE,
}
CLEAR_SENTENCES = ("The CA file", "This table reads from Google Drive", "The organisation demands")
# Words of commands that change something.
CHANGES = r"\b(?:add|remove|set|enable|disable|create|delete|update|rm|mk|undelete|deploy)\b"
entries = pytest.mark.parametrize("entry", CATALOGUE, ids=lambda entry: entry.sentence[:60])


def denied(text: str) -> Symptom:
    return Symptom(Source.API, frozenset({"accessDenied"}), 403, text)


def test_knows_at_least_eighty_failures():
    assert len(CATALOGUE) >= 80


@entries
def test_says_a_sentence_of_ours_that_fits_a_page(entry):
    placeholders = {name for _, name, _, _ in string.Formatter().parse(entry.sentence) if name}

    assert placeholders <= {"where", "project"}
    assert 20 <= len(entry.sentence) <= 260
    assert entry.sentence.endswith(".")
    assert entry.sentence[0].isupper()


@entries
def test_says_no_more_than_can_be_stored_however_long_the_names_are(entry):
    code = entry.codes[0] if entry.codes else ""
    status = entry.statuses[0] if entry.statuses else 0
    asked = Asked("a" * 62 + ":" + "b" * 30, f"table {'d' * 1024}.{'t' * 1024}")

    found = judge(Symptom(entry.source, frozenset({code}), status, ""), asked)

    assert len(entry.sentence.format(where=asked.shown, project=asked.project)) <= 500
    assert len(found.sentence) <= 500


@entries
def test_can_tell_its_failure_from_others(entry):
    """An entry that fits everything would hide all after it; only a source's last may."""
    last = [one for one in CATALOGUE if one.source == entry.source][-1]

    assert entry.codes or entry.statuses or entry.says or entry is last


@entries
def test_comes_before_none_that_it_hides(entry):
    same = (entry.source, entry.codes, entry.statuses, entry.says)

    twins = [one for one in CATALOGUE if (one.source, one.codes, one.statuses, one.says) == same]

    assert twins == [entry]


@pytest.mark.parametrize(
    "reason", [Reason.TIMEOUT, Reason.NETWORK, Reason.TLS, Reason.SERVER_ERROR, Reason.CLOCK_SKEW]
)
def test_gives_no_verdict_where_the_key_is_not_to_blame(reason):
    assert {one.kind for one in CATALOGUE if one.reason == reason} == {BigQueryUnavailable}


@pytest.mark.parametrize(
    "reason", [Reason.PERMISSION_DENIED, Reason.API_DISABLED, Reason.KEY_DELETED_OR_ROTATED]
)
def test_gives_a_verdict_where_somebody_must_act(reason):
    assert {one.kind for one in CATALOGUE if one.reason == reason} == {BigQueryRefused}


@pytest.mark.parametrize("permission", sorted(PERMISSIONS))
def test_names_each_permission_that_it_knows(permission):
    text = f"Access Denied: Table p:d.t: Permission {permission} denied on table p:d.t."

    found = judge(denied(text), ASKED)

    assert (found.reason, found.permission) == (Reason.PERMISSION_DENIED, permission)


def test_names_no_permission_that_somebody_made_up():
    found = judge(denied("Permission bigquery.canary.words denied"), ASKED)

    assert found.permission is None
    assert "canary" not in found.sentence


def test_names_job_user_for_jobs_although_the_text_says_access_denied():
    text = "Access Denied: Project p: User does not have bigquery.jobs.create permission in p."

    assert "BigQuery Job User" in judge(denied(text), ASKED).sentence


def test_says_what_was_asked_for_in_our_own_identifiers():
    found = judge(
        Symptom(Source.API, frozenset({"notFound"}), 404, "Not found: Dataset x:y"), ASKED
    )

    assert "dataset shop-4711.shop" in found.sentence
    assert found.resource == "dataset shop-4711.shop"


@pytest.mark.parametrize("text", ["at [0:]", "[a:b]", "at [99999999999:1]", "none"])
def test_gives_no_place_where_the_text_has_none(text):
    symptom = Symptom(Source.API, frozenset({"invalidQuery"}), 400, f"Syntax error {text}")

    assert judge(symptom, ASKED).location_in_sql is None


def first_that_fits(case):
    codes = frozenset({case["code"], case.get("info") or ""} - {""})
    symptom = Symptom(Source.API, codes, case["status"], case["message"])
    return next((one for one in CATALOGUE if one.fits(symptom)), None), symptom


def test_at_least_forty_failures_were_written_from_a_body():
    cases = [one.values[0] for one in bodies("project", "permissions", "queries")]
    found = {first_that_fits(case)[0] for case in cases} - {None}

    assert len(found) >= 40


@pytest.mark.parametrize("case", bodies("permissions"))
def test_no_specific_permission_is_answered_with_access_denied_as_such(case):
    found, symptom = first_that_fits(case)

    assert (found is GENERAL) == (case["id"] == "denied, and no more said")
    assert CATALOGUE.index(found) <= CATALOGUE.index(GENERAL)
    assert not any(one.fits(symptom) for one in CATALOGUE[: CATALOGUE.index(found)])


@pytest.mark.parametrize("case", bodies("project", "queries"))
def test_no_limit_or_missing_thing_is_taken_for_a_missing_right(case):
    assert first_that_fits(case)[0] is not GENERAL


@entries
def test_names_several_causes_or_has_one_only(entry):
    is_clear = entry.reason in CLEAR or entry.sentence.startswith(CLEAR_SENTENCES)
    is_rest = entry.reason == Reason.POLICY_DENIED and "blocked this operation" in entry.sentence

    assert len(entry.causes) != 1
    assert entry.causes or is_clear or is_rest
    assert len({cause.title for cause in entry.causes}) == len(entry.causes)


@causes
def test_a_cause_says_what_it_is_how_to_tell_and_what_to_do(cause):
    for text in (cause.title, cause.tell, cause.then):
        assert text.endswith(".")
        assert text[0].isupper() or text.startswith(("“", "billing", "gcloud", "status", "client"))
        assert len(text) <= 220


@causes
def test_a_cause_names_nothing_that_cannot_be_filled_in(cause):
    texts = [cause.title, cause.tell, cause.then, *(one.code for one in cause.commands)]
    names = {name for text in texts for _, name, _, _ in string.Formatter().parse(text) if name}

    assert names <= {"project", "dataset", "email", "key_id", "home"}


@causes
def test_a_command_that_tells_changes_nothing(cause):
    for command in cause.commands:
        assert not re.search(CHANGES, command.code), command.code


@pytest.mark.parametrize(
    ("reason", "first", "command"),
    [
        (Reason.KEY_DELETED_OR_ROTATED, "deleted or replaced", "keys list"),
        (Reason.ACCOUNT_NOT_FOUND, "deleted", "service-accounts describe"),
        (Reason.API_DISABLED, "never switched on", "services list --enabled"),
        (Reason.DATASET_NOT_FOUND, "mistyped", "bq ls --datasets"),
        (Reason.CLOCK_SKEW, "clock", "date -u"),
        (Reason.BILLING_DISABLED, "billing account", "billing projects describe"),
    ],
)
def test_begins_with_the_likeliest_cause_and_the_command_that_tells(reason, first, command):
    entry = next(one for one in CATALOGUE if one.reason == reason)

    assert first in entry.causes[0].title
    assert command in entry.causes[0].commands[0].code


@pytest.mark.parametrize("permission", ["bigquery.jobs.create", "bigquery.readsessions.create"])
def test_a_missing_role_is_told_from_a_delay_a_condition_and_a_ban(permission):
    entry = next(one for one in CATALOGUE if one.permission == permission)
    text = " ".join(cause.title for cause in entry.causes)

    assert all(word in text for word in ("moment ago", "condition", "deny policy", "elsewhere"))
