"""What to do about a failed check: the smallest role, and commands that grant it.

The commands carry the real account, project and dataset, so they can be pasted as they
are. Roles: https://cloud.google.com/bigquery/docs/access-control. SQL, also ON PROJECT:
https://docs.cloud.google.com/bigquery/docs/reference/standard-sql/data-control-language
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Self

from connections.identifiers import (
    IdentifierRefused,
    check_dataset_id,
    check_project_id,
    check_table_id,
)

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
ON_TABLE = frozenset({"bigquery.tables.get", "bigquery.tables.getData"})
ON_DATASET = ON_TABLE | frozenset(
    {
        "bigquery.datasets.get",
        "bigquery.tables.list",
        "bigquery.tables.create",
        "bigquery.tables.delete",
        "bigquery.tables.update",
        "bigquery.tables.updateData",
    }
)
_EMAIL = re.compile(r"[a-z0-9][-a-z0-9.]{0,98}@(?:[a-z0-9][-a-z0-9.]{0,98}\.)?gserviceaccount\.com")
_KEY_ID = re.compile(r"[0-9a-f]{16,64}")


@dataclass(frozen=True)
class Names:
    """Identifiers that may stand in a command; an empty one is not known, or not sound.

    None holds a quote, a back-tick, a backslash or a dollar sign, so that inside quotes a
    shell and SQL take each as it is; only a table's id can have spaces.
    """

    project: str = ""
    dataset: str = ""
    table: str = ""
    email: str = ""
    key_id: str = ""
    home: str = ""

    @classmethod
    def checked(cls, **values: str) -> Self:
        """Of these values, the ones that pass the rules for identifiers."""
        return cls(**{name: _sound(_RULES[name], value) for name, value in values.items()})


@dataclass(frozen=True)
class Cure:
    """The role that is missing, where, and ways to grant it. Every field may be empty.

    ``more`` grants the same on the next larger place, as pairs of label and code;
    ``causes`` are ready words (``connections.remedies``).
    """

    role: str = ""
    resource: str = ""
    permission: str = ""
    gcloud: str = ""
    sql: str = ""
    more: tuple[tuple[str, str], ...] = ()
    causes: list[dict[str, Any]] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """As a step keeps it and the ``cure`` component shows it; {} when there is nothing."""
        commands = [("Command line", self.gcloud), ("SQL", self.sql), *self.more]
        facts = {"permission": self.permission, "resource": self.resource, "role": self.role}
        shown: dict[str, Any] = {name: value for name, value in facts.items() if value}
        codes = [{"label": label, "code": code} for label, code in commands if code]
        shown |= {"commands": codes} if codes else {}
        return shown | ({"causes": self.causes} if self.causes else {})


def grant_on_project(
    *, role: tuple[str, str], project: str, email: str, permission: str = ""
) -> Cure:
    """Bind a role on the whole project, by ``gcloud`` or by SQL in the BigQuery console."""
    role_id, role_name = role
    return Cure(
        role=role_name,
        resource=f"project {project}",
        permission=permission,
        # Where the policy has conditions already, gcloud would stop and ask for one.
        gcloud=(
            f"gcloud projects add-iam-policy-binding {project} \\\n"
            f"  --member=serviceAccount:{email} \\\n"
            f"  --role={role_id} --condition=None"
        ),
        sql=_grant(role_id, f"PROJECT `{project}`", email),
    )


def grant_on_dataset(
    *, role: tuple[str, str], project: str, dataset: str, email: str, permission: str = ""
) -> Cure:
    """Bind a role on one dataset, by SQL from the command line or in the BigQuery console.

    ``bq add-iam-policy-binding`` is not offered: Google documents it for tables and views,
    and refuses it for datasets of projects that are not on a list of its own.
    """
    role_id, role_name = role
    sql = _grant(role_id, f"SCHEMA `{project}`.`{dataset}`", email)
    return Cure(
        role=role_name,
        resource=f"dataset {project}.{dataset}",
        permission=permission,
        gcloud=f"bq query --project_id={project} --use_legacy_sql=false \\\n'{sql}'",
        sql=sql,
    )


def grant_on_table(
    *,
    role: tuple[str, str],
    project: str,
    dataset: str,
    table: str,
    email: str,
    permission: str = "",
) -> Cure:
    """Bind a role on one stored table; and, the next larger place, on its dataset."""
    role_id, role_name = role
    whole = grant_on_dataset(role=role, project=project, dataset=dataset, email=email)
    return Cure(
        role=role_name,
        resource=f"table {project}.{dataset}.{table}",
        permission=permission,
        gcloud=(
            f"bq add-iam-policy-binding \\\n"
            f"  --member=serviceAccount:{email} \\\n"
            f"  --role={role_id} \\\n"
            f"  --table=true '{project}:{dataset}.{table}'"
        ),
        sql=_grant(role_id, f"TABLE `{project}`.`{dataset}`.`{table}`", email),
        more=(
            ("Command line, for the whole dataset", whole.gcloud),
            ("SQL, for the whole dataset", whole.sql),
        ),
    )


def enable_api(*, project: str, host: str = BIGQUERY_API) -> Cure:
    """Switch an API of BigQuery on, by the host that serves it."""
    return Cure(
        resource=f"project {project}",
        gcloud=f"gcloud services enable {host} --project={project}",
    )


def _grant(role_id: str, place: str, email: str) -> str:
    return f'GRANT `{role_id}`\nON {place}\nTO "serviceAccount:{email}";'


def _matching(pattern: re.Pattern[str]) -> Callable[[str], str]:
    return lambda value: value if pattern.fullmatch(value) else ""


def _sound(check: Callable[[str], str], value: str) -> str:
    """The value if the check gives it back unchanged: what is only trimmed is not it."""
    try:
        return value if check(value) == value else ""
    except IdentifierRefused:
        return ""


_RULES: dict[str, Callable[[str], str]] = {
    "project": check_project_id,
    "dataset": check_dataset_id,
    "table": check_table_id,
    "email": _matching(_EMAIL),
    "key_id": _matching(_KEY_ID),
    "home": check_project_id,
}
