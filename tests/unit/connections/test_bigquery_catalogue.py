"""The catalogue as a text: sentences that people can act on."""

import string

import pytest

from connections.bigquery import BigQueryRefused, BigQueryUnavailable, Reason
from connections.bigquery.catalogue import CATALOGUE
from connections.bigquery.diagnosis import PERMISSIONS, Asked, judge
from connections.bigquery.symptoms import Source, Symptom

ASKED = Asked("shop-4711", "dataset shop-4711.shop")
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
