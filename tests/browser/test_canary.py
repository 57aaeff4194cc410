"""No key, token or passcode in any log, message, database file, broker file or page.

Runs after a whole flow in the real product; the sandbox's own folder is its business.
"""

import json
import re

import psycopg
import pytest
from playwright.sync_api import expect
from psycopg import sql

from tests.browser.conftest import SERVER
from tests.browser.test_mission import add_account, add_database, create_import, save_database

pytestmark = pytest.mark.browser


def canaries(product):
    """What must not be found: pieces of the key, the passcode, the sign-in link's token."""
    key = json.loads(product.sandbox.key("good"))
    body = "".join(key["private_key"].splitlines()[1:-1])
    pieces = [body[start : start + 32] for start in range(0, len(body) - 32, 200)]
    passcode = product.sandbox.account()["passcode"]
    return [
        *pieces,
        passcode,
        "ya29.",
        "BEGIN PRIVATE KEY",
        product.link.rstrip("/").split("/")[-1],
    ]


def files_of_the_product(product):
    return [
        path
        for path in product.folder.rglob("*")
        if path.is_file() and "sandbox" not in path.relative_to(product.folder).parts[:1]
    ]


def tables_on_the_server():
    """Every row of every table as text, when the product works on PostgreSQL."""
    if not SERVER:
        return {}
    with psycopg.connect(SERVER) as connection:
        names = connection.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
        ).fetchall()
        rows = {
            name: connection.execute(
                sql.SQL("SELECT t::text FROM {} t").format(sql.Identifier(name))
            ).fetchall()
            for (name,) in names
        }
    assert any(rows.values()), "the database is empty"
    return {name: "\n".join(row for (row,) in found).encode() for name, found in rows.items()}


@pytest.fixture
def lived_in(page, product, request):
    """A product in which everything that touches a secret has happened, failures too."""
    product.sandbox.reset()
    name = request.node.name
    add_database(page, product, name=f"Tested for {name}", key="no-job-user")
    page.get_by_role("button", name="Test Connection").click()
    expect(page.locator(".step--failed").first).to_be_visible()
    save_database(page, product, name=f"Read by {name}")
    add_account(page, product, name=f"Sent by {name}")
    product.sandbox.fault(effect="status", service="clevertap", status=401, times=1, path="*upload")
    create_import(
        page,
        product,
        nickname=name,
        database=f"Read by {name}",
        account=f"Sent by {name}",
        table="customers_small",
    )
    expect(page.locator(".badge--failed").first).to_be_visible()
    return product


def test_no_secret_in_any_file_of_the_product(lived_in):
    wanted = [canary.encode() for canary in canaries(lived_in)]
    files = files_of_the_product(lived_in)
    assert any(path.suffix == ".log" for path in files), "there are no logs to search"
    contents = {path.name: path.read_bytes() for path in files} | tables_on_the_server()
    assert SERVER or any(
        content[:16].startswith(b"SQLite format 3") for content in contents.values()
    )
    for name, content in contents.items():
        found = [canary[:12] for canary in wanted if canary in content]
        assert not found, f"{name} holds {found}"


def content_of(page, address):
    """What a page shows, or what a download holds."""
    if ".csv" in address:
        return page.request.get(address).text()
    page.goto(address)
    return page.content()


def test_no_secret_on_any_page(lived_in, page):
    wanted = canaries(lived_in)
    seen, waiting = set(), [f"{lived_in.url}/settings/partners/", f"{lived_in.url}/settings/users/"]
    while waiting and len(seen) < 60:
        address = waiting.pop()
        seen.add(address)
        content = content_of(page, address)
        assert not [canary[:12] for canary in wanted if canary in content], address
        links = re.findall(r'href="(/[^"#]*)"', content)
        waiting += [
            lived_in.url + link
            for link in links
            if lived_in.url + link not in {*seen, *waiting} and "static" not in link
        ]
    assert len(seen) > 15, "the walk through the pages ended early"
