"""The short form of runs in shards: several workers for one run, killed and stopped."""

import pytest

from tests.chaos.conftest import ON_POSTGRES
from tests.chaos.scenarios import crashes, stops

pytestmark = pytest.mark.services


@pytest.mark.skipif(ON_POSTGRES, reason="one pass is enough; make chaos does it on both")
def test_deaths_and_a_stop_in_mid_shard_change_nothing(world, seed):
    report = crashes.crash_at_random(
        world, count=3, seed=seed, at_work=1, pause=(0.1, 0.5), is_cut=True
    )
    assert all(world.do("shards_of", run=run) == 4 for run in report.runs)
    (stopped,) = stops.stop_in_mid_send(world, count=1, is_cut=True)
    assert stopped.final >= 0
