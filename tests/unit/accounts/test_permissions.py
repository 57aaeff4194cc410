"""Who may: each permission against each role, and the refusals around it."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.test import RequestFactory
from django.views.decorators.http import require_POST

from accounts.models import User
from accounts.permissions import (
    Permission,
    admin_required,
    creator_required,
    member_required,
    permission_of,
)

DECORATORS = {
    "member": member_required,
    "creator": creator_required,
    "admin": admin_required,
}


def view(request):
    """A view."""
    return HttpResponse("done")


def answer_to(user, guarded):
    request = RequestFactory().get("/")
    request.user = user
    return guarded(request)


@pytest.mark.parametrize(
    ("role", "permission"),
    [
        ("admin", "admin"),
        ("admin", "creator"),
        ("admin", "member"),
        ("creator", "creator"),
        ("creator", "member"),
        ("member", "member"),
    ],
)
def test_opens_the_view_to_a_role_that_includes_it(role, permission):
    assert answer_to(User(role=role), DECORATORS[permission](view)).content == b"done"


@pytest.mark.parametrize(
    ("user", "permission"),
    [
        pytest.param(User(role="creator"), "admin", id="a creator is no admin"),
        pytest.param(User(role="member"), "admin", id="a member is no admin"),
        pytest.param(User(role="member"), "creator", id="a member is no creator"),
        pytest.param(User(role="owner"), "member", id="an unknown role is nothing"),
        pytest.param(User(role=""), "member", id="no role is nothing"),
        pytest.param(User(role="admin", is_active=False), "member", id="switched off"),
        pytest.param(AnonymousUser(), "member", id="nobody"),
    ],
)
def test_refuses_everybody_else(user, permission):
    with pytest.raises(PermissionDenied):
        answer_to(user, DECORATORS[permission](view))


def test_can_be_read_from_the_view_through_other_decorators():
    assert permission_of(require_POST(creator_required(view))) is Permission.CREATOR


def test_is_absent_from_a_view_that_declares_nothing():
    assert permission_of(require_POST(view)) is None


def test_keeps_the_name_of_the_view():
    assert admin_required(view).__name__ == "view"
