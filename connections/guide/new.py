"""The track *New set-up*: make the account, the dataset, the roles and the key."""

from connections import cures
from connections.guide.place import NEW_ACCOUNT, Place
from connections.guide.step import (
    NO_KEYS_ALLOWED,
    ROLES_TAKE_TIME,
    Command,
    Step,
    console,
    create_key,
    fast_reads,
    grants,
)


def new_steps(place: Place) -> tuple[Step, ...]:
    """In this order every command finds what it needs."""
    return (_account(place), _dataset(place), _roles(place), _key(place), fast_reads(place))


def _account(place: Place) -> Step:
    api = cures.enable_api(project=place.project).gcloud.replace(" --", " \\\n  --")
    enable = Command("Switch BigQuery on, gcloud", api)
    create = Command(
        "Create the account, gcloud",
        f"gcloud iam service-accounts create {NEW_ACCOUNT} \\\n"
        f"  --project={place.project} \\\n"
        '  --display-name="CleverTap import"',
    )
    return Step(
        title="Create a service account",
        text="A dedicated one, so that its rights end where the imports end.",
        commands=(enable,) if place.has_key else (enable, create),
        done=f"Done: the key that was read belongs to {place.account}." if place.has_key else "",
        link=console(place, "iam-admin/serviceaccounts", "Service accounts in the console"),
    )


def _dataset(place: Place) -> Step:
    name = f"`{place.project}`.`{place.dataset}`"
    sql = f"CREATE SCHEMA IF NOT EXISTS {name}\nOPTIONS (location = 'EU');"
    shell = f"bq --location=EU mk --force --dataset \\\n  {place.project}:{place.dataset}"
    return Step(
        title="Create a dataset",
        text="Put your location in place of EU, for example US or asia-south1: it is fixed from "
        "then on. A dataset that exists already is left as it is.",
        commands=(
            Command("Create the dataset, SQL", sql),
            Command("Create the dataset, bq", shell),
        ),
        link=console(place, "bigquery", "BigQuery’s SQL editor"),
    )


def _roles(place: Place) -> Step:
    text = (
        "BigQuery Job User on the project, to run queries; BigQuery Data Editor on the dataset, "
        "as CleverTap asks for it. For Read only, Data Viewer is enough."
    )
    if place.is_read_only:
        text = (
            "BigQuery Job User on the project, to run queries; BigQuery Data Viewer on the "
            "dataset. For Read only that is enough."
        )
    return Step(
        title="Assign the roles",
        text=text,
        commands=grants(place),
        note=ROLES_TAKE_TIME,
        link=console(place, "iam-admin/iam", "IAM in the console"),
    )


def _key(place: Place) -> Step:
    done = f"Done: the key {place.key_id} was read." if place.has_key and place.key_id else ""
    return Step(
        title="Create a JSON key",
        text="The file is the only copy of the key. Once it is read here, delete the file.",
        commands=(create_key(place),),
        note=NO_KEYS_ALLOWED,
        done=done,
    )
