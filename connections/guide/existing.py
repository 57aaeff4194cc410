"""The track *Existing resources*: find what is there, see what is missing."""

from connections.guide.place import Place
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


def existing_steps(place: Place) -> tuple[Step, ...]:
    """From the outside in: project, account, dataset, roles, key."""
    return (
        _project(place),
        _account(place),
        _dataset(place),
        _roles(place),
        _keys(place),
        fast_reads(place),
    )


def _project(place: Place) -> Step:
    return Step(
        title="Find the project",
        text="The Project ID is the first column; neither the name nor the number will do.",
        commands=(
            Command(
                "Your projects, gcloud",
                'gcloud projects list \\\n  --format="table(projectId, name, projectNumber)"',
            ),
        ),
    )


def _account(place: Place) -> Step:
    roles = (
        f"gcloud projects get-iam-policy {place.project} \\\n"
        '  --flatten="bindings[].members" \\\n'
        f'  --filter="bindings.members:serviceAccount:{place.account}" \\\n'
        '  --format="table(bindings.role)"'
    )
    return Step(
        title="Find the service account",
        text="Its roles on the project must include BigQuery Job User.",
        commands=(
            Command(
                "Accounts of the project, gcloud",
                f"gcloud iam service-accounts list \\\n  --project={place.project}",
            ),
            Command("Roles of the account, gcloud", roles),
        ),
        done=f"Done: the key that was read belongs to {place.account}." if place.has_key else "",
        link=console(place, "iam-admin/serviceaccounts", "Service accounts in the console"),
    )


def _dataset(place: Place) -> Step:
    columns = "SELECT schema_name, location\nFROM "
    return Step(
        title="Find the dataset",
        text="BigQuery lists one location at a time, the US unless another is named; "
        "bq lists all of them.",
        commands=(
            Command(
                "Datasets in the US, SQL",
                f"{columns}`{place.project}`.INFORMATION_SCHEMA.SCHEMATA;",
            ),
            Command(
                "Datasets in the EU, SQL",
                f"{columns}`{place.project}`.`region-eu`.INFORMATION_SCHEMA.SCHEMATA;",
            ),
            Command("All datasets, bq", f"bq ls --max_results=1000 --project_id={place.project}"),
            Command(
                "Its location, and who may use it, bq",
                f"bq show --format=prettyjson \\\n  {place.project}:{place.dataset}",
            ),
        ),
        link=console(place, "bigquery", "BigQuery’s SQL editor"),
    )


def _roles(place: Place) -> Step:
    enough = " That is enough for Read only." if place.is_read_only else ""
    return Step(
        title="Assign what is missing",
        text=f"BigQuery Job User on the project, {place.data_role[1]} on the dataset.{enough} "
        "A role that is there already is not given twice.",
        commands=grants(place),
        note=ROLES_TAKE_TIME,
    )


def _keys(place: Place) -> Step:
    listing = (
        f"gcloud iam service-accounts keys list \\\n  --iam-account={place.account} \\\n"
        "  --managed-by=user"
    )
    beginning = f" The key that was read begins with {place.key_id}." if place.key_id else ""
    return Step(
        title="Find its key, or create one",
        text="Google keeps only the public half: without the file, create another key and delete "
        f"the old one.{beginning}",
        commands=(Command("Keys of the account, gcloud", listing), create_key(place)),
        note=NO_KEYS_ALLOWED,
    )
