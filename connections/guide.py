"""The set-up guide beside the form: each step with commands that can be pasted as they are.

Only values that pass the identifier rules are filled in: what a person pastes into a
terminal must not be something else than it looks like.
"""

from collections.abc import Callable
from typing import Any

from connections import cures
from connections.identifiers import IdentifierRefused, check_dataset_id, check_project_id


def guide(*, project_id: str, dataset_id: str, email: str) -> list[dict[str, Any]]:
    """The four steps, filled in with what is already typed and the key's real e-mail."""
    project = _valid(check_project_id, project_id, "PROJECT_ID")
    dataset = _valid(check_dataset_id, dataset_id, "DATASET_ID")
    account = email or f"clevertap-import@{project}.iam.gserviceaccount.com"
    return [
        {
            "title": "Create a service account",
            "text": "A dedicated one, so that its rights end where the import ends.",
            "commands": [_command("Create the account", _create_account(project))],
        },
        {
            "title": "Assign the roles",
            "text": "Job User on the project; Data Editor on the dataset (for read only, "
            "Data Viewer is enough).",
            "commands": _grants(project, dataset, account),
        },
        {
            "title": "Create a dataset, or find yours",
            "text": "Run in BigQuery's SQL editor.",
            "commands": [
                _command("Create", f"CREATE SCHEMA IF NOT EXISTS `{project}`.`{dataset}`;"),
                _command(
                    "Find",
                    f"SELECT schema_name, location\nFROM `{project}`.INFORMATION_SCHEMA.SCHEMATA;",
                ),
            ],
        },
        {
            "title": "Create a JSON key",
            "text": "Keep the file until it is uploaded here, then delete it.",
            "commands": [_command("Create the key", _create_key(account))],
        },
    ]


def _grants(project: str, dataset: str, account: str) -> list[dict[str, str]]:
    jobs = cures.grant_on_project(role=cures.JOB_USER, project=project, email=account)
    data = cures.grant_on_dataset(
        role=cures.DATA_EDITOR, project=project, dataset=dataset, email=account
    )
    return [_command("Job User", jobs.gcloud), _command("Data Editor, as SQL", data.sql)]


def _create_account(project: str) -> str:
    return f"gcloud iam service-accounts create clevertap-import \\\n  --project={project}"


def _create_key(account: str) -> str:
    return (
        f"gcloud iam service-accounts keys create clevertap-key.json \\\n  --iam-account={account}"
    )


def _command(label: str, code: str) -> dict[str, str]:
    return {"label": label, "code": code}


def _valid(check: Callable[[str], str], value: str, placeholder: str) -> str:
    try:
        return check(value) if value else placeholder
    except IdentifierRefused:
        return placeholder
