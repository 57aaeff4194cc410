"""What the main screens cost in Chromium, cold and warm, beside Django's admin on the same rows.

1,000 connections and 5,000 runs on PostgreSQL, behind gunicorn as the container starts it,
with the product's own settings and static files. Run: make bench ARGS=screens

Interactive: the DOMContentLoaded handlers are done, something is painted, and no long task
(50 ms and more) ran in the 50 ms after that; else the end of that task. Key: from a pressed
Tab until the browser has shown what it does, as its Event Timing says (in steps of 8 ms).
Cold has an empty cache, warm is the next visit. Medians of several, ours and the admin's in turn.
"""

import os
import statistics
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import django
from django.core.management import call_command
from django.db import connections
from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

from bench import _list_rows as rows
from bench.connection_list import cookie_of, web_server
from tests.harness import browser, environment, servers

CONNECTIONS, RUNS, TIMES = 1_000, 5_000, 5
KILOBYTES, INTERACTIVE_MS = 100, 300
LOOKS, LOOK_MS, JUMP = 3, 2_500, 0.02
FLAGS = ["--no-sandbox", "--disable-gpu"]
CHROMIUM = os.environ.get("CHROMIUM") or browser.on_path() or "chromium"
SETTINGS = "/settings/partners/"
LIST, ADMIN = "Import Connections", "admin's change list"
FILES = ("Stylesheet", "Script", "Document", "Font", "Image")
WATCH = """
window.seen = {tasks: [], shift: 0, keys: []};
const watch = (type, note, more) => new PerformanceObserver(
  list => list.getEntries().forEach(note)).observe({type, buffered: true, ...more});
watch("longtask", one => seen.tasks.push([one.startTime, one.startTime + one.duration]));
watch("layout-shift", one => { if (!one.hadRecentInput) seen.shift += one.value; });
watch("event", one => { if (one.name === "keydown") seen.keys.push(one.duration); }, {durationThreshold: 16});
"""
TIMINGS = """() => {
  const [page] = performance.getEntriesByType("navigation");
  const paint = performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0;
  let ready = Math.max(page.domContentLoadedEventEnd, paint);
  for (const [start, end] of seen.tasks) if (start < ready + 50 && end > ready) ready = end;
  return {paint, ready, server: page.responseStart, tasks: seen.tasks.length, shift: seen.shift};
}"""


class Traffic:
    """Bytes over the wire by kind of file, as the browser's network layer counts them."""

    def __init__(self, page: Page) -> None:
        self.kinds: dict[str, str] = {}
        self.sizes: Counter[str] = Counter()
        self.requests = 0
        self.session: CDPSession = page.context.new_cdp_session(page)
        self.session.on("Network.responseReceived", self._note_kind)
        self.session.on("Network.loadingFinished", self._note_size)
        self.session.send("Network.enable")

    def _note_kind(self, event: Any) -> None:
        cached = event["response"].get("fromDiskCache") or event["response"].get("fromMemoryCache")
        self.kinds[event["requestId"]] = event["type"]
        self.requests += not cached

    def _note_size(self, event: Any) -> None:
        self.sizes[self.kinds.get(event["requestId"], "Other")] += event["encodedDataLength"]


def visit(page: Page, address: str) -> dict[str, float]:
    """Open the page once and read what it cost."""
    traffic = Traffic(page)
    page.goto(address, wait_until="load")
    page.wait_for_timeout(250)
    found: dict[str, float] = page.evaluate(TIMINGS)
    page.keyboard.press("Tab")
    page.wait_for_timeout(150)
    keys = page.evaluate("seen.keys")
    traffic.session.detach()
    sizes = {kind: traffic.sizes[kind] / 1024 for kind in FILES}
    return {**found, **sizes, "requests": traffic.requests, "key": max(keys, default=8)}


def both(browser: Browser, address: str, cookie: str) -> tuple[dict[str, float], dict[str, float]]:
    """A first visit and the next one."""
    context = browser.new_context(viewport={"width": 1440, "height": 1000})
    context.add_init_script(WATCH)
    name, _, value = cookie.partition("=")
    if name:
        context.add_cookies([{"name": name, "value": value, "url": address}])
    cold, warm = (visit(context.new_page(), address) for _ in range(2))
    context.close()
    return cold, warm


def measured(base: str, screens: dict[str, str], cookie: str) -> dict[str, list[dict[str, float]]]:
    """Cold and warm medians of each screen; each round looks at every screen once."""
    visits: dict[str, list[Any]] = {name: [] for name in screens}
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        both(opened, base + screens[LIST], cookie)  # the server's and Chromium's own first time
        for _ in range(TIMES):
            for name, path in screens.items():
                signed_in = "" if name == "Sign-in" else cookie
                visits[name].append(both(opened, base + path, signed_in))
        opened.close()
    return {
        name: [_median(one) for one in zip(*found, strict=True)] for name, found in visits.items()
    }


def polled(base: str, cookie: str) -> tuple[int, float]:
    """How often the page of a run asks until its end, and the layout shift of all that."""
    from django.utils import timezone  # noqa: PLC0415 - Django is set up by now

    from imports.models import Run  # noqa: PLC0415

    run = Run.objects.active().select_related("parent").first()
    assert run is not None
    row = Run.objects.filter(pk=run.pk)
    asked: list[str] = []
    name, _, value = cookie.partition("=")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        context = opened.new_context(viewport={"width": 1440, "height": 1000})
        context.add_init_script(WATCH)
        context.add_cookies([{"name": name, "value": value, "url": base}])
        page = context.new_page()
        page.goto(base + run.get_absolute_url(), wait_until="load")
        page.on("requestfinished", lambda one: asked.append(one.url))
        for number in range(1, LOOKS + 1):
            rows_now = number * 12_345
            row.update(read_count=rows_now, accepted_count=rows_now)
            page.wait_for_timeout(LOOK_MS)
        row.update(state="succeeded", finished_at=timezone.now(), lease_until=None)
        page.wait_for_selector("#run-progress:not([data-poll])", timeout=60_000)
        page.wait_for_timeout(LOOK_MS)
        shift: float = page.evaluate("seen.shift")
        opened.close()
    return len(asked), shift


def _median(found: Any) -> dict[str, float]:
    return {key: statistics.median(one[key] for one in found) for key in found[0]}


def screens_of() -> dict[str, str]:
    """Where each screen is; the run is one that is at work, so its page is live."""
    from connections.models import Connection  # noqa: PLC0415 - Django is set up by now
    from imports.models import Run  # noqa: PLC0415

    run, found = Run.objects.active().first(), Connection.objects.listed().first()
    assert run is not None
    assert found is not None
    return {
        LIST: f"{SETTINGS}import-connections/",
        "Import center": f"{SETTINGS}import-center/",
        "A connection": found.get_absolute_url(),
        "A run at work": run.get_absolute_url(),
        "Add Database": f"{SETTINGS}bigquery/add/",
        "Sign-in": "/sign-in/",
        ADMIN: "/bench/same/connections/connection/",
    }


def report(found: dict[str, list[dict[str, float]]]) -> bool:
    """Print the table; whether every budget is kept."""
    print(f"{'':<20}{'':<6}CSS+JS   HTML requests  paint  ready   key  tasks  shift  ready/admin")
    kept = True
    for name, states in found.items():
        for state, one, beside in zip(("cold", "warm"), states, found[ADMIN], strict=True):
            weight = one["Stylesheet"] + one["Script"]
            print(
                f"{name:<20}{state:<6}{weight:5.1f} K{one['Document']:5.1f} K{one['requests']:9.0f}"
                f"{one['paint']:7.0f}{one['ready']:7.0f}{one['key']:6.0f}{one['tasks']:7.0f}"
                f"{one['shift']:7.3f}{one['ready'] / beside['ready']:10.2f}"
            )
            kept = kept and (name == ADMIN or weight < KILOBYTES)
    cold, warm = (one["ready"] for one in found[LIST])
    print(f"{LIST}: ready in {cold:.0f} ms cold, {warm:.0f} ms warm (goal: under {INTERACTIVE_MS})")
    return kept and max(cold, warm) < INTERACTIVE_MS


def main() -> None:
    """Print the figures; fail when a budget is missed."""
    with tempfile.TemporaryDirectory() as name, servers.postgres_server_of_our_own() as address:
        folder = Path(name)
        os.environ.update(environment.for_checks(folder))
        os.environ["DATABASE_URL"] = address
        os.environ["DJANGO_SETTINGS_MODULE"] = "bench._list_settings"
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright has a loop of its own
        django.setup()
        call_command("migrate", verbosity=0, skip_checks=True)
        call_command("collectstatic", verbosity=0, interactive=False, skip_checks=True)
        people = rows.load_people()
        rows.load(people, connections=CONNECTIONS, runs=RUNS)
        screens, cookie = screens_of(), cookie_of(people[0])
        connections.close_all()
        with web_server(folder) as base:
            found = measured(base, screens, cookie)
            looks, shift = polled(base, cookie)
        connections.close_all()
    kept = report(found)
    print(f"A run watched to its end: {looks} looks, layout shift {shift:.3f} (goal: under {JUMP})")
    if not kept or shift >= JUMP:
        raise SystemExit("A screen misses its budget.")


if __name__ == "__main__":
    main()
