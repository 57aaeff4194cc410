"""Which parcels wait for which, whoever they name and in whatever order they end."""

from hypothesis import given, settings
from hypothesis import strategies as st

from imports.runner.groups import Groups

# Few people, so that they come again; groups end in any order, and some stay.
STEPS = st.lists(
    st.tuples(st.lists(st.integers(0, 400), max_size=4), st.lists(st.integers(0, 30), max_size=3)),
    max_size=120,
)


def named(numbers):
    return [b"%d" % number for number in numbers]


@settings(max_examples=300, derandomize=True, deadline=None, database=None)
@given(STEPS)
def test_a_group_waits_for_just_those_before_it_that_name_one_of_its_people(steps):
    groups, all_of_them = Groups(), []
    for numbers, ended in steps:
        group = groups.add(named(numbers))
        before = [
            one
            for one, people in all_of_them
            if not one.is_done and not people.isdisjoint(named(numbers))
        ]
        assert list(group.after) == before
        assert group.may_begin is (not before)
        all_of_them.append((group, set(named(numbers))))
        for number in ended:
            all_of_them[number % len(all_of_them)][0].end()


def test_who_waits_may_begin_when_the_last_of_them_is_done():
    groups = Groups()
    first, second = groups.add([b"ann"]), groups.add([b"bob"])
    third = groups.add([b"bob", b"cid", b"ann"])
    first.end()
    assert not third.may_begin
    second.end()
    assert third.may_begin


def test_nobody_waits_for_events():
    groups = Groups()
    assert [groups.add([]).may_begin for _ in range(2)] == [True, True]


def test_what_is_done_is_forgotten_however_long_the_run_and_whoever_comes_again():
    groups = Groups()
    for number in range(1_000):
        group = groups.add([b"always", b"%d" % number])
        group.end()
    assert len(groups._waiting) <= 1
    assert len(groups._older | groups._newer) <= 100
    assert group.after == ()


def test_one_that_never_ends_is_remembered_with_all_after_it():
    groups = Groups()
    groups.add([b"stuck"])
    for number in range(100):
        groups.add([b"%d" % number]).end()
    assert not groups.add([b"stuck"]).may_begin
