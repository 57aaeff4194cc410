"""Quotas, rates and sizes."""

from typing import Final

from connections.bigquery.entry import Entry, refused, unavailable
from connections.bigquery.errors import Reason
from connections.bigquery.symptoms import Source

ENTRIES: Final[tuple[Entry, ...]] = (
    refused(
        Source.API,
        Reason.QUOTA,
        "The daily limit that project {project} sets itself for queries is used up. Raise the "
        "custom quota in Google Cloud, or wait until midnight Pacific time.",
        says=r"(?i)custom quota exceeded",
    ),
    refused(
        Source.API,
        Reason.QUOTA,
        "The free monthly allowance for queries of project {project} is used up. Link a "
        "billing account, or wait for the next month.",
        says=r"(?i)free query bytes scanned",
    ),
    unavailable(
        Source.API,
        Reason.RATE_LIMITED,
        "Project {project} runs as many queries at once as it may. It is tried again later.",
        says=r"(?i)too many concurrent queries|job exceeded rate limits|queue is full",
    ),
    unavailable(
        Source.API,
        Reason.RATE_LIMITED,
        "BigQuery asks for fewer calls at once. It is tried again later.",
        codes=("rateLimitExceeded", "userRateLimitExceeded", "jobRateLimitExceeded"),
    ),
    unavailable(
        Source.API,
        Reason.QUOTA,
        "A quota of project {project} is used up for now. Look under IAM & Admin, Quotas, in "
        "Google Cloud, or wait.",
        codes=("quotaExceeded", "dailyLimitExceeded", "RATE_LIMIT_EXCEEDED"),
    ),
    unavailable(
        Source.API,
        Reason.RATE_LIMITED,
        "BigQuery asks for fewer calls at once. It is tried again later.",
        statuses=(429,),
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
