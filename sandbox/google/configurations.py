"""What a client asks a job to do: the configuration, checked, and the job made from it."""

import json
import re
from collections.abc import Mapping
from typing import Any

from sandbox.google import errors
from sandbox.google.accounts import PROJECT
from sandbox.google.datasets import location
from sandbox.google.errors import invalid, not_imitated
from sandbox.google.jobs import Job, new_job_id
from sandbox.google.serving import Ask, whole
from sandbox.google.sql.statement import Request

_JOB_ID = re.compile(r"[A-Za-z0-9_-]{1,1024}")
_LABEL_KEY = re.compile(r"[a-z][a-z0-9_-]{0,62}")
_LABEL_VALUE = re.compile(r"[a-z0-9_-]{0,63}")
# What jobs.query and jobs.insert call alike and keep in different places.
_OF_QUERY = (
    "query", "defaultDataset", "maximumBytesBilled", "parameterMode", "queryParameters",
    "useLegacySql", "useQueryCache", "createSession", "connectionProperties", "continuous",
)  # fmt: skip
_OF_JOB = ("labels", "jobTimeoutMs", "dryRun", "maxSlots", "reservation")


def from_insert(ask: Ask) -> tuple[Job, Request]:
    """The job of a `jobs.insert`. Raises: ApiError."""
    asked = _mapping(ask.body.get("configuration"), "configuration")
    for kind in ("load", "copy", "extract"):
        if kind in asked:
            raise not_imitated(f"{kind} jobs")
    if "query" not in asked:
        raise invalid("Required parameter is missing: query")
    reference = _mapping(ask.body.get("jobReference") or {}, "jobReference")
    project = reference.get("projectId", PROJECT)
    if project != PROJECT:
        raise invalid(f"Value '{project}' in content does not agree with value '{PROJECT}'.")
    return _job(ask, asked, reference.get("jobId"), reference.get("location"))


def from_query(ask: Ask) -> tuple[Job, Request]:
    """The job of a `jobs.query`. Raises: ApiError."""
    query = {name: ask.body[name] for name in _OF_QUERY if name in ask.body}
    asked = {name: ask.body[name] for name in _OF_JOB if name in ask.body} | {"query": query}
    return _job(ask, asked, None, ask.body.get("location"))


def _job(
    ask: Ask, asked: dict[str, Any], job_id: object, wanted_location: object
) -> tuple[Job, Request]:
    asked = _as_published(asked)
    query = _mapping(asked["query"], "query")
    if job_id is not None and not _JOB_ID.fullmatch(str(job_id)):
        raise invalid(f"Invalid job ID: {str(job_id)[:100]}")
    where = location(wanted_location)
    job = Job(
        id=str(job_id or new_job_id()),
        location=where or "US",
        caller=ask.caller,
        sql=_sql(query),
        configuration=asked,
        labels=_labels(asked.get("labels")),
    )
    whole("maximumBytesBilled", query.get("maximumBytesBilled"))
    whole("jobTimeoutMs", asked.get("jobTimeoutMs"))
    default = _mapping(query.get("defaultDataset") or {}, "defaultDataset")
    if default.get("projectId", PROJECT) != PROJECT:
        raise errors.project_denied(str(default["projectId"]), "bigquery.datasets.get")
    parameters = query.get("queryParameters") or []
    if not isinstance(parameters, list):
        raise invalid("Invalid value for queryParameters")
    return job, Request(job.sql, ask.caller, where, default.get("datasetId"), parameters)


def _as_published(value: Any, name: str = "") -> Any:
    """The configuration as it is given back: no nulls, values of parameters as strings."""
    if isinstance(value, dict):
        return {key: _as_published(one, key) for key, one in value.items() if one is not None}
    if isinstance(value, list):
        return [_as_published(one) for one in value]
    if name == "value" and not isinstance(value, str):
        return json.dumps(value)
    return value


def _sql(query: Mapping[str, Any]) -> str:
    sql = query.get("query")
    if not isinstance(sql, str) or not sql:
        raise invalid("Required parameter is missing: query")
    if query.get("useLegacySql") is not False:
        raise not_imitated("legacy SQL; send useLegacySql=false")
    if query.get("createSession") or query.get("continuous"):
        raise not_imitated("sessions and continuous queries")
    return sql


def _labels(found: object) -> dict[str, str]:
    labels = _mapping(found or {}, "labels")
    for key, value in labels.items():
        if not _LABEL_KEY.fullmatch(str(key)):
            raise invalid(f'Invalid label key "{key}"')
        if not isinstance(value, str) or not _LABEL_VALUE.fullmatch(value):
            raise invalid(f'Invalid value for label "{key}"')
    return {str(key): value for key, value in labels.items()}


def _mapping(value: object, name: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise invalid(f"Required parameter is missing: {name}" if value is None else
                      f"Invalid value for {name}")  # fmt: skip
    return value
