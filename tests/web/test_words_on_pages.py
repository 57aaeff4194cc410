"""The product's own labels stand on its pages as accessible names, and numbers are grouped.

The names are CleverTap's, to the letter: who knows them there finds them here.
"""

import re
from html.parser import HTMLParser

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts import trail
from connections.models import Lookup
from tests.factories import (
    CleverTapAccountFactory,
    ConnectionFactory,
    ImportFactory,
    RunFactory,
)

NAMED = {"a", "button", "h1", "h2", "h3", "label", "legend", "summary", "th", "span"}
QUIET = {"code", "pre", "script", "style", "template", "time", "option", "title"}
VOID = {"input", "img", "link", "meta", "br", "hr", "use", "path", "rect", "circle"}

LABELS = {
    "partners": ("Partner List", "Import Connections", "Import center"),
    "overview": ("Add Database", "CleverTap IP Ranges"),
    "add": (
        *("Connection name", "Project ID", "Dataset ID", "Google Service Account Key"),
        *("Upload JSON file", "Custom key", "Test Connection", "Save", "Access"),
    ),
    "list": ("Filter", "Connected On", "Connected By", "Reset", "Search", "Status"),
    "connection": ("Create Import", "Test Connection", "Edit", "Delete"),
    "account_add": ("Name", "Region", "Account ID", "Passcode", "Time zone", "Save"),
    "account": ("Test",),
    "create": ("Nickname", "Database", "CleverTap account", "Next"),
    "map": ("User Profile Data", "Identity column", "Data type", "Date format", "Save"),
    "center": (
        *("Nickname", "Partner", "Status", "Sync Type", "Frequency", "Health", "Last Run"),
        *("Datasource", "Created On", "Created By", "Updated On", "Updated By"),
        *("Filter", "Reset", "Search", "Create Import", "Run now", "Edit mapping", "Delete"),
    ),
    "import": ("Run now", "Edit mapping", "Delete"),
    "users": ("Users", "E-mail", "Role"),
    "audit": ("Audit Logs", "Date", "E-mail", "Action", "IP address"),
}


class Page(HTMLParser):
    """What a page is called to who hears it, and what it shows to who reads it."""

    def __init__(self, html):
        super().__init__()
        self.names, self.shown, self._open = set(), [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.names.add(given.get("aria-label") or "")
        if tag not in VOID:
            self._open.append((tag, []))

    def handle_data(self, data):
        for _, words in self._open:
            words.append(data)
        if not {tag for tag, _ in self._open} & QUIET:
            self.shown.append(data)

    def handle_endtag(self, tag):
        if tag in VOID:
            return
        while tag in {name for name, _ in self._open}:
            name, words = self._open.pop()
            if name in NAMED:
                said = " ".join("".join(words).split())
                self.names |= {said, said.removesuffix(" (optional)")}
            if name == tag:
                return


@pytest.fixture
def pages(admin):
    """The address of every page, with numbers that are large wherever they can be."""
    connection = ConnectionFactory(name="Warehouse", created_by=admin)
    account = CleverTapAccountFactory(name="Shop", created_by=admin)
    parent = ImportFactory(
        nickname="Customers", connection=connection, account=account, created_by=admin
    )
    counts = {"read_count": 1234567, "accepted_count": 1230000, "refused_count": 4567}
    RunFactory(
        parent=parent,
        succeeded=True,
        **counts,
        rows_total=1234567,
        request_count=4321,
        retry_count=9876,
        bytes_billed=9876543210123,
    )
    columns = [{"name": "id", "type": "STRING", "mode": "NULLABLE", "fields": []}]
    Lookup.objects.create(
        kind="table",
        connection=connection,
        key=connection.key,
        project_id=connection.project_id,
        dataset_id=connection.dataset_id,
        table_id=parent.table_id,
        requested_by=admin,
        finished_at=timezone.now(),
        answer={"columns": columns, "preview": [["a"]], "rows": 7654321},
    )
    trail.record_about_user(admin, "signed in", by=admin)
    return {
        "partners": reverse("connections:partners"),
        "overview": reverse("connections:overview"),
        "add": reverse("connections:add"),
        "list": reverse("connections:list"),
        "connection": connection.get_absolute_url(),
        "account_add": reverse("imports:account_add"),
        "account": account.get_absolute_url(),
        "create": reverse("imports:create"),
        "map": reverse("imports:map", args=[parent.pk]),
        "center": reverse("imports:import_center"),
        "import": parent.get_absolute_url(),
        "run": parent.runs.get().get_absolute_url(),
        "users": reverse("accounts:users"),
        "audit": reverse("accounts:audit_logs"),
    }


def ungrouped(html: str) -> list[str]:
    """Numbers of four digits and more without a comma, but for years."""
    main = html.partition("<main")[2].partition("</main>")[0]
    words = " ".join(Page(f"<main{main}").shown)
    words = re.sub(r"\S*[@/._-]\S*|\b[0-9a-f]{8}\b|\b20\d\d\b", " ", words)
    return re.findall(r"(?<![\d,])\d{4,}(?!\d)", words)


@pytest.mark.parametrize("name", LABELS)
def test_the_labels_of_the_product_are_accessible_names(name, as_admin, pages, bells):
    page = Page(as_admin.get(pages[name]).content.decode())
    assert set(LABELS[name]) - page.names == set()


def test_a_label_that_only_begins_like_one_is_none():
    page = Page(
        '<main><a href="x">Create Imports</a><button aria-label="Test it">T</button></main>'
    )
    assert page.names >= {"Create Imports", "Test it"}
    assert "Create Import" not in page.names


@pytest.mark.parametrize("name", ["connection", "center", "import", "run", "map"])
def test_no_number_stands_ungrouped(name, as_admin, pages, bells):
    html = as_admin.get(pages[name]).content.decode()
    assert ungrouped(html) == []


def test_a_number_without_commas_is_found():
    assert ungrouped("<main><td>120000 rows</td><td>1,234,567</td></main>") == ["120000"]
    assert ungrouped("<main><time>24 Nov 2026</time><code>shop4711</code></main>") == []
