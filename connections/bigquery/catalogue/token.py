"""What the token address says of a key.

https://developers.google.com/identity/protocols/oauth2/service-account#error-codes
"""

from typing import Final

from connections.bigquery.entry import Entry, refused, unavailable
from connections.bigquery.errors import Reason
from connections.bigquery.symptoms import Source

ENTRIES: Final[tuple[Entry, ...]] = (
    unavailable(
        Source.TOKEN,
        Reason.RATE_LIMITED,
        "Google gives this account no more tokens for the moment. Try again in a minute.",
        codes=("trouble",),
        statuses=(429,),
    ),
    unavailable(
        Source.TOKEN,
        Reason.SERVER_ERROR,
        "Google's token service has trouble. Nothing is wrong with the key; try again.",
        codes=("trouble", "server_error", "internal_failure", "temporarily_unavailable"),
    ),
    unavailable(
        Source.TOKEN,
        Reason.CLOCK_SKEW,
        "Google finds the time in the request wrong: the clock of this server is off. Set it "
        "right (NTP), then test again; the key was not judged.",
        codes=("invalid_grant",),
        says=r"short-lived token|iat and exp|used too early|expired at|in the future",
    ),
    refused(
        Source.TOKEN,
        Reason.ACCOUNT_DISABLED,
        "The service account is disabled. Enable it in Google Cloud, IAM & Admin, Service "
        "Accounts; the key then works again.",
        says=r"(?i)robot is disabled|account (?:is |has been )?disabled",
    ),
    refused(
        Source.TOKEN,
        Reason.ACCOUNT_NOT_FOUND,
        "Google knows no such service account: it was deleted, is disabled, or its project "
        "was deleted. Look it up in Google Cloud; if it is gone, make a new account and key.",
        says=r"(?i)account not found|not a valid email|no valid verifier",
    ),
    refused(
        Source.TOKEN,
        Reason.KEY_DELETED_OR_ROTATED,
        "Google does not accept this key's signature: the key was deleted or replaced in "
        "Google Cloud, or its file was changed. Create a new JSON key and upload it.",
        codes=("invalid_grant",),
        says=r"(?i)invalid jwt signature|invalid signature|expired or revoked",
    ),
    refused(
        Source.TOKEN,
        Reason.POLICY_DENIED,
        "A policy of the organisation blocks this key (service-account keys, or access from "
        "here). Ask the administrator of the Google Cloud organisation.",
        codes=("admin_policy_enforced", "access_denied", "org_internal", "invalid_rapt"),
    ),
    refused(
        Source.TOKEN,
        Reason.TOKEN_REJECTED,
        "This account may not get a token for BigQuery. Use a JSON key of an ordinary service "
        "account of Google Cloud.",
        codes=("unauthorized_client", "invalid_scope", "invalid_client", "deleted_client"),
    ),
    refused(
        Source.TOKEN,
        Reason.ACCOUNT_DISABLED,
        "Google has disabled this client. Look at the service account in Google Cloud.",
        codes=("disabled_client",),
    ),
    unavailable(
        Source.TOKEN,
        Reason.RATE_LIMITED,
        "Google gives this account no more tokens for the moment. Try again in a minute.",
        codes=("rate_limit_exceeded", "slow_down", "quota_exceeded"),
    ),
    refused(
        Source.TOKEN,
        Reason.TOKEN_REJECTED,
        "Google does not accept this key. Look whether account and key still exist in Google "
        "Cloud; if in doubt, create a new JSON key and upload it.",
    ),
)
