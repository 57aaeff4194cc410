"""Events and dry runs for real: Google's client, the worker half, and the sandbox as judge."""

import json
from collections import Counter
from dataclasses import replace

import pytest
from django.utils import timezone

from connections import encryption
from connections.bigquery import BigQuery, Endpoints
from connections.secret import Secret
from connections.service_account import read_key
from imports.dry_run import perform, sample
from imports.mapping import PropertyRule, flat_columns, suggest
from imports.models import CleverTapAccount, Run
from imports.runner import execute_run
from imports.services import dry_runs, runs
from tests.factories import CleverTapAccountFactory, ConnectionFactory, ImportFactory

pytestmark = pytest.mark.django_db

PROJECT, ROWS = "sandbox-shop-4711", 500
# One row of each fault that our rules refuse, as sandbox/sample/dirt.py puts them in.
EVENTS_REFUSED = {
    "identity_missing": 1,
    "identity_refused": 1,
    "event_name_missing": 1,
    "event_name_reserved": 1,
    "event_name_forbidden": 1,
    "event_name_too_long": 1,
    "created_on_missing": 1,
    "created_on_out_of_range": 1,
}


@pytest.fixture(scope="session")
def key(one_sandbox):
    document = one_sandbox.get("/keys/good.json")
    uris = {f"{one_sandbox.url}/token": "sandbox"}
    return read_key(json.dumps(document).encode(), token_uris=uris)


@pytest.fixture
def bigquery(one_sandbox, key):
    storage = one_sandbox.get("/control/storage")["url"]
    places = Endpoints(f"{one_sandbox.url}/token", one_sandbox.url, False, storage)
    with BigQuery(key, project=PROJECT, endpoints=places) as opened:
        yield opened


@pytest.fixture
def installation(sandbox, settings, bigquery, monkeypatch, bells):
    """``installation(table, mapping)`` gives an import of the sandbox's table."""
    settings.CLEVERTAP_REGIONS = {
        "sandbox": {"label": "Sandbox", "url": f"{sandbox.url}/clevertap"}
    }
    for where in ("imports.runner.execute", "imports.dry_run.judging"):
        monkeypatch.setattr(f"{where}.open_bigquery", lambda key, project: _Kept(bigquery))
    account = CleverTapAccountFactory(region="sandbox", account_id=sandbox.account_id)
    account.sealed_passcode = encryption.seal(
        Secret(sandbox.passcode), CleverTapAccount.seal_context(account.pk)
    )
    account.save()
    connection = ConnectionFactory(project_id=PROJECT, dataset_id="shop", location="EU")

    def build(table, mapping):
        return ImportFactory(
            connection=connection,
            account=account,
            table_id=table,
            kind=mapping.kind,
            mapping=mapping.to_json(),
        )

    return build


class _Kept:
    """A gateway that outlives the ``with`` of who uses it."""

    def __init__(self, bigquery):
        self.bigquery = bigquery

    def __enter__(self):
        return self.bigquery

    def __exit__(self, *_):
        pass


@pytest.fixture(scope="session")
def few_events(one_sandbox, key):
    """The first 500 events in a table of their own: one row of each fault."""
    storage = one_sandbox.get("/control/storage")["url"]
    places = Endpoints(f"{one_sandbox.url}/token", one_sandbox.url, False, storage)
    with BigQuery(key, project=PROJECT, endpoints=places) as opened:
        sql = (
            "CREATE TABLE IF NOT EXISTS shop.events_few AS "
            f"SELECT * FROM shop.events WHERE event_id <= 'E{ROWS:08d}'"
        )
        job = opened.start_query(
            sql, job_id="few_events", location="EU", labels={}, max_bytes_billed=None, seconds=30
        )
        while job.state != "DONE":
            job = opened.job("few_events", location="EU")
        assert job.failure is None, job.failure.sentence
    return "events_few"


def suggested(bigquery, table, kind):
    columns = flat_columns(bigquery.table("shop", table).columns)
    return replace(suggest(columns, kind), updated_on=None)


def judged(parent, mapping, rows=500):
    dry_run = dry_runs.start_dry_run(
        parent=parent,
        mapping=mapping.to_json(),
        rows=rows,
        by=parent.created_by,
        now=timezone.now(),
    )
    perform(dry_run_id=dry_run.pk)
    dry_run.refresh_from_db()
    assert dry_run.failure_sentence == ""
    return dry_run, dry_runs.result_of(dry_run)


def reasons(result):
    return {one["code"]: one["rows"] for one in result["reasons"]}


def test_events_run_to_the_end_and_every_row_is_accounted_for(
    installation, bigquery, sandbox, few_events
):
    mapping = suggested(bigquery, few_events, "event")
    parent = installation(few_events, mapping)
    run = runs.start_run(parent=parent, by=parent.created_by, now=timezone.now())
    execute_run(run_id=run.pk)
    run.refresh_from_db()
    assert (run.state, run.read_count) == (Run.State.SUCCEEDED, ROWS)
    codes = Counter(run.refused_rows.values_list("code", flat=True))
    assert codes == EVENTS_REFUSED
    assert run.accepted_count + run.refused_count == ROWS
    assert sandbox.received()["events"] == ROWS - sum(EVENTS_REFUSED.values())
    (event,) = sandbox.get("/control/clevertap/events?limit=1")["events"]
    assert "product_sku" in event["data"], "a field of a STRUCT, by its path"


def test_a_dry_run_finds_what_a_run_refuses_and_stores_nothing(
    installation, bigquery, sandbox, few_events
):
    mapping = suggested(bigquery, few_events, "event")
    dry_run, result = judged(installation(few_events, mapping), mapping)
    assert reasons(result) == EVENTS_REFUSED
    assert (result["rows"], result["accepted"], result["not_asked"]) == (ROWS, ROWS - 8, "")
    assert dry_run.bytes_billed == 0
    assert (sandbox.received()["events"], sandbox.received()["profiles"]) == (0, 0)
    (batch,) = sandbox.get("/control/clevertap/batches")["batches"]
    assert (batch["dry_run"], batch["records"]) == (True, ROWS - 8)


def test_a_sample_comes_from_all_over_the_table(installation, bigquery, sandbox):
    mapping = suggested(bigquery, "customers", "profile")
    dry_run, result = judged(installation("customers", mapping), mapping, rows=100)
    assert (result["rows"], dry_run.bytes_billed) == (100, 0)
    pages = [
        one for one in sandbox.get("/ledger?limit=100")["entries"] if one["path"].endswith("/data")
    ]
    assert len(pages) == sample.PIECES


def test_clevertap_s_own_verdict_is_shown_with_its_property(
    installation, bigquery, sandbox, few_events
):
    sandbox.fault("refuse_rows", code=514, share=0.1)
    mapping = replace(
        suggested(bigquery, "customers_small", "profile"),
        properties=(PropertyRule("gender", "Gender"),),
    )
    _, result = judged(installation("customers_small", mapping), mapping)
    gender = next(line for line in result["lines"] if line["name"] == "Gender")
    assert reasons(result)["514"] > 20
    assert gender["errors"] == reasons(result)["514"] + reasons(result)["gender_invalid"]
    assert "Send M or F." in gender["detail"]


def test_a_view_is_read_by_one_query_whose_bytes_are_shown(installation, bigquery, sandbox):
    mapping = suggested(bigquery, "active_customers", "profile")
    dry_run, result = judged(installation("active_customers", mapping), mapping, rows=100)
    assert result["rows"] == 100
    assert dry_run.bytes_billed > 0


def test_without_clevertap_our_rules_still_judge(installation, bigquery, sandbox, few_events):
    mapping = suggested(bigquery, few_events, "event")
    parent = installation(few_events, mapping)
    sandbox.fault("status", status=401)
    _, result = judged(parent, mapping)
    assert "CleverTap refuses the account ID" in result["not_asked"]
    assert reasons(result) == EVENTS_REFUSED
