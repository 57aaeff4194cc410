"""What a key may do too much: which questions are asked, and what is said about the answers."""

import shlex

import pytest

from connections import privileges
from connections.bigquery import BigQueryUnavailable, Reason
from connections.privileges import MAY_WRITE, WHOLE_PROJECT

EMAIL = "importer@shop-4711.iam.gserviceaccount.com"
PLACE = {"project": "shop-4711", "dataset": "shop", "email": EMAIL}


class Asked:
    def __init__(self, *, datasets=False, tables=False):
        self.datasets, self.tables, self.seconds = datasets, tables, []

    def may_create_datasets(self, *, location, seconds=None):
        self.seconds.append(seconds)
        return self.datasets

    def may_create_tables(self, dataset_id, *, location, seconds=None):
        self.seconds.append(seconds)
        if isinstance(self.tables, Exception):
            raise self.tables
        return self.tables


def excess(asked, *, is_read_only):
    return privileges.excess_of(
        asked, dataset_id="shop", location="EU", is_read_only=is_read_only, seconds=2.0
    )


def explained(*codes, is_read_only=True, **values):
    return privileges.explained(codes, **(PLACE | values), is_read_only=is_read_only)


def test_finds_nothing_in_a_key_that_may_do_its_task_only():
    assert excess(Asked(tables=True), is_read_only=False) == []
    assert excess(Asked(), is_read_only=True) == []


def test_finds_a_role_on_the_whole_project():
    assert excess(Asked(datasets=True), is_read_only=False) == [WHOLE_PROJECT]


def test_finds_that_a_read_only_key_may_write():
    assert excess(Asked(tables=True), is_read_only=True) == [MAY_WRITE]


def test_does_not_ask_whether_a_key_may_write_that_is_to_write():
    asked = Asked(tables=True)
    excess(asked, is_read_only=False)
    assert len(asked.seconds) == 1


def test_both_questions_share_the_time():
    asked = Asked()
    excess(asked, is_read_only=True)
    assert asked.seconds[0] == 2.0
    assert 0 < asked.seconds[1] <= 2.0


def test_says_nothing_of_the_first_answer_when_the_second_fails():
    asked = Asked(datasets=True, tables=BigQueryUnavailable(Reason.TIMEOUT, "No answer."))
    with pytest.raises(BigQueryUnavailable):
        excess(asked, is_read_only=True)


def test_grants_the_smaller_role_before_the_larger_one_is_taken_away():
    (found,) = explained(WHOLE_PROJECT, is_read_only=False)
    codes = [command["code"] for command in found["commands"]]
    assert ["get-iam-policy" in codes[0], "jobUser" in codes[1]] == [True, True]
    assert "ON SCHEMA `shop-4711`.`shop`" in codes[2]
    assert "remove-iam-policy-binding shop-4711" in codes[3]
    assert all(EMAIL in code for code in codes)


@pytest.mark.parametrize(("is_read_only", "role"), [(True, "Data Viewer"), (False, "Data Editor")])
def test_names_the_role_that_is_enough(is_read_only, role):
    (found,) = explained(WHOLE_PROJECT, is_read_only=is_read_only)
    assert f"BigQuery {role} on the dataset" in found["sentence"]


def test_takes_the_right_to_write_away_by_sql():
    (found,) = explained(MAY_WRITE)
    codes = [command["code"] for command in found["commands"]]
    assert "dataViewer" in codes[1]
    assert codes[2].startswith("REVOKE `roles/bigquery.dataEditor`\nON SCHEMA `shop-4711`.`shop`")


def test_a_code_of_a_later_version_is_passed_over():
    assert explained("may_fly") == []


@pytest.mark.parametrize("name", ["project", "dataset", "email"])
@pytest.mark.parametrize("value", ["a; rm -rf /", "$(id)", "a`b", "a'b", 'a"b', "x\ny", ""])
def test_offers_no_command_with_a_name_that_breaks_its_rules(name, value):
    found = explained(WHOLE_PROJECT, MAY_WRITE, **{name: value})
    assert [one["commands"] for one in found] == [[], []]


def test_every_command_line_is_one_command():
    for found in explained(WHOLE_PROJECT, MAY_WRITE):
        for command in found["commands"]:
            if not command["label"].endswith("as SQL"):
                assert shlex.split(command["code"])[0] in {"gcloud", "bq"}
