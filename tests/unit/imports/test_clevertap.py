"""The gateway against a local server: what it sends, and what each answer of ADR 8 means."""

import json

import pytest

from imports.clevertap import (
    RECORD_CODES,
    SENTENCES,
    Answer,
    CleverTapOutcomeUnknown,
    CleverTapRefused,
    CleverTapUnavailable,
    Reason,
    RecordVerdict,
)
from tests.unit.imports.fake_clevertap import (
    BODY,
    PASSCODE,
    RECORDS,
    clevertap,
    failure,
    refused,
    send,
    success,
)


def partial(*entries, processed=None):
    stored = 4 - len(entries) if processed is None else processed
    return 200, {"status": "partial", "processed": stored, "unprocessed": list(entries)}


class TestWhatIsSent:
    def test_posts_the_bytes_with_the_documented_and_our_own_headers(self):
        with clevertap(success(4), path="/clevertap/") as (gateway, fake):
            send(gateway)
        method, path, headers, body = fake.requests[0]
        assert (method, path, body) == ("POST", "/clevertap/1/upload", BODY)
        assert headers["X-CleverTap-Account-Id"] == "ACC-1"
        assert headers["X-CleverTap-Passcode"] == PASSCODE
        assert headers["Content-Type"] == "application/json"
        assert headers["X-Clevertap-Bq-Run"] == "run-1"
        assert headers["X-Clevertap-Bq-Batch"] == "7"

    def test_a_dry_run_is_told_in_the_address(self):
        with clevertap(success(4)) as (gateway, fake):
            send(gateway, dry_run=True)
        assert fake.requests[0][1] == "/1/upload?dryRun=1"

    def test_the_connection_is_kept_for_the_next_batch(self):
        with clevertap(success(4)) as (gateway, fake):
            for _ in range(3):
                send(gateway)
        assert (len(fake.requests), fake.connections) == (3, 1)

    def test_a_connection_that_the_server_closed_is_opened_again(self):
        def answer_and_close(handler):
            body = json.dumps(success(4)[1]).encode()
            handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body))
            handler.wfile.write(body)

        with clevertap(answer_and_close, success(4)) as (gateway, fake):
            send(gateway)
            assert fake.first_closed.wait(5)
            assert send(gateway).processed == 4
        assert fake.connections == 2

    def test_no_proxy_of_the_environment_is_used(self, monkeypatch):
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, "http://127.0.0.1:9")
        with clevertap(success(4)) as (gateway, _):
            assert send(gateway).processed == 4

    def test_a_check_asks_connect_and_sends_no_data(self):
        with clevertap((200, {"status": "success"})) as (gateway, fake):
            gateway.check()
        assert fake.requests[0][:2] == ("GET", "/v1/connect?partner=clevertap-bq")
        assert fake.requests[0][3] == b""


class TestVerdicts:
    def test_all_stored(self):
        with clevertap(success(4)) as (gateway, _):
            answer = send(gateway)
        assert answer == Answer(4, (), answer.milliseconds)
        assert answer.milliseconds >= 0

    def test_positions_are_counted_from_zero_and_in_order(self):
        with clevertap(partial(refused(4, 516), refused(2, 515))) as (gateway, _):
            answer = send(gateway)
        assert [(each.position, each.code) for each in answer.refused] == [(1, 515), (3, 516)]
        assert answer.processed == 2

    def test_a_status_of_fail_under_http_200_is_a_verdict_on_each_record(self):
        entries = [refused(number, 523) for number in (1, 2, 3, 4)]
        with clevertap((200, {"status": "fail", "processed": 0, "unprocessed": entries})) as (
            gateway,
            _,
        ):
            assert [each.code for each in send(gateway).refused] == [523] * 4

    @pytest.mark.parametrize("quote", [lambda record: record, json.dumps])
    def test_without_a_position_the_record_that_came_back_tells(self, quote):
        entry = refused(None, record=quote(RECORDS[2]))
        with clevertap(partial(entry)) as (gateway, _):
            assert send(gateway).refused[0].position == 2

    def test_positions_told_twice_are_not_believed(self):
        entries = [refused(1, record=RECORDS[0]), refused(1, record=RECORDS[3])]
        with clevertap(partial(*entries)) as (gateway, _):
            assert [each.position for each in send(gateway).refused] == [0, 3]

    def test_equal_records_are_matched_once_each(self):
        body = json.dumps({"d": [RECORDS[0], RECORDS[0]]}).encode()
        entry = refused(None, record=RECORDS[0])
        answer = (200, {"processed": 0, "unprocessed": [entry, entry]})
        with clevertap(answer) as (gateway, _):
            got = gateway.upload(body, count=2, run="r", batch=0)
        assert [each.position for each in got.refused] == [0, 1]

    @pytest.mark.parametrize("position", [0, 5, 999_999_999])
    def test_a_refused_record_that_cannot_be_placed_leaves_the_outcome_unknown(self, position):
        error = failure(partial(refused(position, record={"identity": "other"})))
        assert isinstance(error, CleverTapOutcomeUnknown)

    def test_clevertaps_own_text_is_never_kept(self):
        with clevertap(partial(refused(1, 515, error="CANARY text"))) as (gateway, _):
            verdict = send(gateway).refused[0]
        assert verdict == RecordVerdict(0, 515, RECORD_CODES[515])
        assert "CANARY" not in repr(verdict)

    @pytest.mark.parametrize("code", [511, None, "515", True])
    def test_an_unknown_code_has_a_sentence_all_the_same(self, code):
        with clevertap(partial(refused(1, code))) as (gateway, _):
            verdict = send(gateway).refused[0]
        assert verdict.sentence.endswith("does not know.")

    def test_only_an_error_of_clevertaps_own_server_may_pass(self):
        assert RecordVerdict(0, 555, "").is_transient
        assert not RecordVerdict(0, 515, "").is_transient

    def test_every_official_code_has_a_sentence(self):
        assert set(RECORD_CODES) == {509, *range(512, 521), *range(522, 527), 528, 555}
        assert all(sentence.endswith(".") for sentence in RECORD_CODES.values())


UNREADABLE = [
    (200, b""),
    (200, b"<html>welcome</html>"),
    (200, b'{"status":"success","processed":4,"unprocess'),
    (200, b"[" * 100_000),
    (200, []),
    (200, {"status": "success"}),
    (200, {"processed": "4"}),
    (200, {"processed": True, "unprocessed": []}),
    (200, {"processed": -1, "unprocessed": [{}] * 5}),
    (200, {"processed": 4, "unprocessed": {}}),
    (204, b""),
]


@pytest.mark.parametrize("answer", UNREADABLE)
def test_a_2xx_that_cannot_be_read_leaves_the_outcome_unknown(answer):
    error = failure(answer)
    assert isinstance(error, CleverTapOutcomeUnknown)
    assert error.reason == Reason.UNREADABLE
    assert error.was_sent


@pytest.mark.parametrize("processed", [0, 3, 5])
def test_counts_that_disagree_leave_the_outcome_unknown(processed):
    error = failure(success(processed))
    assert isinstance(error, CleverTapOutcomeUnknown)
    assert error.reason == Reason.COUNTS_DISAGREE


STATUSES = [
    (400, CleverTapRefused, Reason.MALFORMED),
    (401, CleverTapRefused, Reason.CREDENTIALS),
    (403, CleverTapRefused, Reason.CREDENTIALS),
    (404, CleverTapRefused, Reason.UNEXPECTED),
    (405, CleverTapRefused, Reason.UNEXPECTED),
    (413, CleverTapRefused, Reason.TOO_LARGE),
    (429, CleverTapUnavailable, Reason.TOO_MANY_REQUESTS),
    (500, CleverTapOutcomeUnknown, Reason.SERVER_ERROR),
    (502, CleverTapOutcomeUnknown, Reason.SERVER_ERROR),
    (503, CleverTapUnavailable, Reason.BUSY),
    (504, CleverTapOutcomeUnknown, Reason.SERVER_ERROR),
    (302, CleverTapRefused, Reason.UNEXPECTED),
    (307, CleverTapRefused, Reason.UNEXPECTED),
]


@pytest.mark.parametrize(("status", "kind", "reason"), STATUSES)
def test_each_http_status_means_one_thing(status, kind, reason):
    error = failure((status, {"status": "fail", "error": "CANARY", "code": status}))
    assert type(error) is kind
    assert error.reason == reason
    assert "CANARY" not in error.sentence
    assert getattr(error, "was_sent", None) == {
        CleverTapUnavailable: False,
        CleverTapOutcomeUnknown: True,
    }.get(kind)


def test_a_redirect_is_not_followed():
    with clevertap((307, {}), success(4)) as (gateway, fake), pytest.raises(CleverTapRefused):
        send(gateway)
    assert len(fake.requests) == 1


def test_nothing_is_tried_again_by_itself():
    with clevertap((503, {}), success(4)) as (gateway, fake):
        with pytest.raises(CleverTapUnavailable):
            send(gateway)
        assert len(fake.requests) == 1
        assert send(gateway).processed == 4


@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_check_that_fails_for_the_moment_knows_no_batch(status):
    with clevertap((status, {})) as (gateway, _), pytest.raises(CleverTapUnavailable) as caught:
        gateway.check()
    assert type(caught.value) is CleverTapUnavailable
    assert "batch" not in caught.value.sentence


@pytest.mark.parametrize("status", [401, 403])
def test_a_check_with_wrong_credentials_is_refused(status):
    with clevertap((status, {})) as (gateway, _), pytest.raises(CleverTapRefused) as caught:
        gateway.check()
    assert caught.value.reason == Reason.CREDENTIALS


def test_every_reason_has_a_sentence():
    assert set(SENTENCES) == set(Reason)
    assert all(text.endswith(".") and len(text) <= 400 for text in SENTENCES.values())
