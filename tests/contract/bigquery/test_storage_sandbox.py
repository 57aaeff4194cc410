"""Check 8 of Test Connection, asked of the sandbox by Google's own client."""

import json
import subprocess
import sys
import threading
import time

import pytest

from connections.bigquery import BigQueryError, BigQueryRefused, BigQueryUnavailable, Reason
from tests.contract.bigquery.sandbox_process import PROJECT, ROOT

IN_CHILDREN = """
import json, os, sys
from billiard import get_context
from connections.bigquery import BigQuery, Endpoints
from connections.service_account import read_key

token_uri, api, storage = sys.argv[1:]
key = read_key(sys.stdin.read().encode(), token_uris={token_uri: "sandbox"})

def check():
    with BigQuery(key, project=key.project_id, endpoints=Endpoints(token_uri, api, False, storage)) as one:
        one.check_fast_reads(location="EU", seconds=20)

children = [get_context("fork").Process(target=check) for _ in range(2)]
[child.start() for child in children]
[child.join(30) for child in children]
print([child.exitcode for child in children])
"""


def refusal(work) -> BigQueryError:
    with pytest.raises(BigQueryError) as caught:
        work()
    return caught.value


def storage_calls(sandbox):
    entries = sandbox.ask("GET", "/ledger?service=storage")["entries"]
    return [(one["path"].rpartition("/")[2], one["status"]) for one in entries]


def test_reads_the_result_of_a_query_that_bills_nothing(sandbox, good):
    good.check_fast_reads(location="EU")

    assert storage_calls(sandbox)[0] == ("CreateReadSession", 200)
    assert storage_calls(sandbox)[1][0] == "ReadRows"
    assert [job["labels"] for job in sandbox.ask("GET", "/control/jobs")["jobs"]] == [
        {"clevertap-bq": "check"}
    ]


def test_names_the_permission_that_an_account_without_the_role_lacks(open_as):
    found = refusal(lambda: open_as("reader").check_fast_reads(location="EU"))

    assert isinstance(found, BigQueryRefused)
    assert found.permission == "bigquery.readsessions.create"
    assert "BigQuery Read Session User" in found.sentence


def test_names_the_permission_to_read_a_session(sandbox, good):
    sandbox.fault("deny", permission="bigquery.readsessions.getData")

    found = refusal(lambda: good.check_fast_reads(location="EU"))

    assert found.permission == "bigquery.readsessions.getData"


def test_needs_the_permission_for_jobs_before(sandbox, open_as):
    found = refusal(lambda: open_as("no-job-user").check_fast_reads(location="EU"))

    assert (found.permission, storage_calls(sandbox)) == ("bigquery.jobs.create", [])


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ({"status": 403, "reason": "accessNotConfigured"}, Reason.API_DISABLED),
        ({"status": 401, "reason": "ACCOUNT_STATE_INVALID"}, Reason.ACCOUNT_DISABLED),
        ({"status": 401}, Reason.TOKEN_REJECTED),
        ({"status": 429}, Reason.RATE_LIMITED),
        ({"status": 503}, Reason.SERVER_ERROR),
    ],
)
def test_tells_why_it_is_refused_and_asks_once(sandbox, good, rule, reason):
    sandbox.fault("status", service="storage", **rule)

    assert refusal(lambda: good.check_fast_reads(location="EU")).reason == reason
    assert len(storage_calls(sandbox)) == 1


def test_an_account_disabled_after_its_token_was_granted_is_refused(sandbox, good):
    good.authenticate()
    sandbox.ask("PUT", "/control/accounts/good", {"disabled": True})

    found = refusal(lambda: good.check_fast_reads(location="EU"))

    assert found.reason in {Reason.ACCOUNT_DISABLED, Reason.TOKEN_REJECTED}


@pytest.mark.parametrize("path", ["*/CreateReadSession", "*/ReadRows"])
def test_gives_up_at_its_deadline_and_leaves_no_thread(sandbox, good, path):
    sandbox.fault("hang", service="storage", path=path)
    begun = time.monotonic()

    found = refusal(lambda: good.check_fast_reads(location="EU", seconds=1))

    assert time.monotonic() - begun < 1.5
    assert (type(found), found.reason) == (BigQueryUnavailable, Reason.TIMEOUT)
    for thread in [one for one in threading.enumerate() if one.name == "bigquery-call"]:
        thread.join(3)
        assert not thread.is_alive()


@pytest.mark.parametrize("effect", ["drop_before", "lost_answer"])
def test_a_connection_that_breaks_is_no_verdict(sandbox, good, effect):
    sandbox.fault(effect, service="storage", path="*/CreateReadSession")

    found = refusal(lambda: good.check_fast_reads(location="EU"))

    assert (type(found), found.reason) == (BigQueryUnavailable, Reason.NETWORK)


def test_nothing_of_key_or_token_is_kept_or_told(sandbox, open_as):
    found = refusal(lambda: open_as("reader").check_fast_reads(location="EU"))

    kept = json.dumps(sandbox.ask("GET", "/ledger")["entries"])
    told = f"{found!r} {found} {vars(found)} {found.__cause__} {found.__context__}"
    for text in (kept, told):
        assert not [word for word in ("eyJ", "ya29", "PRIVATE", "Bearer") if word in text]


def test_works_in_children_that_were_forked_after_the_import(sandbox):
    """As Celery's prefork does it: the gateway is loaded before, and made after."""
    ends = sandbox.endpoints
    document = sandbox.ask("GET", "/keys/good.json")
    answer = subprocess.run(
        [
            sys.executable,
            "-c",
            IN_CHILDREN,
            ends.token_uri,
            ends.api_endpoint,
            ends.storage_endpoint,
        ],
        cwd=ROOT,
        input=json.dumps(document),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert document["project_id"] == PROJECT
    assert answer.stdout.strip() == "[0, 0]", answer.stderr
