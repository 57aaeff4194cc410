"""What an event record may hold. Pure functions: no storage, no HTTP."""

from functools import lru_cache
from typing import Any

from sandbox.clevertap import refusals
from sandbox.clevertap.refusals import Refusal
from sandbox.clevertap.values import (
    PROPERTY_LIMIT,
    event_name_is_valid,
    fold_name,
    key_is_valid,
    scalar_is_valid,
)

ITEM_LIMIT = 256

RESERVED = frozenset(
    fold_name(name)
    for name in (
        "Notification Sent",
        "Notification Viewed",
        "Notification Clicked",
        "Notification Delivered",
        "Notification Replied",
        "UTM Visited",
        "App Launched",
        "App Uninstalled",
        "App Version Changed",
        "Stayed",
        "Reply Sent",
        "Experiment Rendered",
        "Reachable By",
        "Identity Reset",
        "Identity Set",
        "Identity Error",
    )
)


def check(name: object, data: object) -> Refusal | None:
    """The first fault of an event's `evtName` and `evtData`, or None."""
    if not isinstance(name, str) or not name.strip():
        return refusals.NAME_MISSING
    refusal = _name_refusal(name)
    if refusal is not None or data is None:
        return refusal
    if not isinstance(data, dict):
        return refusals.EVENT_NOT_OBJECT
    if len(data) > PROPERTY_LIMIT:
        return refusals.EVENT_PROPERTIES
    if "Items" in data and fold_name(name) == "charged":
        if not _items_are_valid(data["Items"]):
            return refusals.EVENT_ITEMS
        data = {key: value for key, value in data.items() if key != "Items"}
    return _properties_refusal(data)


@lru_cache(maxsize=8192)
def _name_refusal(name: str) -> Refusal | None:
    if fold_name(name) in RESERVED:
        return refusals.NAME_RESTRICTED
    return None if event_name_is_valid(name) else refusals.NAME_INVALID


def _properties_refusal(data: dict[str, Any]) -> Refusal | None:
    for key, value in data.items():
        if not key_is_valid(key):
            return refusals.EVENT_KEY
        if not scalar_is_valid(value):
            return refusals.EVENT_VALUE
    return None


def _items_are_valid(items: object) -> bool:
    return (
        isinstance(items, list)
        and len(items) <= ITEM_LIMIT
        and all(isinstance(item, dict) and _properties_refusal(item) is None for item in items)
    )
