"""Quotas, rates and sizes."""

from typing import Final

from connections.bigquery.catalogue import commands
from connections.bigquery.causes import Cause
from connections.bigquery.entry import Entry, refused, unavailable
from connections.bigquery.errors import Reason
from connections.bigquery.symptoms import Source

OWN_QUOTA: Final = (
    Cause(
        "Somebody’s queries read far more than usual today.",
        "The list shows one account or one query again and again.",
        "Stop those, or wait until midnight Pacific time.",
        (commands.RUNNING,),
    ),
    Cause(
        "The quota is smaller than what the project needs.",
        "It is used up every day at about the same time. IAM & Admin, Quotas, shows it as "
        "QueryUsagePerDay or QueryUsagePerUserPerDay.",
        "Raise it there.",
    ),
)
FREE_ALLOWANCE: Final = (
    Cause(
        "The project has no billing account, so only the free allowance counts.",
        "billingEnabled is false.",
        "Link a billing account.",
        (commands.BILLING,),
    ),
    Cause(
        "The account behind it is in a free trial that has ended.",
        "billingEnabled is true, and the billing account is not an upgraded one.",
        "Upgrade the billing account in the Google Cloud console.",
        (commands.BILLING,),
    ),
)
MANY_QUERIES: Final = (
    Cause(
        "Other programs of the project run many queries.",
        "The list shows running jobs of other accounts.",
        "Nothing: it is tried again. Spread the schedules if it happens every day.",
        (commands.RUNNING,),
    ),
    Cause(
        "Many imports of this installation start at the same minute.",
        "The running jobs carry the label clevertap-bq-run.",
        "Give the imports different starting minutes.",
        (commands.RUNNING,),
    ),
)
USED_UP: Final = (
    Cause(
        "A quota of the project is used up for today.",
        "IAM & Admin, Quotas, filtered by BigQuery, shows one at 100 %.",
        "Wait, or ask Google to raise it.",
    ),
    Cause(
        "Other programs use it up.",
        "The list shows who runs what.",
        "Spread their schedules, or move them to a project of their own.",
        (commands.RUNNING,),
    ),
)

ENTRIES: Final[tuple[Entry, ...]] = (
    refused(
        Source.API,
        Reason.QUOTA,
        "The daily limit that project {project} sets itself for queries is used up. Raise the "
        "custom quota in Google Cloud, or wait until midnight Pacific time.",
        says=r"(?i)custom quota exceeded",
        causes=OWN_QUOTA,
    ),
    refused(
        Source.API,
        Reason.QUOTA,
        "The free monthly allowance for queries of project {project} is used up. Link a "
        "billing account, or wait for the next month.",
        says=r"(?i)free query bytes scanned",
        causes=FREE_ALLOWANCE,
    ),
    unavailable(
        Source.API,
        Reason.RATE_LIMITED,
        "Project {project} runs as many queries at once as it may. It is tried again later.",
        says=r"(?i)too many concurrent queries|job exceeded rate limits|queue is full",
        causes=MANY_QUERIES,
    ),
    unavailable(
        Source.API,
        Reason.RATE_LIMITED,
        "BigQuery asks for fewer calls at once. It is tried again later.",
        codes=("rateLimitExceeded", "userRateLimitExceeded", "jobRateLimitExceeded"),
        causes=MANY_QUERIES,
    ),
    unavailable(
        Source.API,
        Reason.QUOTA,
        "A quota of project {project} is used up for now. Look under IAM & Admin, Quotas, in "
        "Google Cloud, or wait.",
        codes=("quotaExceeded", "dailyLimitExceeded", "RATE_LIMIT_EXCEEDED"),
        causes=USED_UP,
    ),
    unavailable(
        Source.API,
        Reason.RATE_LIMITED,
        "BigQuery asks for fewer calls at once. It is tried again later.",
        statuses=(429,),
        causes=MANY_QUERIES,
    ),
    refused(
        Source.API,
        Reason.BYTES_CAP,
        "The query would bill more bytes than its cap allows, so it did not run and cost "
        "nothing. Raise the cap, or read fewer columns or partitions.",
        codes=("bytesBilledLimitExceeded",),
    ),
    refused(
        Source.API,
        Reason.TOO_LARGE,
        "The query needs more memory or time than BigQuery gives one query. Make it smaller: "
        "fewer joins, no ORDER BY over everything.",
        codes=("resourcesExceeded", "billingTierLimitExceeded"),
    ),
    refused(
        Source.API,
        Reason.TOO_LARGE,
        "The result is larger than BigQuery returns at once. Read fewer columns or rows.",
        codes=("responseTooLarge",),
    ),
)
