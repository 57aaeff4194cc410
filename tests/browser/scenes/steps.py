"""What a person does before the screen looks as the scene wants it: small verbs for scenes."""

import re

from playwright.sync_api import expect


def press(name):
    return lambda page: page.get_by_role("button", name=name, exact=True).first.click()


def press_like(pattern):
    """For buttons whose name holds a longer text."""
    return lambda page: page.get_by_role("button", name=re.compile(pattern)).first.click()


def follow(name):
    return lambda page: page.get_by_role("link", name=name, exact=True).first.click()


def fill(label, text):
    return lambda page: page.get_by_label(label, exact=True).fill(text)


def check(label):
    return lambda page: page.get_by_label(label, exact=True).check()


def choose(label, value):
    return lambda page: page.get_by_label(label, exact=True).select_option(value)


def tick_all(selector):
    def tick(page):
        for box in page.locator(selector).all():
            box.check()

    return tick


def click(selector):
    return lambda page: page.locator(selector).first.click()


def see(selector):
    """Wait until it is there: what htmx, or the next page, brings."""
    return lambda page: expect(page.locator(selector).first).to_be_visible()


def upload(content, name="key.json"):
    """Choose a file in the key's box; ``content`` is bytes, or makes them."""

    def choose_file(page):
        body = content() if callable(content) else content
        file = {"name": name, "mimeType": "application/json", "buffer": body}
        page.set_input_files("input[type=file]", file)

    return choose_file


def lose_cookie(name):
    return lambda page: page.context.clear_cookies(name=name)


def change(label, text):
    """Type over it and leave the box, as htmx's ``change`` wants it."""

    def type_over(page):
        box = page.get_by_label(label, exact=True)
        box.fill(text)
        box.blur()

    return type_over


def asked_again(part):
    """Wait until a live part has been answered once more."""

    def wait(page):
        page.wait_for_event("response", lambda answer: part in answer.url)

    return wait


def settled(page):
    """Until htmx has put in what it asked for."""
    page.wait_for_load_state("networkidle")


def delete_from_menu(page):
    """What leads to a deletion stands behind the three dots, away from everything else."""
    page.locator("summary[aria-label^='More actions for']").first.click()
    page.get_by_role("link", name="Delete", exact=True).first.click()


def stop_import_from_menu(page):
    page.locator("summary[aria-label^='More actions for']").first.click()
    page.get_by_role("link", name="Stop import", exact=True).first.click()


def other_track(page):
    page.locator(".guide-tabs__choice:not(:checked)").first.check(force=True)


def open_menu(page):
    """The navigation on a small screen; the looker widens the page again afterwards."""
    page.locator("#shell-toggle").evaluate("box => { box.checked = true; }")
