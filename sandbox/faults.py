"""Faults that can be set: which requests they hit, what they do, how often.

Only decides; `sandbox.gate` carries out what concerns the whole request, the handlers the rest.

A rule as JSON (`POST /control/faults`), every field but `effect` optional:
    effect       latency | status | lost_answer | half_answer | html | drop_before | hang |
                 deny | refuse_rows | malformed | miscount | slow_job | expired
    service      token | bigquery | storage | clevertap
    method       GET, POST, ...
    path         a glob over the whole path, such as /bigquery/v2/projects/*/jobs
    account      service-account e-mail, or CleverTap account id (not known at /token)
    permission   a BigQuery permission such as bigquery.jobs.create (for deny)
    dataset, table   ids, for deny and for paths that name them
    seconds      for latency, slow_job, hang (hang: at most 600, which is also its default);
                 for status: what the answer's Retry-After says
    status, reason   for status: HTTP code, and the vendor's reason where one code has several
    share, code  for refuse_rows: share of the rows (0 to 1) and CleverTap's error code
    holds        for malformed: a text; a request with a record that holds it is refused whole
    after        so many matching requests pass first; null (default) is none
    times        how often it applies; null (default) is for ever
    probability  0 to 1, default 1, drawn from a generator seeded by `seed` (default 1)

A rule that is lifted lets go at once of what latency and slow_job hold back because of it.
"""

import itertools
import random
import threading
import time
from dataclasses import dataclass, field, fields
from fnmatch import fnmatchcase
from typing import Any

EFFECTS = frozenset(
    "latency status lost_answer half_answer html drop_before hang deny refuse_rows "  # noqa: SIM905
    "malformed miscount slow_job expired".split()
)
_SERVICES = frozenset({"token", "bigquery", "storage", "clevertap"})
_LONGEST = 600.0
LOOK_SECONDS = 0.05  # so soon a rule that is lifted lets go
_TEXTS = tuple(
    "service method path account permission dataset table reason holds".split()  # noqa: SIM905
)
_NUMBERS = {"seconds": _LONGEST, "share": 1.0, "probability": 1.0}
_WHOLE = ("status", "code", "after", "times", "seed")


class FaultRefused(ValueError):
    """The rule cannot be set; the message is one sentence that says why."""


@dataclass(frozen=True)
class Call:
    """What a rule can be matched against; None matches only rules that do not ask."""

    service: str
    method: str | None = None
    path: str | None = None
    account: str | None = None
    permission: str | None = None
    dataset: str | None = None
    table: str | None = None


@dataclass
class Rule:
    """One fault; the fields are explained in the module's docstring."""

    effect: str
    id: int = 0
    service: str | None = None
    method: str | None = None
    path: str | None = None
    account: str | None = None
    permission: str | None = None
    dataset: str | None = None
    table: str | None = None
    seconds: float | None = None
    status: int | None = None
    reason: str | None = None
    share: float | None = None
    code: int | None = None
    holds: str | None = None
    after: int | None = None
    times: int | None = None
    probability: float = 1.0
    seed: int = 1
    applied: int = 0
    passed: int = 0
    _random: random.Random = field(default_factory=random.Random, repr=False, compare=False)
    _lifted: threading.Event = field(default_factory=threading.Event, repr=False, compare=False)

    def __post_init__(self) -> None:
        self._random.seed(self.seed)

    def as_json(self) -> dict[str, Any]:
        """The rule with its id and how often it was applied."""
        return {
            item.name: getattr(self, item.name)
            for item in fields(self)
            if not item.name.startswith("_")
        }

    def matches(self, call: Call) -> bool:
        """Whether it concerns the call, dice and count left aside."""
        exact = ("service", "method", "account", "permission", "dataset", "table")
        return all(getattr(self, name) in (None, getattr(call, name)) for name in exact) and (
            self.path is None or fnmatchcase(call.path or "", self.path)
        )

    def spent(self) -> bool:
        """Whether it has been applied as often as it may."""
        return self.times is not None and self.applied >= self.times

    @property
    def is_lifted(self) -> bool:
        """Whether it was taken back; what waits because of it need not wait any longer."""
        return self._lifted.is_set()

    def lift(self) -> None:
        """Let go of what waits because of it."""
        self._lifted.set()

    def hold(self, stopped: threading.Event) -> None:
        """Wait its seconds, at most until it is lifted or the event is set."""
        end = time.monotonic() + (self.seconds or 0)
        while not self.is_lifted and (left := end - time.monotonic()) > 0:
            if stopped.wait(min(left, LOOK_SECONDS)):
                return

    def lands(self) -> bool:
        """Let pass as many as it must, then throw the dice."""
        if self.passed < (self.after or 0):
            self.passed += 1
            return False
        return self.probability >= 1 or self._random.random() < self.probability

    def positions(self, count: int) -> list[int]:
        """1-based positions of the rows that refuse_rows hits among `count`, in order."""
        share = 1.0 if self.share is None else self.share
        return [place for place in range(1, count + 1) if self._random.random() < share]


class Faults:
    """The rules in force; the first that matches wins."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rules: dict[int, Rule] = {}
        self._numbers = itertools.count(1)

    def add(self, document: dict[str, Any]) -> Rule:
        """Set a rule from its JSON form. Raises: FaultRefused."""
        rule = Rule(**_checked(document))
        with self._lock:
            rule.id = next(self._numbers)
            self._rules[rule.id] = rule
        return rule

    def remove(self, rule_id: int) -> bool:
        """Lift a rule; False when there is none with this id."""
        with self._lock:
            rule = self._rules.pop(rule_id, None)
        if rule is not None:
            rule.lift()
        return rule is not None

    def clear(self) -> None:
        """Lift all rules."""
        with self._lock:
            lifted = list(self._rules.values())
            self._rules.clear()
        for rule in lifted:
            rule.lift()

    def all(self) -> list[Rule]:
        """The rules, oldest first, spent ones included."""
        with self._lock:
            return list(self._rules.values())

    def take(self, effect: str, call: Call, *, holding: bytes = b"") -> Rule | None:
        """The rule that hits this call with this effect, counted as applied; else None.

        `holding` is the body, for an effect that asks what is in it.
        """
        with self._lock:
            for rule in self._rules.values():
                if rule.effect != effect or rule.spent() or not rule.matches(call):
                    continue
                if rule.holds and rule.holds.encode() not in holding:
                    continue
                if rule.lands():
                    rule.applied += 1
                    return rule
        return None


def _checked(document: object) -> dict[str, Any]:
    if not isinstance(document, dict):
        raise FaultRefused("A fault is a JSON object.")
    values = {name: value for name, value in document.items() if value is not None}
    known = {"effect", *_TEXTS, *_NUMBERS, *_WHOLE}
    if unknown := sorted(set(values) - known):
        raise FaultRefused(f"A fault has no field {unknown[0]!r}.")
    if values.get("effect") not in EFFECTS:
        raise FaultRefused(f"The effect must be one of {', '.join(sorted(EFFECTS))}.")
    _check_types(values)
    _check_needs(values)
    return values


def _check_types(values: dict[str, Any]) -> None:
    for name in set(values) & set(_TEXTS):
        if not isinstance(values[name], str):
            raise FaultRefused(f"{name} must be a text.")
    for name in set(values) & set(_NUMBERS):
        value, most = values[name], _NUMBERS[name]
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
            raise FaultRefused(f"{name} must be a number from 0 to {most:g}.")
    for name in set(values) & set(_WHOLE):
        if isinstance(values[name], bool) or not isinstance(values[name], int) or values[name] < 0:
            raise FaultRefused(f"{name} must be a whole number from 0.")
    if values.get("service", "token") not in _SERVICES:
        raise FaultRefused(f"The service must be one of {', '.join(sorted(_SERVICES))}.")


def _check_needs(values: dict[str, Any]) -> None:
    effect = values["effect"]
    if effect in {"latency", "slow_job"} and "seconds" not in values:
        raise FaultRefused(f"The effect {effect} needs seconds.")
    if effect == "status" and not 400 <= values.get("status", 0) <= 599:
        raise FaultRefused("The effect status needs a status from 400 to 599.")
    if effect == "deny" and "permission" not in values:
        raise FaultRefused("The effect deny needs a permission, such as bigquery.jobs.create.")
    if effect == "malformed" and not values.get("holds"):
        raise FaultRefused("The effect malformed needs a text that the record holds.")
