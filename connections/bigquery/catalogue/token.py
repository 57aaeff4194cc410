"""What the token address says of a key.

https://developers.google.com/identity/protocols/oauth2/service-account#error-codes
"""

from typing import Final

from connections.bigquery.catalogue import commands
from connections.bigquery.causes import Cause
from connections.bigquery.entry import Entry, refused, unavailable
from connections.bigquery.errors import Reason
from connections.bigquery.symptoms import Source

BUSY: Final = (
    Cause(
        "Another program uses the same account.",
        "The account was made for more than this server: it has several keys, or one that is "
        "used elsewhere.",
        "Give this server an account of its own.",
        (commands.KEYS,),
    ),
    Cause(
        "Many connections with this account were tested at once.",
        "It passes a minute later.",
        "Test again; nothing else is needed.",
    ),
)
TROUBLE: Final = (
    Cause(
        "Google’s token service is in trouble.",
        "It passes within minutes, and other accounts fail as well.",
        "Test again later.",
    ),
    Cause(
        "A proxy of this network answers in Google’s place.",
        "It stays for hours, while the same key works from elsewhere.",
        "Let oauth2.googleapis.com through the proxy.",
        (commands.REACH,),
    ),
)
CLOCK_IS_OFF: Final = (
    Cause(
        "The clock of this server is wrong.",
        "The two times differ by more than five minutes, and every key fails.",
        "Switch time synchronisation (NTP) on, on the host too when this is a container.",
        (commands.CLOCK,),
    ),
    Cause(
        "The server was asleep or was restored from a snapshot.",
        "The times agree by now.",
        "Test again.",
        (commands.CLOCK,),
    ),
)
DISABLED: Final = (
    Cause(
        "Somebody disabled the account.",
        "The account is shown with “disabled: true”; its keys are still there.",
        "Enable it: IAM & Admin, Service Accounts, or gcloud iam service-accounts enable.",
        (commands.ACCOUNT,),
    ),
    Cause(
        "It was disabled since a key of it became public.",
        "The project’s owners have a mail from Google about an exposed key.",
        "Find out where the key leaked, delete that key, create a new one and upload it here.",
        (commands.KEYS,),
    ),
)
NO_ACCOUNT: Final = (
    Cause(
        "The account was deleted.",
        "It is not found, or refused to you, and its project is ACTIVE. Google answers both alike.",
        "Undelete it within 30 days, or make a new account, grant it the roles, upload its key.",
        (commands.ACCOUNT, commands.HOME),
    ),
    Cause(
        "The account is disabled.",
        "The account is shown with “disabled: true”.",
        "Enable it. The key then works again.",
        (commands.ACCOUNT,),
    ),
    Cause(
        "The project of the account was deleted.",
        "Its project is in state DELETE_REQUESTED, or is not found.",
        "Restore the project within 30 days, or use an account of another project.",
        (commands.HOME,),
    ),
    Cause(
        "The address in the key file was edited.",
        "client_email of the file is not spelt as in Google Cloud.",
        "Upload the file again, as Google Cloud gave it.",
        (commands.ACCOUNT,),
    ),
)
BAD_SIGNATURE: Final = (
    Cause(
        "The key was deleted or replaced in Google Cloud.",
        "The list has no KEY_ID {key_id}.",
        "Create a new JSON key and upload it. A deleted key cannot be brought back.",
        (commands.KEYS,),
    ),
    Cause(
        "The key is disabled or has expired.",
        "The list has {key_id}, with DISABLED True or a date of expiry that has passed.",
        "Enable it: gcloud iam service-accounts keys enable. Replace one that has expired.",
        (commands.KEYS,),
    ),
    Cause(
        "The key file was changed, or put together from two files.",
        "The list has {key_id}, enabled and in date.",
        "Upload the file again, as Google Cloud gave it, or create a new key.",
        (commands.KEYS,),
    ),
    Cause(
        "The key is younger than a minute.",
        "The list shows it as created a moment ago.",
        "Wait a minute, then check again. A wrong clock it is not: Google says that in other words.",
        (commands.KEYS,),
    ),
)
POLICY: Final = (
    Cause(
        "The organisation forbids keys of service accounts, or their age.",
        "The list names a constraint such as iam.serviceAccountKeyExpiryHours.",
        "Ask the administrator of the organisation for an exception for this account.",
        (commands.HOME_POLICIES,),
    ),
    Cause(
        "Access is allowed from known addresses only (context-aware access).",
        "The same key works from a computer inside the organisation’s network.",
        "Have this server’s address allowed. See CleverTap IP Ranges.",
    ),
)
NOT_ENTITLED: Final = (
    Cause(
        "The file is not the key of an ordinary service account.",
        "The account is not found under IAM & Admin, Service Accounts.",
        "Create a service account and a JSON key for it.",
        (commands.ACCOUNT,),
    ),
    Cause(
        "The account or its key was deleted a moment ago.",
        "The account is not found, or the list of its keys lacks {key_id}.",
        "Create a new JSON key and upload it.",
        (commands.ACCOUNT, commands.KEYS),
    ),
)
UNKNOWN_REFUSAL: Final = (*BAD_SIGNATURE[:1], *NO_ACCOUNT[:2], *BAD_SIGNATURE[2:3])

ENTRIES: Final[tuple[Entry, ...]] = (
    unavailable(
        Source.TOKEN,
        Reason.RATE_LIMITED,
        "Google gives this account no more tokens for the moment. Try again in a minute.",
        codes=("trouble",),
        statuses=(429,),
        causes=BUSY,
    ),
    unavailable(
        Source.TOKEN,
        Reason.SERVER_ERROR,
        "Google’s token service has trouble. Nothing is wrong with the key; try again.",
        codes=("trouble", "server_error", "internal_failure", "temporarily_unavailable"),
        causes=TROUBLE,
    ),
    unavailable(
        Source.TOKEN,
        Reason.CLOCK_SKEW,
        "Google finds the time in the request wrong: the clock of this server is off. Set it "
        "right (NTP), then test again; the key was not judged.",
        codes=("invalid_grant",),
        says=r"short-lived token|iat and exp|used too early|expired at|in the future",
        causes=CLOCK_IS_OFF,
    ),
    refused(
        Source.TOKEN,
        Reason.ACCOUNT_DISABLED,
        "The service account is disabled. Enable it in Google Cloud, IAM & Admin, Service "
        "Accounts; the key then works again.",
        says=r"(?i)robot is disabled|account (?:is |has been )?disabled",
        causes=DISABLED,
    ),
    refused(
        Source.TOKEN,
        Reason.ACCOUNT_NOT_FOUND,
        "Google knows no such service account: it was deleted, is disabled, or its project "
        "was deleted. Look it up in Google Cloud; if it is gone, make a new account and key.",
        says=r"(?i)account not found|not a valid email|no valid verifier",
        causes=NO_ACCOUNT,
    ),
    refused(
        Source.TOKEN,
        Reason.KEY_DELETED_OR_ROTATED,
        "Google does not accept this key’s signature: the key was deleted or replaced in "
        "Google Cloud, or its file was changed. Create a new JSON key and upload it.",
        codes=("invalid_grant",),
        says=r"(?i)invalid jwt signature|invalid signature|expired or revoked",
        causes=BAD_SIGNATURE,
    ),
    refused(
        Source.TOKEN,
        Reason.POLICY_DENIED,
        "A policy of the organisation blocks this key (service-account keys, or access from "
        "here). Ask the administrator of the Google Cloud organisation.",
        codes=("admin_policy_enforced", "access_denied", "org_internal", "invalid_rapt"),
        causes=POLICY,
    ),
    refused(
        Source.TOKEN,
        Reason.TOKEN_REJECTED,
        "This account may not get a token for BigQuery. Use a JSON key of an ordinary service "
        "account of Google Cloud.",
        codes=("unauthorized_client", "invalid_scope", "invalid_client", "deleted_client"),
        causes=NOT_ENTITLED,
    ),
    refused(
        Source.TOKEN,
        Reason.ACCOUNT_DISABLED,
        "Google has disabled this client. Look at the service account in Google Cloud.",
        codes=("disabled_client",),
        causes=DISABLED,
    ),
    unavailable(
        Source.TOKEN,
        Reason.RATE_LIMITED,
        "Google gives this account no more tokens for the moment. Try again in a minute.",
        codes=("rate_limit_exceeded", "slow_down", "quota_exceeded"),
        causes=BUSY,
    ),
    refused(
        Source.TOKEN,
        Reason.TOKEN_REJECTED,
        "Google does not accept this key. Look whether account and key still exist in Google "
        "Cloud; if in doubt, create a new JSON key and upload it.",
        causes=UNKNOWN_REFUSAL,
    ),
)
