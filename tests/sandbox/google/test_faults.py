import http.client
import json
import threading
import time

import pytest
from google.api_core.exceptions import Forbidden, ServiceUnavailable

from sandbox.faults import Call, FaultRefused, Faults

DATASETS = "/bigquery/v2/projects/sandbox-shop-4711/datasets"


def test_a_status_comes_in_googles_own_words(sandbox, client):
    sandbox.fault(effect="status", service="bigquery", status=503, times=1)
    with pytest.raises(ServiceUnavailable) as found:
        list(client.list_datasets(retry=None))
    assert found.value.errors[0]["reason"] == "backendError"
    assert len(list(client.list_datasets(retry=None))) == 1


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("accessNotConfigured", "BigQuery API has not been used in project"),
        ("billingNotEnabled", "Billing has not been enabled for this project"),
        ("quotaExceeded", "Quota exceeded"),
        ("rateLimitExceeded", "Exceeded rate limits"),
    ],
)
def test_a_403_has_the_reason_that_is_asked_for(sandbox, client, reason, words):
    sandbox.fault(effect="status", service="bigquery", status=403, reason=reason)
    with pytest.raises(Forbidden) as found:
        client.get_dataset("shop", retry=None)
    assert found.value.errors[0]["reason"] == reason
    assert words in found.value.message


def test_a_denied_permission_is_denied_for_one_account_only(sandbox):
    client, admin = sandbox.client("good"), sandbox.client("admin")
    account = client._credentials.service_account_email
    sandbox.fault(effect="deny", permission="bigquery.jobs.create", account=account)
    with pytest.raises(Forbidden, match=r"does not have bigquery\.jobs\.create permission"):
        client.query("SELECT 1")
    admin.query("SELECT 1").result()


def test_a_permission_can_be_denied_on_one_table(sandbox, client):
    sandbox.fault(effect="deny", permission="bigquery.tables.getData", table="events")
    client.query("SELECT COUNT(*) FROM shop.customers_small").result()
    with pytest.raises(Forbidden, match=r"to query table sandbox-shop-4711:shop\.events"):
        client.query("SELECT COUNT(*) FROM shop.events").result()


def test_a_lost_answer_has_done_its_work(sandbox, client):
    sandbox.fault(effect="lost_answer", method="POST", path="*/jobs", times=1)
    body = json.dumps({
        "jobReference": {"jobId": "lost"},
        "configuration": {"query": {"query": "SELECT 1", "useLegacySql": False}},
    })  # fmt: skip
    with pytest.raises(http.client.RemoteDisconnected):
        sandbox.ask("POST", "/jobs", body.encode())
    assert client.get_job("lost").result().total_rows == 1


def test_a_dropped_request_has_done_nothing(sandbox):
    sandbox.fault(effect="drop_before", method="POST", path="*/jobs", times=1)
    body = {"jobReference": {"jobId": "dropped"}, "configuration": {}}
    with pytest.raises(http.client.RemoteDisconnected):
        sandbox.ask("POST", "/jobs", body)
    assert sandbox.ask("GET", "/jobs/dropped")[0] == 404


def test_latency_delays_and_is_seen_in_flight(sandbox):
    sandbox.fault(effect="latency", service="bigquery", seconds=1)
    thread = threading.Thread(target=sandbox.ask, args=("GET", "/datasets"))
    thread.start()
    deadline = time.monotonic() + 20
    while not (waiting := _entries(sandbox, "?service=bigquery")):
        assert time.monotonic() < deadline
    assert (waiting[0]["status"], waiting[0]["facts"]["fault"]) == (None, "latency")
    thread.join()
    (ended,) = _entries(sandbox, "?service=bigquery")
    assert ended["status"] == 200
    assert ended["milliseconds"] >= 1000


def test_a_fault_that_is_lifted_lets_go_of_a_request_and_of_a_job(sandbox, client):
    sandbox.fault(effect="slow_job", seconds=600)
    job = client.query("SELECT 1")
    sandbox.fault(effect="latency", path=DATASETS, seconds=600)
    thread = threading.Thread(target=sandbox.ask, args=("GET", "/datasets"))
    thread.start()
    deadline = time.monotonic() + 60
    while not _entries(sandbox, "?service=bigquery")[-1]["path"].endswith("/datasets"):
        assert time.monotonic() < deadline
    sandbox.call("DELETE", "/control/faults")
    thread.join(60)
    assert not thread.is_alive()
    assert job.result(timeout=60).total_rows == 1


def test_a_hanging_request_ends_when_the_client_leaves(sandbox):
    sandbox.fault(effect="hang", path=DATASETS, seconds=30)
    connection = http.client.HTTPConnection(sandbox.base_url.removeprefix("http://"), timeout=0.3)
    connection.request("GET", DATASETS)
    with pytest.raises(TimeoutError):
        connection.getresponse()
    connection.close()
    deadline = time.monotonic() + 20
    while _entries(sandbox, "?service=bigquery")[0]["status"] is None:
        assert time.monotonic() < deadline
    assert _entries(sandbox, "?service=bigquery")[0]["status"] == 0


def test_a_token_fault_does_not_touch_bigquery(sandbox):
    token = sandbox.token()
    sandbox.fault(effect="status", service="token", status=500)
    headers = {"Authorization": f"Bearer {token}"}
    assert sandbox.call("GET", DATASETS, headers=headers)[0] == 200
    status, body = sandbox.call("POST", "/token", b"")
    assert (status, json.loads(body)["error"]) == (500, "internal_failure")


def test_faults_are_set_shown_and_lifted_by_http(sandbox):
    status, text = sandbox.call("POST", "/control/faults", {"effect": "status", "status": 500})
    assert status == 201
    rule = json.loads(text)
    shown = json.loads(sandbox.call("GET", "/control/faults")[1])["faults"]
    assert shown == [rule]
    assert sandbox.call("DELETE", f"/control/faults/{rule['id']}")[0] == 204
    assert sandbox.call("DELETE", f"/control/faults/{rule['id']}")[0] == 404


@pytest.mark.parametrize(
    "rule",
    [
        {},
        {"effect": "explode"},
        {"effect": "status"},
        {"effect": "status", "status": 200},
        {"effect": "status", "status": "500"},
        {"effect": "latency"},
        {"effect": "latency", "seconds": -1},
        {"effect": "latency", "seconds": True},
        {"effect": "hang", "seconds": 601},
        {"effect": "deny"},
        {"effect": "hang", "service": "gmail"},
        {"effect": "hang", "path": 5},
        {"effect": "hang", "times": 1.5},
        {"effect": "hang", "probability": 2},
        {"effect": "hang", "colour": "red"},
    ],
)
def test_a_rule_that_makes_no_sense_is_refused_in_one_sentence(sandbox, rule):
    status, text = sandbox.call("POST", "/control/faults", rule)
    assert status == 400
    assert json.loads(text)["error"].endswith(".")
    assert sandbox.state.faults.all() == []


def test_a_body_that_is_no_json_is_refused(sandbox):
    assert sandbox.call("POST", "/control/faults", b"{")[0] == 400
    with pytest.raises(FaultRefused):
        sandbox.state.faults.add([])


def test_a_rule_applies_as_often_as_it_says():
    faults = Faults()
    faults.add({"effect": "hang", "times": 2})
    hits = [faults.take("hang", Call("token")) is not None for _ in range(4)]
    assert hits == [True, True, False, False]


def test_the_dice_fall_the_same_way_every_time():
    def throws(seed):
        faults = Faults()
        faults.add({"effect": "hang", "probability": 0.5, "seed": seed})
        return [faults.take("hang", Call("token")) is not None for _ in range(100)]

    assert throws(1) == throws(1) != throws(2)
    assert 30 < sum(throws(1)) < 70


def test_refused_rows_are_the_share_that_is_asked_for():
    rule = Faults().add({"effect": "refuse_rows", "share": 0.25, "code": 515})
    places = rule.positions(1000)
    assert 200 < len(places) < 300
    assert places == sorted(set(places))
    assert Faults().add({"effect": "refuse_rows"}).positions(3) == [1, 2, 3]


def _entries(sandbox, query):
    return json.loads(sandbox.call("GET", f"/ledger{query}")[1])["entries"]
