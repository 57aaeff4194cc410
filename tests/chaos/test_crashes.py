"""Short forms of `make chaos` on both databases: crashes at random and at every named point."""

import pytest

from tests.chaos.processes import children_of, living_with
from tests.chaos.scenarios import crashes, points

pytestmark = pytest.mark.services


def test_random_crashes_change_nothing(world, seed):
    report = crashes.crash_at_random(world, count=6, seed=seed, pause=(0.1, 0.5))
    assert len(report.crashes) >= 6


def test_a_death_at_each_point_of_the_loop_changes_nothing(world):
    died, sums = points.die_at_points(world)
    assert len(died) == sums.runs == len(points.POINTS)


def test_no_process_is_left_that_nobody_asked_for(world):
    world.whole()
    mine = {world.driver.pid, *(one.pid for one in world.programs.values())}
    pools = {child for pid in mine for child in children_of(pid)}
    assert set(living_with(world.token)) - mine - pools == set()
