"""Add Database by keyboard alone, without scripts, for assistive technology, and its list of datasets."""

import re
import time

import pytest
from playwright.sync_api import expect

from tests.browser.axe import violations
from tests.browser.conftest import PATIENCE
from tests.browser.database_form import choose, open_form, paste, press, whose

pytestmark = pytest.mark.browser
WITHOUT_SCRIPTS = pytest.mark.parametrize(
    "visitor", [{"java_script_enabled": False}], indirect=True, ids=["no scripts"]
)
# What has the focus: its name, and whether an outline shows it (or what stands in for it).
FOCUS = """() => {
    const part = document.activeElement;
    const outlined = (one) => one && getComputedStyle(one).outlineStyle !== "none"
        && parseFloat(getComputedStyle(one).outlineWidth) > 0;
    const standIn = getComputedStyle(part).opacity === "0"
        ? part.closest("[data-key-zone]") || part.nextElementSibling : part;
    const name = part.ariaLabel || part.labels?.[0]?.innerText || part.innerText || "";
    return { name: name.trim(), tag: part.tagName, isSeen: Boolean(outlined(standIn)) };
}"""


@pytest.fixture(scope="module")
def good(product):
    return product.sandbox.key("good")


@pytest.fixture
def sandbox(product):
    yield product.sandbox
    product.sandbox.reset()


def step(page, key="Tab"):
    """One press, and a visible stop."""
    page.keyboard.press(key)
    stop = page.evaluate(FOCUS)
    assert stop["tag"] == "BODY" or stop["isSeen"], f"the focus on {stop} is not to be seen"
    return stop["name"]


def step_to(page, name, key="Tab"):
    for _ in range(60):
        if re.fullmatch(name, step(page, key)):
            return
    raise AssertionError(f"{name} was not reached by {key}")


def listen(page):
    """Keep all that is read out: one announcement takes the place of the one before."""
    page.evaluate("""() => {
      window.heard = [];
      const announcer = document.getElementById("announcer");
      new MutationObserver(() => window.heard.push(announcer.textContent)).observe(
        announcer, { childList: true, characterData: true, subtree: true });
    }""")


def assert_heard(page, words):
    heard = "words => window.heard.some((one) => one.includes(words))"
    page.wait_for_function(heard, arg=words)


class TestByKeyboardAlone:
    def test_from_the_partner_list_to_a_saved_connection(self, visitor, product, good):
        visitor.goto(f"{product.url}/settings/partners/")
        for name, address in (("Integrate|View Details", "bigquery/"), ("Add Database", "add/")):
            step_to(visitor, name)
            visitor.keyboard.press("Enter")
            visitor.wait_for_url(f"**/{address}")
        listen(visitor)
        step_to(visitor, "Connection name")
        visitor.keyboard.type("By keyboard")
        self.give_the_key(visitor, good)
        step_to(visitor, "Dataset ID")
        visitor.keyboard.type("shop")
        step_to(visitor, "Test Connection")
        visitor.keyboard.press("Space")
        assert_heard(visitor, "Test finished: Verified")
        expect(visitor.get_by_role("button", name="Test Connection")).to_be_focused()
        step_to(visitor, "Save")
        visitor.keyboard.press("Enter")
        expect(visitor.get_by_role("heading", name="By keyboard", exact=True)).to_be_visible()

    def give_the_key(self, page, key):
        step_to(page, "Upload JSON file")
        assert step(page, "ArrowRight") == "Custom key"
        step_to(page, "Key as JSON text")
        page.evaluate("text => navigator.clipboard.writeText(text)", key.decode())
        page.keyboard.press("Control+V")
        whose(page)
        expect(page.locator("section.key-identity")).to_be_focused()
        assert_heard(page, "The key was read.")

    def test_the_arrows_move_between_the_tabs_of_the_key(self, visitor, product):
        open_form(visitor, product)
        visitor.get_by_label("Upload JSON file").focus()
        visitor.keyboard.press("ArrowRight")
        expect(visitor.get_by_label("Key as JSON text")).to_be_visible()
        visitor.keyboard.press("ArrowLeft")
        expect(visitor.get_by_label("Key as JSON text")).to_be_hidden()
        step_to(visitor, "Choose the key file")

    def test_a_file_that_was_chosen_leaves_the_focus_at_the_key(self, visitor, product, good):
        open_form(visitor, product)
        visitor.locator("input[type=file]").focus()
        choose(visitor, good)
        whose(visitor)
        expect(visitor.locator("section.key-identity")).to_be_focused()
        step_to(visitor, "Use another key")

    def test_every_stop_is_to_be_seen_and_none_is_a_trap(self, visitor, product, good):
        open_form(visitor, product)
        choose(visitor, good)
        whose(visitor)
        visitor.get_by_label("Connection name").focus()
        names = []
        while visitor.evaluate("document.activeElement !== document.body") and len(names) < 60:
            names.append(step(visitor))
        wanted = ["Use another key", "Project ID", "Dataset ID", "Test Connection", "Save"]
        assert [name for name in names if name in wanted] == wanted
        assert len(names) < 60, "Tab never leaves the page"
        step_to(visitor, "Save", key="Shift+Tab")

    def test_a_refused_save_takes_the_focus_to_the_errors_and_on_to_the_field(
        self, visitor, product
    ):
        open_form(visitor, product)
        visitor.get_by_label("Dataset ID").focus()
        step_to(visitor, "Save")
        visitor.keyboard.press("Enter")
        expect(visitor.locator(".error-summary")).to_be_focused()
        step_to(visitor, "Give the connection a name.")
        visitor.keyboard.press("Enter")
        expect(visitor.get_by_label("Connection name")).to_be_focused()

    def test_the_errors_stand_in_the_order_of_the_page(self, visitor, product):
        open_form(visitor, product)
        press(visitor, "Save")
        expect(visitor.locator(".error-summary li")).to_have_text(
            [
                "Give the connection a name.",
                "Upload the service account key, or paste it.",
                re.compile("Enter the Project ID."),
                "Enter the Dataset ID.",
            ]
        )

    def test_enter_in_a_field_saves_and_does_not_read_a_key(self, visitor, product, good):
        open_form(visitor, product, dataset="shop")
        choose(visitor, good)
        whose(visitor)
        visitor.get_by_label("Connection name").fill("By Enter")
        visitor.keyboard.press("Enter")
        expect(visitor.get_by_role("heading", name="By Enter", exact=True)).to_be_visible()

    def test_the_checks_come_into_sight_when_they_start(self, visitor, product, good, sandbox):
        open_form(visitor, product, dataset="shop")
        visitor.set_viewport_size({"width": 1440, "height": 500})
        choose(visitor, good)
        whose(visitor)
        held = sandbox.fault(effect="latency", seconds=10)
        press(visitor, "Test Connection")
        expect(visitor.locator(".step").last).to_be_in_viewport(ratio=0.9)
        sandbox.lift(held)


@WITHOUT_SCRIPTS
class TestWithoutScripts:
    def test_an_uploaded_key_is_read_tested_watched_and_saved(self, visitor, product, good):
        open_form(visitor, product, name="Plain", dataset="shop")
        choose(visitor, good)
        press(visitor, "Read key")
        whose(visitor)
        press(visitor, "Test Connection")
        look = visitor.get_by_role("button", name="Show the newest state")
        end = time.monotonic() + PATIENCE / 1000
        while look.count():
            assert time.monotonic() < end, "the test does not end"
            visitor.wait_for_timeout(200)
            look.click()
        expect(visitor.get_by_text("Every check passed.")).to_be_visible()
        expect(visitor.get_by_label("Connection name")).to_have_value("Plain")
        press(visitor, "Save")
        expect(visitor.get_by_text("“Plain” is saved and verified.")).to_be_visible()

    def test_a_pasted_key_is_read(self, visitor, product, good):
        open_form(visitor, product)
        visitor.get_by_label("Custom key").check()
        visitor.get_by_label("Key as JSON text").fill(good.decode())
        press(visitor, "Read key")
        whose(visitor)
        assert "PRIVATE KEY" not in visitor.content()

    def test_an_error_in_another_key_is_not_folded_away(self, visitor, product, good):
        open_form(visitor, product)
        choose(visitor, good)
        press(visitor, "Read key")
        visitor.get_by_text("Use another key").click()
        choose(visitor, b"{}")
        press(visitor, "Read key")
        expect(visitor.locator(".key-drop .field__error").first).to_be_visible()

    def test_a_double_click_on_save_ends_at_the_connection(self, visitor, product, good):
        open_form(visitor, product, name="Plainly twice", dataset="shop")
        choose(visitor, good)
        press(visitor, "Read key")
        visitor.get_by_role("button", name="Save", exact=True).dblclick()
        expect(visitor.get_by_role("heading", name="Plainly twice", exact=True)).to_be_visible()


def stand_still(page):
    """Answer what the page asks by itself with “nothing new”, until ``unroute_all``."""

    def answer(route):
        if route.request.headers.get("x-poll"):
            route.fulfill(status=204)
        else:
            route.continue_()

    page.route("**/*", answer)


def fit_for_all(page):
    """No violation of axe's rules, light and dark, and no scrolling sideways at 320 pixels."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        expect(page.locator("html")).to_have_attribute("data-theme", scheme)
        assert violations(page) == [], scheme
    page.set_viewport_size({"width": 320, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


class TestForAssistiveTechnology:
    def test_the_controls_are_called_as_the_product_calls_them(self, visitor, product):
        open_form(visitor, product)
        controls = [
            ("textbox", "Connection name"),
            ("group", "Google Service Account Key"),
            ("radio", "Upload JSON file"),
            ("radio", "Custom key"),
            ("textbox", "Project ID"),
            ("combobox", "Dataset ID"),
            ("button", "Test Connection"),
            ("button", "Save"),
        ]
        for role, name in controls:
            expect(visitor.get_by_role(role, name=name, exact=True)).to_have_count(1)

    def test_the_empty_form(self, visitor, product):
        open_form(visitor, product)
        fit_for_all(visitor)

    def test_the_form_with_errors_and_the_other_tab(self, visitor, product):
        open_form(visitor, product, dataset="not a dataset!")
        visitor.get_by_label("Custom key").check()
        press(visitor, "Save")
        expect(visitor.locator(".error-summary")).to_be_visible()
        fit_for_all(visitor)

    def test_a_key_that_was_read_with_notes(self, visitor, product, good):
        open_form(visitor, product, project="other-shop-1")
        paste(visitor, " " + good.decode())
        expect(visitor.locator("#key-notes .notice")).not_to_have_count(0)
        visitor.get_by_text("Use another key").click()
        fit_for_all(visitor)

    def test_a_test_that_runs_and_a_verdict(self, visitor, product, good, sandbox):
        open_form(visitor, product, dataset="shop")
        choose(visitor, good)
        whose(visitor)
        held = sandbox.fault(effect="latency", service="bigquery", seconds=10)
        press(visitor, "Test Connection")
        expect(visitor.locator(".step--running")).to_be_visible()
        stand_still(visitor)  # the test itself has 20 seconds, and must not spend them here
        sandbox.lift(held)
        fit_for_all(visitor)
        visitor.unroute_all()
        expect(visitor.get_by_text("Every check passed.")).to_be_visible()
        fit_for_all(visitor)

    def test_a_failed_test_with_commands(self, visitor, product):
        open_form(visitor, product, dataset="shop")
        choose(visitor, product.sandbox.key("no-job-user"))
        whose(visitor, "no-job-user")
        press(visitor, "Test Connection")
        expect(visitor.locator("#test .notice--bad")).to_be_visible()
        fit_for_all(visitor)


class TestTheListOfDatasets:
    def test_says_that_the_key_sees_none_and_lets_type(self, visitor, product):
        open_form(visitor, product, dataset="shop")
        choose(visitor, product.sandbox.key("no-dataset"))
        sentence = "This key can see no dataset of the project."
        expect(visitor.locator("#datasets")).to_contain_text(sentence)
        expect(visitor.get_by_label("Dataset ID")).to_have_value("shop")

    def test_says_that_listing_was_refused_and_lets_type(self, visitor, product, sandbox, good):
        sandbox.fault(effect="status", service="bigquery", status=403, path="*/datasets")
        open_form(visitor, product)
        choose(visitor, good)
        expect(visitor.locator("#datasets")).to_contain_text("The datasets could not be listed")
        visitor.get_by_label("Dataset ID").fill("typed")
        press(visitor, "Test Connection")
        expect(visitor.locator("#test")).to_be_visible()

    def test_is_asked_for_again_when_the_project_changes(self, visitor, product, good):
        open_form(visitor, product)
        choose(visitor, good)
        expect(visitor.locator("#datasets")).to_contain_text("shop (EU)")
        visitor.get_by_label("Project ID").fill("other-shop-1")
        visitor.get_by_label("Dataset ID").focus()
        expect(visitor.locator("#datasets")).to_contain_text("The datasets could not be listed")
        expect(visitor.get_by_label("Dataset ID")).to_be_focused()

    def test_that_comes_late_never_changes_what_is_typed(self, visitor, product, good, sandbox):
        held = sandbox.fault(effect="latency", service="bigquery", seconds=10, path="*/datasets")
        open_form(visitor, product)
        choose(visitor, good)
        expect(visitor.locator("#datasets")).to_contain_text("Looking for the datasets")
        visitor.get_by_label("Dataset ID").press_sequentially("sho")
        sandbox.lift(held)
        expect(visitor.locator("#datasets")).to_contain_text("shop (EU)")
        expect(visitor.get_by_label("Dataset ID")).to_be_focused()
        expect(visitor.get_by_label("Dataset ID")).to_have_value("sho")
