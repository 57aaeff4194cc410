"""Headers of every answer: what browsers and caches may do with it."""

import pytest
from django.test import Client

from tests.routes import every_route

pytestmark = pytest.mark.django_db
PAGES = [route for route in every_route() if not route.arguments]
ALWAYS = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


@pytest.mark.parametrize("route", [pytest.param(r, id=r.name) for r in PAGES])
def test_of_every_route(as_admin, bells, route):
    answer = as_admin.generic(
        route.usual_method, route.address, headers={"Origin": "https://evil.example"}
    )

    assert {name: answer.headers.get(name) for name in ALWAYS} == ALWAYS
    assert not [name for name in answer.headers if name.startswith("Access-Control")]
    assert "no-store" in answer.headers["Cache-Control"]
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert "camera=()" in answer.headers["Permissions-Policy"]


@pytest.mark.parametrize(
    ("address", "status"),
    [("/nowhere/", 404), ("/settings/users/?page=99999999999", 200), ("/settings/rules/", 302)],
)
def test_of_refusals(anonymous, as_admin, address, status):
    answer = (anonymous if status == 302 else as_admin).get(address)

    assert answer.status_code in {status, 404}
    assert "no-store" in answer.headers["Cache-Control"]


def test_of_a_failure(monkeypatch, admin):
    client = Client(raise_request_exception=False)
    client.force_login(admin, backend="django.contrib.auth.backends.ModelBackend")
    monkeypatch.setattr("accounts.middleware.rules.may_use_bigquery", lambda user: 1 / 0)
    answer = client.get("/settings/partners/")

    assert answer.status_code == 500
    assert "no-store" in answer.headers["Cache-Control"]
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert b"ZeroDivisionError" not in answer.content
