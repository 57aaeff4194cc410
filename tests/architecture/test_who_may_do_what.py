"""Role by route by object: one's own, somebody else's, one that is not there.

From the URL resolver: a new route whose object nobody can make here fails, and so does one
that the page Roles does not know.
"""

import re
import uuid

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import AuditEntry, User, Visit
from accounts.permissions import Permission
from accounts.rights import RIGHTS
from connections.models import Access, ConnectionTest, ConnectionTestStep, FormerKey
from imports.models import Cursor, DryRun
from tests.factories import (
    CleverTapAccountFactory,
    ConnectionFactory,
    ImportFactory,
    RunFactory,
    StoredKeyFactory,
)
from tests.routes import every_route

pytestmark = pytest.mark.django_db
ORDER = list(Permission)
# Samples of components, in local mode only.
SAMPLES = {"gallery", "gallery_frame", "gallery_dialog", "gallery_pane"}
ROUTES = [r for r in every_route() if r.permission and r.name not in SAMPLES]
ABOUT_ONE = [route for route in ROUTES if route.arguments]
# What belongs to one person: to all others it is as if it were not there. All else is shared.
PERSONAL = {"visit_id"}


def connection_of(person):
    return ConnectionFactory(created_by=person)


def a_test_of(person):
    key = StoredKeyFactory(uploaded_by=person)
    test = ConnectionTest.objects.create(
        key=key, project_id="p", dataset_id="d", access=Access.READ_ONLY, requested_by=person
    )
    ConnectionTestStep.objects.create(test=test, position=1, code="key", title="The key")
    return test


def former_of(person):
    return FormerKey.objects.create(
        connection=connection_of(person),
        key=StoredKeyFactory(uploaded_by=person),
        replaced_by=person,
        restorable_until=timezone.now() + timezone.timedelta(days=1),
    )


def visit_of(person):
    return Visit.objects.create(user=person, session_key=uuid.uuid4().hex)


def import_of(person):
    parent = ImportFactory(created_by=person)
    Cursor.objects.create(
        parent=parent, column="changed_at", column_type="TIMESTAMP", kind="profile"
    )
    return parent


def dry_run_of(person):
    return DryRun.objects.create(
        parent=ImportFactory(), mapping={}, sample_rows=100, requested_by=person
    )


# How to make the object that an argument of an address names, for a person.
MAKERS = {
    "account_id": lambda person: CleverTapAccountFactory(created_by=person),
    "connection_id": connection_of,
    "dry_run_id": dry_run_of,
    "entry_id": lambda person: AuditEntry.objects.create(email=person.email, action="any"),
    "former_id": former_of,
    "import_id": import_of,
    "run_id": lambda person: RunFactory(parent=ImportFactory(created_by=person)),
    "test_id": a_test_of,
    "user_id": lambda person: person,
    "visit_id": visit_of,
}
SPELT_OUT = {"code": "key"}  # a check of a test, and no object


def arguments_of(route, person):
    """The route's arguments for objects of this person's."""
    names = dict(route.arguments)
    if "former_id" in names:
        former = former_of(person)
        return {"former_id": former.pk, "connection_id": former.connection_id}
    return {name: SPELT_OUT.get(name) or MAKERS[name](person).pk for name in names}


def address_of(route, arguments):
    return route.__class__(route.name, route.view, tuple(arguments.items())).address


def plain(response):
    """What the answer says, without what differs each time."""
    return re.sub(r"[\w-]{30,}", "", response.content.decode())


@pytest.fixture(autouse=True)
def surroundings(settings, bells):
    settings.WHITENOISE_AUTOREFRESH = True
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


@pytest.fixture
def people():
    return {role: User.objects.create_user(email=f"{role}@x.example", role=role) for role in ORDER}


def ask(person, route, address):
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client.generic(route.usual_method, address)


@pytest.mark.parametrize("route", [pytest.param(r, id=r.name) for r in ABOUT_ONE])
def test_each_role_meets_each_kind_of_object_as_it_should(route, people):
    unmade = {name for name, _ in route.arguments} - MAKERS.keys() - SPELT_OUT.keys()
    assert not unmade, f"say in MAKERS how to make what {unmade} of {route.name} name"
    other = User.objects.create_user(email="other@x.example", role=route.permission)
    missing = route.address
    for role, person in people.items():
        theirs = address_of(route, arguments_of(route, other))
        own = address_of(route, arguments_of(route, person))
        answers = [ask(person, route, address) for address in (own, theirs, missing)]
        expect(route, role, answers)


def expect(route, role, answers):
    own, theirs, missing = answers
    if ORDER.index(role) < ORDER.index(route.permission):
        assert [one.status_code for one in answers] == [403] * 3
        assert plain(own) == plain(theirs) == plain(missing)
        return
    assert missing.status_code == 404
    assert own.status_code < 400
    if PERSONAL & {name for name, _ in route.arguments}:
        assert theirs.status_code == 404
        assert plain(theirs) == plain(missing)
    else:
        assert theirs.status_code < 400


class TestPageOfRoles:
    rights = [right for group in RIGHTS for right in group.rights]

    @pytest.mark.parametrize("route", [pytest.param(r, id=r.name) for r in ROUTES])
    def test_knows_the_route_once_with_the_permission_that_its_view_declares(self, route):
        found = [right for right in self.rights if route.name in right.routes]

        assert len(found) == 1, f"put {route.name} into one right of accounts/rights.py"
        assert found[0].permission is route.permission

    def test_names_no_route_that_is_gone(self):
        named = {name for right in self.rights for name in right.routes}

        assert named == {route.name for route in ROUTES}

    def test_says_yes_from_the_least_role_upwards(self):
        cells = {right.permission: right.cells for right in self.rights}

        assert cells[Permission.CREATOR] == [
            ("Member", False),
            ("Creator", True),
            ("Admin", True),
        ]


class TestGuard:
    """The guard itself notices what it is there to notice."""

    def test_covers_every_route_with_an_object(self):
        assert len(ABOUT_ONE) >= 25
        assert MAKERS.keys() >= PERSONAL
