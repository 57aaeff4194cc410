"""`tables`: list, get, insert, delete, testIamPermissions."""

import re
from typing import Any

from starlette.routing import Route

from sandbox.google import errors
from sandbox.google.accounts import PROJECT
from sandbox.google.catalog import Table, now_ms
from sandbox.google.datasets import known
from sandbox.google.errors import invalid
from sandbox.google.listing import page
from sandbox.google.schema import read_schema, schema_json
from sandbox.google.serving import ROOT, Ask, route, whole
from sandbox.google.sql.statement import Analyst
from sandbox.google.tracing import remember
from sandbox.google.warehouse import RESULTS_DATASET
from sandbox.state import SandboxState

_ID = re.compile(r"[\w\- ]{1,1024}")
_PARTS = ("timePartitioning", "clustering", "requirePartitionFilter")
_KEPT = ("description", "friendlyName", "labels", *_PARTS)


def routes(state: SandboxState) -> list[Route]:
    """The addresses, bound to the state."""
    base = "/projects/{project}/datasets/{dataset}/tables"
    return [
        route(base, "GET", list_tables, state),
        route(base, "POST", insert, state),
        route(base + "/{table}:testIamPermissions", "POST", test_permissions, state),
        route(base + "/{table}", "GET", get, state),
        route(base + "/{table}", "DELETE", delete, state),
    ]


def list_tables(ask: Ask) -> dict[str, Any]:
    """Tables and views of a dataset; without their schemas, as at Google's."""
    dataset = ask.path["dataset"]
    ask.caller.need_dataset("bigquery.tables.list", dataset)
    known(ask.state, dataset)
    ask.state.warehouse.sweep()
    found = ask.state.warehouse.catalog.tables(dataset)
    items, token = page(found, ask.number("maxResults"), ask.query.get("pageToken"))
    answer: dict[str, Any] = {
        "kind": "bigquery#tableList",
        "etag": "sandbox",
        "totalItems": len(found),
    }
    if items:
        answer["tables"] = [_item(one) for one in items]
    return answer | ({"nextPageToken": token} if token else {})


def get(ask: Ask) -> dict[str, Any]:
    """One table or view with schema, rows and bytes; also a job's result."""
    return _resource(find(ask, "bigquery.tables.get"), ask.state)


def insert(ask: Ask) -> dict[str, Any]:
    """Make an empty table, or a view."""
    dataset = ask.path["dataset"]
    ask.caller.need_dataset("bigquery.tables.create", dataset)
    location = known(ask.state, dataset).location
    table = _read(ask, dataset)
    ask.state.warehouse.sweep()
    if ask.state.warehouse.catalog.table(dataset, table.id):
        raise errors.duplicate("Table", f"{PROJECT}:{dataset}.{table.id}")
    if table.view is None:
        ask.state.warehouse.add_table(table)
        return _resource(table, ask.state)
    analyst = Analyst(ask.state.warehouse)
    view_sql, fields = analyst.view_sql(table.view, ask.caller, location)
    made = Table(dataset, table.id, fields, table.created, table.modified, table.view)
    ask.state.warehouse.add_table(made, view_sql)
    return _resource(made, ask.state)


def delete(ask: Ask) -> None:
    """Remove a table or view."""
    ask.state.warehouse.drop_table(find(ask, "bigquery.tables.delete"))


def test_permissions(ask: Ask) -> dict[str, Any]:
    """Which of the permissions the caller has; a missing table gives an empty set."""
    dataset, table = ask.path["dataset"], ask.path["table"]
    wanted = ask.body.get("permissions")
    if not isinstance(wanted, list):
        raise invalid("Required parameter is missing: permissions")
    if ask.state.warehouse.catalog.table(dataset, table) is None:
        return {}
    held = [one for one in wanted if isinstance(one, str) and ask.caller.may(one, dataset, table)]
    return {"permissions": held} if held else {}


def find(ask: Ask, permission: str) -> Table:
    """The table of the address. Raises: ApiError (accessDenied, notFound)."""
    dataset, name = ask.path["dataset"], ask.path["table"]
    if dataset == RESULTS_DATASET:
        job = ask.state.jobs.result_table(name)
        if job is None or job.result is None or job.caller.email != ask.caller.email:
            raise errors.table_denied(PROJECT, dataset, name, permission)
        remember(ask, job)
        return job.result
    ask.caller.need_table(permission, dataset, name)
    known(ask.state, dataset)
    found = ask.state.warehouse.catalog.table(dataset, name)
    if found is None:
        raise errors.not_found("Table", f"{PROJECT}:{dataset}.{name}")
    return found


def _read(ask: Ask, dataset: str) -> Table:
    name = str((ask.body.get("tableReference") or {}).get("tableId") or "")
    if not _ID.fullmatch(name):
        raise invalid(
            f'Invalid table ID "{name}". Table IDs must be alphanumeric (plus underscores) and '
            "must be at most 1024 characters long. Also, Table decorators cannot be used."
        )
    now = now_ms()
    expires = whole("expirationTime", ask.body.get("expirationTime"))
    if expires is not None and expires <= now:
        raise invalid(f"Invalid value for expirationTime: {expires} is in the past")
    view = (ask.body.get("view") or {}).get("query")
    fields = () if view else read_schema(ask.body.get("schema") or {})
    if not view and not fields:
        raise invalid("The sandbox does not imitate tables without a schema.")
    extra = {key: ask.body[key] for key in _KEPT if ask.body.get(key) is not None}
    return Table(dataset, name, fields, now, now, view, expires, extra)


def _item(table: Table) -> dict[str, Any]:
    listed = ("friendlyName", "labels", *_PARTS)
    answer: dict[str, Any] = {
        "kind": "bigquery#table",
        "id": f"{PROJECT}:{table.dataset}.{table.id}",
        "tableReference": {
            "projectId": PROJECT,
            "datasetId": table.dataset,
            "tableId": table.id,
        },
        "type": "VIEW" if table.view is not None else "TABLE",
        "creationTime": str(table.created),
    }
    if table.expires is not None:
        answer["expirationTime"] = str(table.expires)
    if table.view is not None:
        answer["view"] = {"useLegacySql": False}
    return answer | {key: table.extra[key] for key in listed if key in table.extra}


def _resource(table: Table, state: SandboxState) -> dict[str, Any]:
    dataset = state.warehouse.catalog.dataset(table.dataset)
    link = f"{state.base_url}{ROOT}/projects/{PROJECT}/datasets/{table.dataset}/tables/{table.id}"
    answer = {
        **_item(table),
        "etag": str(table.modified),
        "selfLink": link,
        "schema": schema_json(table.fields),
        "lastModifiedTime": str(table.modified),
        "location": dataset.location if dataset else "EU",
        **table.extra,
    }
    if table.view is not None:
        return answer | {"view": {"query": table.view, "useLegacySql": False}}
    rows, sizes = state.warehouse.sizes(table)
    size = str(sum(sizes.values()))
    return answer | {
        "numRows": str(rows),
        "numBytes": size,
        "numLongTermBytes": "0",
        "numTotalLogicalBytes": size,
        "numActiveLogicalBytes": size,
        "numLongTermLogicalBytes": "0",
    }
