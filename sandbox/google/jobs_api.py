"""`jobs`: insert, get, list, cancel, delete."""

from typing import Any

from starlette.routing import Route

from sandbox.google import configurations
from sandbox.google.accounts import PROJECT
from sandbox.google.errors import ApiError, invalid, project_denied
from sandbox.google.job_resources import list_item, resource
from sandbox.google.jobs import Job
from sandbox.google.listing import page
from sandbox.google.serving import Ask, route
from sandbox.google.tracing import remember
from sandbox.state import SandboxState

_STATES = {"done": "DONE", "pending": "PENDING", "running": "RUNNING"}


def routes(state: SandboxState) -> list[Route]:
    """The addresses, bound to the state."""
    base = "/projects/{project}/jobs"
    return [
        route(base, "POST", insert, state),
        route(base, "GET", list_jobs, state),
        route(base + "/{job}", "GET", get, state),
        route(base + "/{job}/cancel", "POST", cancel, state),
        route(base + "/{job}/delete", "DELETE", delete, state),
    ]


def insert(ask: Ask) -> dict[str, Any]:
    """Start a query job, or estimate one; a query that cannot run is a failed job."""
    ask.caller.need_project("bigquery.jobs.create")
    job, request = configurations.from_insert(ask)
    remember(ask, job)
    if job.configuration.get("dryRun"):
        ask.state.jobs.dry_run(job, request)
        return resource(job, ask.state.base_url, dry_run=True)
    ask.state.jobs.start(job, request)
    return resource(job, ask.state.base_url)


def get(ask: Ask) -> dict[str, Any]:
    """One job, by its creator or who may see all."""
    return resource(find(ask, "bigquery.jobs.get"), ask.state.base_url)


def list_jobs(ask: Ask) -> dict[str, Any]:
    """The caller's jobs, newest first; everybody's with allUsers and the right to it."""
    everybody = ask.query.get("allUsers", "").lower() == "true"
    if everybody:
        ask.caller.need_project("bigquery.jobs.listAll")
    wanted = {_state(one) for one in ask.request.query_params.getlist("stateFilter")}
    earliest = ask.number("minCreationTime") or 0
    found = [
        job
        for job in ask.state.jobs.all()
        if (everybody or job.caller.email == ask.caller.email)
        and (not wanted or job.state in wanted)
        and job.created >= earliest
    ]
    items, token = page(found, ask.number("maxResults"), ask.query.get("pageToken"))
    answer: dict[str, Any] = {"kind": "bigquery#jobList", "etag": "sandbox"}
    answer["jobs"] = [list_item(job) for job in items]
    return answer | ({"nextPageToken": token} if token else {})


def cancel(ask: Ask) -> dict[str, Any]:
    """Ask a job to stop; the answer does not wait for that."""
    ask.caller.need_project("bigquery.jobs.create")
    job = find(ask, "bigquery.jobs.update")
    job.stop()
    return {"kind": "bigquery#jobCancelResponse", "job": resource(job, ask.state.base_url)}


def delete(ask: Ask) -> None:
    """Forget a finished job."""
    job = find(ask, "bigquery.jobs.delete")
    if job.state != "DONE":
        raise invalid(f"Job {job.full_id} is still running and cannot be deleted.")
    ask.state.jobs.forget(job)


def find(ask: Ask, permission: str) -> Job:
    """The job of the address; the creator needs no permission. Raises: ApiError."""
    job = ask.state.jobs.find(ask.path["job"], ask.query.get("location"))
    if job.caller.email != ask.caller.email and not ask.caller.may(permission):
        raise project_denied(PROJECT, permission)
    remember(ask, job)
    return job


def _state(asked: str) -> str:
    if asked not in _STATES:
        raise ApiError("invalid", f"Invalid value for stateFilter: {asked[:100]}")
    return _STATES[asked]
