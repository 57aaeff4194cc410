"""Short forms of `make chaos` that the PostgreSQL pass runs: many at once, and what goes away."""

import pytest

from tests.chaos.scenarios import deletions, messages, outages, points

pytestmark = pytest.mark.services


def test_fifty_starts_at_once_make_one_run(world):
    assert messages.start_at_once(world, count=50)["started"] == 1


@pytest.mark.usefixtures("web")
class TestOutages:
    def test_a_flushed_redis_loses_nothing(self, world):
        assert outages.flush_redis(world).sums.sent_twice == 0

    def test_pages_and_runs_go_on_without_redis(self, world):
        outages.stop_redis(world, seconds=2)

    def test_a_crash_of_postgres_loses_nothing(self, world):
        outages.restart_postgres(world, rudely=True)


def test_a_deletion_stops_three_imports_though_a_worker_dies(world):
    assert deletions.delete_while_running(world, runs=3).runs == 3


def test_a_death_while_a_job_is_cancelled_leaves_no_job(world):
    points.die_in_settle(world)


def test_an_owner_that_stands_still_with_the_row_is_replaced(world):
    points.stand_still_with_the_row(world)
