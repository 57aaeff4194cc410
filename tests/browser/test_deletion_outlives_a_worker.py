"""Three running imports, their connection deleted, the worker killed in the middle: all the same."""

import contextlib
import os
import signal
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import LONG
from tests.browser.test_mission import (
    add_account,
    create_import,
    nothing_is_at_work,
    save_database,
)

pytestmark = pytest.mark.browser


def kill_import_workers(folder):
    """As a machine that runs out of memory does: main process and pool, without a word."""
    found = [int(one.name) for one in Path("/proc").glob("[0-9]*") if is_one(one, folder)]
    for process in found:
        with contextlib.suppress(ProcessLookupError):  # it has ended with its main process
            os.kill(process, signal.SIGKILL)
    return len(found)


def is_one(process, folder):
    try:
        command = (process / "cmdline").read_bytes()
        environment = (process / "environ").read_bytes()
    except OSError:
        return False  # it has ended, or is not ours to see
    return b"--queues\0import\0" in command and f"DATA_DIR={folder}".encode() in environment


def ask_to_delete(page, name):
    page.get_by_label(f"More actions for {name}").click()
    page.get_by_role("link", name="Delete", exact=True).click()


def three_runs_at_work(page, product):
    """One sends and two are in the middle of their query; gives the fault that slows the sink."""
    product.sandbox.reset()
    save_database(page, product, name="Struck")
    add_account(page, product, name="Struck account")
    sink = product.sandbox.slow_sink()
    names = {"database": "Struck", "account": "Struck account", "table": "customers"}
    create_import(page, product, nickname="Sending one", **names)
    expect(page.locator(".sums-bar__sum--accepted dd")).not_to_have_text("0", timeout=LONG)
    product.sandbox.slow_query()
    for nickname in ("Querying one", "Querying two"):
        create_import(page, product, nickname=nickname, **names)
    return sink


def test_the_evidence_comes_true_though_a_worker_is_killed(page, product):
    sandbox = product.sandbox
    sink = three_runs_at_work(page, product)
    page.goto(f"{product.url}/settings/partners/import-connections/")
    page.get_by_role("link", name="Struck", exact=True).click()
    ask_to_delete(page, "Struck")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("3 imports are running")).to_be_visible()
    dialog.get_by_label("Type Struck to confirm").fill("Struck")
    dialog.get_by_role("button", name="Delete", exact=True).click()
    evidence = page.get_by_role("table", name="Runs that were stopped")
    expect(evidence).to_be_visible()
    assert kill_import_workers(product.folder) >= 2, "no worker was there to be killed"
    sandbox.lift(sink)
    deleted = "Every run is stopped, every BigQuery job is done, and the key is destroyed."
    expect(page.get_by_text(deleted)).to_be_visible(timeout=LONG)
    expect(evidence.locator(".badge--stopped")).to_have_count(3)
    nothing_is_at_work(sandbox)
