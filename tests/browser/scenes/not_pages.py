"""Routes that are no screens, each with its reason. One that has become a page fails."""

from tests.browser.scenes.scene import NotAPage, row

POSTED = NotAPage("only takes a form, and sends on to a page")

NOT_PAGES = {
    "home": NotAPage("sends on to the first page"),
    "healthz": NotAPage("machines ask; JSON"),
    "readyz": NotAPage("machines ask; JSON"),
    "metrics": NotAPage("machines ask; numbers as text"),
    "accounts:sign_out": POSTED,
    "accounts:visit_end": POSTED,
    "accounts:visits_end": POSTED,
    "accounts:audit_logs_csv": NotAPage("a file to save"),
    "connections:test": POSTED,
    "connections:test_again": POSTED,
    "connections:restore_key": POSTED,
    "connections:stop_remaining": POSTED,
    "imports:import_stats_csv": NotAPage("a file to save", {"import_id": row("import often")}),
    "imports:cursor_ask": POSTED,
    "imports:cursor_move": POSTED,
    "imports:cursor_reset": POSTED,
    "imports:dry_run_confirm": POSTED,
    "imports:map_live": NotAPage("a part of the mapping, which its scenes show after typing"),
    "imports:decide_held": POSTED,
    "imports:download_refused": NotAPage("only takes a form, and answers with a file to save"),
    "imports:duplicate": POSTED,
    "imports:pause": POSTED,
    "imports:remap": POSTED,
    "imports:replay": POSTED,
    "imports:resume": POSTED,
    "imports:start": POSTED,
    "imports:stop": POSTED,
    "imports:write_back_again": POSTED,
    "imports:account_test": POSTED,
}
