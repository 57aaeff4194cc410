"""Short forms of `make chaos` that the SQLite pass runs: stops of runs, and of workers."""

import pytest

from tests.chaos.scenarios import leaving, messages, moving, probing, sharing, stops
from tests.chaos.world import SHARE

pytestmark = pytest.mark.services


def test_a_stop_in_mid_send_is_quiet_at_once(world):
    assert len(stops.stop_in_mid_send(world, count=1)) == 1


def test_a_stop_with_a_sink_that_hangs_waits_for_its_deadline_at_most(world):
    stops.stop_in_mid_send(world, count=1, hanging=True)


def test_a_worker_that_is_told_to_leave_hands_its_run_back(world):
    assert leaving.leave_in_mid_send(world).sums.sent_twice == 0


def test_a_worker_that_leaves_in_mid_query_starts_no_second_job(world):
    assert leaving.leave_in_mid_query(world).sums.jobs == 1


def test_a_message_that_is_delivered_again_is_harmless(world):
    assert messages.deliver_twice(world, sink=0.5).sent_twice == 0


def test_deaths_change_neither_rows_nor_cursor_of_a_run_by_updated_on(world):
    died = moving.die_and_grow(world, single=["bounds_recorded"], slow=["order_proved"])
    assert died.sums.runs == 2


def test_connections_are_tested_while_every_import_worker_is_busy(world):
    assert probing.verify_while_busy(world, times=2).at_work >= 3


def test_two_runs_of_an_account_share_its_requests(world):
    assert sharing.share_equally(world, runs=2).most <= SHARE


def test_a_stop_needs_no_live_worker(world):
    stops.stop_without_workers(world)
