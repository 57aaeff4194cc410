"""The form of a schedule: what was typed for every type stays, the chosen one is judged."""

import re
from datetime import UTC, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from accounts.forms import time_zone_choices
from imports.long_select import LongSelect
from imports.schedule import (
    LAST_DAY,
    WEEKDAYS,
    DayTime,
    Interval,
    Monthly,
    Once,
    Rule,
    Schedule,
    ScheduleFaulty,
    Unit,
    Weekly,
)

# value, group, label, hint: the labels are CleverTap's own.
TYPES = (
    ("interval", "Repeat Intervals", "Repeat Intervals", "Again and again, at equal distances."),
    ("weekly", "Custom Schedule", "Day of Week", "Each day has its own times."),
    ("monthly", "Custom Schedule", "Day of Month", "A month without the day is left out."),
    ("now", "Manually Trigger", "Run Immediately", "Starts one run now, and none by itself later."),
    ("once", "Manually Trigger", "Run on a Specific Date", "One run at that moment."),
    ("later", "Manually Trigger", "Run Later", "Runs when somebody presses Run now."),
)
_LOCAL = "%Y-%m-%dT%H:%M"
_MONTH_DAYS = [(str(day), str(day)) for day in range(1, 32)] + [(str(LAST_DAY), "Last day")]


class TextOfType(forms.CharField):
    """A box that only some types of schedule need: then it is judged with the type."""

    is_conditional = True

    def __init__(self, label: str, **kwargs: Any) -> None:
        super().__init__(label=label, required=False, max_length=300, **kwargs)


def _moment(label: str, help_text: str = "") -> TextOfType:
    widget = forms.TextInput(attrs={"type": "datetime-local"})
    return TextOfType(label, widget=widget, help_text=help_text)


def _times(label: str) -> TextOfType:
    widget = forms.TextInput(attrs={"placeholder": "09:00, 18:30", "autocomplete": "off"})
    return TextOfType(label, widget=widget)


class ScheduleForm(forms.Form):
    """``schedule`` is the result once it is valid: None when nothing starts by itself."""

    type = forms.ChoiceField(
        choices=[(value, label) for value, _, label, _ in TYPES],
        error_messages={"required": "Choose when the import runs."},
    )
    count = forms.IntegerField(
        label="Every", required=False, error_messages={"invalid": "Enter a whole number."}
    )
    unit = forms.ChoiceField(
        label="Unit", required=False, choices=[(one.value, one.value) for one in Unit]
    )
    start = _moment("First start", "Leave it empty to start at once.")
    days = forms.MultipleChoiceField(
        label="Days", choices=_MONTH_DAYS, required=False, widget=forms.CheckboxSelectMultiple
    )
    month_times = _times("Times on these days")
    at = _moment("Date and time")
    time_zone = forms.ChoiceField(
        label="Time zone", widget=LongSelect, help_text="All times here are of this zone."
    )
    end = _moment("Ends", "Nothing starts after this moment.")

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # To the whole second, as it is stored; a start "at once" is not before it.
        self.now = now.replace(microsecond=0)
        self.schedule: Schedule | None = None
        for number, day in enumerate(WEEKDAYS):
            self.fields[f"day_{number}"] = _times(day)
        for name in ("count", "unit"):
            self.fields[name].is_conditional = True  # type: ignore[attr-defined]
        self.fields["end"].is_conditional = False  # type: ignore[attr-defined]
        zone = self.fields["time_zone"]
        assert isinstance(zone, forms.ChoiceField)  # noqa: S101 - tells mypy
        zone.choices = time_zone_choices()

    @property
    def weekdays(self) -> list[forms.BoundField]:
        return [self[f"day_{number}"] for number in range(len(WEEKDAYS))]

    @property
    def groups(self) -> list[tuple[str, list[dict[str, Any]]]]:
        """The types under CleverTap's three headings."""
        chosen = self["type"].value()
        groups: dict[str, list[dict[str, Any]]] = {}
        for value, group, label, hint in TYPES:
            option = {"value": value, "label": label, "hint": hint, "is_chosen": value == chosen}
            groups.setdefault(group, []).append(option)
        return list(groups.items())

    @property
    def runs_now(self) -> bool:
        return bool(self.cleaned_data["type"] == "now")

    def clean(self) -> None:
        kind, zone = self.cleaned_data.get("type"), self.cleaned_data.get("time_zone")
        if not kind or not zone or kind in ("now", "later"):
            return
        try:
            rule = self._rule(kind, ZoneInfo(zone))
            end = self._local("end", ZoneInfo(zone))
            self.schedule = Schedule(rule, zone, end)
            self._refuse_nothing_ahead()
        except ScheduleFaulty as fault:
            self.schedule = None
            self._refuse(kind, fault)

    def _rule(self, kind: str, zone: ZoneInfo) -> Rule:
        values = self.cleaned_data
        if kind == "interval":
            start = self._local("start", zone) or self.now
            unit = values.get("unit") or Unit.HOURS
            return Interval(values.get("count") or 0, Unit(unit), start)
        if kind == "once":
            at = self._local("at", zone)
            if at is None:
                raise ScheduleFaulty("at", "Choose the date and the time of the run.")
            return Once(at)
        if kind == "weekly":
            days = [(number, f"day_{number}") for number in range(len(WEEKDAYS))]
            return Weekly(tuple(sorted({one for day, name in days for one in self._at(day, name)})))
        chosen = [int(day) for day in values.get("days", [])]
        if chosen and not values.get("month_times"):
            raise ScheduleFaulty("month_times", "Enter the times, for example 09:00.")
        return Monthly(
            tuple(sorted({one for day in chosen for one in self._at(day, "month_times")}))
        )

    def _at(self, day: int, name: str) -> list[DayTime]:
        words = re.split(r"[,;\s]+", self.cleaned_data.get(name, "").strip())
        return [DayTime(day, _time(word, name)) for word in words if word]

    def _local(self, name: str, zone: ZoneInfo) -> datetime | None:
        text = self.cleaned_data.get(name, "").strip()
        if not text:
            return None
        try:
            found = datetime.fromisoformat(text)
        except ValueError:
            found = None
        if found is None or found.tzinfo is not None:
            raise ScheduleFaulty(name, "Enter a date and a time, for example 2026-12-31T18:30.")
        try:
            return found.replace(tzinfo=zone).astimezone(UTC)
        except OverflowError:  # the first or the last day that Python knows
            return found.replace(tzinfo=UTC)

    def _refuse_nothing_ahead(self) -> None:
        schedule = self.schedule
        if schedule is None or schedule.first(self.now) is not None:
            return
        if isinstance(schedule.rule, Once) and schedule.rule.at < self.now:
            raise ScheduleFaulty("at", "This moment has passed. Choose a later one.")
        raise ScheduleFaulty("end", "The schedule ends before its next start. Choose a later end.")

    def _refuse(self, kind: str, fault: ScheduleFaulty) -> None:
        places = {"times": "day_0" if kind == "weekly" else "days", "zone": "time_zone"}
        place = places.get(fault.field, fault.field)
        self.add_error(place if place in self.fields else None, str(fault))


def initial_of(stored: dict[str, Any], *, zone: str) -> dict[str, Any]:
    """What the form shows of a stored schedule; ``zone`` is for an import without one."""
    plain = {"type": "later", "count": 1, "unit": "days", "time_zone": zone}
    if not stored:
        return plain
    try:
        schedule = Schedule.from_json(stored)
    except ScheduleFaulty:
        return plain
    shown = {**plain, "time_zone": schedule.zone, "end": _shown(schedule.end, schedule.zone)}
    match schedule.rule:
        case Interval(count, unit, start):
            start_at = _shown(start, schedule.zone)
            return {**shown, "type": "interval", "count": count, "unit": unit, "start": start_at}
        case Once(at):
            return {**shown, "type": "once", "at": _shown(at, schedule.zone)}
        case Weekly(times):
            days = {f"day_{day}": _listed(times, day) for day in range(len(WEEKDAYS))}
            return {**shown, "type": "weekly", **days}
        case Monthly(times):
            days_chosen = sorted({one.day for one in times})
            listed = _listed(times, days_chosen[0])
            return {**shown, "type": "monthly", "days": days_chosen, "month_times": listed}


def _listed(times: tuple[DayTime, ...], day: int) -> str:
    return ", ".join(f"{one.at:%H:%M}" for one in times if one.day == day)


def _shown(moment: datetime | None, zone: str) -> str:
    return moment.astimezone(ZoneInfo(zone)).strftime(_LOCAL) if moment else ""


def _time(word: str, name: str) -> time:
    found = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", word, re.ASCII)
    if found is None:
        sentence = f"“{word[:20]}” is not a time. Write hours and minutes, for example 09:00."
        raise ScheduleFaulty(name, sentence)
    return time(int(found[1]), int(found[2]))
