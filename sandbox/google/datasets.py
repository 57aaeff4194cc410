"""`datasets`: list, get, insert, delete."""

import re
from typing import Any

from starlette.routing import Route

from sandbox.google import errors
from sandbox.google.accounts import PROJECT
from sandbox.google.catalog import Dataset, now_ms
from sandbox.google.errors import ApiError, invalid
from sandbox.google.listing import page
from sandbox.google.projects import NUMBER
from sandbox.google.serving import ROOT, Ask, route
from sandbox.state import SandboxState

_ID = re.compile(r"[A-Za-z0-9_]{1,1024}")
_LOCATIONS = frozenset(
    [
        "US",
        "EU",
        "AFRICA-SOUTH1",
        "ASIA-EAST1",
        "ASIA-NORTHEAST1",
        "ASIA-SOUTH1",
        "ASIA-SOUTHEAST1",
        "AUSTRALIA-SOUTHEAST1",
        "EUROPE-NORTH1",
        "EUROPE-SOUTHWEST1",
        "EUROPE-WEST1",
        "EUROPE-WEST2",
        "EUROPE-WEST3",
        "EUROPE-WEST4",
        "EUROPE-WEST6",
        "EUROPE-WEST8",
        "EUROPE-WEST9",
        "ME-CENTRAL1",
        "ME-WEST1",
        "NORTHAMERICA-NORTHEAST1",
        "SOUTHAMERICA-EAST1",
        "US-CENTRAL1",
        "US-EAST1",
        "US-EAST4",
        "US-SOUTH1",
        "US-WEST1",
        "US-WEST2",
    ]
)
_KEPT = ("description", "friendlyName", "labels", "defaultTableExpirationMs")


def routes(state: SandboxState) -> list[Route]:
    """The addresses, bound to the state."""
    base = "/projects/{project}/datasets"
    return [
        route(base, "GET", list_datasets, state),
        route(base, "POST", insert, state),
        route(base + "/{dataset}", "GET", get, state),
        route(base + "/{dataset}", "DELETE", delete, state),
    ]


def list_datasets(ask: Ask) -> dict[str, Any]:
    """Those that the caller may see: without rights the list is empty, not refused."""
    visible = [
        one
        for one in ask.state.warehouse.catalog.datasets()
        if ask.caller.may("bigquery.datasets.get", one.id)
    ]
    items, token = page(visible, ask.number("maxResults"), ask.query.get("pageToken"))
    answer: dict[str, Any] = {"kind": "bigquery#datasetList", "etag": "sandbox"}
    if items:
        answer["datasets"] = [_item(one) for one in items]
    return answer | ({"nextPageToken": token} if token else {})


def get(ask: Ask) -> dict[str, Any]:
    """One dataset with its location."""
    name = ask.path["dataset"]
    ask.caller.need_dataset("bigquery.datasets.get", name)
    return _resource(known(ask.state, name), ask.state.base_url)


def insert(ask: Ask) -> dict[str, Any]:
    """Make a dataset."""
    name = str((ask.body.get("datasetReference") or {}).get("datasetId") or "")
    ask.caller.need_project("bigquery.datasets.create")
    if not _ID.fullmatch(name):
        raise invalid(
            f'Invalid dataset ID "{name}". Dataset IDs must be alphanumeric (plus underscores) '
            "and must be at most 1024 characters long."
        )
    if ask.state.warehouse.catalog.dataset(name):
        raise errors.duplicate("Dataset", f"{PROJECT}:{name}")
    if not ask.state.warehouse.free_name(name):
        raise invalid(f'Invalid dataset ID "{name}".')
    now = now_ms()
    extra = {key: ask.body[key] for key in _KEPT if ask.body.get(key) is not None}
    made = Dataset(name, location(ask.body.get("location")) or "US", now, now, extra)
    ask.state.warehouse.add_dataset(made)
    return _resource(made, ask.state.base_url)


def delete(ask: Ask) -> None:
    """Remove a dataset; one with tables only with deleteContents."""
    name = ask.path["dataset"]
    ask.caller.need_dataset("bigquery.datasets.delete", name)
    known(ask.state, name)
    contents = ask.query.get("deleteContents", "").lower() == "true"
    if ask.state.warehouse.catalog.tables(name) and not contents:
        raise ApiError("resourceInUse", f"Dataset {PROJECT}:{name} is still in use", 400)
    ask.state.warehouse.drop_dataset(name)


def known(state: SandboxState, name: str) -> Dataset:
    """Raises: ApiError (notFound)."""
    found = state.warehouse.catalog.dataset(name)
    if found is None:
        raise errors.not_found("Dataset", f"{PROJECT}:{name}")
    return found


def location(wanted: object) -> str | None:
    """A location as it is kept. Raises: ApiError for one that Google does not have."""
    if not wanted:
        return None
    upper = str(wanted).upper()
    if upper not in _LOCATIONS:
        raise invalid(f"Invalid value for location: {wanted} is not a valid value")
    return upper if upper in ("US", "EU") else upper.lower()


def _item(dataset: Dataset) -> dict[str, Any]:
    listed = {key: dataset.extra[key] for key in ("friendlyName", "labels") if key in dataset.extra}
    return {
        "kind": "bigquery#dataset",
        "id": f"{PROJECT}:{dataset.id}",
        "datasetReference": {"projectId": PROJECT, "datasetId": dataset.id},
        "location": dataset.location,
    } | listed


def _resource(dataset: Dataset, base_url: str) -> dict[str, Any]:
    owner = f"bq-{NUMBER}@bigquery-encryption.iam.gserviceaccount.com"
    return {
        **_item(dataset),
        "etag": f"{dataset.modified}",
        "selfLink": f"{base_url}{ROOT}/projects/{PROJECT}/datasets/{dataset.id}",
        "creationTime": str(dataset.created),
        "lastModifiedTime": str(dataset.modified),
        "type": "DEFAULT",
        "access": [
            {"role": "OWNER", "userByEmail": owner},
            {"role": "READER", "specialGroup": "projectReaders"},
        ],
        **dataset.extra,
    }
