"""What a profile record may hold, and how it changes the profile stored before.

Pure functions: no storage, no HTTP. Operators: `$add`, `$remove`, `$set`, `$incr`, `$decr`,
`$delete`.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from sandbox.clevertap import refusals
from sandbox.clevertap.refusals import Refusal
from sandbox.clevertap.values import (
    PROPERTY_LIMIT,
    is_number,
    key_is_valid,
    scalar_is_valid,
    text_is_valid,
)

Properties = dict[str, Any]

LIST_LIMIT = 100
_EMAIL = re.compile(r"[^@\s\"<>(),;:\\\[\]]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+"
                    r"[A-Za-z]{2,63}")  # fmt: skip
_PHONE = re.compile(r"\+[0-9]{5,15}")
_AGE = re.compile(r"[0-9]{1,3}")


def _is_email(value: object) -> bool:
    if not isinstance(value, str) or _EMAIL.fullmatch(value) is None:
        return False
    return ".." not in value and not value.startswith(".") and ".@" not in value


def _is_phone(value: object) -> bool:
    return isinstance(value, str) and _PHONE.fullmatch(value) is not None


def _is_age(value: object) -> bool:
    if isinstance(value, bool):
        return False
    if isinstance(value, str):
        return _AGE.fullmatch(value) is not None and int(value) <= 120
    return isinstance(value, int) and 0 <= value <= 120


def _one_of(*allowed: str) -> Callable[[object], bool]:
    return lambda value: isinstance(value, str) and value in allowed


# In the order in which the codes are numbered: of several faults the first is reported.
SYSTEM_PROPERTIES: tuple[tuple[str, Callable[[object], bool], Refusal], ...] = (
    ("Gender", _one_of("M", "F"), refusals.GENDER),
    ("Email", _is_email, refusals.EMAIL),
    ("Phone", _is_phone, refusals.PHONE),
    ("Employed", _one_of("Y", "N"), refusals.EMPLOYED),
    ("Education", _one_of("School", "College", "Graduate"), refusals.EDUCATION),
    ("Married", _one_of("Y", "N"), refusals.MARRIED),
    ("Age", _is_age, refusals.AGE),
)


def check(data: object) -> Refusal | None:
    """The first fault of a record's `profileData`, or None."""
    if not isinstance(data, dict):
        return refusals.PROFILE_NOT_OBJECT
    for name, is_valid, refusal in SYSTEM_PROPERTIES:
        value = data.get(name)
        if value is not None and not is_valid(value) and not _is_deletion(value):
            return refusal
    if len(data) > PROPERTY_LIMIT:
        return refusals.PROFILE_PROPERTIES
    for key, value in data.items():
        if not key_is_valid(key):
            return refusals.PROFILE_KEY
        if not scalar_is_valid(value) and not _is_list_or_operation(value):
            return refusals.PROFILE_VALUE
    return None


def merge(stored: Mapping[str, Any], sent: Mapping[str, Any]) -> Properties:
    """The profile after `sent`: the last value wins, operators work on what was there."""
    merged = dict(stored)
    for key, value in sent.items():
        if isinstance(value, dict):
            _operate(merged, key, *next(iter(value.items())))
        elif isinstance(value, list):
            merged[key] = _unique(value)
        elif value is not None:
            merged[key] = value
    return merged


def _is_deletion(value: object) -> bool:
    return isinstance(value, dict) and list(value) == ["$delete"]


def _is_string_list(value: object) -> bool:
    return isinstance(value, list) and all(
        isinstance(item, str) and text_is_valid(item) for item in value
    )


def _is_list_or_operation(value: object) -> bool:
    if isinstance(value, list):
        return _is_string_list(value)
    if not isinstance(value, dict) or len(value) != 1:
        return False
    operator, operand = next(iter(value.items()))
    if operator in ("$add", "$remove", "$set"):
        return _is_string_list(operand)
    if operator in ("$incr", "$decr"):
        return is_number(operand) and not isinstance(operand, bool)
    return bool(operator == "$delete")


def _operate(profile: Properties, key: str, operator: str, operand: Any) -> None:
    present = profile.get(key)
    if operator == "$delete":
        profile.pop(key, None)
    elif operator == "$set":
        profile[key] = _unique(operand)
    elif operator == "$add":
        profile[key] = _unique([*_as_list(present), *operand])
    elif operator == "$remove":
        removed = frozenset(operand)
        profile[key] = [item for item in _as_list(present) if item not in removed]
    else:
        number = present if isinstance(present, int | float) else 0
        profile[key] = number + operand if operator == "$incr" else number - operand


def _as_list(present: object) -> list[str]:
    """A single value met by a list operator becomes a list of one."""
    if isinstance(present, list):
        return present
    return [] if present is None else [str(present)]


def _unique(items: list[str]) -> list[str]:
    """Each string once, at its newest place; beyond 100 the oldest are dropped."""
    newest_first = dict.fromkeys(reversed(items))
    return list(newest_first)[:LIST_LIMIT][::-1]
