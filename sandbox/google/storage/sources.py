"""What a session can read: a stored table, or the anonymous result of the caller's own query."""

import re
from dataclasses import dataclass

import grpc

from sandbox.google import errors
from sandbox.google.access import Caller
from sandbox.google.accounts import PROJECT
from sandbox.google.catalog import Table
from sandbox.google.jobs import Job
from sandbox.google.storage.refusals import Refusal, invalid
from sandbox.google.warehouse import RESULTS_DATASET
from sandbox.state import SandboxState

PERMISSION = "bigquery.tables.getData"
_NAME = re.compile(r"projects/([^/]+)/datasets/([^/]+)/tables/([^/]+)")


@dataclass(frozen=True)
class Source:
    """A table, how many rows it has, and where it lies; `job` when it is a query's result."""

    table: Table
    rows: int
    location: str
    job: Job | None = None


def find(state: SandboxState, caller: Caller, name: str) -> Source:
    """The table of this resource name. Raises: Refusal."""
    named = _NAME.fullmatch(name)
    if named is None:
        raise invalid(f"invalid table name '{name[:200]}'")
    project, dataset, table = named.groups()
    if project != PROJECT:
        raise _denied(project, dataset, table)
    if dataset == RESULTS_DATASET:
        return _result(state, caller, table)
    if not caller.may(PERMISSION, dataset, table):
        raise _denied(project, dataset, table)
    described = state.warehouse.catalog.dataset(dataset)
    found = state.warehouse.catalog.table(dataset, table)
    if described is None or found is None:
        missing = errors.not_found("Table", f"{PROJECT}:{dataset}.{table}").message
        raise Refusal(grpc.StatusCode.NOT_FOUND, f"request failed: {missing}")
    if found.view is not None:
        raise invalid("non-table entities cannot be read with the storage API.")
    rows, _ = state.warehouse.sizes(found)
    return Source(found, rows, described.location)


def _result(state: SandboxState, caller: Caller, table: str) -> Source:
    job = state.jobs.result_table(table)
    is_own = job is not None and job.caller.email == caller.email
    if job is None or job.result is None or not is_own or not _is_allowed(caller, table):
        raise _denied(PROJECT, RESULTS_DATASET, table)
    return Source(job.result, job.outcome.total_rows or 0, job.location, job)


def _is_allowed(caller: Caller, table: str) -> bool:
    """One's own results need no role; a fault can deny them all the same."""
    return not caller.is_denied_by_fault(PERMISSION, RESULTS_DATASET, table)


def _denied(project: str, dataset: str, table: str) -> Refusal:
    message = errors.table_denied(project, dataset, table, PERMISSION).message
    return Refusal(grpc.StatusCode.PERMISSION_DENIED, f"request failed: {message}")
