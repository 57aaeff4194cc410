"""How jobs end, and trouble on BigQuery's side."""

from typing import Final

from connections.bigquery.entry import Entry, refused, unavailable
from connections.bigquery.errors import Reason
from connections.bigquery.symptoms import Source

ENTRIES: Final[tuple[Entry, ...]] = (
    refused(
        Source.API,
        Reason.JOB_CONFLICT,
        "BigQuery already has something of this name ({where}). Start again.",
        codes=("duplicate", "alreadyExists"),
    ),
    unavailable(
        Source.API,
        Reason.TIMEOUT,
        "The job ran longer than it was allowed and was ended by BigQuery. Run it again; if it "
        "stays, make the query smaller.",
        says=r"(?i)job timed out|operation timed out",
    ),
    refused(
        Source.API,
        Reason.CANCELLED,
        "The job was cancelled.",
        codes=("stopped",),
    ),
    unavailable(
        Source.API,
        Reason.TIMEOUT,
        "The job was not done in time. It is tried again later.",
        codes=("timeout",),
    ),
    unavailable(
        Source.API,
        Reason.SERVER_ERROR,
        "The table cannot be read at the moment ({where}). It is tried again later.",
        codes=("tableUnavailable", "resourceInUse"),
    ),
    refused(
        Source.API,
        Reason.POLICY_DENIED,
        "BigQuery has blocked this operation for now, usually to prevent an attack. Contact "
        "Google Cloud support.",
        codes=("blocked",),
    ),
    unavailable(
        Source.API,
        Reason.SERVER_ERROR,
        "BigQuery has trouble of its own. It is tried again later.",
        codes=(
            "backendError",
            "internalError",
            "jobBackendError",
            "jobInternalError",
            "badGateway",
        ),
    ),
    unavailable(
        Source.API,
        Reason.SERVER_ERROR,
        "BigQuery has trouble of its own. It is tried again later.",
        statuses=(408, 500, 502, 503, 504),
    ),
    unavailable(
        Source.API,
        Reason.FOREIGN_ANSWER,
        "Something other than BigQuery answered: a redirect or a web page. A proxy or a "
        "sign-in page of the network stands in between; let googleapis.com through.",
        codes=("not_json",),
    ),
)
