"""Commands that tell causes apart, for a terminal where ``gcloud`` and ``bq`` are signed in.

They look and change nothing. The commands about the network are for the server that this
program runs on. https://cloud.google.com/sdk/gcloud/reference
"""

from typing import Final

from connections.bigquery.causes import Command

KEYS: Final = Command(
    "List the account’s keys",
    "gcloud iam service-accounts keys list \\\n  --managed-by=user --iam-account={email}",
)
ACCOUNT: Final = Command("Look at the account", "gcloud iam service-accounts describe {email}")
HOME: Final = Command("Look at the account’s project", "gcloud projects describe {home}")
PROJECT: Final = Command("Look at the project", "gcloud projects describe {project}")
API: Final = Command(
    "Services that are on",
    "gcloud services list --enabled --project={project} \\\n"
    "  --filter=config.name:bigquery.googleapis.com",
)
STORAGE_API: Final = Command(
    "The Storage API, if it is on",
    "gcloud services list --enabled --project={project} \\\n"
    "  --filter=config.name:bigquerystorage.googleapis.com",
)
BILLING: Final = Command("Look at the billing", "gcloud billing projects describe {project}")
ROLES: Final = Command(
    "Roles on the project",
    "gcloud projects get-iam-policy {project} \\\n"
    "  --flatten='bindings[].members' --filter=bindings.members:{email} \\\n"
    "  --format='table(bindings.role, bindings.condition.title)'",
)
DENIES: Final = Command(
    "Deny policies on the project",
    "gcloud iam policies list --kind=denypolicies \\\n"
    "  --attachment-point=cloudresourcemanager.googleapis.com/projects/{project}",
)
POLICIES: Final = Command("Policies on the project", "gcloud org-policies list --project={project}")
HOME_POLICIES: Final = Command(
    "Policies on the account’s project", "gcloud org-policies list --project={home}"
)
DATASET: Final = Command("Look at the dataset", "bq show --format=prettyjson {project}:{dataset}")
DATASETS: Final = Command("List the datasets", "bq ls --datasets --project_id={project}")
TABLES: Final = Command("List the tables", "bq ls --max_results=1000 {project}:{dataset}")
RUNNING: Final = Command(
    "Jobs of everybody", "bq ls --jobs --all --max_results=50 --project_id={project}"
)
CLOCK: Final = Command(
    "Compare the clocks, on this server",
    "date -u; curl -sI https://oauth2.googleapis.com | grep -i ^date",
)
NAMES: Final = Command(
    "Look the names up, on this server",
    "getent hosts oauth2.googleapis.com bigquery.googleapis.com",
)
REACH: Final = Command(
    "Reach Google, from this server",
    "curl -sSI --max-time 10 https://bigquery.googleapis.com",
)
REACH_BY_IPV4: Final = Command(
    "The same by IPv4 only", "curl -4 -sSI --max-time 10 https://bigquery.googleapis.com"
)
ROUTES: Final = Command("Routes of this server", "ip route; ip -6 route")
CERTIFICATE: Final = Command(
    "Whose certificate is shown to this server",
    "openssl s_client -connect bigquery.googleapis.com:443 </dev/null 2>/dev/null \\\n"
    "  | openssl x509 -noout -issuer -subject -dates",
)
