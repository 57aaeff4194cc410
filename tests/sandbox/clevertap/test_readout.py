"""The control addresses: what tests read to judge from outside, and what survives a restart."""

import hashlib
import json
import stat
import time

import pytest

from sandbox.clevertap import Store
from sandbox.clevertap.store import Batch
from sandbox.clevertap.upload import judge
from sandbox.ledger import Filter
from sandbox.state import SandboxState
from tests.sandbox.clevertap.builders import CleverTap, event, profile, request

RUN = "6f1f5c0e-3d0b-4a54-9a77-2b8f6b2d1c11"


def test_batches_carry_the_run_and_number_that_the_importer_states(
    clevertap: CleverTap, state: SandboxState
):
    body = json.dumps({"d": [profile(), event("null")]}).encode()
    clevertap.send(body, X_Clevertap_Bq_Run=RUN, X_Clevertap_Bq_Batch="7")
    clevertap.upload(profile())

    (batch,) = clevertap.control("batches", run=RUN)["batches"]
    assert (batch["run"], batch["batch"], batch["sha256"]) == (
        RUN, 7, hashlib.sha256(body).hexdigest(),
    )  # fmt: skip
    assert batch["refused_by_code"] == {"523": 1}
    (entry,) = state.ledger.find(Filter(run=RUN))
    stated = {key: entry.facts[key] for key in ("run", "batch", "records", "accepted", "refused")}
    assert stated == {"run": RUN, "batch": 7, "records": 2, "accepted": 1, "refused": 1}


@pytest.mark.parametrize(("run", "batch"), [("<script>", "1"), ("", "-1"), (RUN + "0", "1e3")])
def test_ignores_a_run_and_batch_that_are_none(clevertap: CleverTap, run: str, batch: str):
    clevertap.upload(profile(), X_Clevertap_Bq_Run=run, X_Clevertap_Bq_Batch=batch)

    (found,) = clevertap.control("batches")["batches"]
    assert found["run"] is None
    assert found["batch"] in (None, 1)


def test_counts_agree_with_what_was_sent(clevertap: CleverTap):
    clevertap.upload(profile("a"), profile("b", Email="x"), event("c"), event("c"))
    clevertap.upload(event("null"), X_Clevertap_Bq_Run=RUN)

    counts = clevertap.control("received")
    assert counts == {
        "profiles": 2, "events": 2, "batches": 2, "distinct_bodies": 2, "records": 5,
        "accepted": 3, "refused": 2, "profile_records": 1, "event_records": 2,
        "duplicate_events": 1, "dry_runs": 0, "refused_by_code": {"515": 1, "523": 1},
    }  # fmt: skip
    assert clevertap.control("received", run=RUN)["records"] == 1


def test_events_come_newest_first_and_within_the_limit(clevertap: CleverTap):
    clevertap.upload(*(event(n=number) for number in range(5)))

    found = clevertap.control("events", identity="ann", limit="2")["events"]
    assert [row["data"]["n"] for row in found] == [4, 3]


def test_an_unknown_identity_has_nothing(clevertap: CleverTap):
    clevertap.upload(profile())

    assert clevertap.control("profiles", identity="nobody") == {"profiles": []}
    assert clevertap.control("events", identity="' OR 1=1 --") == {"events": []}


def test_delete_forgets_what_was_received_but_no_account(clevertap: CleverTap):
    clevertap.upload(profile())
    below = f"{clevertap.address}/control/clevertap"

    assert request("DELETE", f"{below}/received").status == 204
    assert clevertap.control("received")["profiles"] == 0
    assert clevertap.upload(profile()).status == 200


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"[]", 400),
        (b'{"account_id": "x"}', 400),
        (b'{"passcode": "secret"}', 400),
        (b'{"account_id": "ABC-DEF-GH1J", "passcode": "AAA-BBB-CCCC"}', 201),
        (b'{"account_id": "ABC-DEF-GH1J"}', 409),
    ],
)
def test_adds_an_account_only_in_clevertaps_form(clevertap: CleverTap, body: bytes, status: int):
    answer = request("POST", f"{clevertap.address}/control/clevertap/accounts", body)

    assert answer.status == status
    assert ("error" in answer.body) == (status != 201)


def test_everything_survives_a_restart(tmp_path):
    store = Store(tmp_path)
    account = store.accounts.all()[0]
    _keep(store, [profile("ann", City="Bonn"), event("ann")])
    store.close()

    again = Store(tmp_path)
    _keep(again, [profile("ann", Plan="gold"), event("ann")])
    assert again.accounts.all() == [account]
    assert again.received.profiles("ann")[0]["data"] == {"City": "Bonn", "Plan": "gold"}
    assert again.received.counts()["duplicate_events"] == 1
    again.close()


def test_accounts_and_data_are_readable_by_their_owner_only(tmp_path):
    Store(tmp_path).close()

    modes = {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert modes == {0o600}


def test_a_batch_that_fails_half_way_leaves_nothing(tmp_path):
    store = Store(tmp_path)
    good, broken = (upload_records([profile(name)])[0] for name in ("ann", "bob"))
    broken.data["x"] = object()

    with pytest.raises(TypeError):
        store.keep(batch_of([good, broken]))

    counts = store.received.counts()
    assert (counts["profiles"], counts["batches"]) == (0, 0)
    store.close()


def test_keeps_up_with_twenty_thousand_rows_a_second(tmp_path):
    store = Store(tmp_path)
    bodies = [
        json.dumps({"d": [event(f"p{n}", n=n, m=number) for n in range(1000)]}).encode()
        for number in range(20)
    ]
    began = time.process_time()
    for body in bodies:
        _keep(store, json.loads(body)["d"])
    spent = time.process_time() - began

    assert store.received.counts()["events"] == 20_000
    assert spent < 1.0
    store.close()


def upload_records(records):
    return judge(records).accepted


def batch_of(accepted):
    return Batch(account="A", received_at=1.0, sha256="0", records=len(accepted), accepted=accepted)


def _keep(store, records):
    store.keep(batch_of(upload_records(records)))
