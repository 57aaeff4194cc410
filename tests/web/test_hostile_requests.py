"""Requests that nobody sends by mistake: each is refused, none fails, none changes anything."""

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.models import SignInLink, User
from accounts.services import make_sign_in_link
from tests.factories import ConnectionFactory, ImportFactory
from tests.routes import every_route

pytestmark = pytest.mark.django_db
SAMPLES = {"gallery", "gallery_frame", "gallery_dialog", "gallery_pane"}
ROUTES = [route for route in every_route() if route.name not in SAMPLES]
FORMS = [route for route in ROUTES if "POST" in (route.methods or ()) and route.permission]
PAGES = [route for route in ROUTES if route.permission and not route.arguments]
METHODS = ["PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "OPTIONS", "HACK"]
MULTIPART = "multipart/form-data; boundary=x"
# Sign-in itself counts tries: that is its defence, and no change of anything of ours.
COUNTED = ("django_session", "axes_", "accounts_tally")
LONG = "A" * 70_000

BODIES = {
    "no end": (MULTIPART, b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\n1"),
    "no boundary": ("multipart/form-data", b"--x--"),
    "a boundary that is not there": ("multipart/form-data; boundary=y", b"--x--"),
    "a boundary of nonsense": ("multipart/form-data; boundary=\xff\x00", b"--x--"),
    "a huge boundary": (f"multipart/form-data; boundary={'x' * 5000}", b"--x--"),
    "nested headers": (MULTIPART, b"--x\r\nContent-Disposition: " + b";" * 9000 + b"\r\n\r\n--x--"),
    "a broken transfer": (
        MULTIPART,
        b"--x\r\nContent-Disposition: form-data; name=f; filename=k\r\n"
        b"Content-Transfer-Encoding: base64\r\n\r\n%%%\r\n--x--",
    ),
    "a file name upwards": (
        MULTIPART,
        b"--x\r\nContent-Disposition: form-data; name=key_file; filename=../../etc/x\r\n\r\n"
        b"{}\r\n--x--",
    ),
    "many files": (
        MULTIPART,
        b"".join(
            b"--x\r\nContent-Disposition: form-data; name=f%d; filename=k\r\n\r\n1\r\n" % n
            for n in range(20)
        )
        + b"--x--",
    ),
    "too much": ("application/x-www-form-urlencoded", b"a=" + b"1" * 600_000),
    "too many fields": ("application/x-www-form-urlencoded", b"&".join([b"a=1"] * 5000)),
    "bytes that are no text": ("application/x-www-form-urlencoded", b"name=\xff\xfe&q=%ff%fe"),
    "an unknown charset": ("application/x-www-form-urlencoded; charset=klingon", b"a=1"),
    "JSON": ("application/json", b'{"__proto__": {"role": "admin"}}'),
    "XML": ("text/xml", b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'),
    "nulls": ("application/x-www-form-urlencoded", b"name=%00&email=%00&role=%00&action=%00"),
    "lone surrogates": ("application/x-www-form-urlencoded", b"name=%ed%a0%80&action=%ed%a0%80"),
}
PATHS = [
    *("/../../etc/passwd", "/settings/../../etc/passwd", "/static/../clevertap_bq/settings.py"),
    *("/static/%2e%2e/%2e%2e/etc/passwd", "/static/..%5c..%5csecrets", "/.git/config", "/.env"),
    *("/%00", "/settings/%00/", "/%ff%fe/", "/settings/users/%ed%a0%80/", "/a" * 3000),
    *("//evil.example/", "/settings//users//", "/settings/users/1/", "/settings/users/-1/"),
    *("/settings/users/00000000000000000000000000000000/", "/;/", "/%0d%0aSet-Cookie:%20a=b"),
    *("/sign-in/link/%00/", "/sign-in/link/" + "a" * 5000 + "/", "/sign-in/link/../../"),
    *(
        "/settings/audit-logs.csv%00.html",
        "/settings/users/%E2%80%AE/",
        "/admin/",
        "/debug/",
        "/api/",
    ),
]
QUERIES = [
    *("page=%00", "page=99999999999999999999", "page=-1", "page=%D9%A1", "sort=%00", "q=%00"),
    *(f"q={LONG}", "q=%ff%fe", "from=0000-00-00&to=9999-99-99", "from=99999-01-01", "status=';--"),
    *("q=%ed%a0%80", "next=//evil.example", "sort=password", "sort=-user__password", "page[]=1"),
    *("q=a&q=b&q=", "page=2&page=x&page=1", "status=failed&status=verified&status=--"),
    *("q=" + "%25" * 300, "person=%00&action=%00&object=%00", "from=%00", "q=%F0%9F%92%A9"),
]
HEADERS = [
    {"Accept-Language": LONG},
    {"Cookie": "session=" + "a" * 5000},
    {"Cookie": "session=%00; csrf=%00; known=%00"},
    {"Cookie": "session=../../../etc/passwd"},
    {"Cookie": "known=eyJhIjoxfQ:1:x; messages=x"},
    {"X-Forwarded-For": "'; DROP TABLE accounts_user;--"},
    {"X-Forwarded-For": ", ".join(["10.0.0.1"] * 500)},
    {"X-Forwarded-Host": "evil.example"},
    {"X-Forwarded-Proto": "javascript"},
    {"X-HTTP-Method-Override": "DELETE"},
    {"X-Original-URL": "/settings/users/"},
    {"X-Rewrite-URL": "/settings/users/"},
    {"HX-Request": "true", "HX-Current-URL": "javascript:alert(1)"},
    {"HX-Request": "true", "HX-Current-URL": "https://evil.example/\x7f"},
    {"HX-Request": "true", "HX-Current-URL": "http://[::1"},
    {"Referer": "http://[not-an-address"},
    {"User-Agent": "\xff\xfe<script>"},
    {"Range": "bytes=0-999999999999"},
    {"If-Modified-Since": "yesterday"},
    {"Accept-Encoding": "gzip;q=NaN"},
    {"Authorization": "Basic \xff"},
    {"X-Poll": "\x00"},
]
HOSTS = [
    *("evil.example", "testserver.evil.example", "evil.example:80@testserver", "[::1", "a b"),
    *(
        "",
        "testserver/x",
        "тест",
        "testserver\\.evil.example",
        ".testserver",
    ),
]


@pytest.fixture(autouse=True)
def strict(settings, monkeypatch):
    settings.ALLOWED_HOSTS = ["testserver"]
    settings.CSRF_TRUSTED_ORIGINS = ["https://import.example.com"]


@pytest.fixture
def admin(db):
    return User.objects.create_user(email="hostile@example.com", role="admin")


@pytest.fixture
def subject(admin):
    """Something to lose."""
    return ImportFactory(connection=ConnectionFactory(created_by=admin), created_by=admin)


@pytest.fixture
def used_link(admin):
    path = make_sign_in_link(user=admin, now=timezone.now())
    SignInLink.objects.update(used_at=timezone.now())
    return path


@pytest.fixture
def client(admin):
    found = Client(raise_request_exception=False)
    found.force_login(admin, backend="django.contrib.auth.backends.ModelBackend")
    return found


@pytest.fixture(autouse=True)
def unchanged(request):
    """No write outside of what counts tries, whatever was sent."""
    writes = []

    def note(execute, sql, params, many, context):
        if sql.startswith(("INSERT", "UPDATE", "DELETE")) and not any(t in sql for t in COUNTED):
            writes.append(sql)
        return execute(sql, params, many, context)

    for name in {"client", "subject", "used_link"} & set(request.fixturenames):
        request.getfixturevalue(name)  # the rows of the test itself come first
    with connection.execute_wrapper(note):
        yield
    assert writes == []


def each(values):
    return pytest.mark.parametrize(
        "sent", [pytest.param(v, id=f"{n}") for n, v in enumerate(values)]
    )


def refused(response):
    assert 400 <= response.status_code < 500, response.status_code


@pytest.mark.parametrize("route", [pytest.param(r, id=r.name) for r in FORMS])
def test_a_form_of_another_site(client, route):
    client.handler.enforce_csrf_checks = True
    headers = {"Origin": "https://evil.example", "Referer": "https://evil.example/"}

    assert client.post(route.address, {"confirm": "yes"}, headers=headers).status_code == 403


@pytest.mark.parametrize("route", [pytest.param(r, id=r.name) for r in PAGES])
def test_another_method(client, route):
    found = {method: client.generic(method, route.address).status_code for method in METHODS}

    assert found == dict.fromkeys(METHODS, 405)


@each(HOSTS)
def test_another_host(client, sent):
    assert client.get("/settings/users/", headers={"Host": sent}).status_code == 400


@each(PATHS)
def test_another_path(client, sent):
    response = client.get(sent)

    assert response.status_code in {301, 302, 400, 404, 410}
    assert "evil" not in response.headers.get("Location", "")
    assert "Set-Cookie" not in response.headers


@each(QUERIES)
@pytest.mark.parametrize(
    "page", ["/settings/audit-logs/", "/settings/partners/import-connections/", "/search/"]
)
def test_another_query(client, page, sent):
    assert client.get(f"{page}?{sent}").status_code in {200, 400}


@each(HEADERS)
def test_another_header(client, sent):
    kept = {} if "Cookie" in sent else {"Cookie": client.cookies.output(header="", sep=";")}
    response = client.get("/settings/users/", headers={**kept, **sent})

    assert response.status_code in {200, 302, 400, 403}
    assert "evil.example" not in str(response.headers)
    assert b"evil.example" not in response.content


@pytest.mark.parametrize("body", [pytest.param(v, id=k) for k, v in BODIES.items()])
@pytest.mark.parametrize("page", ["/settings/users/", "/settings/partners/bigquery/add/"])
def test_another_body(client, page, body):
    content_type, sent = body

    assert client.generic("POST", page, sent, content_type).status_code in {200, 400, 403, 413}


@pytest.mark.parametrize("said", [-1, 10**12, "many", ""])
def test_another_length(client, said):
    response = client.post("/settings/users/", {"email": "x"}, CONTENT_LENGTH=said)

    assert response.status_code in {200, 400}


@pytest.mark.parametrize("route", [pytest.param(r, id=r.name) for r in FORMS if r.arguments])
def test_a_confirmation_for_what_is_not_there(client, route):
    refused(client.post(route.address, {"confirm": "yes", "typed": "x", "action": "delete"}))


def test_a_confirmation_of_a_list_that_was_another(client, subject):
    address = f"/settings/partners/import-connections/{subject.connection_id}/delete/"
    replayed = {"seen": "0" * 64, "fingerprint": "0" * 64, "choice": "stop", "confirm": "yes"}

    assert client.post(address, replayed).status_code in {200, 409}


def test_a_link_that_was_used(client, used_link):
    assert client.get(used_link).status_code == 410


class TestGuard:
    def test_sends_enough(self):
        lists = len(HOSTS) + len(PATHS) + 3 * len(QUERIES) + len(HEADERS) + 2 * len(BODIES)

        assert lists + len(FORMS) + len(METHODS) * len(PAGES) >= 150
