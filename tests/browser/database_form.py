"""What the tests of Add Database share: a signed-in context, the form, and a key brought to it."""

import sqlite3

import psycopg
from playwright.sync_api import expect

from tests.browser.conftest import SERVER

ADD = "/settings/partners/bigquery/add/"
CONNECTIONS = "/settings/partners/import-connections/"
EMAIL = "sandbox-{}@sandbox-shop-4711.iam.gserviceaccount.com"


def open_form(page, product, **typed):
    """The empty form, filled in by label: `name`, `project`, `dataset`."""
    page.goto(product.url + ADD)
    labels = {"name": "Connection name", "project": "Project ID", "dataset": "Dataset ID"}
    for field, words in typed.items():
        page.get_by_label(labels[field], exact=True).fill(words)


def whose(page, name="good"):
    """The page says that it is this sample key."""
    expect(page.locator(".key-identity")).to_contain_text(EMAIL.format(name))


def choose(page, content, name="key.json"):
    upload = {"name": name, "mimeType": "application/json", "buffer": content}
    page.set_input_files("input[type=file]", upload)


def paste(page, text):
    """As a person does: the tab, the box, Ctrl+V."""
    page.get_by_label("Custom key").check()
    box = page.get_by_label("Key as JSON text")
    box.focus()
    page.evaluate("text => navigator.clipboard.writeText(text)", text)
    page.keyboard.press("Control+V")


def drop(page, files, on=".key-drop__zone"):
    """Drop files, each a name and a text, and say whether the page kept them to itself."""
    return page.evaluate(
        """([files, on]) => {
            const transfer = new DataTransfer();
            for (const [name, text] of files) transfer.items.add(new File([text], name));
            const zone = document.querySelector(on);
            const send = (kind) => zone.dispatchEvent(
                new DragEvent(kind, { dataTransfer: transfer, bubbles: true, cancelable: true }));
            send("dragover");
            return !send("drop");
        }""",
        [files, on],
    )


def drop_from_disk(page, path, on=".key-drop__zone"):
    """A real drag out of the file manager, which a page cannot make by itself."""
    box = page.locator(on).bounding_box()
    spot = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
    drag = {"items": [], "files": [str(path)], "dragOperationsMask": 1}
    session = page.context.new_cdp_session(page)
    for kind in ("dragEnter", "dragOver", "drop"):
        session.send("Input.dispatchDragEvent", {"type": kind, "data": drag, **spot})
    session.detach()


def press(page, name):
    page.get_by_role("button", name=name, exact=True).click()


def expire_drafts(product):
    """Put the end of every draft into the past, as half an hour does."""
    statement = (
        "UPDATE connections_storedkey SET expires_at = uploaded_at WHERE expires_at IS NOT NULL"
    )
    if SERVER:
        with psycopg.connect(SERVER) as database:
            database.execute(statement)
    else:
        with sqlite3.connect(product.folder / "db.sqlite3", timeout=20) as database:
            database.execute(statement)
        database.close()
