"""Rows: `jobs.query`, `jobs.getQueryResults` and `tabledata.list`."""

import asyncio
import json
from dataclasses import replace
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.routing import Route

from sandbox.faults import Call
from sandbox.google import configurations, job_resources
from sandbox.google.accounts import PROJECT
from sandbox.google.errors import ApiError, invalid, not_found
from sandbox.google.jobs import Job
from sandbox.google.listing import read_token
from sandbox.google.performing import anonymous_table
from sandbox.google.reading import RESULTS_LIMIT, TABLEDATA_LIMIT, Page, Wanted, read_page
from sandbox.google.schema import Field, schema_json, selected
from sandbox.google.serving import Ask, partial, route, whole
from sandbox.google.tables import find as find_table
from sandbox.google.tracing import remember
from sandbox.google.warehouse import RESULTS_DATASET
from sandbox.ledger import note
from sandbox.state import SandboxState

_QUERY_KIND = "bigquery#queryResponse"
_DEFAULT_WAIT_MS = 10_000
_LONGEST_WAIT_MS = 200_000


def routes(state: SandboxState) -> list[Route]:
    """The addresses, bound to the state."""
    data = "/projects/{project}/datasets/{dataset}/tables/{table}/data"
    return [
        route("/projects/{project}/queries", "POST", query, state),
        route("/projects/{project}/queries/{job}", "GET", results, state),
        route(data, "GET", table_data, state),
    ]


async def query(ask: Ask) -> Response | dict[str, Any]:
    """Start a query and wait for its first page; the same requestId is the same job."""
    job = await run_in_threadpool(_started, ask)
    if job.configuration.get("dryRun"):
        return _estimate(job)
    await _wait(job, whole("timeoutMs", ask.body.get("timeoutMs")))
    most = whole("maxResults", ask.body.get("maxResults"))
    options = ask.body.get("formatOptions") or {}
    as_int = options.get("useInt64Timestamp") in (True, "true")
    wanted = Wanted(0, most, TABLEDATA_LIMIT, as_int, ())
    return await run_in_threadpool(_answer, ask, job, wanted, "bigquery#queryResponse")


async def results(ask: Ask) -> Response:
    """Wait for a job and give a page of its rows."""
    job = ask.state.jobs.find(ask.path["job"], ask.query.get("location"))
    if job.caller.email != ask.caller.email:
        raise ApiError(
            "accessDenied",
            f"Access Denied: Job {job.full_id}: User does not have permission to access results "
            "of another user's job.",
        )
    remember(ask, job)
    await _wait(job, ask.number("timeoutMs"))
    wanted = _wanted(ask, RESULTS_LIMIT)
    return await run_in_threadpool(_answer, ask, job, wanted, "bigquery#getQueryResultsResponse")


def table_data(ask: Ask) -> Response:
    """A page of a table's rows."""
    table = find_table(ask, "bigquery.tables.getData")
    if table.view is not None:
        raise invalid("Cannot list a table of type VIEW.")
    total, _ = ask.state.warehouse.sizes(table)
    asked = ask.query.get("selectedFields")
    fields = selected(table.fields, asked.split(",")) if asked else table.fields
    wanted = _wanted(ask, TABLEDATA_LIMIT, fields)
    page = read_page(ask.state.warehouse, table, total, wanted)
    head = {"kind": "bigquery#tableDataList", "etag": str(table.modified), "totalRows": str(total)}
    return _with_rows(ask, head, page)


def _started(ask: Ask) -> Job:
    ask.caller.need_project("bigquery.jobs.create")

    def make() -> Job:
        job, request = configurations.from_query(ask)
        if job.configuration.get("dryRun"):
            ask.state.jobs.dry_run(job, request)
            return job
        return ask.state.jobs.start(job, request)

    request_id = ask.body.get("requestId")
    job = ask.state.jobs.once(ask.caller.email, str(request_id), make) if request_id else make()
    remember(ask, job)
    return job


async def _wait(job: Job, milliseconds: int | None) -> None:
    wait = min(_DEFAULT_WAIT_MS if milliseconds is None else milliseconds, _LONGEST_WAIT_MS)
    await asyncio.wait([asyncio.wrap_future(job.finished)], timeout=wait / 1000)


def _estimate(job: Job) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "kind": "bigquery#queryResponse",
        "jobReference": {"projectId": PROJECT, "location": job.location},
        "location": job.location,
        "jobComplete": True,
        "cacheHit": False,
    }
    if job.statement is None:
        return answer
    answer["totalBytesProcessed"] = str(job.statement.bytes_processed)
    return answer | ({"schema": schema_json(job.statement.fields)} if job.statement.fields else {})


def _answer(ask: Ask, job: Job, wanted: Wanted, kind: str) -> Response:
    head: dict[str, Any] = {"kind": kind, "jobReference": job_resources.reference(job)}
    if kind == _QUERY_KIND:
        head |= {"location": job.location, "queryId": job.id}
    if job.state != "DONE":
        return _with_rows(ask, head | {"jobComplete": False}, Page([], None))
    if job.error is not None:
        raise job.error
    head |= {"jobComplete": True, "cacheHit": False}
    head |= _times(job) if kind == _QUERY_KIND else {"etag": str(job.ended)}
    if job.statement is not None:
        head["totalBytesProcessed"] = str(job.statement.bytes_processed)
    if job.outcome.changed_rows is not None:
        head["numDmlAffectedRows"] = str(job.outcome.changed_rows)
    if job.outcome.total_rows is None:
        return _with_rows(ask, head | {"schema": {}}, Page([], None))
    return _first_rows(ask, job, wanted, head)


def _first_rows(ask: Ask, job: Job, wanted: Wanted, head: dict[str, Any]) -> Response:
    result, total = job.result, job.outcome.total_rows or 0
    if result is None or _is_expired(ask):
        anonymous = f"{PROJECT}:{RESULTS_DATASET}.{anonymous_table(job.id)}"
        raise not_found("Table", anonymous, job.location)
    head |= {"schema": schema_json(result.fields), "totalRows": str(total)}
    page = read_page(ask.state.warehouse, result, total, replace(wanted, fields=result.fields))
    return _with_rows(ask, head, page)


def _is_expired(ask: Ask) -> bool:
    """Whether a fault says that the result is older than a day."""
    call = Call("bigquery", ask.request.method, ask.request.url.path, ask.caller.email)
    rule = ask.state.faults.take("expired", call)
    if rule is not None:
        note(ask.request, fault=rule.effect)
    return rule is not None


def _times(job: Job) -> dict[str, str]:
    return {
        "creationTime": str(job.created),
        "startTime": str(job.started),
        "endTime": str(job.ended),
    }


def _wanted(ask: Ask, limit: int, fields: tuple[Field, ...] = ()) -> Wanted:
    token = ask.query.get("pageToken")
    start = read_token(token) if token else ask.number("startIndex") or 0
    as_int = ask.query.get("formatOptions.useInt64Timestamp", "").lower() == "true"
    return Wanted(start, ask.number("maxResults"), limit, as_int, fields)


def _with_rows(ask: Ask, head: dict[str, Any], page: Page) -> Response:
    """The answer as text: rows are JSON already, so they are not read again."""
    head = head | ({"pageToken": page.token} if page.token else {})
    kept = partial(head | {"rows": None}, ask.query.get("fields"))
    shows_rows = bool(page.rows) and "rows" in kept
    kept.pop("rows", None)
    content = json.dumps(kept).encode()
    if shows_rows:
        comma = b"," if kept else b""
        content = content[:-1] + comma + b'"rows":[' + b",".join(page.rows) + b"]}"
    return Response(content, media_type="application/json")
