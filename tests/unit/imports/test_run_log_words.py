"""The log of a run in words: every kind of line, in the order in which things happened."""

from datetime import UTC, datetime, timedelta

from imports.models import LogLine, Run
from imports.run_log import lines_of

START = datetime(2026, 3, 1, 9, tzinfo=UTC)
What = LogLine.What
FACTS = {
    What.JOB_SUBMITTED: ({"location": "EU"}, "The query was given to BigQuery in EU."),
    What.JOB_DONE: (
        {"rows": 1_200, "bytes_billed": 10_485_760},
        "The query has ended: 1,200 rows, 10.0 MiB billed.",
    ),
    What.JOB_SETTLED: (
        {"state": "cancelled"},
        "The BigQuery job was cancelled, and was seen to have ended.",
    ),
    What.READER: ({"reader": "storage"}, "Rows are read by the Storage Read API."),
    What.READER_LOST: ({}, "Fast reads were lost. It goes on in pages, once their order is proved"),
    What.QUERY_AGAIN: ({}, "The result had expired before anything was sent. The query runs again"),
    What.CUT: ({"shards": 4}, "Cut into 4 parts, for several workers."),
    What.TAKEN_OVER: (
        {"row": 1_000},
        "Its worker had fallen silent. Another one took over, behind 1,000 rows.",
    ),
    What.HANDED_BACK: ({}, "Its worker was told to leave, and handed it back."),
    What.TROUBLE: (
        {"sentence": "CleverTap did not answer.", "seconds": 2.2, "tries": 1},
        "CleverTap did not answer. Trying again in 2 s (try 2 of 8).",
    ),
}


def at(seconds):
    return START + timedelta(seconds=seconds)


def test_has_a_sentence_for_every_kind_of_line():
    assert set(FACTS) == set(What)
    for what, (facts, words) in FACTS.items():
        _, told = lines_of(Run(queued_at=START), [LogLine(what=what, facts=facts, at=at(1))])
        assert told.words.startswith(words)
        assert told.is_bad == (what in {What.TROUBLE, What.TAKEN_OVER})


def test_tells_what_little_is_known_too():
    known = [
        (What.JOB_SUBMITTED, {"is_bounds": True, "location": ""}, "BigQuery was asked up to which"),
        (What.JOB_DONE, {"rows": 1, "bytes_billed": None}, "The query has ended: 1 row."),
        (What.JOB_SETTLED, {"state": "unknown"}, "How the BigQuery job ended is not known."),
    ]
    for what, facts, words in known:
        _, told = lines_of(Run(queued_at=START), [LogLine(what=what, facts=facts, at=at(1))])
        assert told.words.startswith(words)


def test_goes_from_the_start_to_the_end():
    run = Run(
        queued_at=START,
        started_at=at(1),
        stop_requested_at=at(3),
        finished_at=at(5),
        state="failed",
        failure_sentence="The table is gone.",
        read_count=1_200,
        accepted_count=1_000,
        trigger="schedule",
    )
    settled = LogLine(what=What.JOB_SETTLED, facts={"state": "done"}, at=at(4))
    lines = lines_of(run, [settled])
    assert [line.words for line in lines] == [
        "Queued by its schedule.",
        "Taken up by an import worker.",
        "Told to stop. No further request is sent.",
        "The BigQuery job had ended before it could be cancelled.",
        "Failed. The table is gone. CleverTap accepted 1,000 of 1,200 rows.",
    ]
    assert [line.is_bad for line in lines] == [False, False, False, False, True]
