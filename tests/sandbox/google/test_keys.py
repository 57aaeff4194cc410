import json

import pytest
from google.cloud import bigquery

from tests.sandbox.google.running import Credentials, running


@pytest.mark.parametrize(
    "name", ["good", "reader", "no-job-user", "no-dataset", "disabled", "deleted-key", "admin"]
)
def test_a_key_is_downloaded_as_googles_file(sandbox, name):
    status, text = sandbox.call("GET", f"/keys/{name}.json")
    key = json.loads(text)
    assert status == 200
    assert key["type"] == "service_account"
    assert key["token_uri"] == sandbox.url("/token")
    assert key["client_email"].endswith("@sandbox-shop-4711.iam.gserviceaccount.com")
    assert set(key) == {
        "type", "project_id", "private_key_id", "private_key", "client_email", "client_id",
        "auth_uri", "token_uri", "auth_provider_x509_cert_url", "client_x509_cert_url",
        "universe_domain",
    }  # fmt: skip
    assert Credentials.from_service_account_info(key).signer.key_id == key["private_key_id"]


@pytest.mark.parametrize("name", ["nobody", "..%2fgood", "good.json", "%00"])
def test_a_key_that_is_not_there_is_not_found(sandbox, name):
    assert sandbox.call("GET", f"/keys/{name}.json")[0] == 404


def test_keys_lie_in_a_closed_folder(sandbox):
    folder = sandbox.state.data_dir / "keys"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}


def test_the_accounts_are_shown_without_their_keys(sandbox):
    _, text = sandbox.call("GET", "/control/accounts")
    assert "private_key" not in text
    assert [one["name"] for one in json.loads(text)["accounts"]][:2] == ["good", "reader"]


def test_keys_and_tables_survive_a_restart_on_another_port(tmp_path):
    with running(tmp_path) as first:
        key, address = first.key("good"), first.base_url
        first.client().query("CREATE TABLE shop.kept AS SELECT 1 AS x").result()
    with running(tmp_path) as second:
        assert second.base_url != address
        assert second.key("good") == key | {"token_uri": second.url("/token")}
        old = Credentials.from_service_account_info(
            key | {"token_uri": second.url("/token")}, scopes=["x"]
        )
        client = bigquery.Client("sandbox-shop-4711", old,
                                 client_options={"api_endpoint": second.base_url})  # fmt: skip
        assert [row.x for row in client.list_rows(client.get_table("shop.kept"))] == [1]
        assert client.get_table("shop.customers").num_rows == 120_000
        assert list(client.list_jobs()) == []
