"""The page of a run in each of its states: what it does, how it ended, what to do next."""

from datetime import timedelta

import pytest
from django.utils import timezone

from imports.models import Batch, LogLine, Run
from tests.factories import COLUMNS, RunFactory, UserFactory
from tests.refused import person, refuse

SECONDS = {"queued_at": 60, "started_at": 58}


def made(**values):
    now = timezone.now()
    ago = {name: now - timedelta(seconds=seconds) for name, seconds in SECONDS.items()}
    return RunFactory(
        **{"state": "running", "lease_until": now + timedelta(hours=1), **ago, **values}
    )


def ended(state, **values):
    return made(state=state, finished_at=timezone.now(), lease_until=None, **values)


def text(client, run):
    return " ".join(client.get(run.get_absolute_url()).content.decode().split())


def sent(run, batches):
    for number in range(batches):
        at = run.started_at + timedelta(seconds=10 + number)
        Batch.objects.create(
            run=run,
            first_row=number * 1000,
            end_row=number * 1000 + 1000,
            record_count=1000,
            state="answered",
            sent_at=at,
            answered_at=at + timedelta(seconds=1),
        )


def test_says_how_fast_it_is_and_how_long_it_takes_still(as_member, db):
    run = made(rows_total=130_000, read_count=10_000, accepted_count=10_000)
    sent(run, 10)
    page = text(as_member, run)
    assert "10,000 of 130,000 rows" in page
    assert "1,000 rows a second, about 2 minutes left" in page
    assert "Seconds left" not in page


def test_keeps_room_for_the_end_only_while_it_is_watched(as_member, db):
    over = ended("succeeded", rows_total=1, read_count=1, accepted_count=1)
    assert "run-now__words--over" in text(as_member, over)
    answer = as_member.get(f"{over.get_absolute_url()}progress/").content.decode()
    assert "run-now__words--over" not in answer
    assert "run-now__words--over" not in text(as_member, made(rows_total=1))


def test_says_no_speed_while_it_waits_for_something(as_member, db):
    run = made(
        rows_total=130_000,
        read_count=10_000,
        accepted_count=10_000,
        troubles=2,
        trouble_sentence="CleverTap did not answer in time.",
    )
    sent(run, 10)
    page = text(as_member, run)
    assert "CleverTap did not answer in time. Trying again (try 3 of 8)." in page
    assert "a second" not in page


@pytest.mark.parametrize(
    ("values", "current", "done"),
    [
        ({"state": "queued", "started_at": None}, "Queued", 0),
        ({}, "Query at BigQuery", 1),
        ({"rows_total": 9, "read_count": 3, "accepted_count": 3}, "Reading and sending", 2),
        ({"rows_total": 9, "read_count": 9, "accepted_count": 9}, "Finishing", 3),
    ],
)
def test_marks_the_phase_it_is_in(values, current, done, as_member, db):
    page = text(as_member, made(**values))
    assert (
        f'aria-current="step"> <span class="phase__mark"><span aria-hidden="true">{done + 1}'
        in page
    )
    assert page.split('aria-current="step"')[1].split("phase__title")[1].startswith(f'">{current}<')
    assert page.count("phase--done") == done


def test_says_how_long_each_phase_took(as_member, db):
    run = ended("succeeded", rows_total=2000, read_count=2000, accepted_count=2000)
    sent(run, 2)
    page = text(as_member, run)
    for words in ("2 s", "10 s", "46 s"):  # queued, query, finishing
        assert f'<span class="phase__took">{words}</span>' in page
    assert "CleverTap accepted every row. It took 58 s." in page


def test_of_a_failed_run_says_the_reason_first_and_offers_to_run_again(as_creator, db):
    run = ended(
        "failed",
        rows_total=50,
        read_count=20,
        accepted_count=20,
        failure_code="result_expired",
        failure_sentence="The result is gone.",
    )
    page = text(as_creator, run)
    assert page.index("The result is gone.") < page.index("Reading and sending")
    assert "Until then 20 of 50 rows were read and 20 accepted; those stay in CleverTap." in page
    assert "Run again" in page
    assert "phase--failed" in page


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("permission_denied", "See what its test says"),
        ("credentials", "Open Shop"),
        ("mapping_faulty", "Look at the mapping"),
        ("too_many_refused", "Too many rows were refused"),
        ("too_many_refused", "Look at the mapping"),
    ],
)
def test_of_a_failed_run_leads_to_where_the_cause_is(code, words, as_member, db):
    run = ended("failed", failure_code=code, failure_sentence="No.")
    assert words in text(as_member, run)


def test_of_a_stopped_run_says_who_and_what_was_sent_until_then(as_member, db):
    run = ended(
        "stopped",
        stop_requested_by=UserFactory(email="ann@shop.example"),
        stop_requested_at=timezone.now(),
        stop_reason="Stopped by hand",
        rows_total=50,
        read_count=20,
        accepted_count=15,
        unknown_count=5,
    )
    page = text(as_member, run)
    assert "Stopped by hand by ann@shop.example" in page
    assert "Until then 20 of 50 rows were read and 15 accepted" in page
    assert "Of 5 rows it is not known" in page


@pytest.mark.parametrize(
    "values",
    [
        {"state": "failed", "failure_code": "sums", "failure_sentence": "The sums do not agree."},
        {"state": "succeeded"},
    ],
)
def test_flags_sums_that_do_not_agree(values, as_member, db):
    run = ended(**{"read_count": 5, "accepted_count": 5, "rows_total": 9, **values})
    page = text(as_member, run)
    assert "sums-bar--off" in page
    assert "the query gave 9 rows, 5 were read." in page


def test_does_not_flag_sums_that_agree(as_member, db):
    run = ended("succeeded", rows_total=5, read_count=5, accepted_count=5)
    assert "sums-bar--off" not in text(as_member, run)


def test_links_a_job_at_google_to_its_console_and_one_of_the_sandbox_to_nothing(as_member, db):
    run = ended("succeeded", rows_total=0, job_id="clevertap_bq_7", job_location="EU")
    link = "https://console.cloud.google.com/bigquery?project=shop-4711&amp;j=bq:EU:clevertap_bq_7"
    assert link in text(as_member, run)
    key = run.connection.key
    key.google = "sandbox"
    key.save()
    assert "console.cloud.google.com" not in text(as_member, run)


def test_offers_no_second_run_while_another_is_at_work(as_creator, db):
    run = ended("succeeded", rows_total=0)
    assert "Run again" in text(as_creator, run)
    RunFactory(parent=run.parent)
    assert "Run again" not in text(as_creator, run)


def test_offers_nothing_to_who_may_only_look(as_member, db):
    assert "Run again" not in text(as_member, ended("succeeded", rows_total=0))
    assert 'id="stop-run"' not in text(as_member, made())


@pytest.mark.parametrize("is_over", [True, False])
def test_shows_the_reasons_first_the_commonest_and_never_what_a_row_held(is_over, as_creator, db):
    counts = {"rows_total": 12, "read_count": 12, "refused_count": 12}
    run = ended("succeeded", **counts) if is_over else made(**counts)
    for code, numbers in (("phone_invalid", range(3)), ("email_invalid", range(3, 12))):
        refuse(run, *map(person, numbers), code=code, sentence=f"The {code} is not one.")
    page = text(as_creator, run)
    assert page.index("The email_invalid is not one.") < page.index("The phone_invalid is not one.")
    assert "Our rules, code 515" in page
    assert "customer-" not in page
    assert f"{run.get_absolute_url()}refused/" in page


def test_says_of_a_replay_which_run_it_is_of(as_member, db):
    first = ended("succeeded", rows_total=5, read_count=5, refused_count=5)
    run = made(parent=first.parent, source="refused", replay_of=first, rows_total=5)
    page = text(as_member, run)
    assert "Refused rows of an earlier run, sent again" in page
    assert first.get_absolute_url() in page
    assert "Not needed" in page


class TestDrift:
    DRIFT = {
        "changed": [{"column": "email", "was": "STRING", "now": ""}],
        "added": ["city"],
        "present": [COLUMNS[0], {**COLUMNS[1], "name": "city"}],
    }

    def run(self, **facts):
        failure = {"failure_code": "schema_changed", "failure_sentence": "The table changed."}
        return ended("failed", drift=self.DRIFT, **failure, **facts)

    def test_shows_what_is_different_and_offers_remap(self, as_creator, db):
        page = text(as_creator, self.run())
        assert "Schema changed" in page
        assert "<code>email</code>" in page
        assert "Gone" in page
        assert "<code>city</code>" in page
        assert "Remap</button>" in page

    def test_offers_nothing_to_who_may_only_look(self, as_member, db):
        run = self.run()
        assert "Remap</button>" not in text(as_member, run)
        assert as_member.post(f"{run.get_absolute_url()}remap/").status_code == 403

    def test_remaps_in_one_click(self, as_creator, db):
        run = self.run()
        answer = as_creator.post(f"{run.get_absolute_url()}remap/", follow=True)
        assert "Remapped: Email can no longer be sent." in answer.content.decode()
        run.parent.refresh_from_db()
        assert [column["name"] for column in run.parent.columns] == ["customer_id", "city"]

    def test_leads_to_the_mapping_when_somebody_has_to_choose(self, as_creator, db):
        run = self.run()
        run.drift = {**self.DRIFT, "present": [COLUMNS[1]]}
        run.save()
        answer = as_creator.post(f"{run.get_absolute_url()}remap/")
        assert answer.url == f"{run.parent.get_absolute_url()}map/"


@pytest.mark.parametrize(("minutes", "seconds"), [(0, 1), (5, 2), (60, 5)])
def test_a_long_run_is_looked_at_less_often(minutes, seconds, as_member, db):
    run = made(queued_at=timezone.now() - timedelta(minutes=minutes, seconds=1))
    assert f'data-poll="{seconds}"' in text(as_member, run)


def test_a_long_run_that_stops_is_looked_at_each_second(as_member, db):
    run = made(queued_at=timezone.now() - timedelta(hours=1), stop_requested_at=timezone.now())
    assert 'data-poll="1"' in text(as_member, run)


def test_asks_the_database_the_same_number_of_times_however_much_was_sent(
    as_creator, db, django_assert_num_queries
):
    counts = []
    for batches in (1, 30):
        run = made(rows_total=50_000, read_count=1000, accepted_count=1000)
        sent(run, batches)
        with django_assert_num_queries(100, exact=False) as captured:
            as_creator.get(f"{run.get_absolute_url()}progress/")
        counts.append(len(captured))
    assert counts[1] <= counts[0] + 1
    assert counts[1] <= 12


def test_the_state_of_a_run_in_a_list_makes_the_list_live(as_member, db):
    run = made()
    center = "/settings/partners/import-center/"
    connections = "/settings/partners/import-connections/"
    for address in (center, connections):
        assert 'data-poll="5"' in as_member.get(address).content.decode()
    Run.objects.filter(pk=run.pk).update(state="stopped", finished_at=timezone.now())
    for address in (center, connections):
        assert "data-poll" not in as_member.get(address).content.decode()


def test_has_a_log_with_who_asked_for_it_and_how_it_ended(as_member, db):
    ann = UserFactory(email="ann@shop.example")
    run = ended(
        "stopped", requested_by=ann, stop_requested_by=ann, stop_requested_at=timezone.now()
    )
    LogLine.note(run, LogLine.What.JOB_SUBMITTED, location="EU")
    page = text(as_member, run)
    log = page[page.index('id="run-log"') :]
    words = (
        "Queued by ann@shop.example.",
        "Taken up by an import worker.",
        "The query was given to BigQuery in EU.",
        "Told to stop by ann@shop.example.",
        "Stopped.",
    )
    assert [one for one in words if one not in log] == []
