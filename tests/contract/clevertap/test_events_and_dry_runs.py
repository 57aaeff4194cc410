"""Events and dry runs for real: Google's client, the worker half, and the sandbox as judge."""

import json
import random
from collections import Counter
from dataclasses import replace

import pytest
from django.utils import timezone

from connections import encryption
from connections.bigquery import BigQuery, Endpoints
from connections.secret import Secret
from imports.dry_run import perform, sample
from imports.mapping import IdentityRule, Mapping, PropertyRule, flat_columns, suggest
from imports.models import CleverTapAccount, Run
from imports.runner import execute_run
from imports.services import dry_runs, runs
from imports.views.live_rows import live_rows
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


ODD = """CREATE TABLE IF NOT EXISTS shop.odd AS
SELECT CONCAT('c', CAST(n AS STRING)) AS customer_id, note, number, float_text, flag,
  CAST(ratio AS FLOAT64) AS ratio, CAST(exact AS NUMERIC) AS exact, seconds, tags,
  STRUCT(word AS word) AS inner
FROM (
  SELECT 1 AS n, 'fine' AS note, '12.00' AS number, '.5' AS float_text, ' TRUE ' AS flag,
    '1.5' AS ratio, '3' AS exact, 1700000000 AS seconds, ['a', 'b'] AS tags, 'school' AS word
  UNION ALL SELECT 2, REPEAT('x', 513), '1', '1', '0', '1', '1', 1, ['a'], 'College'
  UNION ALL SELECT 3, REPEAT('é', 256), 'twelve', '1', '0', '1', '1', 1, ['a'], 'College'
  UNION ALL SELECT 4, '', '12.5', '1', '0', '1', '1', 1, ['a'], 'College'
  UNION ALL SELECT 5, '', '99999999999999999999', '1', '0', '1', '1', 1, ['a'], 'College'
  UNION ALL SELECT 6, '', '1', '1e', '0', '1', '1', 1, ['a'], 'College'
  UNION ALL SELECT 7, '', '1', '1e999', '0', '1', '1', 1, ['a'], 'College'
  UNION ALL SELECT 8, '', '1', '1', 'yes', '1', '1', 1, ['a'], 'College'
  UNION ALL SELECT 9, '', '1', '1', '0', 'NaN', '1', 1, ['a'], 'College'
  UNION ALL SELECT 10, '', '1', '1', '0', 'inf', '1', 1, ['a'], 'College'
  UNION ALL SELECT 11, '', '1', '1', '0', '1', '0.5', 1, ['a'], 'College'
  UNION ALL SELECT 12, '', '1', '1', '0', '1', '1', 12345678901, ['a'], 'College'
  UNION ALL SELECT 13, '', '1', '1', '0', '1', '1', 1, [REPEAT('x', 513)], 'College'
  UNION ALL SELECT 14, '', '1', '1', '0', '1', '1', 1,
    ARRAY(SELECT CAST(x AS STRING) FROM UNNEST(GENERATE_ARRAY(1, 101)) AS x), 'College'
  UNION ALL SELECT 15, '', '1', '1', '0', '1', '1', 1, ['a'], 'kindergarten'
  UNION ALL SELECT 16, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
)"""


@pytest.fixture(scope="session")
def few_events(made):
    """The first 500 events in a table of their own: one row of each fault."""
    some = f"SELECT * FROM shop.events WHERE event_id <= 'E{ROWS:08d}'"
    return made("events_few", f"CREATE TABLE IF NOT EXISTS shop.events_few AS {some}")


@pytest.fixture(scope="session")
def odd_rows(made):
    """A row for each rule on a property, and one of NULLs."""
    return made("odd", ODD)


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
    counted = Counter()
    for one in result["reasons"]:  # a reason may be given for several columns
        counted[one["code"]] += one["rows"]
    return counted


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


def checked(parent, mapping):
    """All rows, after the cost was told and agreed to."""
    by, now = parent.created_by, timezone.now()
    check = dry_runs.start_check(parent=parent, mapping=mapping.to_json(), by=by, now=now)
    perform(dry_run_id=check.pk)
    check.refresh_from_db()
    assert check.failure_sentence == ""
    assert check.waits_for_consent
    assert check.estimated_bytes > 0
    dry_runs.confirm(dry_run=check, by=by, now=now)
    perform(dry_run_id=check.pk)
    check.refresh_from_db()
    assert check.failure_sentence == ""
    return check, dry_runs.result_of(check)


def ran(parent):
    run = runs.start_run(parent=parent, by=parent.created_by, now=timezone.now())
    execute_run(run_id=run.pk)
    run.refresh_from_db()
    assert run.state == Run.State.SUCCEEDED
    refused = run.refused_rows.filter(refused_by="rules")
    return run, Counter(refused.values_list("code", flat=True))


@pytest.mark.parametrize("kind", ["profile", "event"])
def test_a_check_of_all_rows_counts_what_a_run_refuses_reason_by_reason(
    kind, installation, bigquery, few_events
):
    table = few_events if kind == "event" else "customers_small"
    mapping = suggested(bigquery, table, kind)
    parent = installation(table, mapping)
    check, result = checked(parent, mapping)
    run, refused = ran(parent)
    assert reasons(result) == refused
    assert (result["rows"], result["refused"]) == (run.read_count, sum(refused.values()))
    assert check.bytes_billed > 0


def test_a_check_of_every_rule_on_made_up_rows_agrees_with_the_engine(
    installation, bigquery, odd_rows
):
    properties = (
        PropertyRule("note", "Note"),
        PropertyRule("number", "Whole", "integer"),
        PropertyRule("float_text", "Float", "float"),
        PropertyRule("flag", "MSG-email", "boolean"),
        PropertyRule("ratio", "Ratio", "float"),
        PropertyRule("exact", "Exact", "long"),
        PropertyRule("seconds", "Seconds", "date", "epoch_seconds", "UTC"),
        PropertyRule("tags", "Tags"),
        PropertyRule("inner.word", "Education"),
    )
    mapping = replace(suggested(bigquery, odd_rows, "profile"), properties=properties)
    parent = installation(odd_rows, mapping)
    _, result = checked(parent, mapping)
    _, refused = ran(parent)
    assert reasons(result) == refused
    assert sum(refused.values()) == 14, "all but the row without a fault and that of NULLs"


def test_all_rows_are_not_read_before_somebody_agrees(installation, bigquery, sandbox, few_events):
    mapping = suggested(bigquery, few_events, "event")
    parent = installation(few_events, mapping)
    check = dry_runs.start_check(
        parent=parent, mapping=mapping.to_json(), by=parent.created_by, now=timezone.now()
    )
    perform(dry_run_id=check.pk)
    jobs = sandbox.get("/control/jobs")["jobs"]
    assert str(check.pk) not in json.dumps(jobs)
    dry_runs.confirm(dry_run=check, by=parent.created_by, now=timezone.now())
    with pytest.raises(dry_runs.CannotRehearse):
        dry_runs.confirm(dry_run=check, by=parent.created_by, now=timezone.now())


TEXTS = [
    *("plain", "", " ", "0", "1", "-1", "12", "12.50", "1e3", "1e999", "true", "TRUE", "yes"),
    *("null", "NaN", "undefined", "ann@shop.example", "no address", "+4915112345678", "+12"),
    *("F", "female", "2026-02-30", "x" * 512, "x" * 513, "é" * 256, "é" * 257),
]
JUDGED = (
    PropertyRule("a", "Note"),
    PropertyRule("b", "Whole", "integer"),
    PropertyRule("c", "Float", "float"),
    PropertyRule("d", "MSG-email", "boolean"),
    PropertyRule("e", "Email"),
    PropertyRule("f", "Phone"),
    PropertyRule("g", "Gender"),
)


@pytest.fixture(scope="session")
def random_rows(made):
    """Rows of any texts whatever, the same in every run, with at most two of them odd."""
    chance = random.Random(7)
    good = ["plain", "12", "1e3", "1", "ann@shop.example", "+4915112345678", "F"]
    rows = []
    for number in range(150):
        row = [f"p{number}", *good]
        for _ in range(chance.randint(0, 2)):
            row[chance.randrange(len(row))] = chance.choice([*TEXTS, None])
        rows.append(row)
    texts = [["NULL" if cell is None else f"'{cell}'" for cell in row] for row in rows]
    names = ["customer_id", *(rule.column for rule in JUDGED)]
    first = ", ".join(f"{cell} AS {name}" for cell, name in zip(texts[0], names, strict=True))
    rest = "".join(f" UNION ALL SELECT {', '.join(row)}" for row in texts[1:])
    return made("any", f"CREATE TABLE IF NOT EXISTS shop.any AS SELECT {first}{rest}"), rows


def test_screen_dry_run_check_and_engine_agree_on_any_rows(installation, bigquery, random_rows):
    table, rows = random_rows
    columns = flat_columns(bigquery.table("shop", table).columns)
    mapping = replace(suggest(columns, "profile"), properties=JUDGED, updated_on=None)
    parent = installation(table, mapping)
    _, whole = checked(parent, mapping)
    _, sample = judged(parent, mapping)
    _, refused = ran(parent)
    assert len(refused) > 7, "chance made few mistakes"
    assert (reasons(whole), whole["rows"]) == (refused, len(rows))
    assert (
        reasons({"reasons": [one for one in sample["reasons"] if one["by"] == "rules"]}) == refused
    )
    shown = [live_rows(mapping, columns, [row], run_ts=1).rows[0] for row in rows]
    assert sum(bool(row.refusal) for row in shown) == sum(refused.values())


def test_columns_called_like_keywords_and_with_spaces_are_only_columns(
    installation, bigquery, made
):
    made("words", "CREATE TABLE IF NOT EXISTS shop.words AS "
         "SELECT 'c1' AS `select`, 'a' AS `from where`, 1 AS `order`, 'x' AS `group by #1`")  # fmt: skip
    mapping = Mapping(
        identity=IdentityRule("select"),
        properties=(
            PropertyRule("from where", "Where"),
            PropertyRule("order", "Order", "integer"),
            PropertyRule("group by #1", "Group"),
        ),
    )
    parent = installation("words", mapping)
    _, whole = checked(parent, mapping)
    run, refused = ran(parent)
    assert (whole["rows"], whole["refused"], refused) == (1, 0, Counter())
    assert run.accepted_count == 1


def test_an_identity_that_is_null_in_every_row_refuses_every_row(installation, bigquery, made):
    made("nobody", "CREATE TABLE IF NOT EXISTS shop.nobody AS "
         "SELECT CAST(NULL AS STRING) AS customer_id, 'a' AS note UNION ALL SELECT NULL, 'b'")  # fmt: skip
    mapping = suggested(bigquery, "nobody", "profile")
    parent = installation("nobody", mapping)
    _, whole = checked(parent, mapping)
    run, refused = ran(parent)
    assert reasons(whole) == refused == {"identity_missing": 2}
    assert (run.read_count, run.refused_count, run.accepted_count) == (2, 2, 0)
