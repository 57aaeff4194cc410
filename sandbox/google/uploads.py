"""Load jobs with their rows: sent in one request (multipart) or in several (resumable)."""

import re
from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from sandbox.google import configurations
from sandbox.google.errors import invalid, not_imitated
from sandbox.google.job_resources import resource
from sandbox.google.resumable import Session
from sandbox.google.serving import ROOT, UPLOADS, Ask, document_of, upload_route
from sandbox.google.tracing import remember
from sandbox.state import SandboxState

_BOUNDARY = re.compile(r'boundary="?([^";]+)"?')
_RESUME_INCOMPLETE = 308


def routes(state: SandboxState) -> list[Route]:
    """The addresses, bound to the state."""
    base = "/projects/{project}/jobs"
    return [
        upload_route(base, "POST", begin, state),
        upload_route(base, "PUT", go_on, state),
    ]


def begin(ask: Ask) -> Response | dict[str, Any]:
    """All at once, or the start of an upload in parts."""
    ask.caller.need_project("bigquery.jobs.create")
    kind = ask.query.get("uploadType")
    if kind == "multipart":
        metadata, data = _parts(ask)
        return _start(ask, metadata, data)
    if kind != "resumable":
        raise not_imitated("uploads other than multipart and resumable")
    metadata = document_of(ask.raw)
    configurations.from_load(ask, metadata, b"")  # refused now rather than after all the bytes
    session = ask.state.uploads.begin(ask.caller.email, metadata)
    return Response(headers=_address(ask, session))


def go_on(ask: Ask) -> Response | dict[str, Any]:
    """The next part; after the last the job begins."""
    session = ask.state.uploads.find(ask.query.get("upload_id"), ask.caller.email)
    if not session.take(ask.request.headers.get("content-range", ""), ask.raw):
        known = {"Range": f"bytes=0-{len(session.data) - 1}"} if session.data else {}
        return Response(status_code=_RESUME_INCOMPLETE, headers=known)
    ask.state.uploads.end(session)
    return _start(ask, session.metadata, bytes(session.data))


def _start(ask: Ask, metadata: dict[str, Any], data: bytes) -> dict[str, Any]:
    job = configurations.from_load(ask, metadata, data)
    remember(ask, job)
    ask.state.jobs.start_load(job)
    return resource(job, ask.state.base_url)


def _parts(ask: Ask) -> tuple[dict[str, Any], bytes]:
    """The job and the bytes of a multipart/related body. Raises: ApiError."""
    found = _BOUNDARY.search(ask.request.headers.get("content-type", ""))
    if found is None:
        raise invalid("Missing boundary in multipart request.")
    edge = b"--" + found[1].encode()
    parts = ask.raw.split(b"\r\n" + edge)
    heads = [part.partition(b"\r\n\r\n") for part in parts]
    is_whole = len(parts) == 3 and parts[0].startswith(edge) and parts[2].startswith(b"--")
    if not is_whole:
        raise invalid("Malformed multipart body.")
    return document_of(heads[0][2]), heads[1][2]


def _address(ask: Ask, session: Session) -> dict[str, str]:
    base = f"{ask.state.base_url}{UPLOADS}{ROOT}/projects/{ask.path['project']}/jobs"
    return {
        "Location": f"{base}?uploadType=resumable&upload_id={session.id}",
        "X-GUploader-UploadID": session.id,
    }
