"""One world for all short forms of a pass; it works on the kind of database of the pass."""

import os
import sys

import pytest

from tests.chaos.world import World

ON_POSTGRES = os.environ.get("DATABASE_URL", "").startswith("postgres")
# Crashes on both; the rest is shared out, so that neither pass takes long. `make chaos`
# does everything on both.
collect_ignore = ["test_stops.py"] if ON_POSTGRES else ["test_outages.py"]


@pytest.fixture(scope="package")
def world(tmp_path_factory):
    """Its own server where the pass is PostgreSQL's, because it is restarted under way."""
    if sys.platform != "linux":
        pytest.skip("looks into /proc")
    folder = tmp_path_factory.mktemp("chaos") / "world"
    with World(folder, on_postgres=ON_POSTGRES, slack=10.0, at_least=2) as world:
        world.crew(prefork=2, solo=1)
        yield world


@pytest.fixture(scope="package")
def web(world):
    """The web process, for those who look at pages."""
    world.start_web()


@pytest.fixture
def seed():
    """CHAOS_SEED repeats what a failed run printed."""
    number = int(os.environ.get("CHAOS_SEED") or int.from_bytes(os.urandom(3), "big"))
    sys.stdout.write(f"To repeat: CHAOS_SEED={number}\n")  # pytest shows it on failure
    return number
