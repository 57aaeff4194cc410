"""10,000 tries to sign in, in a minute: how they are refused, and what others notice of it.

On PostgreSQL, behind gunicorn as it is shipped, with one proxy that is trusted, so that each
try says where it comes from. Somebody who is signed in opens a page four times a second
meanwhile, and somebody signs in at a browser of their own. Run: make bench ARGS=sign_in_flood
(TRIES=2000 for a short one). Processor time is the server's own: it does not depend on what
else runs on the machine.
"""

import http.client
import os
import re
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
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


FLOODS = {
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


@dataclass
class Onlooker:
    """Opens a page four times a second, and notes how long each took."""

    base: str
    cookie: str

    @contextmanager
    def looking(self) -> Iterator[list[float]]:
        taken: list[float] = []
        over = threading.Event()
        at_work = threading.Thread(target=self._look, args=(taken, over))
        at_work.start()
        try:
            yield taken
        finally:
            over.set()
            at_work.join()

    def _look(self, taken: list[float], over: threading.Event) -> None:
        line = http.client.HTTPConnection(urlsplit(self.base).netloc, timeout=60)
        while not over.wait(0.25):
            began = time.perf_counter()
            line.request("GET", PAGE, headers={"Cookie": self.cookie})
            answer = line.getresponse()
            assert "Import Connections" in answer.read().decode(), answer.status
            taken.append((time.perf_counter() - began) * 1000)


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


def flood(base: str, name: Callable[[int], str], address: Callable[[int], str]) -> Counter[int]:
    """All tries, evenly over the minute as far as the server keeps up; what was answered."""
    began, answers = time.monotonic(), Counter[int]()
    here = threading.local()

    def one(number: int) -> int:
        if not hasattr(here, "browser"):
            here.browser = Browser(base)
        time.sleep(max(0.0, began + number * SECONDS / 10_000 - time.monotonic()))
        return int(here.browser.try_password(name(number), "wrong", address(number)))

    with ThreadPoolExecutor(SENDERS) as senders:
        answers.update(senders.map(one, range(TRIES)))
    return answers


def told(title: str, taken: list[float], more: str = "") -> None:
    """One line of figures."""
    middle, late = percentiles(taken)
    print(f"{title:<27} another’s page p50 {middle:5.0f} ms, p95 {late:5.0f} ms{more}", flush=True)


def measured(base: str, onlooker: Onlooker, at_desk: Browser) -> bool:
    """Print a line for each flood; whether all were refused as stated and others let in."""
    with onlooker.looking() as quiet:
        time.sleep(10)
    told("no flood", quiet)
    kept = True
    for title, (name, address) in FLOODS.items():
        began, worked = time.monotonic(), processor_seconds()
        forget()
        with onlooker.looking() as taken, ThreadPoolExecutor(1) as beside:
            at_once = beside.submit(sign_in_later, at_desk)
            answers = flood(base, name, address)
            let_in = at_once.result()
        seconds, worked = time.monotonic() - began, processor_seconds() - worked
        told(
            title,
            taken,
            f"; {TRIES / seconds:4.0f} tries a second, {answers[WRONG]:,} judged, "
            f"{answers[LOCKED]:,} refused, {worked / TRIES * 1000:.1f} ms of processor each; "
            f"sign-in at a known browser {'worked' if let_in else 'FAILED'}",
        )
        kept = kept and let_in and answers[WRONG] + answers[LOCKED] == TRIES
    return kept


def forget() -> None:
    """Each flood meets counts that begin."""
    from axes.models import AccessAttempt  # noqa: PLC0415

    from accounts.models import Tally  # noqa: PLC0415 - Django is set up by now

    Tally.objects.all().delete()
    AccessAttempt.objects.all().delete()
    connections.close_all()


def sign_in_later(at_desk: Browser) -> bool:
    """Somebody comes to their desk while the flood is on."""
    time.sleep(5)
    again = Browser(at_desk.base, {"known": at_desk.cookies["known"]})
    return again.try_password("victim@example.com", PASSWORD, "203.0.113.7") == IN


def prepared(address: str, folder: Path) -> Any:
    """A database with the two people; gives the onlooker."""
    os.environ.update(environment.for_checks(folder))
    os.environ |= {"DATABASE_URL": address, "TRUSTED_PROXY_COUNT": "1"}
    os.environ["DJANGO_SETTINGS_MODULE"] = "clevertap_bq.settings"
    django.setup()
    call_command("migrate", verbosity=0, skip_checks=True)
    call_command("collectstatic", verbosity=0, interactive=False, skip_checks=True)
    from accounts.models import User  # noqa: PLC0415 - Django is set up by now

    User.objects.create_user(email="victim@example.com", role="member", password=PASSWORD)
    return User.objects.create_user(email="onlooker@example.com", role="admin", password=None)


def main() -> None:
    """Print the figures; fail when a try got through or somebody was kept out."""
    with tempfile.TemporaryDirectory() as name, servers.postgres_server_of_our_own() as address:
        onlooker = cookie_of(prepared(address, Path(name)))
        connections.close_all()
        with web_server(Path(name)) as base:
            at_desk = Browser(base)
            assert at_desk.try_password("victim@example.com", PASSWORD, "203.0.113.7") == IN
            kept = measured(base, Onlooker(base, onlooker), at_desk)
    if not kept:
        raise SystemExit("Somebody was kept out, or a try was answered in another way.")


if __name__ == "__main__":
    main()
