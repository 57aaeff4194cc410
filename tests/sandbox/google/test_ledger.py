import json
import time

import pytest
from google.cloud.bigquery import QueryJobConfig

from sandbox.ledger import Entry, Filter, Ledger


def entries(sandbox, query=""):
    status, text = sandbox.call("GET", f"/ledger{query}")
    assert status == 200
    return json.loads(text)["entries"]


def test_a_query_leaves_its_requests_with_account_job_and_run(sandbox, client):
    job = client.query("SELECT 1", job_config=QueryJobConfig(labels={"run": "r-7"}))
    job.result()
    token, *calls = entries(sandbox)
    assert (token["service"], token["method"], token["path"]) == ("token", "POST", "/token")
    assert {call["facts"]["job_id"] for call in calls} == {job.job_id}
    assert {call["facts"]["account"] for call in entries(sandbox)} == {token["facts"]["account"]}
    assert entries(sandbox, "?run=r-7") == calls
    assert entries(sandbox, "?run=r-8") == []


def test_a_request_has_its_begin_and_end(sandbox):
    before = time.time()
    sandbox.ask("GET", "/datasets")
    (entry,) = entries(sandbox, "?service=bigquery")
    assert before <= entry["at"] <= entry["ended_at"] <= time.time()
    assert entry["status"] == 200


def test_it_can_be_read_from_a_moment_on(sandbox):
    sandbox.ask("GET", "/datasets")
    now = time.time()
    assert entries(sandbox, f"?since={now}") == []
    sandbox.ask("GET", "/datasets")
    first, second = entries(sandbox, f"?since={now}")
    assert entries(sandbox, f"?after={first['seq']}") == [second]
    assert entries(sandbox, "?limit=1") == [second]


@pytest.mark.parametrize("query", ["?service=gmail", "?since=soon", "?after=x", "?limit=1.5"])
def test_a_question_that_makes_no_sense_is_refused(sandbox, query):
    status, text = sandbox.call("GET", f"/ledger{query}")
    assert status == 400
    assert json.loads(text)["error"]


def test_it_holds_no_secret(sandbox, client):
    client.query("SELECT 1").result()
    token, key = client._credentials.token, sandbox.key("good")["private_key"]
    kept = (sandbox.state.data_dir / "ledger.jsonl").read_text() + json.dumps(entries(sandbox))
    assert token not in kept
    assert "ya29." not in kept
    assert "assertion" not in kept
    assert key.splitlines()[1] not in kept


def test_refused_requests_are_in_it_too(sandbox):
    sandbox.call("GET", "/bigquery/v2/projects", headers={"Authorization": "Bearer secret-token"})
    (entry,) = entries(sandbox)
    assert (entry["status"], entry["facts"]) == (401, {})


def test_it_is_emptied_on_request(sandbox):
    sandbox.ask("GET", "/datasets")
    assert sandbox.call("DELETE", "/ledger")[0] == 204
    assert entries(sandbox) == []
    assert (sandbox.state.data_dir / "ledger.jsonl").read_text() == ""


def test_the_file_shows_begin_and_end_and_the_one_before_is_kept(tmp_path):
    path = tmp_path / "ledger.jsonl"
    first = Ledger(path)
    entry = first.record(Entry("token", "POST", "/token"))
    first.complete(entry, 200)
    first.close()
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert [line["status"] for line in lines] == [None, 200]
    again = Ledger(path)
    assert again.find(Filter()) == []
    again.close()
    assert (tmp_path / "ledger.previous.jsonl").read_text().count("\n") == 2
    assert path.stat().st_mode & 0o777 == 0o600
