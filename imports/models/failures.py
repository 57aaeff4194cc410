"""Which reasons of a failed run are about the place that it reads from."""

# Reasons of BigQuery's gateway that speak of key, roles or place, not of the query.
SOURCE_FAILURES = (
    "key_unusable",
    "key_unreadable",
    "token_rejected",
    "key_deleted_or_rotated",
    "account_not_found",
    "account_disabled",
    "api_disabled",
    "project_not_found",
    "project_suspended",
    "billing_disabled",
    "policy_denied",
    "permission_denied",
    "dataset_not_found",
)
