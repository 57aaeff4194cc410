"""Parts of a page that bring themselves up to date: they end, wait, recover, and disturb nobody."""

import time
from dataclasses import dataclass

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import LONG
from tests.browser.test_mission import add_account, create_import, save_database

pytestmark = pytest.mark.browser

CENTER = "/settings/partners/import-center/"
LIST = "/settings/partners/import-connections/"
# Hide the tab or show it again, and say how many requests that led to in the same breath.
HIDE = """hidden => {
  let sent = 0;
  const count = () => { sent += 1; };
  Object.defineProperty(document, "hidden", {configurable: true, get: () => hidden});
  document.addEventListener("htmx:beforeSend", count);
  document.dispatchEvent(new Event("visibilitychange"));
  document.removeEventListener("htmx:beforeSend", count);
  return sent;
}"""
# Whether a request was sent in the same breath in which the network came back.
AT_ONCE = """() => {
  let isComing = false;
  window.sentAtOnce = false;
  window.addEventListener("online", () => {
    isComing = true;
    window.setTimeout(() => { isComing = false; }, 0);
  });
  document.addEventListener("htmx:beforeSend", () => { window.sentAtOnce ||= isComing; });
}"""
# The waits that are planned between one look and the next, in milliseconds.
WAITS = """() => {
  window.waits = [];
  const plain = window.setTimeout.bind(window);
  window.setTimeout = (what, wait, ...more) => {
    if (more.length) window.waits.push(wait);
    return plain(what, wait, ...more);
  };
}"""
AT_REST = "() => !document.querySelector('[data-poll].htmx-request')"
SHIFTS = """() => {
  window.shifts = [];
  new PerformanceObserver(list => {
    for (const one of list.getEntries()) if (!one.hadRecentInput) {
      const where = one.sources.map(s => s.node?.id || s.node?.className || s.node?.nodeName);
      window.shifts.push([one.value, String(where)]);
    }
  }).observe({type: "layout-shift", buffered: true});
}"""
ALOUD = """() => {
  window.aloud = [];
  const box = document.getElementById("announcer");
  new MutationObserver(() => window.aloud.push(box.textContent)).observe(
    box, {childList: true, characterData: true, subtree: true});
}"""


@dataclass
class Shop:
    """Where a run is at work whose account takes what it is sent only when it is told to."""

    address: str
    sandbox: object
    account_id: str
    sink: int

    def take_some(self):
        """The batches that wait are taken, and with them perhaps a few more."""
        rule = self.sandbox.slow_sink(quick=0, account=self.account_id)
        self.sink, before = rule, self.sink
        self.sandbox.lift(before)


@pytest.fixture(scope="module")
def shop(contexts, product):
    """A connection, two accounts, an import that soon ends, and the run of one that does not."""
    sandbox = product.sandbox
    sandbox.reset()
    page = contexts().new_page()
    save_database(page, product, name="Live")
    add_account(page, product, name="Live account")
    slow = sandbox.ask("/control/clevertap/accounts", "POST", {})
    add_account(page, product, name="Slow account", sample=slow)
    names = {"database": "Live", "account": "Live account", "table": "customers_small"}
    create_import(page, product, nickname="Watched", **names)
    expect(page.get_by_role("button", name="Run again")).to_be_visible()
    upload = {"service": "clevertap", "path": "*/upload"}
    sink = sandbox.slow_sink(account=slow["account_id"])
    sandbox.fault(effect="latency", seconds=2, **upload)
    names |= {"account": "Slow account", "table": "customers"}
    create_import(page, product, nickname="Long", **names)
    expect(read_of(page)).not_to_have_text("0", timeout=LONG)
    address = page.url
    yield Shop(address, sandbox, slow["account_id"], sink)
    page = contexts().new_page()
    page.goto(address)
    if (stop := page.get_by_role("button", name="Stop", exact=True)).count():
        stop.click()
    sandbox.reset()
    page.close()


@pytest.fixture
def running(visitor, shop):
    """The page of a run that sends, for as long as anybody looks at it."""
    visitor.goto(shop.address)
    expect(visitor.get_by_role("button", name="Stop", exact=True)).to_be_visible()
    return visitor


@pytest.fixture
def unwatched(contexts, shop):
    """The same, for who makes errors on purpose."""
    page = contexts().new_page()
    page.goto(shop.address)
    expect(page.get_by_role("button", name="Stop", exact=True)).to_be_visible()
    yield page
    page.close()


def read_of(page):
    return page.locator(".sums-bar__sum dd").first


def wait_for_an_update(page, shop):
    before = read_of(page).inner_text()
    shop.take_some()
    expect(read_of(page)).not_to_have_text(before)


def run_now(page, product, nickname):
    page.goto(f"{product.url}{CENTER}")
    page.get_by_role("link", name=nickname, exact=True).click()
    page.get_by_role("button", name="Run now").click()
    expect(page.get_by_role("heading", name=f"Run of {nickname}")).to_be_visible()


def polls_of(page, part="/progress/"):
    seen = []
    page.on("request", lambda request: seen.append(time.monotonic()) if part in request.url else 0)
    return seen


def next_look_of_a_list(page, address):
    with page.expect_response(lambda answer: answer.url.endswith(address)):
        pass
    page.wait_for_function(AT_REST)


def moved(page):
    shifts = page.evaluate("window.shifts")
    return sum(value for value, _ in shifts), shifts


class TestPolling:
    def test_ends_with_the_run_says_how_and_moves_nothing(self, visitor, product, shop):
        visitor.add_init_script(f"({SHIFTS})()")
        seen = polls_of(visitor)
        run_now(visitor, product, "Watched")
        visitor.evaluate(ALOUD)
        expect(visitor.get_by_role("button", name="Run again")).to_be_visible()
        before = len(seen)
        visitor.wait_for_timeout(3_000)
        assert len(seen) == before > 0
        aloud = visitor.evaluate("window.aloud")
        assert aloud[-1].startswith("Partly.")
        assert len(aloud) <= 5, aloud
        assert moved(visitor)[0] < 0.02, moved(visitor)

    def test_waits_in_a_hidden_tab_and_asks_at_once_when_it_is_seen(self, running):
        running.evaluate(WAITS)
        running.wait_for_function(AT_REST)
        assert running.evaluate(HIDE, True) == 0
        wanted = running.evaluate("Number(document.querySelector('[data-poll]').dataset.poll)")
        (wait,) = running.evaluate("window.waits")
        assert wait >= min(10 * wanted, 60) * 1_000, "it goes on as if somebody looked"
        assert running.evaluate(HIDE, False) == 1

    def test_backs_off_from_errors_says_so_and_recovers_by_itself(self, unwatched, shop):
        unwatched.evaluate(WAITS)
        unwatched.route("**/progress/", lambda route: route.abort())
        note = unwatched.locator("#live-note")
        expect(note).to_contain_text("This page is delayed")
        unwatched.unroute_all()
        expect(note).to_be_empty()
        # After one error, after the next, and after an answer.
        *_, first, second, after = unwatched.evaluate("window.waits")
        assert second == 2 * first
        assert after < first
        wait_for_an_update(unwatched, shop)

    def test_asks_at_once_when_the_network_is_back(self, unwatched):
        unwatched.add_init_script(f"({AT_ONCE})()")
        unwatched.reload()
        unwatched.context.set_offline(True)
        note = unwatched.locator("#live-note")
        expect(note).to_contain_text("This page is delayed")
        unwatched.wait_for_function(AT_REST)
        unwatched.context.set_offline(False)
        expect(note).to_be_empty()
        assert unwatched.evaluate("window.sentAtOnce")

    def test_ends_with_a_sentence_when_there_is_nothing_to_see_any_more(self, unwatched):
        unwatched.route("**/progress/", lambda route: route.fulfill(status=404))
        seen = polls_of(unwatched)
        expect(unwatched.locator("#live-note")).to_contain_text("is no longer there")
        before = len(seen)
        unwatched.wait_for_timeout(2_500)
        assert len(seen) == before
        expect(unwatched.get_by_role("heading", name="Run of Long")).to_be_visible()

    def test_leads_to_sign_in_when_the_session_has_ended(self, unwatched):
        cookies = unwatched.context.cookies()
        unwatched.context.clear_cookies()
        expect(unwatched.get_by_role("heading", name="Sign in")).to_be_visible()
        assert unwatched.locator(".run-now").count() == 0
        unwatched.context.add_cookies(cookies)


class TestUpdate:
    def test_leaves_focus_selection_scroll_and_what_is_open(self, running, shop):
        running.set_viewport_size({"width": 1440, "height": 500})
        running.get_by_text("For operators").click()
        running.get_by_role("button", name="Stop", exact=True).focus()
        running.evaluate("""() => {
          getSelection().selectAllChildren(document.querySelector("#run-facts code"));
          scrollTo(0, 120);
          window.was = document.activeElement;
        }""")
        wait_for_an_update(running, shop)
        assert running.evaluate("window.was === document.activeElement && window.was.isConnected")
        assert running.evaluate("getSelection().toString()") == "customers"
        assert running.evaluate("scrollY") == 120
        expect(running.get_by_text("Run ID")).to_be_visible()

    def test_is_not_read_out_while_only_numbers_change(self, running, shop):
        running.evaluate(ALOUD)
        for _ in range(3):
            wait_for_an_update(running, shop)
        assert running.evaluate("window.aloud") == []

    def test_of_a_list_closes_no_dialog_and_keeps_what_is_typed(self, running, product):
        running.goto(f"{product.url}{LIST}")
        running.get_by_label("Actions for Live").click()
        running.get_by_role("link", name="Delete Live").click()
        running.get_by_label("Type Live to confirm").fill("Li")
        next_look_of_a_list(running, LIST)
        expect(running.get_by_label("Type Live to confirm")).to_have_value("Li")

    def test_of_a_list_leaves_menu_selection_and_search_alone(self, running, product):
        running.goto(f"{product.url}{LIST}")
        running.get_by_label("Select Live").check()
        running.get_by_label("Search").first.fill("typed")
        running.get_by_label("Actions for Live").click()
        next_look_of_a_list(running, LIST)
        expect(running.get_by_role("link", name="Delete Live")).to_be_visible()
        expect(running.get_by_label("Select Live")).to_be_checked()
        expect(running.get_by_label("Search").first).to_have_value("typed")

    def test_of_a_list_is_one_request_for_all_rows(self, visitor, product, shop):
        run_now(visitor, product, "Watched")
        seen, begun = polls_of(visitor, CENTER), time.monotonic()
        visitor.goto(f"{product.url}{CENTER}")
        row = visitor.locator("tr", has_text="Watched")
        expect(row.locator(".badge--partly")).to_be_visible()
        looks = len(seen) - 1
        most = (time.monotonic() - begun) / 5 + 1
        assert looks <= most, "more than one request for the page at a time"
        expect(
            visitor.locator("tr", has_text="Long").locator(".badge--running").first
        ).to_be_visible()


class TestNothingMoves:
    def test_while_a_connection_is_tested(self, visitor, product, shop):
        visitor.goto(f"{product.url}{LIST}")
        visitor.get_by_role("link", name="Live", exact=True).click()
        visitor.add_init_script(f"({SHIFTS})()")
        visitor.get_by_role("button", name="Test Connection").click()
        expect(visitor.locator("#test .notice__title")).to_have_text("Verified")
        expect(visitor.locator("#connection-status")).to_have_text("Verified")
        visitor.wait_for_timeout(300)
        assert moved(visitor)[0] < 0.02, moved(visitor)

    def test_while_a_deletion_comes_true(self, visitor, product, shop):
        save_database(visitor, product, name="Leaves")
        names = {"database": "Leaves", "account": "Live account", "table": "customers"}
        # BigQuery takes its time for the query of the run; the lists before it are quick.
        names["before_run"] = lambda: product.sandbox.slow_query(times=1)
        create_import(visitor, product, nickname="Leaves", **names)
        expect(visitor.get_by_text("BigQuery is running the query.")).to_be_visible()
        visitor.goto(f"{product.url}{LIST}")
        visitor.get_by_role("link", name="Leaves", exact=True).click()
        visitor.add_init_script(f"({SHIFTS})()")
        visitor.get_by_label("More actions for Leaves").click()
        visitor.get_by_role("link", name="Delete", exact=True).click()
        dialog = visitor.get_by_role("dialog")
        dialog.get_by_label("Type Leaves to confirm").fill("Leaves")
        dialog.get_by_role("button", name="Delete", exact=True).click()
        expect(visitor.get_by_text("and the key is destroyed.")).to_be_visible(timeout=LONG)
        visitor.wait_for_timeout(300)
        assert moved(visitor)[0] < 0.02, moved(visitor)


@pytest.mark.parametrize("visitor", [{"java_script_enabled": False}], indirect=True)
class TestWithoutJavaScript:
    def test_a_connection_is_tested_by_reloading(self, visitor, product, shop):
        visitor.goto(f"{product.url}{LIST}")
        visitor.get_by_role("link", name="Live", exact=True).click()
        visitor.get_by_role("button", name="Test Connection").click()
        passed = visitor.locator(".last-test", has_text="Verified")
        reload_until(visitor, lambda: passed.count() == 1)

    def test_a_run_is_watched_and_stopped_by_reloading(self, visitor, shop):
        visitor.goto(shop.address)
        visitor.get_by_role("button", name="Stop", exact=True).click()
        shop.take_some()
        again = visitor.get_by_role("button", name="Run again")
        reload_until(visitor, lambda: again.count() == 1)
        expect(visitor.locator(".notice__title")).to_contain_text("Stopped by hand by")


def reload_until(page, done):
    end = time.monotonic() + LONG / 1000
    while not done():
        assert time.monotonic() < end
        page.get_by_role("link", name="Reload the page").click()
        page.wait_for_timeout(500)
