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
from sandbox.google.loading import Load
from sandbox.google.schema import read_schema
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
    if "load" in asked:
        raise not_imitated("load jobs from Cloud Storage; send the rows as an upload")
    for kind in ("copy", "extract"):
        if kind in asked:
            raise not_imitated(f"{kind} jobs")
    if "query" not in asked:
        raise invalid("Required parameter is missing: query")
    job_id, wanted_location = _reference(ask.body)
    return _job(ask, asked, job_id, wanted_location)


def from_load(ask: Ask, document: dict[str, Any], data: bytes) -> Job:
    """The job of an upload, with the rows that came. Raises: ApiError."""
    asked = _as_published(_mapping(document.get("configuration"), "configuration"))
    load = _mapping(asked.get("load"), "load")
    job_id, wanted_location = _reference(document)
    target = _mapping(load.get("destinationTable"), "destinationTable")
    if target.get("projectId", PROJECT) != PROJECT:
        raise errors.project_denied(str(target["projectId"]), "bigquery.tables.create")
    dataset = ask.state.warehouse.catalog.dataset(str(target.get("datasetId")))
    return Job(
        id=_job_id(job_id),
        location=location(wanted_location) or (dataset.location if dataset else "US"),
        caller=ask.caller,
        sql="",
        configuration=asked,
        labels=_labels(asked.get("labels")),
        load=_load(load, target, data),
    )


def _load(load: Mapping[str, Any], target: Mapping[str, Any], data: bytes) -> Load:
    if load.get("sourceFormat", "CSV") != "NEWLINE_DELIMITED_JSON":
        raise not_imitated("load jobs of other formats than NEWLINE_DELIMITED_JSON")
    if load.get("autodetect") or load.get("schemaUpdateOptions"):
        raise not_imitated("schemas that are guessed or changed by a load job")
    properties = _mapping(load.get("destinationTableProperties") or {}, "properties")
    described = {name: load.get(name) for name in ("timePartitioning", "clustering")}
    described |= {name: properties.get(name) for name in ("labels", "description", "friendlyName")}
    return Load(
        dataset=str(target.get("datasetId") or ""),
        table=str(target.get("tableId") or ""),
        data=data,
        fields=read_schema(load.get("schema") or {}),
        create=load.get("createDisposition", "CREATE_IF_NEEDED") == "CREATE_IF_NEEDED",
        write=str(load.get("writeDisposition") or "WRITE_APPEND"),
        ignores_unknown=bool(load.get("ignoreUnknownValues")),
        extra={name: value for name, value in described.items() if value},
    )


def _reference(document: Mapping[str, Any]) -> tuple[object, object]:
    """The id and the location that a client has chosen for its job. Raises: ApiError."""
    reference = _mapping(document.get("jobReference") or {}, "jobReference")
    project = reference.get("projectId", PROJECT)
    if project != PROJECT:
        raise invalid(f"Value '{project}' in content does not agree with value '{PROJECT}'.")
    return reference.get("jobId"), reference.get("location")


def _job_id(wanted: object) -> str:
    if wanted is not None and not _JOB_ID.fullmatch(str(wanted)):
        raise invalid(f"Invalid job ID: {str(wanted)[:100]}")
    return str(wanted or new_job_id())


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
    where = location(wanted_location)
    job = Job(
        id=_job_id(job_id),
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
