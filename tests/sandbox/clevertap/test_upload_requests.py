"""Refusals of a whole upload request, dry runs, the 15 at a time, and the connect address."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from sandbox.state import SandboxState
from tests.sandbox.clevertap.builders import CleverTap, event, profile, request, wait_until

UNAUTHORISED = [
    ({"X_CleverTap_Account_Id": "AAA-BBB-CCCC"}, "Account ID is not valid"),
    ({"X_CleverTap_Account_Id": "short"}, "12 digit account ID mandatory"),
    ({"X_CleverTap_Account_Id": ""}, "12 digit account ID mandatory"),
    ({"X_CleverTap_Passcode": "AAA-BBB-CCCC"}, "Passcode Invalid"),
    ({"X_CleverTap_Passcode": ""}, "Passcode Invalid"),
]


@pytest.mark.parametrize(("headers", "text"), UNAUTHORISED)
def test_refuses_wrong_credentials_with_the_recorded_bodies(clevertap, headers, text):
    answer = clevertap.upload(profile(City="Bonn"), **headers)

    assert answer.status == 401
    assert answer.body == {"status": "fail", "error": text, "code": 401}
    assert clevertap.control("received")["batches"] == 0


def test_refuses_the_passcode_of_another_account(clevertap: CleverTap, second_account):
    passcode = second_account["X_CleverTap_Passcode"]

    assert clevertap.upload(profile(), X_CleverTap_Passcode=passcode).status == 401
    assert clevertap.upload(profile(), **second_account).status == 200


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"[]", b"null", b'{"d":{}}', b'{"d":null}', b"{}", b'"d"', b"\xff\xfe",
        b'{"d":[{"ts":NaN}]}', b'{"d":[1]} x', b'{"d":' + b"[" * 200_000, b"// {}\n{}",
    ],
)  # fmt: skip
def test_refuses_a_malformed_body_whole(clevertap: CleverTap, body: bytes):
    answer = clevertap.send(body)

    assert answer.status == 400
    assert answer.body == {"status": "fail", "error": "Malformed request", "code": 400}


def test_takes_a_thousand_records_but_not_one_more(clevertap: CleverTap):
    people = [profile(f"p{n}") for n in range(1, 1002)]

    assert clevertap.upload(*people[:1000]).body["processed"] == 1000
    refused = clevertap.upload(*people)

    assert (refused.status, refused.body["status"]) == (400, "fail")
    assert clevertap.control("received")["records"] == 1000


def test_an_empty_upload_is_a_success_of_nothing(clevertap: CleverTap):
    answer = clevertap.upload()

    assert answer.body == {"status": "success", "processed": 0, "unprocessed": []}


def test_refuses_a_body_beyond_five_megabytes(clevertap: CleverTap):
    answer = clevertap.send(b'{"d":[' + b" " * (5 * 1024 * 1024) + b"]}")

    assert (answer.status, answer.body["code"]) == (413, 413)


def test_a_dry_run_gives_the_verdict_and_stores_nothing(clevertap: CleverTap):
    answer = clevertap.upload(profile(City="Bonn"), event(name=None), query="?dryRun=1")

    assert (answer.status, answer.body["status"], answer.body["processed"]) == (200, "partial", 1)
    counts = clevertap.control("received")
    assert (counts["profiles"], counts["events"], counts["records"]) == (0, 0, 0)
    assert counts["dry_runs"] == 1


def test_a_dry_run_of_zero_is_none(clevertap: CleverTap):
    clevertap.upload(profile(City="Bonn"), query="?dryRun=0")

    assert clevertap.control("received")["profiles"] == 1


def test_refuses_to_upload_by_get(clevertap: CleverTap):
    address = f"{clevertap.address}/clevertap/1/upload"

    assert request("GET", address, headers=clevertap.credentials).status == 405


def test_the_sixteenth_request_at_a_time_gets_429(clevertap: CleverTap, state: SandboxState):
    state.faults.add({"effect": "latency", "service": "clevertap", "seconds": 1.5, "times": 15})
    with ThreadPoolExecutor(15) as pool:
        under_way = [pool.submit(clevertap.upload, profile(f"p{n}")) for n in range(15)]
        _wait_until_spent(state)
        beyond = clevertap.upload(profile("late"))
        statuses = [one.result().status for one in under_way]

    assert statuses == [200] * 15
    assert (beyond.status, beyond.headers.get("retry-after")) == (429, None)
    expected = {"status": "fail", "error": "Too many concurrent requests", "code": 429}
    assert beyond.body == expected
    assert clevertap.upload(profile("late")).status == 200


def test_other_accounts_are_not_held_up_by_a_busy_one(
    clevertap: CleverTap, state: SandboxState, second_account
):
    first = clevertap.credentials["X-CleverTap-Account-Id"]
    rule = {"effect": "latency", "account": first, "seconds": 1.0, "times": 15}
    state.faults.add(rule)
    with ThreadPoolExecutor(15) as pool:
        busy = [pool.submit(clevertap.upload, profile(f"p{number}")) for number in range(15)]
        _wait_until_spent(state)
        assert clevertap.upload(profile(), **second_account).status == 200
        assert [one.result().status for one in busy] == [200] * 15


def test_connect_accepts_good_credentials(clevertap: CleverTap):
    address = f"{clevertap.address}/clevertap/v1/connect?partner=bigquery"

    answer = request("GET", address, headers=clevertap.credentials)
    assert (answer.status, answer.body) == (200, {"status": "success"})


def test_connect_refuses_wrong_credentials_and_a_missing_partner(clevertap: CleverTap):
    address = f"{clevertap.address}/clevertap/v1/connect"
    wrong = {**clevertap.credentials, "X-CleverTap-Passcode": "AAA-BBB-CCCC"}

    refused = request("GET", f"{address}?partner=bigquery", headers=wrong)
    assert (refused.status, refused.body["error"]) == (401, "Passcode Invalid")
    assert request("GET", address, headers=clevertap.credentials).status == 400


def test_half_a_surrogate_pair_comes_back_as_it_was_sent(clevertap: CleverTap):
    body = b'{"d":[{"type":"event","identity":"ann","evtName":"a\\ud800","evtData":{}}]}'

    answer = clevertap.send(body)
    assert answer.body["unprocessed"][0]["record"] == json.loads(body)["d"][0]
    assert clevertap.refused(profile(a="\ud800")) == 0


def _wait_until_spent(state: SandboxState) -> None:
    wait_until(state.faults.all()[0].spent, "the fault holds as many requests as it may")
