"""Parts of a page that bring themselves up to date: they end, wait, recover, and disturb nobody."""

import itertools
import time

import pytest
from playwright.sync_api import expect

from tests.browser.test_mission import add_account, create_import, save_database

pytestmark = pytest.mark.browser

CENTER = "/settings/partners/import-center/"
LIST = "/settings/partners/import-connections/"
HIDE = """hidden => {
  Object.defineProperty(document, "hidden", {configurable: true, get: () => hidden});
  document.dispatchEvent(new Event("visibilitychange"));
}"""
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


@pytest.fixture(scope="module")
def shop(contexts, product):
    """A connection, an account, an import that soon ends, and the run of one that takes minutes."""
    product.sandbox.reset()
    page = contexts().new_page()
    save_database(page, product, name="Live")
    add_account(page, product, name="Live account")
    names = {"database": "Live", "account": "Live account"}
    create_import(page, product, nickname="Watched", table="customers_small", **names)
    expect(page.get_by_role("button", name="Run again")).to_be_visible(timeout=60_000)
    product.sandbox.fault(effect="latency", service="clevertap", path="*/upload", seconds=2)
    create_import(page, product, nickname="Long", table="customers", **names)
    expect(read_of(page)).not_to_have_text("0", timeout=60_000)
    address = page.url
    page.close()
    yield address
    product.sandbox.reset()


@pytest.fixture
def running(visitor, shop):
    """The page of a run that sends, for as long as anybody looks at it."""
    visitor.goto(shop)
    return visitor


@pytest.fixture
def unwatched(contexts, shop):
    """The same, for who makes errors on purpose."""
    page = contexts().new_page()
    page.goto(shop)
    yield page
    page.close()


def read_of(page):
    return page.locator(".sums-bar__sum dd").first


def wait_for_an_update(page):
    before = read_of(page).inner_text()
    expect(read_of(page)).not_to_have_text(before, timeout=15_000)


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
    with page.expect_response(lambda answer: answer.url.endswith(address), timeout=15_000):
        pass
    page.wait_for_timeout(200)


def moved(page):
    shifts = page.evaluate("window.shifts")
    return sum(value for value, _ in shifts), shifts


class TestPolling:
    def test_ends_with_the_run_says_how_and_moves_nothing(self, visitor, product, shop):
        visitor.add_init_script(f"({SHIFTS})()")
        seen = polls_of(visitor)
        run_now(visitor, product, "Watched")
        visitor.evaluate(ALOUD)
        expect(visitor.get_by_role("button", name="Run again")).to_be_visible(timeout=60_000)
        before = len(seen)
        visitor.wait_for_timeout(5_000)
        assert len(seen) == before > 0
        aloud = visitor.evaluate("window.aloud")
        assert aloud[-1].startswith("Partly.")
        assert len(aloud) <= 5, aloud
        assert moved(visitor)[0] < 0.02, moved(visitor)

    def test_waits_in_a_hidden_tab_and_asks_at_once_when_it_is_seen(self, running):
        seen = polls_of(running)
        running.evaluate(HIDE, True)
        running.wait_for_timeout(3_000)
        assert len(seen) <= 1, "it goes on as if somebody looked"
        before = len(seen)
        running.evaluate(HIDE, False)
        running.wait_for_timeout(300)
        assert len(seen) == before + 1

    def test_backs_off_from_errors_says_so_and_recovers_by_itself(self, unwatched):
        seen = polls_of(unwatched)
        unwatched.route("**/progress/", lambda route: route.abort())
        note = unwatched.locator("#live-note")
        expect(note).to_contain_text("This page is delayed", timeout=15_000)
        unwatched.wait_for_timeout(500)
        unwatched.unroute_all()
        expect(note).to_be_empty(timeout=15_000)
        gaps = [later - earlier for earlier, later in itertools.pairwise(seen)]
        assert gaps[-1] > 1.5 * gaps[0], gaps
        wait_for_an_update(unwatched)

    def test_asks_at_once_when_the_network_is_back(self, unwatched):
        unwatched.context.set_offline(True)
        note = unwatched.locator("#live-note")
        expect(note).to_contain_text("This page is delayed", timeout=15_000)
        unwatched.context.set_offline(False)
        expect(note).to_be_empty(timeout=2_000)

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
        expect(unwatched.get_by_role("heading", name="Sign in")).to_be_visible(timeout=15_000)
        assert unwatched.locator(".run-now").count() == 0
        unwatched.context.add_cookies(cookies)


class TestUpdate:
    def test_leaves_focus_selection_scroll_and_what_is_open(self, running):
        running.set_viewport_size({"width": 1440, "height": 500})
        running.get_by_text("For operators").click()
        running.get_by_role("button", name="Stop", exact=True).focus()
        running.evaluate("""() => {
          getSelection().selectAllChildren(document.querySelector("#run-facts code"));
          scrollTo(0, 120);
          window.was = document.activeElement;
        }""")
        wait_for_an_update(running)
        assert running.evaluate("window.was === document.activeElement && window.was.isConnected")
        assert running.evaluate("getSelection().toString()") == "customers"
        assert running.evaluate("scrollY") == 120
        expect(running.get_by_text("Run ID")).to_be_visible()

    def test_is_not_read_out_while_only_numbers_change(self, running):
        running.evaluate(ALOUD)
        for _ in range(3):
            wait_for_an_update(running)
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
        expect(row.locator(".badge--partly")).to_be_visible(timeout=90_000)
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
        expect(visitor.locator("#test .notice__title")).to_have_text("Verified", timeout=30_000)
        expect(visitor.locator("#connection-status")).to_have_text("Verified")
        visitor.wait_for_timeout(300)
        assert moved(visitor)[0] < 0.02, moved(visitor)

    def slow(self, product):
        """BigQuery takes its time for the query of the run; the lists before it are quick."""
        rule = {"effect": "slow_job", "service": "bigquery", "seconds": 300, "times": 1}
        return lambda: product.sandbox.fault(**rule)

    def test_while_a_deletion_comes_true(self, visitor, product, shop):
        save_database(visitor, product, name="Leaves")
        names = {"database": "Leaves", "account": "Live account", "table": "customers"}
        create_import(visitor, product, nickname="Leaves", **names, before_run=self.slow(product))
        expect(visitor.get_by_text("BigQuery is running the query.")).to_be_visible(timeout=30_000)
        visitor.goto(f"{product.url}{LIST}")
        visitor.get_by_role("link", name="Leaves", exact=True).click()
        visitor.add_init_script(f"({SHIFTS})()")
        visitor.get_by_label("More actions for Leaves").click()
        visitor.get_by_role("link", name="Delete", exact=True).click()
        dialog = visitor.get_by_role("dialog")
        dialog.get_by_label("Type Leaves to confirm").fill("Leaves")
        dialog.get_by_role("button", name="Delete", exact=True).click()
        expect(visitor.get_by_text("and the key is destroyed.")).to_be_visible(timeout=60_000)
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
        visitor.goto(shop)
        visitor.get_by_role("button", name="Stop", exact=True).click()
        again = visitor.get_by_role("button", name="Run again")
        reload_until(visitor, lambda: again.count() == 1)
        expect(visitor.locator(".notice__title")).to_contain_text("Stopped by hand by")


def reload_until(page, done):
    end = time.monotonic() + 40
    while not done():
        assert time.monotonic() < end
        page.get_by_role("link", name="Reload the page").click()
        page.wait_for_timeout(500)
