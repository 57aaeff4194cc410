"""Which role holds which BigQuery permission, and who holds which role where.

Snapshot of Google's predefined roles, only the permissions that the sandbox asks for.
"""

from dataclasses import dataclass

_READ_META = frozenset({"bigquery.datasets.get", "bigquery.tables.get", "bigquery.tables.list"})
_VIEW = _READ_META | {"bigquery.tables.getData", "bigquery.tables.export"}
_EDIT = _VIEW | {
    "bigquery.datasets.create",
    "bigquery.tables.create",
    "bigquery.tables.delete",
    "bigquery.tables.update",
    "bigquery.tables.updateData",
}
_READ_SESSION = frozenset(
    {
        "bigquery.readsessions.create",
        "bigquery.readsessions.getData",
        "bigquery.readsessions.update",
    }
)
_OWN = _EDIT | {"bigquery.datasets.update", "bigquery.datasets.delete"}

PERMISSIONS_OF_ROLE: dict[str, frozenset[str]] = {
    "roles/bigquery.jobUser": frozenset({"bigquery.jobs.create"}),
    "roles/bigquery.metadataViewer": _READ_META,
    "roles/bigquery.dataViewer": _VIEW,
    "roles/bigquery.dataEditor": _EDIT,
    "roles/bigquery.dataOwner": _OWN,
    "roles/bigquery.readSessionUser": _READ_SESSION,
    "roles/bigquery.user": _READ_SESSION
    | {
        "bigquery.jobs.create",
        "bigquery.jobs.list",
        "bigquery.datasets.create",
        "bigquery.datasets.get",
        "bigquery.tables.list",
    },
    "roles/bigquery.admin": _OWN
    | _READ_SESSION
    | {
        "bigquery.jobs.create",
        "bigquery.jobs.list",
        "bigquery.jobs.listAll",
        "bigquery.jobs.get",
        "bigquery.jobs.update",
        "bigquery.jobs.delete",
    },
}


@dataclass(frozen=True)
class Binding:
    """A role held on the project (`dataset` None) or on one dataset."""

    role: str
    dataset: str | None = None

    def grants(self, permission: str, dataset: str | None) -> bool:
        """Whether it gives the permission on the dataset, or on the project for None."""
        if permission not in PERMISSIONS_OF_ROLE.get(self.role, frozenset()):
            return False
        return self.dataset is None or self.dataset == dataset

    def as_json(self) -> dict[str, str]:
        """As the control addresses show and take it."""
        return {"role": self.role} | ({"dataset": self.dataset} if self.dataset else {})
