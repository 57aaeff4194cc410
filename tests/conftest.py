"""People, clients, and bells that are counted instead of rung."""

import pytest
from django.db import connections
from django.test import Client
from hypothesis import settings

from tests.factories import UserFactory
from tests.harness.spread import MARKS, Spread, in_order, owns_no_process
from tests.harness.steps import FLOW, WITHOUT_BROWSER

# A busy machine is no fault: what is timed stands in bench/.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


def pytest_addoption(parser):
    parser.addoption(
        "--of-the-database",
        action="store_true",
        help="only tests that touch the database, for a pass over a second one",
    )


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    if config.getvalue("dist") != "loadfile":
        return None
    scheduler = Spread(config, log)
    # The second pass has few tests of the whole product: they need not start it twice.
    scheduler.one_product = config.getoption("--of-the-database")
    return scheduler


def pytest_ignore_collect(collection_path, config):
    of_processes = config.option.markexpr in (FLOW, WITHOUT_BROWSER)
    needless = of_processes and owns_no_process(collection_path, config.args)
    return True if needless else None


def pytest_collection_modifyitems(config, items):
    if hasattr(config, "workerinput"):  # one of several jobs; a person’s order is left alone
        items[:] = [items[position] for position in in_order([item.nodeid for item in items])]
    if not config.getoption("--of-the-database"):
        return
    chosen = [item for item in items if _touches_the_database(item)]
    config.hook.pytest_deselected(items=[item for item in items if item not in set(chosen)])
    items[:] = chosen


def _touches_the_database(item):
    """By its mark or its fixtures; the whole product has one in any case."""
    is_whole = any(item.get_closest_marker(name) for name in MARKS)
    fixtures = {"db", "transactional_db", "django_db_setup"} & set(item.fixturenames)
    return bool(is_whole or fixtures or item.get_closest_marker("django_db"))


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix, tmp_path_factory):
    """SQLite in a file, as in the product: its write-ahead log and its locks are tested too."""
    default = connections["default"].settings_dict
    if default["ENGINE"].endswith("sqlite3"):
        default["TEST"]["NAME"] = str(tmp_path_factory.mktemp("database") / "test.sqlite3")


@pytest.fixture
def admin(db):
    return UserFactory(admin=True, email="admin@shop.example")


@pytest.fixture
def creator(db):
    return UserFactory(creator=True, email="creator@shop.example")


@pytest.fixture
def member(db):
    return UserFactory(email="member@shop.example")


@pytest.fixture
def as_admin(admin):
    return _signed_in(admin)


@pytest.fixture
def as_creator(creator):
    return _signed_in(creator)


@pytest.fixture
def as_member(member):
    return _signed_in(member)


@pytest.fixture
def anonymous():
    return Client()


@pytest.fixture
def bells(monkeypatch):
    """Every bell that was rung: (task name, ids). Nothing reaches a broker."""
    rung = []

    def note(task, *, wait_seconds=0, **ids):
        rung.append((task.name, {name: str(value) for name, value in ids.items()}))
        return True

    monkeypatch.setattr("connections.bell.ring", note)
    return rung


def _signed_in(user):
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client
