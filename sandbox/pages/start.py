"""The page `/`: what the sandbox is, its keys, its data and its CleverTap account."""

from typing import TYPE_CHECKING, NamedTuple

from starlette.responses import Response

from sandbox.google.accounts import DATASET, PROJECT, ServiceAccount
from sandbox.pages.layout import Column, badge, code, copyable, number, page, section, table
from sandbox.pages.markup import Html, element, join

if TYPE_CHECKING:
    from sandbox.google.warehouse import Warehouse
    from sandbox.state import SandboxState

_LEAD = (
    "Try the whole way from a BigQuery key to rows in CleverTap without an account at either. "
    "Google's and CleverTap's interfaces are imitated on this machine, with people who do not exist."
)


class Ability(NamedTuple):
    """Something that a key may do, and the permission that decides."""

    label: str
    permission: str
    dataset: str | None


ABILITIES = (
    Ability("Run jobs", "bigquery.jobs.create", None),
    Ability("Read data", "bigquery.tables.getData", DATASET),
    Ability("Write data", "bigquery.tables.create", DATASET),
    Ability("Fast reads", "bigquery.readsessions.create", None),
)


def view(state: "SandboxState") -> Response:
    """The page."""
    pair = element("div", _data(state.warehouse), _account(state), class_="cards")
    return page("/", "A place to try things out", _LEAD, _keys(state), pair)


def _keys(state: "SandboxState") -> Html:
    labels = ("Sign in", *(ability.label for ability in ABILITIES))
    columns = (Column("Key"), *(Column(label) for label in labels), Column("File"))
    rows = [_key(account) for account in state.accounts.all()]
    return section(
        "Service-account keys",
        table(columns, rows, "There are no keys."),
        note="Upload one under Add Database. They were made on this machine and open nothing else.",
    )


def _key(account: ServiceAccount) -> tuple[object, ...]:
    refused = _refused(account)
    named = join(
        (
            element("b", account.name),
            element("small", *_breakable(account.email)),
            element("small", "Roles: ", _roles(account)),
        )
    )
    download = element(
        "a",
        "Download",
        href=f"/keys/{account.name}.json",
        download=True,
        class_="button quiet",
        aria_label=f"Download key {account.name}",
    )
    able = (
        _mark(refused is None and account.may(ability.permission, ability.dataset))
        for ability in ABILITIES
    )
    return (named, join((_mark(refused is None), element("small", refused))), *able, download)


def _breakable(email: str) -> tuple[object, ...]:
    """The address, which a narrow screen may break before the part that all have."""
    own, dot, common = email.partition(".")
    return own, element("wbr"), dot + common


def _refused(account: ServiceAccount) -> str | None:
    """Why the token endpoint turns the account away."""
    if account.disabled:
        return "account disabled"
    return "key deleted" if account.key_deleted else None


def _mark(able: bool) -> Html:
    return badge("yes", "good") if able else badge("no", "bad")


def _roles(account: ServiceAccount) -> str:
    return ", ".join(
        f"{binding.role.removeprefix('roles/bigquery.')} on {binding.dataset or 'the project'}"
        for binding in account.bindings
    )


def _account(state: "SandboxState") -> Html:
    accounts = state.clevertap.accounts.all()
    accounts_listed = [
        element(
            "dl",
            copyable("Account ID", account.account_id),
            copyable("Passcode", account.passcode),
            class_="pairs",
        )
        for account in accounts
    ]
    return section(
        "CleverTap account",
        *accounts_listed,
        element("dl", copyable("Its API address", f"{state.base_url}/clevertap"), class_="pairs"),
        note="Add it under CleverTap accounts, with the region Sandbox (this machine). "
        "One click on a value selects it whole.",
    )


def _data(warehouse: "Warehouse") -> Html:
    columns = (Column("Table"), Column("Rows", numeric=True))
    rows = [
        (code(f"{dataset.id}.{one.id}"), "view" if one.view else number(warehouse.sizes(one)[0]))
        for dataset in warehouse.catalog.datasets()
        for one in warehouse.catalog.tables(dataset.id)
    ]
    pairs = element(
        "dl", copyable("Project ID", PROJECT), copyable("Dataset ID", DATASET), class_="pairs"
    )
    return section(
        "Sample data",
        pairs,
        table(columns, rows, "The dataset has no tables."),
        note="A made-up shop, with the dirt that real tables have.",
    )
