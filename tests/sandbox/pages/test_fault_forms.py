"""Faults set and lifted by form."""

from urllib.parse import urlencode

import pytest

from sandbox.faults import EFFECTS
from sandbox.pages.faults import KINDS
from sandbox.state import SandboxState
from tests.sandbox.clevertap.builders import Answer, CleverTap, profile, request

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def post(state: SandboxState, path: str, **form: str) -> Answer:
    return request("POST", state.base_url + path, urlencode(form).encode(), FORM)


def test_there_is_a_form_with_one_sentence_for_every_effect():
    assert {kind.effect for kind in KINDS} == EFFECTS
    assert all(kind.sentence.count(".") == 1 for kind in KINDS)


def test_a_form_sets_a_fault_that_works(clevertap: CleverTap, state: SandboxState):
    form = {"effect": "status", "service": "clevertap", "status": "503", "times": "1"}
    answer = post(state, "/faults", **form)

    assert (answer.status, answer.headers["location"]) == (303, "/faults")
    assert [clevertap.upload(profile()).status for _ in range(2)] == [503, 200]


def test_every_form_can_be_sent_as_it_stands(state: SandboxState):
    for kind in KINDS:
        values = {
            field.name: field.value or next(iter(field.choices or {"": ""}))
            for field in kind.fields
        }
        assert post(state, "/faults", effect=kind.effect, **values).status == 303

    assert [rule.effect for rule in state.faults.all()] == [kind.effect for kind in KINDS]


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({}, "names no fault"),
        ({"effect": "explode"}, "names no fault"),
        ({"effect": "latency", "seconds": "soon"}, "“Seconds” must be a number."),
        ({"effect": "latency", "seconds": ""}, "The effect latency needs seconds."),
        ({"effect": "latency", "seconds": "nan"}, "seconds must be a number from 0 to 600."),
        ({"effect": "latency", "seconds": "601"}, "seconds must be a number from 0 to 600."),
        ({"effect": "refuse_rows", "share": "2"}, "share must be a number from 0 to 1."),
        ({"effect": "status", "status": "200"}, "needs a status from 400 to 599."),
        ({"effect": "status", "status": "503", "times": "-1"}, "times must be a whole number"),
        ({"effect": "drop_before", "service": "<b>"}, "The service must be one of"),
    ],
)
def test_a_fault_that_cannot_be_is_refused_in_one_sentence(state, form, sentence: str):
    answer = post(state, "/faults", **form)

    assert answer.status == 400
    assert sentence in answer.text.decode()
    assert state.faults.all() == []


def test_a_form_beyond_twenty_kilobytes_is_refused(state: SandboxState):
    answer = post(state, "/faults", effect="latency", seconds="1", padding="x" * 30_000)

    assert (answer.status, state.faults.all()) == (400, [])


def test_one_fault_is_lifted_and_the_others_stay(state: SandboxState):
    first = state.faults.add({"effect": "hang"})
    second = state.faults.add({"effect": "drop_before", "service": "token"})

    assert post(state, f"/faults/{first.id}/lift").status == 303
    assert state.faults.all() == [second]


def test_lifting_a_fault_that_is_gone_is_no_error(state: SandboxState):
    assert post(state, "/faults/999/lift").status == 303


def test_all_faults_are_lifted_at_once(state: SandboxState):
    state.faults.add({"effect": "slow_job", "seconds": 5})
    state.faults.add({"effect": "deny", "permission": "bigquery.jobs.create"})

    assert post(state, "/faults/lift-all").status == 303
    assert state.faults.all() == []


def test_faults_are_not_lifted_by_following_a_link(state: SandboxState):
    state.faults.add({"effect": "hang", "service": "token"})

    assert request("GET", f"{state.base_url}/faults/lift-all").status in (404, 405)
    assert len(state.faults.all()) == 1


def test_the_page_says_what_is_in_force(state: SandboxState):
    rule = state.faults.add({"effect": "refuse_rows", "share": 0.25, "code": 523, "times": 3})
    rule.applied = 3

    text = request("GET", f"{state.base_url}/faults").text.decode()
    assert "25% of the rows, code 523" in text
    assert "3 of 3" in text
    assert "spent" in text
