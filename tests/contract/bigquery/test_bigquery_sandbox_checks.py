"""Test Connection's questions, asked of the sandbox by Google's own client."""

import pytest

from connections.bigquery import BigQueryError, BigQueryRefused, BigQueryUnavailable, Reason

DATASET = {"dataset_id": "shop", "location": "EU"}


def refusal(work) -> BigQueryError:
    with pytest.raises(BigQueryRefused) as caught:
        work()
    return caught.value


def left_behind(bigquery) -> list[str]:
    """Asked past the gateway, which hides tables of this name."""
    names = [table.table_id for table in bigquery._client.list_tables("sandbox-shop-4711.shop")]
    return [name for name in names if name.startswith("_clevertap_bq_check_")]


def test_finds_nothing_to_say_against_a_good_key(good):
    good.authenticate(seconds=10)
    good.check_project(seconds=10)
    assert good.dataset("shop").location == "EU"
    good.check_jobs(**DATASET)
    good.check_read(**DATASET)
    good.check_write(dataset_id="shop")


@pytest.mark.parametrize(
    ("name", "reason"),
    [("disabled", Reason.ACCOUNT_DISABLED), ("deleted-key", Reason.KEY_DELETED_OR_ROTATED)],
)
def test_tells_why_a_key_gets_no_token(open_as, name, reason):
    assert refusal(open_as(name).authenticate).reason == reason


def test_refuses_a_project_that_does_not_exist(open_as):
    found = refusal(open_as("good", project="no-such-project").check_project)

    assert found.reason == Reason.API_DISABLED
    assert "no-such-project does not exist" in found.sentence


@pytest.mark.parametrize("project", ["x", "Shop", "a/../../b-c-d", "shop`4711", "shop?x=1-x"])
def test_refuses_a_project_that_would_change_the_address(sandbox, open_as, project):
    assert refusal(lambda: open_as("good", project=project)).reason == Reason.NAME_INVALID


@pytest.mark.parametrize("dataset", ["no_such_dataset", "Shop"])
def test_refuses_a_dataset_that_does_not_exist(good, dataset):
    found = refusal(lambda: good.dataset(dataset))

    assert (found.reason, found.permission) == ("permission_denied", "bigquery.datasets.get")
    assert f"sandbox-shop-4711.{dataset}" in found.sentence


@pytest.mark.parametrize("dataset", ["../shop", "shop/tables", "shop?x", "shop%2F", ""])
def test_refuses_a_dataset_that_would_change_the_address(sandbox, good, dataset):
    assert refusal(lambda: good.dataset(dataset)).reason == Reason.NAME_INVALID
    assert sandbox.calls("GET", "/datasets") == []


def test_names_job_user_when_it_is_missing(open_as):
    found = refusal(lambda: open_as("no-job-user").check_jobs(**DATASET))

    assert (found.reason, found.permission) == (Reason.PERMISSION_DENIED, "bigquery.jobs.create")


def test_names_what_a_key_without_the_dataset_lacks(open_as):
    found = refusal(lambda: open_as("no-dataset").dataset("shop"))

    assert (found.reason, found.permission) == (Reason.PERMISSION_DENIED, "bigquery.datasets.get")


def test_names_what_a_reader_lacks_for_writing(sandbox, open_as):
    found = refusal(lambda: open_as("reader").check_write(dataset_id="shop"))

    assert found.permission == "bigquery.tables.create"


def test_reads_with_a_readers_key(open_as):
    open_as("reader").check_read(**DATASET)


@pytest.mark.parametrize(
    "permission", ["bigquery.tables.list", "bigquery.tables.getData", "bigquery.tables.create"]
)
def test_names_the_permission_that_was_taken_away(sandbox, good, permission):
    sandbox.fault("deny", permission=permission, dataset="shop")

    def check():
        good.check_read(**DATASET)
        good.check_write(dataset_id="shop")

    assert refusal(check).permission == permission


def test_runs_the_real_job_in_the_location_it_is_told(sandbox, good):
    found = refusal(lambda: good.check_jobs(dataset_id="shop", location="moon-base1"))

    assert found.reason == Reason.WRONG_LOCATION


def test_leaves_no_table_behind(sandbox, good):
    good.check_write(dataset_id="shop")

    assert left_behind(good) == []
    assert len(sandbox.calls("DELETE")) == 1


def test_drops_the_table_also_when_the_answer_to_its_creation_was_lost(sandbox, good):
    sandbox.fault("lost_answer", method="POST", path="*/tables", times=1)

    with pytest.raises(BigQueryUnavailable):
        good.check_write(dataset_id="shop")

    assert left_behind(good) == []


def test_gives_no_verdict_when_the_drop_hangs(sandbox, good):
    sandbox.fault("hang", method="DELETE", seconds=30, times=1)

    with pytest.raises(BigQueryUnavailable) as caught:
        good.check_write(dataset_id="shop", seconds=1)

    assert caught.value.reason == Reason.TIMEOUT
    (left,) = left_behind(good)  # it expires within the hour
    good._client.delete_table(f"sandbox-shop-4711.shop.{left}")


@pytest.mark.parametrize("status", [429, 500, 502, 503])
@pytest.mark.parametrize("service", ["token", "bigquery"])
def test_gives_no_verdict_in_trouble_and_tries_nothing_twice(sandbox, open_as, status, service):
    sandbox.fault("status", service=service, status=status)

    with pytest.raises(BigQueryUnavailable) as caught:
        open_as("good").dataset("shop")

    assert caught.value.reason in {Reason.SERVER_ERROR, Reason.RATE_LIMITED}
    entries = sandbox.ask("GET", f"/ledger?service={service}")["entries"]
    assert len(entries) == 1


def test_gives_no_verdict_when_the_answer_is_late(sandbox, good):
    sandbox.fault("latency", service="bigquery", seconds=5)

    with pytest.raises(BigQueryUnavailable) as caught:
        good.dataset("shop", seconds=0.3)

    assert caught.value.reason == Reason.TIMEOUT


class TestExcess:
    """Rights beyond the task, asked by dry runs."""

    @pytest.mark.parametrize(
        ("name", "datasets", "tables"),
        [("admin", True, True), ("good", False, True), ("reader", False, False)],
    )
    def test_tells_what_a_key_may_do(self, open_as, name, datasets, tables):
        bigquery = open_as(name)

        assert bigquery.may_create_datasets(location="EU") is datasets
        assert bigquery.may_create_tables("shop", location="EU") is tables

    def test_makes_nothing(self, sandbox, open_as):
        bigquery = open_as("admin")
        before = bigquery.datasets()

        bigquery.may_create_datasets(location="EU")
        bigquery.may_create_tables("shop", location="EU")

        assert bigquery.datasets() == before
        assert left_behind(bigquery) == []
        assert {one["path"].rpartition("/")[2] for one in sandbox.calls("POST")} == {
            "jobs",
            "token",
        }

    def test_takes_no_other_refusal_for_an_answer(self, sandbox, open_as):
        found = refusal(lambda: open_as("no-job-user").may_create_datasets(location="EU"))

        assert found.permission == "bigquery.jobs.create"

    @pytest.mark.parametrize("dataset", ["shop`; DROP SCHEMA shop; --", "../shop", ""])
    def test_sends_no_name_that_would_change_the_statement(self, sandbox, open_as, dataset):
        bigquery = open_as("admin")

        found = refusal(lambda: bigquery.may_create_tables(dataset, location="EU"))

        assert found.reason == Reason.NAME_INVALID
        assert sandbox.calls("POST", "/jobs") == []

    def test_gives_no_answer_in_trouble(self, sandbox, open_as):
        sandbox.fault("status", service="bigquery", status=503)

        with pytest.raises(BigQueryUnavailable):
            open_as("admin").may_create_datasets(location="EU")


def test_names_the_table_that_cannot_be_read(sandbox, good):
    sandbox.fault("deny", permission="bigquery.tables.getData", dataset="shop")

    found = refusal(lambda: good.check_read(**DATASET))

    assert found.table is not None
    assert found.resource == f"table sandbox-shop-4711.shop.{found.table}"
    assert found.__cause__ is None
    assert found.__context__ is None


def test_names_no_table_when_the_list_is_refused(sandbox, good):
    sandbox.fault("deny", permission="bigquery.tables.list", dataset="shop")

    assert refusal(lambda: good.check_read(**DATASET)).table is None
