"""Faults as a sender of uploads meets them."""

from http.client import IncompleteRead, RemoteDisconnected

import pytest

from sandbox.ledger import Filter
from sandbox.state import SandboxState
from tests.sandbox.clevertap.builders import CleverTap, profile, wait_until


def test_a_lost_answer_was_stored_all_the_same(clevertap: CleverTap, state: SandboxState):
    state.faults.add({"effect": "lost_answer", "service": "clevertap", "times": 1})

    with pytest.raises((RemoteDisconnected, ConnectionResetError)):
        clevertap.upload(profile(City="Bonn"))

    assert clevertap.properties("ann") == {"City": "Bonn"}
    assert clevertap.upload(profile()).status == 200


def test_a_dropped_connection_stores_nothing(clevertap: CleverTap, state: SandboxState):
    state.faults.add({"effect": "drop_before", "service": "clevertap", "times": 1})

    with pytest.raises((RemoteDisconnected, ConnectionResetError)):
        clevertap.upload(profile(City="Bonn"))

    assert clevertap.control("received")["batches"] == 0


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, "Malformed request"),
        (401, "Account ID is not valid"),
        (429, "Too many concurrent requests"),
        (500, "Internal Server Error"),
        (503, "System is unavailable. Try again later."),
    ],
)
def test_a_status_comes_with_the_body_of_the_api(
    clevertap: CleverTap, state: SandboxState, status: int, error: str
):
    state.faults.add({"effect": "status", "service": "clevertap", "status": status})

    answer = clevertap.upload(profile())
    assert (answer.status, answer.headers.get("retry-after")) == (status, None)
    assert answer.body == {"status": "fail", "error": error, "code": status}


@pytest.mark.parametrize("status", [502, 504])
def test_a_gateway_error_is_a_page_and_no_json(
    clevertap: CleverTap, state: SandboxState, status: int
):
    state.faults.add({"effect": "status", "service": "clevertap", "status": status})

    answer = clevertap.upload(profile())
    assert (answer.status, answer.text[:6]) == (status, b"<html>")


def test_refuses_the_share_of_rows_that_a_fault_names(clevertap: CleverTap, state: SandboxState):
    state.faults.add({"effect": "refuse_rows", "share": 0.2, "code": 523})

    answer = clevertap.upload(*(profile(f"p{n}") for n in range(500)))

    entries = answer.body["unprocessed"]
    assert 60 < len(entries) < 140
    assert {entry["code"] for entry in entries} == {523}
    assert answer.body["processed"] == 500 - len(entries)
    assert clevertap.control("received")["profiles"] == 500 - len(entries)


def test_the_same_fault_refuses_the_same_rows_again(clevertap: CleverTap, state: SandboxState):
    people = [profile(f"p{n}") for n in range(200)]
    answers = []
    for _ in range(2):
        state.faults.clear()
        state.faults.add({"effect": "refuse_rows", "share": 0.3, "seed": 7})
        answers.append(clevertap.upload(*people).body)

    assert answers[0] == answers[1]
    assert answers[0]["unprocessed"][0]["code"] == 555


def test_a_row_that_is_bad_by_itself_keeps_its_own_code(clevertap: CleverTap, state: SandboxState):
    state.faults.add({"effect": "refuse_rows", "share": 1.0})

    answer = clevertap.upload(profile(Email="x"), profile("bob"))
    assert [entry["code"] for entry in answer.body["unprocessed"]] == [515, 555]


def test_the_ledger_tells_the_fault_apart_from_the_verdict(
    clevertap: CleverTap, state: SandboxState
):
    state.faults.add({"effect": "lost_answer", "service": "clevertap", "times": 1})
    with pytest.raises((RemoteDisconnected, ConnectionResetError)):
        clevertap.upload(profile(), profile("null"))

    (entry,) = state.ledger.find(Filter(service="clevertap"))
    wait_until(lambda: entry.ended_at, "the entry is completed")
    assert (entry.status, entry.facts["fault"]) == (0, "lost_answer")
    assert (entry.facts["records"], entry.facts["accepted"], entry.facts["refused"]) == (2, 1, 1)


def test_half_an_answer_was_stored_all_the_same(clevertap: CleverTap, state: SandboxState):
    state.faults.add({"effect": "half_answer", "service": "clevertap", "times": 1})

    with pytest.raises(IncompleteRead) as cut:
        clevertap.upload(profile(City="Bonn"))

    assert cut.value.partial.startswith(b'{"status":')
    assert clevertap.properties("ann") == {"City": "Bonn"}
    assert clevertap.upload(profile()).status == 200


def test_a_page_in_place_of_an_answer_stores_nothing(clevertap: CleverTap, state: SandboxState):
    state.faults.add({"effect": "html", "service": "clevertap", "times": 1})

    answer = clevertap.upload(profile(City="Bonn"))
    assert (answer.status, answer.text[:15]) == (200, b"<!doctype html>")
    assert clevertap.control("received")["batches"] == 0


def test_wrong_sums_were_stored_all_the_same(clevertap: CleverTap, state: SandboxState):
    state.faults.add({"effect": "miscount", "service": "clevertap", "times": 1})

    answers = [clevertap.upload(profile("ann"), profile("bob")).body for _ in range(2)]
    assert [answer["processed"] for answer in answers] == [1, 2]
    assert clevertap.control("received")["records"] == 4


def test_one_record_that_cannot_be_read_makes_its_request_malformed(
    clevertap: CleverTap, state: SandboxState
):
    state.faults.add({"effect": "malformed", "holds": "culprit"})

    good, bad = profile("ann"), profile("bob", City="culprit")
    assert [clevertap.upload(*some).status for some in ([good], [good, bad])] == [200, 400]
    assert clevertap.control("received")["records"] == 1


def test_a_fault_may_begin_after_some_requests_and_say_when_to_come_again(
    clevertap: CleverTap, state: SandboxState
):
    state.faults.add(
        {"effect": "status", "service": "clevertap", "status": 429, "after": 2, "seconds": 7}
    )

    answers = [clevertap.upload(profile()) for _ in range(3)]
    assert [answer.status for answer in answers] == [200, 200, 429]
    assert answers[2].headers["retry-after"] == "7"
