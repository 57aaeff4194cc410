"""Every address of the product: who may open it, and by which methods.

The routes come from the URL resolver, so a new one is judged without a word here.
"""

from contextlib import contextmanager

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.urls import include, path
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from accounts.permissions import Permission, member_required, permission_of
from tests.routes import SAFE, declared_methods, every_route, routes_of

# Open without a declared permission, each for a reason. A name that no longer is a route,
# or that declares a permission by now, fails.
OPEN = {
    "home": "sends on to the first page, which declares its own",
    "healthz": "machines ask; says only that the process is alive",
    "readyz": "machines ask; says only which parts answer",
    "metrics": "machines ask, with the operator's token; says numbers only",
    "accounts:sign_in": "the way in",
    "accounts:sign_in_link": "the way in by link",
    "accounts:sign_in_code": "the second step of the way in; nothing without the first",
    "accounts:forgot_password": "has a link mailed, and tells nobody who is here",
    "accounts:sso_begin": "the way in by single sign-on; does not exist unless configured",
    "accounts:sso_end": "comes back from there with an answer that is checked",
    "accounts:sign_out": "ends a session and does nothing without one",
}
NOT_SIGNED_IN = set(OPEN) - {"home"}
# Members read only; what they may send concerns nobody but themselves.
OWN_AFFAIRS = {
    "accounts:account",
    "accounts:second_step",
    "accounts:visit_end",
    "accounts:visits_end",
}
# Django's redirect view takes every method, changes nothing, and cannot be decorated in place.
EVERY_METHOD = {"home"}
ROLES = ["member", "creator", "admin"]


ROUTES = every_route()


def each(routes):
    return pytest.mark.parametrize("route", [pytest.param(r, id=r.name) for r in routes])


def client_of(role):
    user = User.objects.create_user(email=f"{role}@example.com", role=role)
    client = Client(raise_request_exception=True)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def refused_roles():
    order = [Permission.MEMBER, Permission.CREATOR, Permission.ADMIN]
    for route in ROUTES:
        if route.permission:
            for role in ROLES[: order.index(route.permission)]:
                yield pytest.param(route, role, id=f"{route.name} by a {role}")


@pytest.fixture(autouse=True)
def plain_static_files(settings):
    settings.WHITENOISE_AUTOREFRESH = True
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


@contextmanager
def writes_noted():
    """The SQL of every write outside the session, as it happens."""
    writes = []

    def note(execute, sql, params, many, context):
        if sql.startswith(("INSERT", "UPDATE", "DELETE")) and "django_session" not in sql:
            writes.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield writes


class TestEveryRoute:
    @each(ROUTES)
    def test_declares_its_permission_or_is_open_for_a_reason(self, route):
        assert (route.permission is not None) != (route.name in OPEN)

    @each([route for route in ROUTES if route.name not in EVERY_METHOD])
    def test_declares_its_methods(self, route):
        assert route.methods, f"{route.name} needs require_safe, require_POST or the like"

    @each([r for r in ROUTES if r.permission and (r.methods or set()) - SAFE])
    def test_that_changes_something_is_not_for_members(self, route):
        assert (route.permission is Permission.MEMBER) == (route.name in OWN_AFFAIRS)

    @each([route for route in ROUTES if route.name not in NOT_SIGNED_IN])
    def test_sends_who_is_not_signed_in_to_sign_in(self, client, db, route):
        response = client.generic(route.usual_method, route.address)

        assert response.status_code == 302
        assert response.url.startswith("/sign-in/?next=/")

    @each([route for route in ROUTES if route.methods and not route.methods & SAFE])
    def test_that_changes_something_refuses_to_be_opened_by_a_link(self, db, route):
        client = client_of("admin")

        with writes_noted() as writes:
            response = client.get(route.address)

        assert response.status_code == 405
        assert writes == []

    @each([route for route in ROUTES if route.methods and route.methods <= SAFE])
    def test_that_only_shows_something_refuses_a_form(self, db, route):
        assert client_of("admin").post(route.address).status_code == 405

    @each([route for route in ROUTES if route.methods and route.methods & SAFE])
    def test_changes_nothing_when_it_is_opened(self, db, route):
        client = client_of("admin")

        with writes_noted() as writes:
            response = client.get(route.address)

        assert response.status_code in {200, 302, 404, 410, 503}
        assert writes == []

    @each([route for route in ROUTES if "POST" in (route.methods or ()) and route.permission])
    def test_refuses_a_form_without_its_token(self, db, route):
        client = client_of("admin")
        client.handler.enforce_csrf_checks = True

        assert client.post(route.address).status_code == 403

    @pytest.mark.parametrize(("route", "role"), list(refused_roles()))
    def test_refuses_lower_roles_before_it_looks_anything_up(self, db, route, role):
        response = client_of(role).generic(route.usual_method, route.address)

        assert response.status_code == 403
        assert "Your role does not include this." in response.content.decode()


class TestAllowList:
    @pytest.mark.parametrize("name", [*OPEN, *sorted(OWN_AFFAIRS)])
    def test_names_only_routes_that_exist(self, name):
        assert name in {route.name for route in ROUTES}

    def test_lets_nobody_in_who_is_not_on_it(self):
        unlocked = {r.name for r in ROUTES if not getattr(r.view, "login_required", True)}

        assert unlocked == NOT_SIGNED_IN


class TestGuard:
    """The guard itself notices what it is there to notice."""

    def test_finds_the_routes_of_every_app(self):
        found = {route.name.partition(":")[0] for route in ROUTES}

        assert {"accounts", "connections", "imports", "home", "healthz"} <= found

    def test_sees_that_a_new_view_declares_nothing(self):
        new = [path("new/", lambda request: HttpResponse(), name="new")]
        (route,) = routes_of(new)

        assert (route.permission, route.methods) == (None, None)

    def test_fills_in_what_an_address_and_its_prefix_ask_for(self):
        below = [path("<str:word>/", lambda request: HttpResponse(), name="below")]
        (route,) = routes_of([path("<int:number>/", include((below, "app")))])

        assert (route.name, dict(route.arguments)) == (
            "app:below",
            {"number": 4711, "word": "made-up"},
        )

    def test_reads_permission_and_methods_through_each_other(self):
        def view(request):
            return HttpResponse()

        for decorated in (require_POST(member_required(view)), member_required(require_POST(view))):
            assert permission_of(decorated) is Permission.MEMBER
            assert declared_methods(decorated) == {"POST"}

    def test_takes_only_what_all_decorators_let_through(self):
        @require_safe
        @require_POST
        def view(request):
            return HttpResponse()

        assert declared_methods(view) == set()
