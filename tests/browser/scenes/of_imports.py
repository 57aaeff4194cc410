"""CleverTap accounts, Create Import, the Import center, imports and their runs."""

from urllib.parse import urlencode

from tests.browser.scenes import steps
from tests.browser.scenes.rows_of_queries import SOURCES
from tests.browser.scenes.scene import CREATOR, EMPTY, MEMBER, Place, Scene, row

CENTER, CREATE = Place("imports:import_center"), Place("imports:create")
ACCOUNTS, ADD_ACCOUNT = Place("imports:account_list"), Place("imports:account_add")
RUNS = (
    "query",
    *("queued", "querying", "sending", "silent", "waiting", "stopping"),
    *("succeeded", "partly", "not agreeing", "nothing new", "failed", "stopped", "long"),
    *("schema changed", "again"),
)


def of(kind, route="imports:import_detail"):
    return Place(route, {"import_id": row(f"import {kind}")})


def run(kind, route="imports:run_detail"):
    return Place(route, {"run_id": row(f"run {kind}")})


def dry_run(kind):
    return Place("imports:dry_run", {"dry_run_id": row(f"dry run {kind}")})


def account(kind):
    return Place("imports:account_detail", {"account_id": row(f"account {kind}")})


def edit_account(kind):
    return Place("imports:account_edit", {"account_id": row(f"account {kind}")})


def create_by(kind):
    """The form with a table or a query that the worker has judged already."""
    asked = {"database": row("connection verified"), **SOURCES[kind]}
    return Place("imports:create", query=urlencode(asked))


def create_from(kind):
    return Place("imports:create", query=f"database={row(f'connection {kind}')}")


SCENES = [
    Scene(ACCOUNTS, "empty", world=EMPTY),
    Scene(ACCOUNTS, "empty for a member", world=EMPTY, who=MEMBER),
    Scene(ACCOUNTS, "one of each status"),
    Scene(ADD_ACCOUNT, "empty"),
    Scene(ADD_ACCOUNT, "all is missing", steps=(steps.press("Save"), steps.see(".error-summary"))),
    *(
        Scene(account(kind), kind)
        for kind in (
            *("untested", "testing", "verified", "failed", "inconclusive"),
            *("long", "arabic", "sandbox"),
        )
    ),
    Scene(account("failed"), "failed, for a member", who=MEMBER),
    Scene(edit_account("verified"), "as it is saved"),
    Scene(edit_account("failed"), "failed"),
    Scene(edit_account("long"), "too long"),
    Scene(
        edit_account("failed"),
        "all is missing",
        steps=(
            *(steps.fill(label, "") for label in ("Name", "Account ID")),
            steps.choose("Region", ""),
            steps.press("Save"),
            steps.see(".error-summary"),
        ),
    ),
    Scene(
        edit_account("verified"),
        "runs at work",
        steps=(
            steps.choose("Region", "in1"),
            steps.fill("Passcode", "ABC-XYZ-1234"),
            steps.press("Save"),
            steps.see(".error-summary"),
        ),
    ),
    Scene(CREATE, "nothing to read from", world=EMPTY, who=CREATOR),
    Scene(CREATE, "empty", who=CREATOR),
    Scene(
        CREATE,
        "all is missing",
        who=CREATOR,
        steps=(steps.press("Next"), steps.see(".error-summary")),
    ),
    Scene(create_from("verified"), "tables listed", who=CREATOR),
    Scene(create_from("testing"), "tables are loading", who=CREATOR),
    Scene(create_from("failed"), "tables cannot be listed", who=CREATOR),
    Scene(create_from("sandbox"), "no tables", who=CREATOR),
    Scene(create_from("long"), "too long", who=CREATOR),
    Scene(CREATE, "forbidden to a member", who=MEMBER, status=403),
    *(Scene(create_by(kind), kind, who=CREATOR) for kind in SOURCES),
    Scene(
        Place("imports:check_panel"),
        "a second statement",
        at=create_from("verified"),
        steps=(
            steps.choose("Query Type", "sql"),
            steps.fill("SQL", "SELECT 1;\nSELECT 2"),
            steps.see("#check mark"),
        ),
    ),
    Scene(
        Place("imports:rows_panel"),
        "ten rows",
        at=create_by("a query"),
        steps=(steps.press("Preview Results"), steps.see("#rows td")),
    ),
    Scene(
        create_by("a query"),
        "nothing is named",
        who=CREATOR,
        steps=(steps.press("Next"), steps.see(".error-summary")),
    ),
    *(Scene(of(kind, "imports:configure"), kind) for kind in ("draft", "ready", "query", "long")),
    Scene(of("ready", "imports:configure"), "forbidden to a member", who=MEMBER, status=403),
    Scene(of("query"), "by a query"),
    Scene(
        Place("imports:tables_panel"),
        "a database is chosen",
        at=CREATE,
        steps=(
            steps.choose("Database", str(row("connection verified"))),
            steps.see("#tables [type=radio]"),
        ),
    ),
    Scene(CENTER, "empty", world=EMPTY),
    Scene(CENTER, "empty for a member", world=EMPTY, who=MEMBER),
    Scene(CENTER, "many"),
    Scene(CENTER, "for a member", who=MEMBER),
    *(
        Scene(of(kind), kind)
        for kind in (
            *("ready", "scheduled", "paused", "stopped", "draft", "deleted", "long"),
            *("arabic", "chinese", "often", "run sending", "run stopping"),
        )
    ),
    Scene(of("run sending"), "running, for a member", who=MEMBER),
    Scene(of("draft", "imports:map"), "columns"),
    Scene(of("draft loading", "imports:map"), "columns are loading"),
    Scene(of("draft failed", "imports:map"), "columns cannot be read"),
    Scene(of("draft wide", "imports:map"), "ninety columns"),
    Scene(
        of("draft", "imports:map"),
        "all is missing",
        steps=(steps.press("Save"), steps.see(".error-summary, .notice--bad")),
    ),
    Scene(
        of("draft events", "imports:map"),
        "events, as JSON",
        steps=(
            steps.choose("Identity column", "column_00"),
            steps.fill("Specific Event", "Order Placed"),
            steps.see("#live-rows .code-block"),
        ),
    ),
    Scene(
        of("draft events", "imports:map"),
        "a name that is wrong, as it is typed",
        steps=(
            steps.fill("CleverTap property of column_02", "50% off"),
            steps.see("#live-rows .form-text"),
            steps.see(".map__said .field__error"),
        ),
    ),
    *(
        Scene(dry_run(kind), kind)
        for kind in ("at work", "refused", "good", "failed", "gone", "cost", "all rows")
    ),
    Scene(of("ready", "imports:delete"), "not running", who=CREATOR),
    Scene(of("run sending", "imports:delete"), "running"),
    Scene(
        of("long", "imports:delete"),
        "as a dialog",
        at=of("long"),
        steps=(steps.delete_from_menu, steps.see("dialog[open] .dialog__title")),
    ),
    Scene(of("ready", "imports:stop_import"), "not running", who=CREATOR),
    Scene(of("run sending", "imports:stop_import"), "running"),
    Scene(
        of("scheduled", "imports:stop_import"),
        "as a dialog",
        at=of("scheduled"),
        steps=(steps.stop_import_from_menu, steps.see("dialog[open] .dialog__title")),
    ),
    *(Scene(run(kind), kind) for kind in RUNS),
    Scene(run("partly"), "partly, for a member", who=MEMBER),
    Scene(
        run("sending", "imports:progress"),
        "looking again",
        at=run("sending"),
        steps=(steps.asked_again("/progress/"),),
    ),
]
