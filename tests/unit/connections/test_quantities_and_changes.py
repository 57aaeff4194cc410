"""Bytes and trail entries as people read them."""

import pytest
from django.utils import timezone

from accounts.models import AuditEntry
from connections.changes import change_of
from connections.quantities import bytes_in_words


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (1023, "1,023 bytes"),
        (1024, "1.0 KiB"),
        (10 * 1024**2, "10.0 MiB"),
        (1024**2 - 1, "1.0 MiB"),
        (1024**3 * 5 // 2, "2.5 GiB"),
        (1024**4, "1.0 TiB"),
        (1024**5 * 2000, "2,000.0 PiB"),
    ],
)
def test_bytes_are_told_in_the_units_that_are_billed(count, words):
    assert bytes_in_words(count) == words


def told(before, after):
    entry = AuditEntry(
        at=timezone.now(),
        email="ann@shop.example",
        action="key replaced",
        before=before,
        after=after,
    )
    return [(value.term, value.before, value.after) for value in change_of(entry).values]


def test_a_change_leaves_out_what_stayed_the_same():
    assert told({"name": "A", "access": "read_only"}, {"name": "B", "access": "read_only"}) == [
        ("Name", "A", "B")
    ]


def test_a_change_tells_what_only_was_and_what_only_is():
    assert told({"key_id": "1111"}, {"restorable_until": "2026-11-30"}) == [
        ("Restorable until", "", "2026-11-30"),
        ("Key ID", "1111", ""),
    ]


def test_a_change_counts_lists_instead_of_spelling_them_out():
    assert told({"runs": ["a", "b"], "imports": 3}, {}) == [("Runs", "2", ""), ("Imports", "3", "")]


@pytest.mark.parametrize("nothing", [{}, {"name": None}, {"name": ""}, {"access": None}])
def test_a_change_without_anything_to_tell_is_empty(nothing):
    assert told({}, nothing) == []


def test_an_access_that_nobody_knows_is_told_as_it_is():
    assert told({}, {"access": "owner"}) == [("Access", "", "owner")]


def test_false_is_a_value_and_not_nothing():
    assert told({"tested": True}, {"tested": False}) == [("Tested", "yes", "no")]
