"""What to do about a failed check: the smallest role, and commands that grant it.

The commands carry the real account, project and dataset, so they can be pasted as they
are. Roles: https://cloud.google.com/bigquery/docs/access-control
"""

from dataclasses import dataclass
from typing import Any

JOB_USER = ("roles/bigquery.jobUser", "BigQuery Job User")
DATA_EDITOR = ("roles/bigquery.dataEditor", "BigQuery Data Editor")
SERVICE_USAGE_CONSUMER = ("roles/serviceusage.serviceUsageConsumer", "Service Usage Consumer")
DATA_VIEWER = ("roles/bigquery.dataViewer", "BigQuery Data Viewer")
READ_SESSION_USER = ("roles/bigquery.readSessionUser", "BigQuery Read Session User")
BIGQUERY_API = "bigquery.googleapis.com"
STORAGE_API = "bigquerystorage.googleapis.com"
# The permissions that these roles really give; for any other no command is offered.
ON_PROJECT = {
    "bigquery.jobs.create": JOB_USER,
    "bigquery.readsessions.create": READ_SESSION_USER,
    "bigquery.readsessions.getData": READ_SESSION_USER,
    "serviceusage.services.use": SERVICE_USAGE_CONSUMER,
}
ON_DATASET = frozenset(
    {
        "bigquery.datasets.get",
        "bigquery.tables.list",
        "bigquery.tables.get",
        "bigquery.tables.getData",
        "bigquery.tables.create",
        "bigquery.tables.delete",
        "bigquery.tables.update",
        "bigquery.tables.updateData",
    }
)


@dataclass(frozen=True)
class Cure:
    """The role that is missing, where, and two ways to grant it. Every field may be empty."""

    role: str = ""
    resource: str = ""
    permission: str = ""
    gcloud: str = ""
    sql: str = ""

    def to_json(self) -> dict[str, Any]:
        """As a step keeps it and the ``cure`` component shows it; {} when there is nothing."""
        commands = [("Command line", self.gcloud), ("SQL", self.sql)]
        facts = {"permission": self.permission, "resource": self.resource, "role": self.role}
        shown: dict[str, Any] = {name: value for name, value in facts.items() if value}
        codes = [{"label": label, "code": code} for label, code in commands if code]
        return shown | ({"commands": codes} if codes else {})


def grant_on_project(
    *, role: tuple[str, str], project: str, email: str, permission: str = ""
) -> Cure:
    """Bind a role on the whole project; there is no SQL for that."""
    role_id, role_name = role
    return Cure(
        role=role_name,
        resource=f"project {project}",
        permission=permission,
        gcloud=(
            f"gcloud projects add-iam-policy-binding {project} \\\n"
            f"  --member=serviceAccount:{email} \\\n"
            f"  --role={role_id}"
        ),
    )


def grant_on_dataset(
    *, role: tuple[str, str], project: str, dataset: str, email: str, permission: str = ""
) -> Cure:
    """Bind a role on one dataset, by ``bq`` or by SQL in the BigQuery console."""
    role_id, role_name = role
    grant = f'GRANT `{role_id}`\nON SCHEMA `{project}`.`{dataset}`\nTO "serviceAccount:{email}";'
    return Cure(
        role=role_name,
        resource=f"dataset {project}.{dataset}",
        permission=permission,
        gcloud=(
            f"bq add-iam-policy-binding \\\n"
            f"  --member=serviceAccount:{email} \\\n"
            f"  --role={role_id} \\\n"
            f"  {project}:{dataset}"
        ),
        sql=grant,
    )


def enable_api(*, project: str, host: str = BIGQUERY_API) -> Cure:
    """Switch an API of BigQuery on, by the host that serves it."""
    return Cure(
        resource=f"project {project}",
        gcloud=f"gcloud services enable {host} --project={project}",
    )
