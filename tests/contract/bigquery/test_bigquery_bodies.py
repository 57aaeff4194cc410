"""Google's real error bodies, sent over HTTP to Google's own client, become ours."""

import pytest

from connections.bigquery import BigQueryError, BigQueryRefused, BigQueryUnavailable
from connections.bigquery.catalogue import CATALOGUE
from connections.bigquery.diagnosis import Asked, judge
from connections.bigquery.symptoms import Source, Symptom, symptom_of_job
from tests.contract.bigquery.bodies import bodies
from tests.contract.bigquery.stub import Answer, error

KINDS = {"refused": BigQueryRefused, "unavailable": BigQueryUnavailable}
API = ("project", "permissions", "queries")


def api_answer(case):
    return error(case["status"], case["code"], case["message"], case.get("info"))


def what_is_raised(work) -> BigQueryError:
    with pytest.raises(BigQueryError) as caught:
        work()
    return caught.value


def assert_is(found: BigQueryError, case) -> None:
    assert (found.reason, type(found)) == (case["reason"], KINDS[case["kind"]])
    assert found.permission == case.get("permission")
    assert found.location_in_sql == (tuple(case["place"]) if "place" in case else None)


@pytest.mark.parametrize("case", bodies("token"))
def test_knows_what_the_token_address_says(stub, bigquery, case):
    stub.says("POST /token", Answer(case["status"], case["body"]))

    assert_is(what_is_raised(bigquery.authenticate), case)


@pytest.mark.parametrize("case", bodies("token"))
def test_asks_for_a_token_once_only(stub, bigquery, case):
    stub.says("POST /token", Answer(case["status"], case["body"]))

    what_is_raised(lambda: bigquery.dataset("shop"))

    assert stub.calls == ["POST /token"]


@pytest.mark.parametrize("case", bodies(*API))
def test_knows_what_the_api_says(stub, shared_bigquery, case):
    stub.says("GET /datasets/shop", api_answer(case))

    assert_is(what_is_raised(lambda: shared_bigquery.dataset("shop")), case)


@pytest.mark.parametrize("case", bodies(*API))
def test_repeats_no_word_that_is_not_its_own(stub, shared_bigquery, case):
    canary = "canary-4f1c"
    stub.says(
        "GET /datasets/shop", error(case["status"], case["code"], f"{case['message']} {canary}")
    )

    found = what_is_raised(lambda: shared_bigquery.dataset("shop"))

    assert canary not in f"{found!r} {found} {vars(found)}"
    assert found.__cause__ is None
    assert found.__context__ is None


@pytest.mark.parametrize(
    "case", [one for one in bodies("queries") if one.values[0]["code"] not in {"", "duplicate"}]
)
def test_knows_the_same_failure_as_the_error_of_a_job(case):
    """A job's error has no HTTP status."""
    symptom = symptom_of_job({"reason": case["code"], "message": case["message"]})

    assert_is(judge(symptom, Asked("shop-4711", "job j in EU")), case)


@pytest.mark.parametrize(
    "entry",
    [one for one in CATALOGUE if one.source != Source.WIRE and one.codes != ("not_json",)],
    ids=lambda entry: entry.sentence[:60],
)
def test_has_a_body_for_every_entry(entry):
    def first_for(case):
        symptom = symptom_of_case(case)
        return next((one for one in CATALOGUE if one.fits(symptom)), None)

    cases = [one.values[0] for one in bodies("token", *API, "storage")]

    assert any(first_for(case) is entry for case in cases), entry.sentence


def symptom_of_case(case) -> Symptom:
    if "grpc" in case:
        codes = frozenset({case["grpc"], case.get("info") or ""} - {""})
        return Symptom(Source.API, codes, 0, case["message"])
    if "body" not in case:
        codes = frozenset({case["code"], case.get("info") or ""} - {""})
        return Symptom(Source.API, codes, case["status"], case["message"])
    trouble = case["status"] in {408, 429} or case["status"] >= 500
    codes = frozenset({"trouble" if trouble else case["body"]["error"]})
    text = "" if trouble else case["body"].get("error_description", "")
    return Symptom(Source.TOKEN, codes, case["status"] if trouble else 400, text)
