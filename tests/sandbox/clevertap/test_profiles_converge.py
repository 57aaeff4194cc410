"""Profiles are keyed on their identity and converge; events append."""

import json
from typing import Any

import pytest

from tests.sandbox.clevertap.builders import CleverTap, event, profile


def test_the_last_value_of_a_property_wins(clevertap: CleverTap):
    clevertap.upload(profile(City="Bonn", Plan="free"), profile(City="Köln"))
    clevertap.upload(profile(Plan="gold"))

    assert clevertap.properties("ann") == {"City": "Köln", "Plan": "gold"}


def test_the_same_body_twice_leaves_one_profile_and_is_counted(clevertap: CleverTap):
    body = json.dumps({"d": [profile(City="Bonn"), profile("bob")]}).encode()
    clevertap.send(body)
    clevertap.send(body)

    counts = clevertap.control("received")
    assert (counts["profiles"], counts["batches"], counts["distinct_bodies"]) == (2, 2, 1)


def test_an_event_sent_again_counts_again(clevertap: CleverTap):
    clevertap.upload(event(sku="A1"), event(sku="A2"))
    clevertap.upload(event(sku="A1"))
    clevertap.upload({**event(sku="A1"), "ts": 1_700_000_001})

    counts = clevertap.control("received")
    assert (counts["events"], counts["duplicate_events"]) == (4, 1)


def test_an_event_makes_the_profile_of_an_unknown_identity(clevertap: CleverTap):
    clevertap.upload(event("new"))

    assert clevertap.properties("new") == {}


def test_an_event_leaves_the_properties_of_a_known_profile_alone(clevertap: CleverTap):
    clevertap.upload(profile(City="Bonn"))
    clevertap.upload(event(City="Rome"))

    assert clevertap.properties("ann") == {"City": "Bonn"}


def test_a_number_and_its_text_are_the_same_identity(clevertap: CleverTap):
    clevertap.upload(profile(42, City="Bonn"), profile("42", Plan="gold"))

    assert clevertap.properties("42") == {"City": "Bonn", "Plan": "gold"}


def test_null_leaves_a_property_as_it_was(clevertap: CleverTap):
    clevertap.upload(profile(City="Bonn"), profile(City=None))

    assert clevertap.properties("ann") == {"City": "Bonn"}


@pytest.mark.parametrize(
    ("stored", "operation", "result"),
    [
        (["a"], {"$add": ["b", "a"]}, ["b", "a"]),
        (None, {"$add": ["b"]}, ["b"]),
        ("a", {"$add": ["b"]}, ["a", "b"]),
        (["a", "b"], {"$remove": ["a", "z"]}, ["b"]),
        (["a"], {"$set": ["c", "c"]}, ["c"]),
        (["a"], ["d"], ["d"]),
        (5, {"$incr": 2}, 7),
        (5, {"$decr": 2.5}, 2.5),
        (None, {"$incr": 1}, 1),
    ],
)
def test_operators_work_on_what_was_stored(
    clevertap: CleverTap, stored: Any, operation: Any, result: Any
):
    clevertap.upload(profile(p=stored))
    clevertap.upload(profile(p=operation))

    assert clevertap.properties("ann") == {"p": result}


def test_delete_takes_a_property_away_even_a_system_one(clevertap: CleverTap):
    clevertap.upload(profile(Email="a@example.com", City="Bonn"))
    clevertap.upload(profile(Email={"$delete": 1}, City={"$delete": 1}, Plan="gold"))

    assert clevertap.properties("ann") == {"Plan": "gold"}


def test_a_list_keeps_the_newest_hundred_strings(clevertap: CleverTap):
    clevertap.upload(profile(tags={"$add": [f"t{n}" for n in range(100)]}))
    clevertap.upload(profile(tags={"$add": ["new"]}))

    tags = clevertap.properties("ann")["tags"]
    assert (len(tags), tags[0], tags[-1]) == (100, "t1", "new")


def test_accounts_do_not_see_each_others_people(clevertap: CleverTap, second_account):
    clevertap.upload(profile(City="Bonn"))
    clevertap.upload(profile(City="Rome"), **second_account)

    found = clevertap.control("profiles", identity="ann")["profiles"]
    assert sorted(row["data"]["City"] for row in found) == ["Bonn", "Rome"]
