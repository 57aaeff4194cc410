"""How jobs end, and trouble on BigQuery's side."""

from typing import Final

from connections.bigquery.catalogue import commands
from connections.bigquery.catalogue.wire import STRANGER
from connections.bigquery.causes import Cause
from connections.bigquery.entry import Entry, refused, unavailable
from connections.bigquery.errors import Reason
from connections.bigquery.symptoms import Source

TOO_SLOW: Final = (
    Cause(
        "All slots of the project are taken, so the job had to wait.",
        "The list shows many jobs that run or are pending.",
        "Run it again at another hour, or reserve more slots.",
        (commands.RUNNING,),
    ),
    Cause(
        "The query does too much: it reads a view over views, or joins everything.",
        "It takes as long in the BigQuery console.",
        "Read fewer partitions, or store the result of the view in a table.",
    ),
)
CANCELLED: Final = (
    Cause(
        "Somebody stopped the run here.",
        "The run’s page names who asked for its stop.",
        "Start it again if that was a mistake.",
    ),
    Cause(
        "Somebody cancelled the job in Google Cloud.",
        "The run’s page names nobody.",
        "Ask whoever looks after the project’s jobs.",
        (commands.RUNNING,),
    ),
)
NOT_READABLE_NOW: Final = (
    Cause(
        "Another program writes to the table at this moment.",
        "It passes within minutes.",
        "Nothing: it is tried again.",
    ),
    Cause(
        "BigQuery has trouble in this location.",
        "status.cloud.google.com reports it, and other tables fail too.",
        "Wait for Google.",
    ),
)
GOOGLES_TROUBLE: Final = (
    Cause(
        "BigQuery has trouble of its own.",
        "It passes within minutes; status.cloud.google.com reports what lasts longer.",
        "Test again later.",
    ),
    Cause(
        "A proxy of this network gives the answer.",
        "It stays for hours, while the BigQuery console works.",
        "Let bigquery.googleapis.com through the proxy.",
        (commands.REACH,),
    ),
)

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
        causes=TOO_SLOW,
    ),
    refused(
        Source.API,
        Reason.CANCELLED,
        "The job was cancelled.",
        codes=("stopped",),
        causes=CANCELLED,
    ),
    unavailable(
        Source.API,
        Reason.TIMEOUT,
        "The job was not done in time. It is tried again later.",
        codes=("timeout",),
        causes=TOO_SLOW,
    ),
    unavailable(
        Source.API,
        Reason.SERVER_ERROR,
        "The table cannot be read at the moment ({where}). It is tried again later.",
        codes=("tableUnavailable", "resourceInUse"),
        causes=NOT_READABLE_NOW,
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
        causes=GOOGLES_TROUBLE,
    ),
    unavailable(
        Source.API,
        Reason.SERVER_ERROR,
        "BigQuery has trouble of its own. It is tried again later.",
        statuses=(408, 500, 502, 503, 504),
        causes=GOOGLES_TROUBLE,
    ),
    unavailable(
        Source.API,
        Reason.FOREIGN_ANSWER,
        "Something other than BigQuery answered: a redirect or a web page. A proxy or a "
        "sign-in page of the network stands in between; let googleapis.com through.",
        codes=("not_json",),
        causes=STRANGER,
    ),
)
