"""Jobs as the REST API shows them."""

from typing import Any

from sandbox.google.accounts import PROJECT
from sandbox.google.catalog import Table
from sandbox.google.jobs import Job
from sandbox.google.loading import Load
from sandbox.google.performing import anonymous_table
from sandbox.google.schema import schema_json
from sandbox.google.serving import ROOT
from sandbox.google.sql.statement import Statement
from sandbox.google.warehouse import RESULTS_DATASET


def reference(job: Job) -> dict[str, str]:
    """A `JobReference`."""
    return {"projectId": PROJECT, "jobId": job.id, "location": job.location}


def resource(job: Job, base_url: str, *, dry_run: bool = False) -> dict[str, Any]:
    """A `Job`. A dry run has no id that could be asked for."""
    answer: dict[str, Any] = {
        "kind": "bigquery#job",
        "etag": f"{job.ended or job.started or job.created}",
        "user_email": job.caller.email,
        "configuration": configuration(job),
        "jobReference": {"projectId": PROJECT, "location": job.location},
        "statistics": statistics(job, dry_run=dry_run),
        "status": {"state": "DONE"} if dry_run else status(job),
    }
    if dry_run:
        return answer
    link = f"{base_url}{ROOT}/projects/{PROJECT}/jobs/{job.id}?location={job.location}"
    return answer | {
        "id": job.full_id,
        "selfLink": link,
        "jobReference": reference(job),
        "jobCreationReason": {"code": "REQUESTED"},
    }


def list_item(job: Job) -> dict[str, Any]:
    """One of a `JobList`'s jobs."""
    state = status(job)
    answer: dict[str, Any] = {
        "kind": "bigquery#job",
        "id": job.full_id,
        "jobReference": reference(job),
        "state": state["state"],
        "status": state,
        "statistics": statistics(job),
        "configuration": configuration(job),
        "user_email": job.caller.email,
    }
    if "errorResult" in state:
        answer["errorResult"] = state["errorResult"]
    return answer


def configuration(job: Job) -> dict[str, Any]:
    """The client's configuration, with what Google adds to it."""
    if job.load is not None:
        return {**job.configuration, "jobType": "LOAD"}
    query = {"useLegacySql": False, "priority": "INTERACTIVE", **job.configuration.get("query", {})}
    statement = job.statement
    if statement is not None and statement.is_query and "destinationTable" not in query:
        query["destinationTable"] = {
            "projectId": PROJECT,
            "datasetId": RESULTS_DATASET,
            "tableId": anonymous_table(job.id),
        }
        query.setdefault("writeDisposition", "WRITE_TRUNCATE")
    return {**job.configuration, "jobType": "QUERY", "query": query}


def status(job: Job) -> dict[str, Any]:
    """A `JobStatus`."""
    answer: dict[str, Any] = {"state": job.state}
    if answer["state"] == "DONE" and job.error is not None:
        answer["errorResult"] = job.error.as_proto()
        answer["errors"] = [job.error.as_proto()]
    return answer


def _is_over(job: Job) -> bool:
    """Whether its cap has kept it from running: then nothing is billed."""
    return job.error is not None and job.error.reason == "bytesBilledLimitExceeded"


def statistics(job: Job, *, dry_run: bool = False) -> dict[str, Any]:
    """A `JobStatistics`."""
    answer: dict[str, Any] = {"creationTime": str(job.created)}
    if job.started is not None:
        answer["startTime"] = str(job.started)
    if job.ended is not None:
        answer["endTime"] = str(job.ended)
        answer["finalExecutionDurationMs"] = str(max(job.ended - (job.started or job.ended), 0))
    if job.load is not None and job.load.rows_written is not None:
        answer["load"] = _loaded(job.load)
    statement = job.statement
    if statement is None:
        return answer
    answer["query"] = {
        "statementType": statement.kind,
        "totalBytesProcessed": str(statement.bytes_processed),
        "totalBytesBilled": "0" if dry_run or _is_over(job) else str(statement.bytes_billed),
        "cacheHit": False,
    }
    if dry_run:
        answer["query"]["totalBytesProcessedAccuracy"] = "PRECISE"
    answer["totalBytesProcessed"] = str(statement.bytes_processed)
    answer["query"] |= _tables(statement) | _definition(statement)
    if dry_run and statement.is_query:
        answer["query"]["schema"] = schema_json(statement.fields)
    if job.ended is not None and job.error is None:
        answer["query"] |= _changes(job)
        elapsed = str(max(job.ended - (job.started or job.ended), 1))
        answer["totalSlotMs"] = answer["query"]["totalSlotMs"] = elapsed
    return answer


def _loaded(load: Load) -> dict[str, str]:
    """A `JobStatistics3`."""
    return {
        "inputFiles": "1",
        "inputFileBytes": str(len(load.data)),
        "outputRows": str(load.rows_written),
        "outputBytes": str(len(load.data)),
        "badRecords": "0",
    }


def _tables(statement: Statement) -> dict[str, Any]:
    found = [_table(table) for table, _ in statement.read]
    return {"referencedTables": found} if found else {}


def _table(table: Table) -> dict[str, str]:
    return {"projectId": PROJECT, "datasetId": table.dataset, "tableId": table.id}


def _definition(statement: Statement) -> dict[str, Any]:
    definition = statement.definition
    if definition is None:
        return {}
    answer: dict[str, Any] = {"ddlOperationPerformed": definition.operation}
    dataset = {"projectId": PROJECT, "datasetId": definition.name.dataset}
    if definition.name.table:
        answer["ddlTargetTable"] = {**dataset, "tableId": definition.name.table}
    else:
        answer["ddlTargetDataset"] = dataset
    return answer


def _changes(job: Job) -> dict[str, Any]:
    outcome = job.outcome
    if outcome.changed_rows is None:
        return {}
    return {
        "numDmlAffectedRows": str(outcome.changed_rows),
        "dmlStats": {
            "insertedRowCount": str(outcome.inserted),
            "updatedRowCount": str(outcome.updated),
            "deletedRowCount": str(outcome.deleted),
        },
    }
