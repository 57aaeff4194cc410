"""The whole product as `make run` starts it, a sandbox to judge it from outside, and Chromium."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Page, expect, sync_playwright
from psycopg import sql

from tests.harness.browser import on_path

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = os.environ.get("CHROMIUM") or on_path() or "chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# Nothing is measured by these: they end a test that has failed. So they are long enough for two
# workers, a sandbox and a browser on a machine that has ten other things to do.
PATIENCE, LONG = 60_000, 300_000  # milliseconds; the longer one is for what takes several turns
expect.set_options(timeout=PATIENCE)
# What a person has who types `make run`, and nothing of this test's own.
PASSED_ON = ("PATH", "HOME", "LANG", "TMPDIR")
# Empty: the product's own SQLite file. On the second pass it works on the real PostgreSQL.
SERVER = os.environ.get("DATABASE_URL", "")
SERVER = SERVER if SERVER.startswith("postgres") else ""
# Each job's product has a database of its own, as each has a folder.
JOB = os.environ.get("PYTEST_XDIST_WORKER", "")
SHARED = SERVER
SERVER = f"{SERVER.rpartition('/')[0]}/browser_{JOB}" if SERVER and JOB else SERVER


SEEN = """() => [
  document.activeElement?.outerHTML.slice(0, 200),
  document.querySelector("main")?.innerText.slice(0, 3000),
]"""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """A test that failed says what its page showed: it may not fail so again."""
    report = yield
    page = getattr(item, "funcargs", {}).get("page") or getattr(item, "funcargs", {}).get("visitor")
    if report.when == "call" and report.failed and isinstance(page, Page) and not page.is_closed():
        with contextlib.suppress(PlaywrightError):  # it is just going somewhere else
            focus, words = page.evaluate(SEEN)
            report.sections.append(("the page", f"{page.url}\nfocus: {focus}\n\n{words}"))
    return report


class Sandbox:
    """Asks the sandbox what it saw, and tells it what to do wrong."""

    def __init__(self, url):
        self.url = url

    def ask(self, path, method="GET", body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            self.url + path, data=data, method=method, headers={"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            content = answer.read()
        return json.loads(content) if content.strip() else None

    def key(self, name):
        with urllib.request.urlopen(f"{self.url}/keys/{name}.json", timeout=60) as answer:
            return answer.read()

    def reset(self):
        self.ask("/control/reset", "POST")

    def fault(self, **rule):
        return self.ask("/control/faults", "POST", rule)["id"]

    def lift(self, *rules):
        """Take these back; what waits because of them goes on at once."""
        for rule in rules:
            self.ask(f"/control/faults/{rule}", "DELETE")

    def lift_faults(self):
        self.ask("/control/faults", "DELETE")

    def slow_query(self, **narrowing):
        """No query ends by itself; the answer lifts it."""
        return self.fault(effect="slow_job", service="bigquery", seconds=600, **narrowing)

    def slow_sink(self, quick=4, **narrowing):
        """A few batches are taken, and then none: no large run ends by itself. Gives the rule.

        Half a minute is less than the product waits here, so nothing is troubled either.
        """
        upload = {"effect": "latency", "service": "clevertap", "path": "*/upload", **narrowing}
        if quick:
            self.fault(**upload, seconds=0.2, times=quick)
        return self.fault(**upload, seconds=30)

    def received(self):
        return self.ask("/control/clevertap/received")

    def account(self):
        return self.ask("/control/clevertap/accounts")["accounts"][0]

    def requests(self, service):
        return self.ask(f"/ledger?service={service}&limit=100000")["entries"]


@dataclass
class Product:
    url: str
    link: str
    sandbox: Sandbox
    folder: Path
    output: list

    def sign_in_link(self):
        """A fresh one-time link, as an operator prints it."""
        answer = subprocess.run(
            [sys.executable, "-m", "clevertap_bq.local", "sign-in-link"],
            cwd=ROOT,
            env=_environment(self.folder),
            capture_output=True,
            text=True,
            check=False,
        )
        assert answer.returncode == 0, answer.stderr
        return re.search(r"http://\S+/sign-in/link/\S+", answer.stdout).group()


@pytest.fixture(scope="session")
def product(tmp_path_factory):
    folder = tmp_path_factory.mktemp("product")
    ports = {"PORT": str(_free_port()), "SANDBOX_PORT": str(_free_port())}
    _make_database()
    process = subprocess.Popen(
        [sys.executable, "-m", "clevertap_bq.local", "run"],
        cwd=ROOT,
        env=_environment(
            folder,
            **ports,
            TICK_SECONDS="2",
            RUN_LEASE_SECONDS="15",
            CLEVERTAP_PARALLEL_REQUESTS="2",  # so that a slow sink keeps a run at work,
            CLEVERTAP_TIMEOUT_SECONDS="60",  # and is slow, not away
        ),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        yield _started(process, folder, ports)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            process.kill()
        process.stdout.close()


@pytest.fixture(scope="session")
def chromium():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def session(chromium, product):
    """What the browser of a signed-in admin keeps. To sign in costs a process, so it is done once."""
    context = chromium.new_context()
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto(product.sign_in_link())
    page.get_by_role("button", name=re.compile("^Sign in as")).click()
    page.wait_for_url(product.url + "/**")
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def page(chromium, session):
    """A signed-in admin's page; a violated content policy or a script error fails the test."""
    context = chromium.new_context(viewport={"width": 1440, "height": 1000}, storage_state=session)
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    troubles = _troubles_of(page)
    yield page
    context.close()
    assert troubles == []


@pytest.fixture(scope="module")
def contexts(chromium, session):
    """One signed-in context for each set of options: its style sheets are fetched once a file."""
    made = {}

    def context(**options):
        key = repr(sorted(options.items()))
        if key not in made:
            made[key] = chromium.new_context(
                viewport={"width": 1440, "height": 1000},
                permissions=["clipboard-read", "clipboard-write"],
                storage_state=session,
                **options,
            )
            made[key].set_default_timeout(PATIENCE)
        return made[key]

    yield context
    for one in made.values():
        one.close()


@pytest.fixture
def visitor(request, contexts):
    """As `page`, for a file's many short visits; `indirect` parameters go to the context."""
    context = contexts(**getattr(request, "param", {}))
    page = context.new_page()
    troubles = _troubles_of(page)
    yield page
    for one in context.pages:
        one.close()
    assert troubles == []


def _troubles_of(page):
    """Violations of the content policy, errors of scripts and of the server, as they come."""
    troubles = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda line: _note(troubles, line))
    page.on("response", lambda answer: _note_500(troubles, answer))
    return troubles


def _note(troubles, line):
    if line.type == "error" and "404" not in line.text and "403" not in line.text:
        troubles.append(line.text)


def _note_500(troubles, answer):
    if answer.status >= 500:
        troubles.append(f"{answer.status} {answer.url}")


def _started(process, folder, ports):
    output = []
    ready = threading.Event()

    def listen():
        for line in process.stdout:
            output.append(line)
            if "Ctrl-C stops everything" in line:
                ready.set()
        ready.set()

    threading.Thread(target=listen, daemon=True).start()
    assert ready.wait(300), "".join(output)
    text = "".join(output)
    assert process.poll() is None, text
    link = re.search(r"http://\S+/sign-in/link/\S+", text)
    return Product(
        url=f"http://127.0.0.1:{ports['PORT']}",
        link=link.group() if link else "",
        sandbox=Sandbox(f"http://127.0.0.1:{ports['SANDBOX_PORT']}"),
        folder=folder,
        output=output,
    )


def _environment(folder, **more):
    passed = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    database = {"DATABASE_URL": SERVER} if SERVER else {}
    return {**passed, **database, "DATA_DIR": str(folder), **more}


def _make_database():
    """Empty, on the server of this pass; nothing to do on SQLite."""
    if SHARED == SERVER:
        return
    name = sql.Identifier(SERVER.rpartition("/")[2])
    with psycopg.connect(SHARED, autocommit=True) as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
        server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(name))


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="module")
def worlds(tmp_path_factory):
    """The installations that scenes are looked at in."""
    from tests.browser.scenes.scene import WORLDS  # noqa: PLC0415 - it needs Django's apps
    from tests.browser.scenes.showroom import Showroom  # noqa: PLC0415

    with Showroom(tmp_path_factory.mktemp("showroom"), WORLDS) as started:
        yield started


@pytest.fixture(scope="module")
def visitors(worlds, chromium):
    """A person's browser in a world, opened when it is first wanted."""
    from tests.browser.scenes.visitor import Visitor  # noqa: PLC0415

    open_ones = {}

    def visitor(world, who):
        key = world, who
        if key not in open_ones:
            open_ones[key] = Visitor(chromium, worlds[world], who)
        return open_ones[key]

    yield visitor
    for one in open_ones.values():
        one.close()


@pytest.fixture(scope="module")
def reach():
    """What is known of links already."""
    from tests.browser.scenes.inspection import Reach  # noqa: PLC0415 - it needs Django's apps

    return Reach()
