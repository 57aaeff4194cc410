"""Every service that somebody has done declares who may, and asks again what its view asked."""

import importlib
import inspect
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied

from accounts.models import User
from accounts.permissions import Permission, by_creator, permission_of

ROOT = Path(__file__).resolve().parents[2]


def services():
    for path in sorted(ROOT.glob("*/services/*.py")):
        module = importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
        for name, found in vars(module).items():
            is_ours = inspect.isfunction(found) and found.__module__ == module.__name__
            if is_ours and not name.startswith("_"):
                yield pytest.param(found, id=f"{path.parent.parent.name}.{path.stem}.{name}")


DONE_BY_SOMEBODY = [p for p in services() if "by" in inspect.signature(p.values[0]).parameters]


@by_creator
def lay_an_egg(*, by):
    return "an egg"


@pytest.mark.parametrize("service", DONE_BY_SOMEBODY)
def test_declares_who_may(service):
    assert permission_of(service) in set(Permission)


@pytest.mark.parametrize("service", DONE_BY_SOMEBODY)
def test_asks_before_it_looks_at_anything(service):
    """``by`` is keyword-only, so that nobody hands it over unseen; nothing else is needed."""
    assert inspect.signature(service).parameters["by"].kind is inspect.Parameter.KEYWORD_ONLY
    for by in (User(role="nobody"), User(role="admin", is_active=False)):
        with pytest.raises(PermissionDenied):
            service(by=by)


@pytest.mark.parametrize(("role", "may"), [("member", False), ("creator", True), ("admin", True)])
def test_lets_the_least_role_and_those_above_it(role, may):
    if may:
        assert lay_an_egg(by=User(role=role)) == "an egg"
    else:
        with pytest.raises(PermissionDenied):
            lay_an_egg(by=User(role=role))


def test_there_are_services_to_judge():
    assert len(DONE_BY_SOMEBODY) >= 45
