"""The frame around every page: the narrow menu, the colour scheme, the search key, long names."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.axe import violations
from tests.browser.keyboard import Keyboard

pytestmark = pytest.mark.browser
PARTNERS = "/settings/partners/"
LIST = "/settings/partners/import-connections/"
NARROW = {"width": 390, "height": 844}
WITHOUT_SCRIPTS = pytest.mark.parametrize(
    "visitor", [{"java_script_enabled": False}], indirect=True, ids=["no scripts"]
)
# What the page was painted in, from the first moment on: every scheme that was ever set.
SCHEMES = """
    window.schemes = [];
    new MutationObserver(() => window.schemes.push(
        [document.documentElement.dataset.theme, Boolean(document.body)],
    )).observe(document, { attributes: true, subtree: true, attributeFilter: ["data-theme"] });
"""


@pytest.fixture
def narrow(visitor, product):
    visitor.set_viewport_size(NARROW)
    visitor.goto(product.url + PARTNERS)
    return visitor


def menu(page):
    return page.get_by_role("button", name="Menu", exact=True)


def focused(page):
    return page.evaluate("() => document.activeElement.id || document.activeElement.tagName")


class TestNarrowMenu:
    def test_keeps_the_focus_inside_while_it_is_open(self, narrow):
        keys = Keyboard(narrow)
        keys.press_on("Menu")
        expect(menu(narrow)).to_have_attribute("aria-expanded", "true")
        inside = """() => document.activeElement === document.body
            || document.activeElement.closest(".shell__side") !== null"""
        for _ in range(20):
            keys.press("Tab")
            assert narrow.evaluate(inside), "a tab leaves the menu for the page behind it"
        assert violations(narrow) == []

    def test_closes_on_escape_and_gives_the_focus_back(self, narrow):
        menu(narrow).press("Enter")
        narrow.keyboard.press("Tab")
        narrow.keyboard.press("Escape")

        expect(menu(narrow)).to_be_focused()
        expect(menu(narrow)).to_have_attribute("aria-expanded", "false")
        expect(narrow.get_by_role("link", name="Audit Logs")).to_be_hidden()
        assert narrow.evaluate("() => document.getElementById('main').inert") is False

    def test_closes_by_a_click_beside_it_and_in_a_wide_window(self, narrow):
        menu(narrow).click()
        narrow.mouse.click(195, 830)
        expect(menu(narrow)).to_have_attribute("aria-expanded", "false")
        menu(narrow).click()
        narrow.set_viewport_size({"width": 1440, "height": 900})
        expect(narrow.locator("#main")).not_to_have_attribute("inert", "")
        expect(narrow.get_by_role("link", name="Audit Logs")).to_be_visible()

    @WITHOUT_SCRIPTS
    def test_is_a_switch_without_scripts(self, narrow):
        expect(narrow.get_by_role("link", name="Audit Logs")).to_be_hidden()
        narrow.get_by_role("checkbox", name="Menu").press("Space")
        narrow.get_by_role("link", name="Audit Logs").click()
        expect(narrow.get_by_role("heading", name="Audit Logs", exact=True)).to_be_visible()


class TestScheme:
    def test_is_kept_and_stands_before_anything_is_painted(self, visitor, product):
        visitor.goto(product.url + PARTNERS)
        visitor.get_by_role("button", name="Dark").click()
        expect(visitor.get_by_role("button", name="Dark")).to_have_attribute("aria-pressed", "true")
        visitor.add_init_script(SCHEMES)
        visitor.reload()

        schemes = visitor.evaluate("() => window.schemes")
        assert schemes[0] == ["dark", False], "the page is there before its scheme is"
        assert {scheme for scheme, _ in schemes} == {"dark"}
        assert visitor.evaluate("() => getComputedStyle(document.body).colorScheme") == "dark"
        visitor.get_by_role("button", name="As the system").click()

    def test_follows_the_system_until_somebody_chooses(self, visitor, product):
        visitor.goto(product.url + PARTNERS)
        for scheme in ("dark", "light"):
            visitor.emulate_media(color_scheme=scheme)
            expect(visitor.locator("html")).to_have_attribute("data-theme", scheme)
        visitor.get_by_role("button", name="Light", exact=True).click()
        visitor.emulate_media(color_scheme="dark")
        expect(visitor.locator("html")).to_have_attribute("data-theme", "light")
        visitor.get_by_role("button", name="As the system").click()
        visitor.emulate_media(color_scheme="light")


class TestSearchKey:
    def test_goes_to_the_search_of_everything_where_a_page_has_none(self, visitor, product):
        visitor.goto(f"{product.url}/account/")
        visitor.keyboard.press("/")
        assert focused(visitor) == "jump"
        visitor.keyboard.type("audit")
        visitor.keyboard.press("Enter")

        expect(visitor.get_by_role("link", name="Audit Logs").last).to_be_visible()
        expect(visitor).to_have_url(re.compile(r"/search/\?q=audit$"))
        assert violations(visitor) == []

    def test_goes_to_the_lists_own_search_where_there_is_one(self, visitor, product):
        visitor.goto(f"{product.url}{LIST}?sort=moon")  # an empty list has its search only then
        visitor.keyboard.press("/")
        assert focused(visitor) == "q"

    def test_is_a_character_like_any_other_while_somebody_types(self, visitor, product):
        visitor.goto(f"{product.url}/settings/partners/bigquery/add/")
        visitor.get_by_label("Connection name").press("/")
        expect(visitor.get_by_label("Connection name")).to_have_value("/")

    def test_opens_the_menu_where_the_search_is_in_it(self, narrow):
        narrow.keyboard.press("/")
        assert focused(narrow) == "jump"
        expect(menu(narrow)).to_have_attribute("aria-expanded", "true")


@pytest.mark.parametrize("width", [1440, 1024, 390, 320])
def test_long_names_are_readable_and_push_nothing_out(visitor, product, width):
    visitor.set_viewport_size({"width": width, "height": 900})
    visitor.goto(product.url + PARTNERS)
    if width < 960:
        menu(visitor).click()
    visitor.evaluate(
        """() => {
            document.querySelector(".brand__name").textContent = "Warehouse of the shop ".repeat(4);
            document.querySelector(".shell__email").textContent = "a".repeat(64) + "@" + "b".repeat(180);
        }"""
    )
    cut = """() => [...document.querySelectorAll(".shell__email, .shell__link")]
        .filter((one) => one.scrollWidth > one.clientWidth + 1).map((one) => one.textContent)"""
    assert visitor.evaluate(cut) == []
    assert visitor.evaluate("() => document.documentElement.scrollWidth") <= width
