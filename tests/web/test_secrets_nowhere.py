"""One walk through everything that holds a secret, and then through everything that is kept.

Secrets are looked for in every page, log line, message, database row, session, cookie and
measure. A one-time thing (a link, a seed, recovery codes) may stand in the one answer that
gives it. What customers' rows held may stand on pages for those who may see it, and nowhere else.
"""

import io
import json
import logging
import sys
from types import SimpleNamespace

import pyotp
import pytest
from celery import Task
from django.core import mail as outbox
from django.core.cache import cache
from django.core.signals import got_request_exception
from django.db import connection
from django.template import Context, Template
from django.test import Client
from django.utils.log import AdminEmailHandler
from django.views.debug import ExceptionReporter
from kombu import Connection

from accounts import mail
from clevertap_bq.logs import MaskedFormatter
from connections import encryption
from connections.secret import Secret
from imports.contents import Content
from imports.models import CleverTapAccount, DryRun
from tests.architecture.test_who_may_do_what import ROUTES, address_of, arguments_of
from tests.factories import CleverTapAccountFactory, ImportFactory, RunFactory
from tests.factories_keys import key_body, key_json
from tests.harness import servers
from tests.oidc_provider import Provider
from tests.refused import hold, refuse
from tests.web import secret_ways as ways

pytestmark = pytest.mark.django_db
PASSWORD, PASSCODE = "canary nine herons fly", "CANARY-PASSCODE-77"
OPERATOR = {
    "OIDC_CLIENT_SECRET": "canary-of-the-provider",
    "EMAIL_HOST_PASSWORD": "canary-of-the-mail-server",
    "METRICS_TOKEN": "canary-of-the-measures",
}
CUSTOMER = "canary.customer@shop.example"
ADD = "/settings/partners/bigquery/add/"


@pytest.fixture
def log(monkeypatch):
    """Everything that the real handler writes, at the loudest level."""
    handler = next(h for h in logging.root.handlers if isinstance(h.formatter, MaskedFormatter))
    lines = io.StringIO()
    before = handler.setStream(lines)
    monkeypatch.setattr(logging.root, "level", logging.DEBUG)
    yield lines
    handler.setStream(before)


@pytest.fixture(scope="module")
def redis():
    """A server of the broker and the cache, where tasks wait: there is no worker."""
    with servers.redis_server() as address:
        yield address


@pytest.fixture
def broker(redis, monkeypatch, settings):
    """Bells are rung there, through the real client; gives the address."""
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": redis}}
    send = Task.apply_async
    with Connection(redis) as line:
        monkeypatch.setattr(
            Task, "apply_async", lambda task, **more: send(task, **more, connection=line)
        )
        yield redis


@pytest.fixture(scope="module")
def provider():
    made = Provider()
    yield made
    made.close()


@pytest.fixture
def operated(settings, db):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.SENDS_MAIL = True
    for name, value in OPERATOR.items():
        setattr(settings, name, value)
    return settings


def dumped():
    """Every value of every table as one text."""
    with connection.cursor() as cursor:
        rows = []
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            rows += [f"{table}: {row}" for row in cursor.fetchall()]
    return "\n".join(rows)


def token_of(text):
    return text.partition("/sign-in/link/")[2].partition("/")[0]


def of_a_person(client, admin, member, secrets):
    """Password, links by hand and by mail, a seed, codes; each used wrongly too."""
    new = {"new_password": PASSWORD, "repeated_password": PASSWORD}
    client.post("/account/", {"action": "password", **new})
    Client().post("/sign-in/", {"email": member.email, "password": f"{PASSWORD} no"})
    for purpose in ("invitation", "reset"):
        page = client.post(f"/settings/users/{member.pk}/sign-in-link/", {"purpose": purpose})
        secrets[f"link: {purpose}"] = token_of(page.content.decode())
    mail.send_reset(user_id=member.pk)
    secrets["link by mail"] = token_of(outbox.outbox[-1].body)
    for name in ("link: invitation", "link by mail"):
        Client().get(f"/sign-in/link/{secrets[name]}/")
        Client().post(f"/sign-in/link/{secrets[name]}/", {"new_password": PASSWORD})
        ways.links_that_break(Client(), f"/sign-in/link/{secrets[name]}/")


def of_a_second_step(client, admin, secrets):
    from accounts.services import second_step  # noqa: PLC0415

    client.post("/account/second-step/", {"action": "begin"})
    secrets["seed"] = second_step.pairing(admin).seed
    client.post("/account/second-step/", {"action": "confirm", "code": "000000"})
    code = pyotp.TOTP(secrets["seed"]).now()
    shown = client.post("/account/second-step/", {"action": "confirm", "code": code})
    secrets["recovery code"] = shown.context["codes"].splitlines()[0]
    secrets["recovery code, plain"] = secrets["recovery code"].replace("-", "")
    client.post("/account/second-step/", {"action": "renew", "code": "AAAAAA-AAAAAA"})
    client.post("/account/second-step/", {"action": "off", "code": "000000"})


def of_a_connection(client, secrets):
    """A key that is read, kept with an error beside it, and refused."""
    body = key_body()
    secrets["key"], secrets["middle of the key"] = body[:40], body[200:240]
    form = {"action": "read_key", "key_text": key_json()}
    client.post(ADD, {**form, "connection_name": "\u202eodd", "project_id": "?", "dataset_id": ""})
    client.post(ADD, {**form, "key_text": key_json()[:-60]})
    client.post("/settings/clevertap-accounts/add/", {"name": "", "passcode": PASSCODE})


def of_rows(admin):
    """Refused rows, a batch in doubt, a dry run: all with one customer's address."""
    account = CleverTapAccountFactory(created_by=admin)
    account.sealed_passcode = encryption.seal(
        Secret(PASSCODE), CleverTapAccount.seal_context(account.id)
    )
    account.save()
    parent = ImportFactory(created_by=admin, account=account)
    run = RunFactory(parent=parent, succeeded=True, read_count=3, refused_count=2, unknown_count=1)
    refuse(run, (1, Content("c1", {"customer_id": "c1", "email": CUSTOMER})))
    refuse(run, (2, Content(CUSTOMER)), refused_by="clevertap", code="516", sentence="Phone.")
    hold(run, 2, json.dumps({"identity": CUSTOMER}).encode())
    dry = DryRun.objects.create(parent=parent, mapping={}, sample_rows=10, requested_by=admin)
    dry.answered(
        encryption.seal(Secret(json.dumps({"examples": [CUSTOMER]})), dry.seal_context(dry.pk)),
        bytes_billed=0,
    )
    return run


def replayed(client, run):
    """The ways that rows take once more, and out."""
    page = run.get_absolute_url()
    for form in ("csv", "jsonl"):
        answer = client.post(f"{page}refused/download/", {"format": form})
        assert CUSTOMER in b"".join(answer.streaming_content).decode(), "no row to look for"
    client.get(f"{page}refused/?identity={CUSTOMER}")
    client.post(f"{page}refused/replay/", {})
    client.post(f"{page}held/decide/", {"decision": "resend"})


@pytest.fixture
def lived(
    operated, log, broker, provider, admin, member, as_admin, django_capture_on_commit_callbacks
):
    """Everything has happened, failures too; what must not be found, by name."""
    secrets = {"password": PASSWORD, "passcode": PASSCODE, **OPERATOR}
    with django_capture_on_commit_callbacks(execute=True):
        of_a_person(as_admin, admin, member, secrets)
        of_a_second_step(as_admin, admin, secrets)
        of_a_connection(as_admin, secrets)
        run = of_rows(admin)
        replayed(as_admin, run)
        ways.of_a_write_back(as_admin, run)
        mapped = ways.of_a_mapping(as_admin, admin, CUSTOMER)
        ways.of_single_sign_on(provider, operated, secrets)
        Client().post("/sign-in/forgot-password/", {"email": member.email})
    secrets["session"] = as_admin.session.session_key
    for secret in secrets.values():
        assert len(secret) >= 16, secrets
    return SimpleNamespace(
        secrets=secrets,
        client=as_admin,
        run=run,
        log=log,
        admin=admin,
        mapped=mapped,
        redis=broker,
    )


def found(secrets, text):
    return [name for name, secret in secrets.items() if secret in text]


def addresses(lived):
    for route in ROUTES:
        if "GET" in (route.methods or ()):
            yield route, address_of(route, arguments_of(route, lived.admin))
    yield None, f"{lived.run.get_absolute_url()}refused/"
    yield None, f"{lived.run.get_absolute_url()}held/"
    yield None, lived.run.parent.get_absolute_url()
    yield None, lived.mapped
    yield None, "/nowhere/"


def test_no_secret_leaves_and_none_is_kept_in_the_clear(lived, monkeypatch, settings):
    pages = 0
    for route, address in addresses(lived):
        answer = lived.client.get(address)
        body = b"".join(answer) if answer.streaming else answer.content
        told = found(lived.secrets, f"{answer.headers} {body.decode()}")
        assert told == [], (route, address)
        pages += 1
    measures = Client().get(
        "/metrics", headers={"Authorization": f"Bearer {settings.METRICS_TOKEN}"}
    )
    assert measures.status_code == 200
    assert found({**lived.secrets, "row": CUSTOMER}, measures.content.decode()) == []
    assert pages > 40
    kept = dumped()
    assert "admin@shop.example" in kept
    assert found({**lived.secrets, "row": CUSTOMER}, kept) == []
    assert "django.request" in lived.log.getvalue()
    assert found({**lived.secrets, "row": CUSTOMER}, lived.log.getvalue()) == []
    cache.set("any", "kept", 60)
    waiting = ways.kept_by_redis(lived.redis)
    for name in ("accounts.mail_reset", "connections.", "imports.", "cache"):
        assert name in waiting, name
    assert found({**lived.secrets, "row": CUSTOMER}, waiting) == []
    mails_hold_their_own_link_and_nothing_else(lived)


def mails_hold_their_own_link_and_nothing_else(lived):
    assert outbox.outbox
    for message in outbox.outbox:
        text = f"{message.subject} {message.body} {message.message()}"
        rest = {name: one for name, one in lived.secrets.items() if name != "link by mail"}
        assert found({**rest, "row": CUSTOMER}, text) == []


def test_nothing_is_mailed_or_shown_of_a_failure(settings):
    """No handler sends reports, and no page shows one."""
    loggers = [logging.root, *map(logging.getLogger, logging.root.manager.loggerDict)]
    handlers = [handler for logger in loggers for handler in logger.handlers]

    assert not [one for one in handlers if isinstance(one, AdminEmailHandler)]
    assert (settings.ADMINS, settings.MANAGERS, settings.DEBUG) == ([], [], False)


def test_what_a_page_was_given_is_never_written_out(log):
    """Django's debug line would hold it, broken into lines that the masks cannot read."""
    given = {"path": f"/sign-in/link/{'a-b' * 30}/", "words": PASSWORD}
    Template("{% if not missing %}x{% endif %}{{ gone.too }}").render(Context(given))
    assert PASSWORD not in log.getvalue()


FAILING = [
    ("accounts.services.passwords.set_password", "/account/", {"action": "password"}),
    ("accounts.services.second_step.confirm", "/account/second-step/", {"action": "confirm"}),
    ("accounts.sessions.authenticate", "/sign-in/", {"email": "a@example.com"}),
    ("connections.service_account.reader.text_of", ADD, {"action": "read_key"}),
    ("connections.services.keys.store_draft", ADD, {"action": "read_key"}),
    ("imports.services.accounts.create_account", "/settings/clevertap-accounts/add/", {}),
]


@pytest.fixture
def reports():
    """What Django would mail about each failure, with the variables that it finds."""
    made = []

    def note(request, **_):
        reporter = ExceptionReporter(request, *sys.exc_info(), is_email=True)
        made.append(reporter.get_traceback_html() + reporter.get_traceback_text())

    got_request_exception.connect(note)
    yield made
    got_request_exception.disconnect(note)


@pytest.mark.parametrize(("place", "address", "form"), FAILING)
def test_a_failure_beside_a_secret_tells_nothing(
    as_admin, operated, log, reports, monkeypatch, place, address, form
):
    """Neither its page, nor the log, nor the report that could be mailed."""

    def fail(*args, **kwargs):
        raise RuntimeError("beside a secret")

    monkeypatch.setattr(place, fail)
    secrets = {"password": PASSWORD, "key": key_body()[:40], "code": "775533", "pass": PASSCODE}
    new = {"new_password": PASSWORD, "repeated_password": PASSWORD, "password": PASSWORD}
    account = {"name": "Shop", "region": "eu1", "account_id": "ABC-123-456Z", "passcode": PASSCODE}
    account["time_zone"] = "UTC"
    client = Client(raise_request_exception=False)
    client.cookies = as_admin.cookies
    as_admin.post("/account/second-step/", {"action": "begin"})
    answer = client.post(
        address, {**new, **account, "key_text": key_json(), "code": "775533", **form}
    )
    assert answer.status_code == 500
    assert len(reports) == 1
    assert "beside a secret" in reports[0]
    assert "beside a secret" in log.getvalue()
    for told in (answer.content.decode(), log.getvalue(), *reports):
        assert found(secrets, told) == []
