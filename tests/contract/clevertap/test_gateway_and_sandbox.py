"""The gateway's reading of answers, against a stand-in built from recorded ones."""

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from imports.clevertap import (
    RECORD_CODES,
    CleverTapError,
    CleverTapOutcomeUnknown,
    CleverTapRefused,
    CleverTapUnavailable,
    Reason,
)


def profile(identity, **data):
    return {"identity": identity, "profileData": data, "ts": 1_700_000_000, "type": "profile"}


def event(name, identity="c1"):
    return {"evtData": {}, "evtName": name, "identity": identity, "type": "event"}


def failure(send, records=None, **options):
    with pytest.raises(CleverTapError) as caught:
        send(records or [profile("c1")], **options)
    return caught.value


def test_the_account_of_the_sandbox_is_accepted(gateway):
    gateway.check()


@pytest.mark.parametrize(
    "wrong", [{"passcode": "AAA-AAA-AAAA"}, {"account_id": "AAA-AAA-AAAA"}, {"account_id": "1"}]
)
def test_wrong_credentials_are_refused_by_check_and_upload_alike(sandbox, send, wrong):
    with sandbox.gateway(**wrong) as stranger:
        with pytest.raises(CleverTapRefused) as caught:
            stranger.check()
        assert failure(send, by=stranger).reason == caught.value.reason == Reason.CREDENTIALS
    assert sandbox.received()["records"] == 0


def test_what_is_sent_is_stored(sandbox, send):
    answer = send([profile("c1", City="Köln"), profile("c2")])
    assert (answer.processed, answer.refused) == (2, ())
    assert sandbox.profile("c1") == {"City": "Köln"}


def test_a_request_can_be_traced_to_its_run_and_batch(sandbox, send):
    run = str(uuid.uuid4())
    send([profile("c1")], run=run, batch=4000)
    entry = sandbox.get(f"/ledger?run={run}")["entries"][0]
    assert (entry["facts"]["run"], entry["facts"]["batch"]) == (run, 4000)


def test_a_dry_run_is_judged_and_not_stored(sandbox, send):
    answer = send([profile("c1"), profile("c2", Email="1234")], dry_run=True)
    assert [verdict.code for verdict in answer.refused] == [515]
    assert sandbox.received()["profiles"] == 0


BAD = [
    (event(""), 509),
    (event("50% off"), 512),
    (event("App Launched"), 513),
    (profile("c1", Gender="X"), 514),
    (profile("c1", Email="$$$$$"), 515),
    (profile("c1", Phone="12"), 516),
    (profile("c1", Employed="?"), 517),
    (profile("c1", Education="?"), 518),
    (profile("c1", Married="?"), 519),
    (profile("c1", Age="old"), 520),
    ({**event("Bought"), "evtData": {f"p{n}": n for n in range(257)}}, 522),
    (profile("null"), 523),
    ({"identity": "c1", "type": "thing"}, 524),
    ({**profile("c1"), "ts": 0}, 525),
    ({"objectId": "", "type": "profile", "profileData": {}}, 526),
    (profile("c1", Note="x" * 513), 555),
]


@pytest.mark.parametrize(("record", "code"), BAD)
def test_a_refused_record_keeps_its_place_code_and_our_sentence(send, record, code):
    answer = send([profile("a"), record, profile("b")])
    assert answer.processed == 2
    assert [(each.position, each.code) for each in answer.refused] == [(1, code)]
    assert answer.refused[0].sentence == RECORD_CODES[code]


def test_a_batch_of_which_nothing_is_stored_is_answered_record_by_record(sandbox, send):
    answer = send([profile("null"), profile("0")])
    assert answer.processed == 0
    assert [each.position for each in answer.refused] == [0, 1]
    assert sandbox.received()["profiles"] == 0


def test_a_full_batch_of_1000_is_taken(sandbox, send):
    assert send([profile(f"c{number}") for number in range(1000)]).processed == 1000
    assert sandbox.received()["profiles"] == 1000


def test_a_record_too_many_calls_for_halving(sandbox, send):
    error = failure(send, [profile(f"c{number}") for number in range(1001)])
    assert error.reason == Reason.MALFORMED
    assert sandbox.received()["profiles"] == 0


def test_what_is_not_json_calls_for_halving(gateway):
    with pytest.raises(CleverTapRefused) as caught:
        gateway.upload(b'{"d": [', count=1, run="r", batch=0)
    assert caught.value.reason == Reason.MALFORMED


def test_a_body_too_large_calls_for_halving(gateway):
    with pytest.raises(CleverTapRefused) as caught:
        gateway.upload(b'{"d": [' + b" " * 6_000_000 + b"]}", count=0, run="r", batch=0)
    assert caught.value.reason == Reason.TOO_LARGE


STATUSES = [
    (401, CleverTapRefused, Reason.CREDENTIALS),
    (429, CleverTapUnavailable, Reason.TOO_MANY_REQUESTS),
    (500, CleverTapOutcomeUnknown, Reason.SERVER_ERROR),
    (502, CleverTapOutcomeUnknown, Reason.SERVER_ERROR),
    (503, CleverTapUnavailable, Reason.BUSY),
    (504, CleverTapOutcomeUnknown, Reason.SERVER_ERROR),
]


@pytest.mark.parametrize(("status", "kind", "reason"), STATUSES)
def test_a_failing_server_is_understood_and_the_next_request_goes_through(
    sandbox, send, status, kind, reason
):
    sandbox.fault("status", status=status, times=1)
    error = failure(send)
    assert (type(error), error.reason) == (kind, reason)
    assert send([profile("c1")]).processed == 1


@pytest.mark.parametrize(("effect", "stored"), [("lost_answer", 1), ("drop_before", 0)])
def test_a_lost_answer_says_nothing_of_what_was_stored(sandbox, send, effect, stored):
    sandbox.fault(effect, times=1)
    error = failure(send)
    assert isinstance(error, CleverTapOutcomeUnknown)
    assert error.was_sent
    assert sandbox.received()["profiles"] == stored


def test_a_server_that_hangs_is_left_at_the_deadline(sandbox, send):
    sandbox.fault("hang", times=1)
    with sandbox.gateway(timeout=0.5) as hurried:
        error = failure(send, by=hurried)
    assert isinstance(error, CleverTapOutcomeUnknown)
    assert error.reason == Reason.TIMED_OUT


def test_records_that_may_pass_next_time_are_told_apart(sandbox, send):
    sandbox.fault("refuse_rows", times=1)
    answer = send([profile("c1"), profile("c2")])
    assert answer.processed == 0
    assert all(verdict.is_transient for verdict in answer.refused)


def test_the_sixteenth_request_at_once_is_told_to_wait(sandbox, send):
    sandbox.fault("latency", seconds=1.0, times=15)
    together = threading.Barrier(16)

    def one(number):
        with sandbox.gateway() as gateway:
            together.wait(10)
            try:
                return send([profile(f"c{number}")], by=gateway).processed
            except CleverTapUnavailable as error:
                return error.reason

    with ThreadPoolExecutor(16) as pool:
        results = list(pool.map(one, range(16)))
    assert results.count(Reason.TOO_MANY_REQUESTS) == 1
    assert results.count(1) == 15
