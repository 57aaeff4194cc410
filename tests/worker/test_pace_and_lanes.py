"""How fast to go after a trouble, and which parcel may leave next."""

import time

import pytest

from imports.clevertap import CleverTapUnavailable, Reason
from imports.mapping import Made
from imports.runner import lanes as lanes_module
from imports.runner.ahead import InTurn
from imports.runner.groups import Groups
from imports.runner.lanes import Lanes, lanes_of
from imports.runner.pace import GOOD_ANSWERS, Pace, back_off
from imports.runner.parcels import cut, whole_of
from imports.runner.position import Begun, Position

BUSY = CleverTapUnavailable(Reason.TOO_MANY_REQUESTS)
LOST = CleverTapUnavailable(Reason.NO_CONNECTION)


def record(identity, filling=0):
    return b'{"identity":"%s","profileData":{"X":"%s"}}' % (identity.encode(), b"x" * filling)


def made(identities, **options):
    return Made([record(one, **options) for one in identities], list(range(len(identities))), [])


def whole_made(identities, **options):
    return whole_of(made(identities, **options), first_row=0, end_row=len(identities))


def parcels(*groups, **options):
    """One parcel for each group of people."""
    whole = whole_made([one for group in groups for one in group], **options)
    row = 0
    for group in groups:
        yield [whole.part(row, row + len(group))]
        row += len(group)


def in_turn(*groups, **options):
    """The same as lanes, read when they are asked for."""
    seen = Groups()
    return InTurn(lanes_of(some, seen) for some in parcels(*groups, **options))


class TestPace:
    def test_too_many_halve_what_was_in_use_down_to_one(self):
        pace, limits = Pace(), []
        for _ in range(5):
            pace.trouble(BUSY, in_use=15, troubles=0)
            limits.append(pace.limit)
        assert limits == [7, 3, 1, 1, 1]

    def test_a_lost_connection_halves_nothing(self):
        pace = Pace()
        pace.trouble(LOST, in_use=15, troubles=0)
        assert pace.limit == 15

    def test_good_answers_bring_it_back_one_by_one(self):
        pace = Pace()
        pace.trouble(BUSY, in_use=15, troubles=0)
        for _ in range(GOOD_ANSWERS - 1):
            pace.good()
        assert pace.limit == 7
        pace.good()
        assert pace.limit == 8

    def test_what_failed_together_is_one_trouble(self):
        pace, sent = Pace(), time.monotonic()
        assert pace.is_news(sent)
        pace.trouble(BUSY, in_use=15, troubles=0)
        assert not pace.is_news(sent), "it was under way then"
        assert pace.is_news(time.monotonic())

    def test_the_wait_doubles_up_to_a_minute_and_is_drawn(self):
        waits = [[back_off(troubles) for _ in range(50)] for troubles in range(12)]
        assert [max(some) <= min(60, 0.5 * 2**at) for at, some in enumerate(waits)] == [True] * 12
        assert len(set(waits[11])) == 50
        assert max(waits[11]) > 30

    def test_it_waits_at_least_as_long_as_it_was_told(self):
        assert 9 < back_off(0, at_least=9) < 10


class TestLanes:
    def test_a_later_row_of_a_person_waits_for_the_earlier_one(self):
        lanes = Lanes(in_turn("ab", "cb", "de"))
        first = lanes.next_ready(most=9)
        first.is_under_way = True
        assert lanes.next_ready(most=9) is None, "and nobody passes it"
        first.finish_part()
        lanes.remove_if_done(first)
        assert lanes.next_ready(most=9).parcel.first_row == 2

    def test_the_halves_of_a_parcel_leave_one_after_the_other(self):
        lanes = Lanes(in_turn("abcd"))
        lane = lanes.next_ready(most=9)
        lane.halve_part()
        lane.is_under_way = True
        assert lanes.next_ready(most=9) is None
        assert [part.first_row for part in reversed(lane.parts)] == [0, 2]

    def test_a_lane_that_waits_lets_others_pass(self):
        lanes = Lanes(in_turn("ab", "cd"))
        lanes.next_ready(most=9).wait(5)
        assert lanes.next_ready(most=9).parcel.first_row == 2

    def test_no_more_than_so_many_are_held(self):
        lanes = Lanes(in_turn("a", "b", "c"))
        for _ in range(2):
            lanes.next_ready(most=2).is_under_way = True
        assert lanes.next_ready(most=2) is None

    def test_bytes_are_bounded_but_one_parcel_always_goes(self, monkeypatch):
        monkeypatch.setattr(lanes_module, "MAX_BYTES", 1_000)
        lanes = Lanes(in_turn("a", "b", filling=900))
        lanes.next_ready(most=9).is_under_way = True
        assert lanes.next_ready(most=9) is None

    def test_nobody_runs_far_ahead_of_the_first(self, monkeypatch):
        monkeypatch.setattr(lanes_module, "MAX_ROWS_AHEAD", 2)
        lanes = Lanes(in_turn("a", "b", "c"))
        for _ in range(2):
            lanes.next_ready(most=9).is_under_way = True
        assert lanes.next_ready(most=9) is None

    def test_all_is_over_when_the_last_is_recorded(self):
        lanes = Lanes(in_turn("a"))
        lane = lanes.next_ready(most=9)
        assert not lanes.are_over
        lane.finish_part()
        lanes.remove_if_done(lane)
        lanes.read()
        assert lanes.are_over

    def test_events_have_no_order(self):
        event = b'{"evtData":{"X":",\\"profileData\\":"},"evtName":"A","identity":"a"}'
        part = whole_of(Made([event] * 2, [0, 1], []), first_row=0, end_row=2)
        assert not part.people()


class TestCutAround:
    """Open batches keep their rows; recorded ones are left out; gaps are cut as at first."""

    @pytest.mark.parametrize(
        ("begun", "ends"),
        [
            ((), [(0, 10)]),
            ((Begun(0, 4, True),), [(0, 4), (4, 10)]),
            ((Begun(0, 4, False),), [(4, 10)]),
            ((Begun(4, 6, False),), [(0, 4), (6, 10)]),
            ((Begun(4, 6, True), Begun(6, 10, False)), [(0, 4), (4, 6)]),
            ((Begun(0, 10, False),), []),
        ],
    )
    def test_what_is_left_of_a_range(self, begun, ends):
        found = cut(whole_made("abcdefghij"), begun)
        assert [(one.first_row, one.end_row) for one in found] == ends

    def test_a_gap_is_cut_as_it_was_before(self, monkeypatch):
        monkeypatch.setattr("imports.runner.parcels.MAX_RECORDS", 3)
        whole = cut(whole_made("abcdefghij"))
        second = whole[1]
        begun = (Begun(second.first_row, second.end_row, False),)
        around = cut(whole_made("abcdefghij"), begun)
        assert [one.sha256 for one in around] == [one.sha256 for one in whole if one != second]


class TestPosition:
    def test_moves_over_rows_without_a_gap_only(self):
        position = Position(0)
        seen = []
        for first, end in [(20, 30), (0, 10), (30, 40), (10, 20)]:
            seen.append(position.after(first, end))
            position.record(first, end)
            assert position.next_row == seen[-1]
        assert seen == [0, 10, 10, 40]
