"""One permission at a time, and *Access Denied* as such last, because the cure differs.

https://cloud.google.com/bigquery/docs/access-control
"""

from typing import Final

from connections.bigquery.entry import Entry, refused
from connections.bigquery.errors import Reason
from connections.bigquery.symptoms import Source

DENIED: Final = ("accessDenied", "forbidden", "PERMISSION_DENIED", "IAM_PERMISSION_DENIED")

ENTRIES: Final[tuple[Entry, ...]] = (
    refused(
        Source.API,
        Reason.PERMISSION_DENIED,
        "The account may not run queries in project {project}. Grant it BigQuery Job User on "
        "the project; a role on the dataset does not include it.",
        says=r"bigquery\.jobs\.create",
        permission="bigquery.jobs.create",
    ),
    refused(
        Source.API,
        Reason.PERMISSION_DENIED,
        "The account may not use the Storage Read API. Grant it BigQuery Read Session User on "
        "project {project}.",
        says=r"bigquery\.readsessions\.",
        permission="bigquery.readsessions.create",
    ),
    refused(
        Source.API,
        Reason.PERMISSION_DENIED,
        "The account may not create tables ({where}). Grant it BigQuery Data Editor on the "
        "dataset, or make the connection read only.",
        says=r"bigquery\.tables\.(?:create|updateData|update)\b",
        permission="bigquery.tables.create",
    ),
    refused(
        Source.API,
        Reason.PERMISSION_DENIED,
        "The account may create tables but not drop them ({where}). Grant it BigQuery Data "
        "Editor on the dataset. What the check made expires within the hour.",
        says=r"bigquery\.tables\.delete",
        permission="bigquery.tables.delete",
    ),
    refused(
        Source.API,
        Reason.PERMISSION_DENIED,
        "A column is protected by a policy tag that the account may not read. Grant it "
        "Fine-Grained Reader on the tag, or leave the column out.",
        says=r"(?i)fine-grained reader|policy tag",
        permission="datacatalog.categories.fineGrainedGet",
    ),
    refused(
        Source.API,
        Reason.PERMISSION_DENIED,
        "This table reads from Google Drive, which needs more access than is asked for here. "
        "Copy the data into a table of BigQuery.",
        says=r"(?i)drive credentials|google drive",
    ),
    refused(
        Source.API,
        Reason.PERMISSION_DENIED,
        "This table reads over a BigQuery connection that the account may not use. Grant it "
        "BigQuery Connection User on that connection.",
        says=r"bigquery\.connections\.(?:use|delegate)",
        permission="bigquery.connections.use",
    ),
    refused(
        Source.API,
        Reason.PERMISSION_DENIED,
        "The data is encrypted with a customer's key that BigQuery may not use. Ask the "
        "owner of the key in Cloud KMS to restore it.",
        says=r"(?i)cloud ?kms|cryptokey",
    ),
    refused(
        Source.API,
        Reason.POLICY_DENIED,
        "The organisation demands an encryption key for every query. Set a default key for "
        "project {project} in BigQuery.",
        says=r"requires that you specify an encryption key",
    ),
    refused(
        Source.API,
        Reason.PERMISSION_DENIED,
        "This table reads from another database, and that database refuses. Grant its user, "
        "as the BigQuery connection has it, the right to read.",
        says=r"permission denied for (?:table|relation|schema)",
    ),
    refused(
        Source.API,
        Reason.PERMISSION_DENIED,
        "The account may not read this table, or it is not there in this location ({where}). "
        "Grant it BigQuery Data Viewer on the dataset, and check name and location.",
        says=r"permission to query table|bigquery\.tables\.getData",
        permission="bigquery.tables.getData",
    ),
    refused(
        Source.API,
        Reason.PERMISSION_DENIED,
        "The account may not see this table, or it does not exist ({where}). Grant it BigQuery "
        "Data Viewer on the dataset.",
        says=r"bigquery\.tables\.get\b",
        permission="bigquery.tables.get",
    ),
    refused(
        Source.API,
        Reason.PERMISSION_DENIED,
        "The account may not list the tables ({where}). Grant it BigQuery Data Viewer on the "
        "dataset.",
        says=r"bigquery\.tables\.list",
        permission="bigquery.tables.list",
    ),
    refused(
        Source.API,
        Reason.PERMISSION_DENIED,
        "The account may not see this dataset, or it does not exist ({where}). Check its name; "
        "else grant BigQuery Data Viewer, or Data Editor, on it.",
        says=r"bigquery\.datasets\.get|Access Denied: Dataset",
        permission="bigquery.datasets.get",
    ),
    refused(
        Source.API,
        Reason.PERMISSION_DENIED,
        "The account may not look at this job: another account started it ({where}).",
        says=r"bigquery\.jobs\.(?:get|update|list)|permission to access (?:the job|results)",
        permission="bigquery.jobs.get",
    ),
    refused(
        Source.API,
        Reason.PERMISSION_DENIED,
        "The account lacks a permission ({where}). Grant it BigQuery Job User on the project "
        "and BigQuery Data Viewer, or Data Editor, on the dataset.",
        codes=DENIED,
        statuses=(0, 403),
    ),
)
