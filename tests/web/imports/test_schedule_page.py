"""The schedule of an import: every type, what is refused beside its field, pause and resume."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from imports.models import Import, Run
from imports.schedule import Schedule
from tests.factories import ImportFactory, RunFactory

CENTER = "/settings/partners/import-center/"
EMPTY = {"unit": "hours", "time_zone": "Europe/Berlin", "action": "save"}


@pytest.fixture
def subject(db):
    return ImportFactory(nickname="Customers")


@pytest.fixture
def post(as_creator, subject, bells):
    def send(**values):
        return as_creator.post(f"{CENTER}{subject.pk}/schedule/edit/", {**EMPTY, **values})

    return send


def stored(subject):
    return Schedule.from_json(Import.objects.get(pk=subject.pk).schedule)


def text_of(answer):
    return " ".join(answer.content.decode().split())


class TestSaving:
    def test_a_repeat_interval_starts_at_once(self, post, subject):
        before = timezone.now().replace(microsecond=0)
        answer = post(type="interval", count=20, unit="minutes")
        assert answer.status_code == 302
        found = Import.objects.get(pk=subject.pk)
        assert found.status == "scheduled"
        assert before <= found.next_slot_at <= timezone.now()

    def test_days_of_the_week_keep_their_own_times(self, post, subject):
        post(type="weekly", day_0="09:00, 18:30", day_4="7:15")
        times = [(one.day, f"{one.at:%H:%M}") for one in stored(subject).rule.times]
        assert times == [(0, "09:00"), (0, "18:30"), (4, "07:15")]

    def test_days_of_the_month_may_be_the_last(self, post, subject):
        post(type="monthly", days=["1", "-1"], month_times="09:00 10:00")
        assert [one.day for one in stored(subject).rule.times] == [-1, -1, 1, 1]

    def test_a_date_is_of_the_chosen_zone(self, post, subject):
        post(type="once", at="2099-07-01T12:00")
        assert stored(subject).rule.at == datetime(2099, 7, 1, 10, tzinfo=UTC)

    def test_run_immediately_starts_a_run_and_leaves_no_schedule(self, post, subject):
        answer = post(type="now")
        assert answer.url == Run.objects.get(parent=subject).get_absolute_url()
        assert Import.objects.get(pk=subject.pk).status == "ready"

    def test_run_later_takes_a_schedule_away(self, post, subject):
        post(type="interval", count=1, unit="days")
        post(type="later")
        found = Import.objects.get(pk=subject.pk)
        assert (found.status, found.schedule) == ("ready", {})

    def test_the_form_shows_what_is_stored(self, post, subject, as_creator):
        post(type="weekly", day_2="09:00", end="2099-01-01T00:00")
        page = text_of(as_creator.get(f"{CENTER}{subject.pk}/schedule/edit/"))
        assert 'value="weekly" id="type-weekly" aria-describedby="hint-weekly" checked' in page
        assert 'value="09:00"' in page
        assert 'value="2099-01-01T00:00"' in page


REFUSED = [
    ({}, "Choose when the import runs."),
    ({"type": "hourly"}, "hourly is not one of the available choices"),
    ({"type": "interval", "count": 14, "unit": "minutes"}, "15 minutes or more"),
    ({"type": "interval", "unit": "minutes"}, "15 minutes or more"),
    ({"type": "interval", "count": "ten", "unit": "minutes"}, "Enter a whole number."),
    ({"type": "interval", "count": 99999999999, "unit": "weeks"}, "a year or less"),
    ({"type": "interval", "count": 1, "unit": "days", "start": "soon"}, "Enter a date and a time"),
    ({"type": "weekly"}, "Choose a day of the week and a time."),
    ({"type": "weekly", "day_4": "25:00"}, "“25:00” is not a time."),
    ({"type": "weekly", "day_4": "\u0660\u0669:\u0660\u0660"}, "is not a time."),
    ({"type": "monthly", "month_times": "09:00"}, "Choose a day of the month and a time."),
    ({"type": "monthly", "days": ["32"], "month_times": "9:00"}, "32 is not one of the available"),
    ({"type": "monthly", "days": ["1"]}, "Enter the times, for example 09:00."),
    ({"type": "once"}, "Choose the date and the time of the run."),
    ({"type": "once", "at": "2020-01-01T00:00"}, "This moment has passed."),
    ({"type": "once", "at": "2099-01-01T00:00Z"}, "Enter a date and a time"),
    ({"type": "once", "at": "0001-01-01T00:00"}, "Choose a year from 2000 to 2199."),
    ({"type": "once", "at": "9999-12-31T23:59"}, "Choose a year from 2000 to 2199."),
    ({"type": "interval", "count": 10**30, "unit": "weeks"}, "a year or less"),
    (
        {"type": "interval", "count": 1, "unit": "days", "start": "9999-12-31T23:59"},
        "Choose a year from 2000 to 2199.",
    ),
    ({"type": "later", "time_zone": "Mars/Olympus"}, "Mars/Olympus is not one of the available"),
    (
        {"type": "interval", "count": 1, "unit": "days", "end": "2020-01-01T00:00"},
        "The schedule ends before its next start.",
    ),
]


def test_of_one_that_ran_is_no_step_of_create_import(as_creator, subject):
    RunFactory(parent=subject, state="succeeded", finished_at=timezone.now())
    assert "wizard-step" not in text_of(as_creator.get(f"{CENTER}{subject.pk}/schedule/edit/"))


class TestRefusals:
    @pytest.mark.parametrize(("values", "sentence"), REFUSED)
    def test_stand_beside_the_field_and_nothing_typed_is_lost(
        self, values, sentence, post, subject
    ):
        other = "month_times" if values.get("type") == "weekly" else "day_0"
        answer = post(**{other: "06:45", **values})
        assert answer.status_code == 200
        assert sentence in text_of(answer)
        assert 'value="06:45"' in text_of(answer)
        assert Import.objects.get(pk=subject.pk).status == "ready"

    def test_a_run_at_work_refuses_another_and_says_so(self, post, subject):
        RunFactory(parent=subject)
        assert "is already at work" in text_of(post(type="now"))

    @pytest.mark.parametrize("trait", ["draft", "stopped"])
    def test_an_import_that_cannot_run_has_none(self, trait, as_creator):
        subject = ImportFactory(**{trait: True})
        answer = as_creator.get(f"{CENTER}{subject.pk}/schedule/edit/", follow=True)
        assert "Only an import that is mapped and not stopped" in text_of(answer)

    def test_a_member_may_not_set_it(self, as_member, subject):
        assert as_member.get(f"{CENTER}{subject.pk}/schedule/edit/").status_code == 403
        assert as_member.post(f"{CENTER}{subject.pk}/pause/").status_code == 403


class TestPreview:
    def test_lists_the_next_five_starts_and_saves_nothing(self, as_creator, subject):
        values = {**EMPTY, "type": "monthly", "days": ["-1"], "month_times": "09:00"}
        answer = as_creator.post(
            f"{CENTER}{subject.pk}/schedule/edit/",
            {**values, "action": "preview"},
            headers={"HX-Request": "true"},
        )
        assert text_of(answer).count("<li>") == 5
        assert "Time zone: Europe/Berlin" in text_of(answer)
        assert Import.objects.get(pk=subject.pk).status == "ready"

    def test_works_without_scripts_too(self, post, subject):
        page = text_of(post(type="interval", count=1, unit="days", action="preview"))
        assert page.count("<li> <time") == 5
        assert 'value="interval" id="type-interval"' in page

    def test_says_when_nothing_starts_by_itself(self, post):
        assert "Nothing starts by itself." in text_of(post(type="later", action="preview"))


class TestPause:
    def test_and_resume_lead_back_to_the_import(self, post, subject, as_creator):
        post(type="interval", count=1, unit="days", start="2020-01-01T09:00")
        paused = as_creator.post(f"{CENTER}{subject.pk}/pause/", follow=True)
        assert "is paused: nothing starts by schedule." in text_of(paused)
        resumed = as_creator.post(f"{CENTER}{subject.pk}/resume/", follow=True)
        assert "runs by its schedule again." in text_of(resumed)
        following = Import.objects.get(pk=subject.pk).next_slot_at
        assert timezone.now() < following <= timezone.now() + timedelta(days=1)

    @pytest.mark.parametrize(
        ("action", "sentence"),
        [
            ("pause", "Only an import with a schedule"),
            ("resume", "Only a paused or stopped import"),
        ],
    )
    def test_is_refused_where_there_is_nothing_to_pause(
        self, action, sentence, subject, as_creator
    ):
        answer = as_creator.post(f"{CENTER}{subject.pk}/{action}/", follow=True)
        assert sentence in text_of(answer)
