"""Who is asking, and the project as a whole."""

from typing import Final

from connections.bigquery.entry import Entry, refused
from connections.bigquery.errors import Reason
from connections.bigquery.symptoms import Source

ENTRIES: Final[tuple[Entry, ...]] = (
    refused(
        Source.API,
        Reason.ACCOUNT_DISABLED,
        "The service account was disabled. Enable it in Google Cloud, IAM & Admin, Service "
        "Accounts.",
        codes=("ACCOUNT_STATE_INVALID",),
    ),
    refused(
        Source.API,
        Reason.TOKEN_REJECTED,
        "BigQuery does not accept the access token. Test the connection again; if it stays, "
        "create a new JSON key and upload it.",
        statuses=(401,),
    ),
    refused(
        Source.API,
        Reason.POLICY_DENIED,
        "A VPC Service Controls perimeter of the organisation blocks this server. Ask its "
        "administrator to let the service account in from this server's address.",
        says=r"(?i)vpc ?service ?controls|prohibited by organization's policy",
    ),
    refused(
        Source.API,
        Reason.POLICY_DENIED,
        "A policy of the organisation forbids this ({where}). Ask its administrator.",
        codes=("policyViolation", "SECURITY_POLICY_VIOLATED"),
    ),
    refused(
        Source.API,
        Reason.API_DISABLED,
        "The BigQuery Storage API is not switched on in project {project}. Enable it, wait a "
        "minute, and test again.",
        codes=("accessNotConfigured", "SERVICE_DISABLED"),
        says=r"(?i)bigquery ?storage",
    ),
    refused(
        Source.API,
        Reason.API_DISABLED,
        "The BigQuery API is not switched on in project {project}. Enable it, wait a minute, "
        "and test again.",
        codes=("accessNotConfigured", "SERVICE_DISABLED"),
    ),
    refused(
        Source.API,
        Reason.API_DISABLED,
        "The project {project} does not exist, or BigQuery was never switched on in it. Check "
        "the project's id (not its name), then enable the BigQuery API.",
        says=r"has not enabled BigQuery",
    ),
    refused(
        Source.API,
        Reason.PROJECT_SUSPENDED,
        "The project {project} is suspended by Google, or being deleted. Look at it in the "
        "Google Cloud console.",
        says=r"(?i)has been suspended|project .{0,80}(?:pending deletion|marked for deletion|has "
        r"been deleted|is not active)",
    ),
    refused(
        Source.API,
        Reason.BILLING_DISABLED,
        "This needs billing, and project {project} has none that is active. Link a billing "
        "account to it in the Google Cloud console.",
        codes=("billingNotEnabled", "BILLING_DISABLED"),
    ),
    refused(
        Source.API,
        Reason.BILLING_DISABLED,
        "The billing account of project {project} is closed or not linked. Put it right in "
        "the Google Cloud console, under Billing.",
        says=r"(?i)billing (?:account|has not been enabled|disabled)|not configured billing|"
        r"not allowed in the free tier",
    ),
    refused(
        Source.API,
        Reason.PROJECT_NOT_FOUND,
        "There is no project {project}, or the account may not know of it. Check the project's "
        "id: it is not the project's name.",
        says=r"(?i)not found: project|unknown project|invalid project id|project .{0,80}not "
        r"found or|ProjectId must be non-empty",
    ),
    refused(
        Source.API,
        Reason.PROJECT_NOT_FOUND,
        "There is no project {project}, or the account may not know of it. Check the project's "
        "id: it is not the project's name.",
        codes=("CONSUMER_INVALID",),
    ),
    refused(
        Source.API,
        Reason.PERMISSION_DENIED,
        "The account may not use project {project} for its calls. Grant it Service Usage "
        "Consumer on that project, or check the project's id.",
        codes=("USER_PROJECT_DENIED",),
        permission="serviceusage.services.use",
    ),
)
