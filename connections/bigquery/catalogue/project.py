"""Who is asking, and the project as a whole."""

from typing import Final

from connections.bigquery.catalogue import access, commands
from connections.bigquery.catalogue.token import DISABLED
from connections.bigquery.causes import Cause
from connections.bigquery.entry import Entry, refused
from connections.bigquery.errors import Reason
from connections.bigquery.symptoms import Source

TOKEN_REFUSED: Final = (
    Cause(
        "The account was disabled or deleted after it got its token.",
        "The account is not found, or is shown with “disabled: true”. Testing again then fails "
        "at “Google accepts the key”.",
        "Enable the account, or use another.",
        (commands.ACCOUNT,),
    ),
    Cause(
        "A proxy takes the Authorization header out of calls.",
        "The account is there and enabled, and it stays.",
        "Let bigquery.googleapis.com through the proxy unchanged.",
        (commands.REACH,),
    ),
    Cause(
        "The clock of this server is wrong.",
        "The two times differ by minutes, and every connection fails.",
        "Switch time synchronisation (NTP) on.",
        (commands.CLOCK,),
    ),
)
PERIMETER: Final = (
    Cause(
        "This server’s address is not in the access level of the perimeter.",
        "The same key works from a computer inside the organisation’s network.",
        "Give the administrator this server’s outgoing addresses. See CleverTap IP Ranges.",
    ),
    Cause(
        "The account is of a project outside the perimeter.",
        "The account’s project is not {project}, and no ingress rule names {email}.",
        "Ask for an ingress rule for {email} to BigQuery, or use an account of {project}.",
        (commands.ACCOUNT,),
    ),
    Cause(
        "BigQuery’s Storage API is restricted and not allowed together with BigQuery.",
        "Only fast reads fail; everything else passes.",
        "Have bigquerystorage.googleapis.com allowed as well.",
    ),
)
FORBIDDEN_BY_POLICY: Final = (
    Cause(
        "A constraint of the organisation forbids the place or the operation.",
        "The list names a constraint, such as gcp.resourceLocations.",
        "Use a dataset in a location that is allowed, or ask for an exception.",
        (commands.POLICIES, commands.DATASET),
    ),
    access.FORBIDDEN,
)
API_OFF: Final = (
    Cause(
        "The API was never switched on in this project, or was switched off.",
        "The list is empty.",
        "Enable it with the command above.",
        (commands.API,),
    ),
    Cause(
        "The Project ID is that of another project than you think.",
        "The name that is shown for {project} is not the one you expect.",
        "Correct the Project ID.",
        (commands.PROJECT,),
    ),
    Cause(
        "The API was switched on a moment ago.",
        "The list names bigquery.googleapis.com.",
        "Wait a few minutes, then check again.",
        (commands.API,),
    ),
)
STORAGE_API_OFF: Final = (
    Cause(
        "The Storage API was never switched on in this project: BigQuery does not need it.",
        "The list is empty.",
        "Enable it with the command above, or leave it: imports then read the slower way.",
        (commands.STORAGE_API,),
    ),
    Cause(
        "It was switched on a moment ago.",
        "The list names bigquerystorage.googleapis.com.",
        "Wait a few minutes, then check again.",
        (commands.STORAGE_API,),
    ),
)
NO_SUCH_PROJECT: Final = (
    Cause(
        "The id is mistyped, or is the project’s name or number.",
        "The project is not found, and the id is not in the project picker of the console.",
        "Copy the id from the project picker.",
        (commands.PROJECT,),
    ),
    Cause(
        "The project was deleted.",
        "It is shown in state DELETE_REQUESTED.",
        "Restore it within 30 days, or use another project.",
        (commands.PROJECT,),
    ),
    Cause(
        "BigQuery was never on in it.",
        "The project is shown as ACTIVE, and the list of services is empty.",
        "gcloud services enable bigquery.googleapis.com, in that project.",
        (commands.PROJECT, commands.API),
    ),
    Cause(
        "The account may not know of the project.",
        "The project is ACTIVE and the API is on, and the account has no role there.",
        "Grant it BigQuery Job User on the project.",
        (commands.ROLES,),
    ),
)
SUSPENDED: Final = (
    Cause(
        "Somebody has asked for the project’s deletion.",
        "It is shown in state DELETE_REQUESTED.",
        "gcloud projects undelete, within 30 days.",
        (commands.PROJECT,),
    ),
    Cause(
        "Google has suspended it: unpaid bills, or a breach of its terms.",
        "It is ACTIVE but without billing, or the owners have a mail from Google.",
        "Settle the bill, or appeal to Google; nothing can be done from here.",
        (commands.PROJECT, commands.BILLING),
    ),
)
NO_BILLING: Final = (
    Cause(
        "No billing account is linked to the project.",
        "billingEnabled is false and billingAccountName is empty.",
        "Link one: Billing, in the Google Cloud console.",
        (commands.BILLING,),
    ),
    Cause(
        "The linked billing account is closed or in arrears.",
        "billingEnabled is false, and billingAccountName names an account.",
        "Have the account reopened or paid, or link another.",
        (commands.BILLING,),
    ),
    Cause(
        "Billing was linked a moment ago.",
        "billingEnabled is true.",
        "Wait some minutes, then check again.",
        (commands.BILLING,),
    ),
)

ENTRIES: Final[tuple[Entry, ...]] = (
    refused(
        Source.API,
        Reason.ACCOUNT_DISABLED,
        "The service account was disabled. Enable it in Google Cloud, IAM & Admin, Service "
        "Accounts.",
        codes=("ACCOUNT_STATE_INVALID",),
        causes=DISABLED,
    ),
    refused(
        Source.API,
        Reason.TOKEN_REJECTED,
        "BigQuery does not accept the access token. Test the connection again; if it stays, "
        "create a new JSON key and upload it.",
        statuses=(401,),
        causes=TOKEN_REFUSED,
    ),
    refused(
        Source.API,
        Reason.POLICY_DENIED,
        "A VPC Service Controls perimeter of the organisation blocks this server. Ask its "
        "administrator to let the service account in from this server’s address.",
        says=r"(?i)vpc ?service ?controls|prohibited by organization's policy",
        causes=PERIMETER,
    ),
    refused(
        Source.API,
        Reason.POLICY_DENIED,
        "A policy of the organisation forbids this ({where}). Ask its administrator.",
        codes=("policyViolation", "SECURITY_POLICY_VIOLATED"),
        causes=FORBIDDEN_BY_POLICY,
    ),
    refused(
        Source.API,
        Reason.API_DISABLED,
        "The BigQuery Storage API is not switched on in project {project}. Enable it, wait a "
        "minute, and test again.",
        codes=("accessNotConfigured", "SERVICE_DISABLED"),
        says=r"(?i)bigquery ?storage",
        causes=STORAGE_API_OFF,
    ),
    refused(
        Source.API,
        Reason.API_DISABLED,
        "The BigQuery API is not switched on in project {project}. Enable it, wait a minute, "
        "and test again.",
        codes=("accessNotConfigured", "SERVICE_DISABLED"),
        causes=API_OFF,
    ),
    refused(
        Source.API,
        Reason.API_DISABLED,
        "The project {project} does not exist, or BigQuery was never switched on in it. Check "
        "the project’s id (not its name), then enable the BigQuery API.",
        says=r"has not enabled BigQuery",
        causes=NO_SUCH_PROJECT,
    ),
    refused(
        Source.API,
        Reason.PROJECT_SUSPENDED,
        "The project {project} is suspended by Google, or being deleted. Look at it in the "
        "Google Cloud console.",
        says=r"(?i)has been suspended|project .{0,80}(?:pending deletion|marked for deletion|has "
        r"been deleted|is not active)",
        causes=SUSPENDED,
    ),
    refused(
        Source.API,
        Reason.BILLING_DISABLED,
        "This needs billing, and project {project} has none that is active. Link a billing "
        "account to it in the Google Cloud console.",
        codes=("billingNotEnabled", "BILLING_DISABLED"),
        causes=NO_BILLING,
    ),
    refused(
        Source.API,
        Reason.BILLING_DISABLED,
        "The billing account of project {project} is closed or not linked. Put it right in "
        "the Google Cloud console, under Billing.",
        says=r"(?i)billing (?:account|has not been enabled|disabled)|not configured billing|"
        r"not allowed in the free tier",
        causes=NO_BILLING,
    ),
    refused(
        Source.API,
        Reason.PROJECT_NOT_FOUND,
        "There is no project {project}, or the account may not know of it. Check the project’s "
        "id: it is not the project’s name.",
        says=r"(?i)not found: project|unknown project|invalid project id|project .{0,80}not "
        r"found or|ProjectId must be non-empty",
        causes=NO_SUCH_PROJECT,
    ),
    refused(
        Source.API,
        Reason.PROJECT_NOT_FOUND,
        "There is no project {project}, or the account may not know of it. Check the project’s "
        "id: it is not the project’s name.",
        codes=("CONSUMER_INVALID",),
        causes=NO_SUCH_PROJECT,
    ),
    refused(
        Source.API,
        Reason.PERMISSION_DENIED,
        "The account may not use project {project} for its calls. Grant it Service Usage "
        "Consumer on that project, or check the project’s id.",
        codes=("USER_PROJECT_DENIED",),
        permission="serviceusage.services.use",
        causes=access.on_project("Service Usage Consumer"),
    ),
)
