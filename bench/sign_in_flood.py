"""10,000 tries to sign in, in a minute: how they are refused, and what others notice of it.

On PostgreSQL and on SQLite, behind gunicorn as it is shipped, with one proxy that is trusted, so
that each try says where it comes from. Beside the floods stands one of the page /healthz, of as
many requests at the same pace: what the sender and the web server cost by themselves on this
machine. Meanwhile somebody who is signed in opens a page four times a second, and somebody signs
in at a browser of their own every four seconds. Run: make bench ARGS=sign_in_flood (TRIES=2000
for a short one, DATABASE=sqlite or postgresql for one). Processor time is the server's own.
"""

import http.client
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import django
from django.core.management import call_command
from django.db import connections

from bench.connection_list import cookie_of, percentiles, web_server
from tests.harness import environment, servers

TRIES, SECONDS, SENDERS = int(os.environ.get("TRIES", "10000")), 60, 24
PASSWORD = "eleven quiet herons"
PAGE = "/settings/partners/import-connections/"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
LOCKED, WRONG, IN = 429, 200, 302


def one_address(number: int) -> str:
    """Whatever the number is."""
    return "192.0.2.1"


def many_addresses(number: int) -> str:
    """One for each try."""
    return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


def one_name(number: int) -> str:
    """Of somebody who exists."""
    return "victim@example.com"


def many_names(number: int) -> str:
    """One for each try; of nobody."""
    return f"person-{number}@example.com"


Kind = tuple[Callable[[int], str], Callable[[int], str]]
BESIDE = "/healthz, as many requests"
FLOODS: dict[str, Kind | None] = {
    BESIDE: None,
    "one name, one address": (one_name, one_address),
    "many names, one address": (many_names, one_address),
    "one name, many addresses": (one_name, many_addresses),
    "many names, many addresses": (many_names, many_addresses),
}


@dataclass
class Browser:
    """One connection that is kept, and the token of the form."""

    base: str
    cookies: dict[str, str] = field(default_factory=dict)
    token: str = ""

    def __post_init__(self) -> None:
        self.line = http.client.HTTPConnection(urlsplit(self.base).netloc, timeout=60)
        page = self.ask("GET", "/sign-in/")[1]
        found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
        assert found, "the page to sign in has no form"
        self.token = found[1]

    def ask(self, method: str, path: str, body: str = "", address: str = "") -> tuple[int, str]:
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = {**FORM, "Cookie": cookie, "X-Forwarded-For": address or "203.0.113.1"}
        self.line.request(method, path, body, headers)
        answer = self.line.getresponse()
        text = answer.read().decode()
        for line in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer.status, text

    def try_password(self, name: str, password: str, address: str) -> int:
        form = {"email": name, "password": password, "csrfmiddlewaretoken": self.token}
        return self.ask("POST", "/sign-in/", urlencode(form), address)[0]


@contextmanager
def meanwhile(act: Callable[[], None], every: float) -> Iterator[list[float]]:
    """Do it again and again; gives how many milliseconds each took."""
    taken: list[float] = []
    over = threading.Event()

    def go_on() -> None:
        while not over.wait(every):
            began = time.perf_counter()
            act()
            taken.append((time.perf_counter() - began) * 1000)

    at_work = threading.Thread(target=go_on)
    at_work.start()
    try:
        yield taken
    finally:
        over.set()
        at_work.join()


@dataclass
class Onlooker:
    """Somebody who is signed in and opens a page, on a connection that is kept."""

    base: str
    cookie: str

    def __post_init__(self) -> None:
        self.line = http.client.HTTPConnection(urlsplit(self.base).netloc, timeout=60)

    def look(self) -> None:
        self.line.request("GET", PAGE, headers={"Cookie": self.cookie})
        answer = self.line.getresponse()
        assert "Import Connections" in answer.read().decode(), answer.status


@dataclass
class AtDesk:
    """Somebody who signs in at a browser that is known, and counts how often that works."""

    base: str
    known: str
    worked: int = 0

    def sign_in(self) -> None:
        again = Browser(self.base, {"known": self.known})
        self.worked += again.try_password("desk@example.com", PASSWORD, "203.0.113.7") == IN


def processor_seconds() -> float:
    """Of the web processes: what gunicorn and its children have used."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            line = (stat.parent / "cmdline").read_bytes()
            if b"clevertap_bq.wsgi" in line:
                ticks += sum(int(n) for n in stat.read_text().rpartition(")")[2].split()[11:13])
        except OSError:
            continue  # it has ended
    return ticks / os.sysconf("SC_CLK_TCK")


def flood(base: str, kind: Kind | None) -> Counter[int]:
    """All tries, evenly over the minute as far as the server keeps up; what was answered."""
    began, answers = time.monotonic(), Counter[int]()
    here = threading.local()

    def one(number: int) -> int:
        if not hasattr(here, "browser"):
            here.browser = Browser(base)
        time.sleep(max(0.0, began + number * SECONDS / 10_000 - time.monotonic()))
        if kind is None:
            return int(here.browser.ask("GET", "/healthz")[0])
        name, address = kind
        return int(here.browser.try_password(name(number), "wrong", address(number)))

    with ThreadPoolExecutor(SENDERS) as senders:
        answers.update(senders.map(one, range(TRIES)))
    return answers


def measured(base: str, onlooker: Onlooker, desk: AtDesk) -> bool:
    """Print a line for each flood; whether all were refused as stated and others let in."""
    with meanwhile(onlooker.look, 0.25) as pages, meanwhile(desk.sign_in, 1) as ins:
        time.sleep(12)
    told("no flood", pages, ins)
    kept = True
    for title, kind in FLOODS.items():
        began, worked, sent = time.monotonic(), processor_seconds(), time.process_time()
        forget()
        desk.worked = 0
        with meanwhile(onlooker.look, 0.25) as pages, meanwhile(desk.sign_in, 4) as ins:
            answers = flood(base, kind)
        seconds = time.monotonic() - began
        worked, sent = processor_seconds() - worked, time.process_time() - sent
        told(
            title,
            pages,
            ins,
            f"; {TRIES / seconds:4.0f} a second, {answers[WRONG]:,} answered, "
            f"{answers[LOCKED]:,} refused; processor of the server {worked / TRIES * 1000:.1f} ms, "
            f"of the sender {sent / TRIES * 1000:.1f} ms each; {desk.worked} of {len(ins)} let in",
        )
        if others := {code: n for code, n in answers.items() if code not in {WRONG, LOCKED}}:
            print(f"  answered otherwise: {others}", flush=True)
        kept = kept and desk.worked == len(ins) and answers[WRONG] + answers[LOCKED] == TRIES
    return kept


def told(title: str, pages: list[float], ins: list[float], more: str = "") -> None:
    """One line of figures."""
    middle, late = percentiles(pages)
    in_middle, in_late = percentiles(ins) if len(ins) > 1 else (0, 0)
    print(
        f"{title:<27} another’s page p50 {middle:4.0f} p95 {late:5.0f} ms; sign-in at a known "
        f"browser p50 {in_middle:5.0f} p95 {in_late:5.0f} ms{more}",
        flush=True,
    )


def forget() -> None:
    """Each flood meets counts that begin."""
    from axes.models import AccessAttempt  # noqa: PLC0415

    from accounts.models import Tally  # noqa: PLC0415 - Django is set up by now

    Tally.objects.all().delete()
    AccessAttempt.objects.all().delete()
    connections.close_all()


def prepared(address: str, folder: Path) -> Any:
    """A database with the people; gives the onlooker."""
    os.environ.update(environment.for_checks(folder))
    os.environ |= {"DATABASE_URL": address, "TRUSTED_PROXY_COUNT": "1"}
    os.environ["DJANGO_SETTINGS_MODULE"] = "clevertap_bq.settings"
    django.setup()
    call_command("migrate", verbosity=0, skip_checks=True)
    call_command("collectstatic", verbosity=0, interactive=False, skip_checks=True)
    from accounts.models import User  # noqa: PLC0415 - Django is set up by now

    for name in ("victim", "desk"):
        User.objects.create_user(email=f"{name}@example.com", role="member", password=PASSWORD)
    return User.objects.create_user(email="onlooker@example.com", role="admin", password=None)


def on(address: str, folder: Path) -> bool:
    """All floods against a server on this database; whether all went as stated."""
    cookie = cookie_of(prepared(address, folder))
    connections.close_all()
    with web_server(folder) as base:
        first = Browser(base)
        assert first.try_password("desk@example.com", PASSWORD, "203.0.113.7") == IN
        return measured(base, Onlooker(base, cookie), AtDesk(base, first.cookies["known"]))


def main() -> None:
    """Print the figures; fail when a try got through or somebody was kept out."""
    named = os.environ.get("DATABASE")
    failed = 0
    if named is None:  # settings are read once in a process: one for each database
        for database in ("postgresql", "sqlite"):
            print(database, flush=True)
            command = [sys.executable, "-m", "bench.sign_in_flood"]
            failed += subprocess.run(command, env={**os.environ, "DATABASE": database}).returncode
        raise SystemExit(failed)
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        address = f"sqlite:///{name}/flood.sqlite3"
        if named != "sqlite":
            address = stack.enter_context(servers.postgres_server_of_our_own())
        kept = on(address, Path(name))
    if not kept:
        raise SystemExit("Somebody was kept out, or a try was answered in another way.")


if __name__ == "__main__":
    main()
