"""One permission at a time, and *Access Denied* as such last, because the cure differs.

https://cloud.google.com/bigquery/docs/access-control
"""

from typing import Final

from connections.bigquery.catalogue import access, commands
from connections.bigquery.causes import Cause
from connections.bigquery.entry import Entry, refused
from connections.bigquery.errors import Reason
from connections.bigquery.symptoms import Source

DENIED: Final = ("accessDenied", "forbidden", "PERMISSION_DENIED", "IAM_PERMISSION_DENIED")

READ_TABLE: Final = (
    Cause(
        "The account has no BigQuery Data Viewer on the table or on its dataset.",
        "“access” of the dataset does not name the account, and no role on the project does.",
        "Grant it with a command above: on the table alone, or on the dataset.",
        (commands.DATASET, commands.ROLES),
    ),
    Cause(
        "The table is a view that reads from another dataset.",
        "The other tables can be read. The view’s SQL names a dataset that the account has no "
        "role on.",
        "Grant Data Viewer there as well, or authorise the view in that dataset.",
        (commands.TABLES,),
    ),
    access.seen_by_nobody("table", commands.TABLES),
    Cause(
        "The query runs in another location than the table.",
        "“location” of the dataset differs from the one in the message.",
        "Test the connection again, so that the dataset’s own location is used.",
        (commands.DATASET,),
    ),
    access.TOO_NEW,
    access.FORBIDDEN,
)
SEE_DATASET: Final = (
    access.seen_by_nobody("dataset", commands.DATASETS),
    *access.on_dataset("BigQuery Data Viewer or Data Editor"),
)
DROP_TABLE: Final = (
    Cause(
        "A custom role holds bigquery.tables.create and not bigquery.tables.delete.",
        "The role’s id begins with projects/ or organizations/, not with roles/.",
        "Add bigquery.tables.delete to it, or grant BigQuery Data Editor instead.",
        (commands.DATASET, commands.ROLES),
    ),
    Cause(
        "The role was taken away while the check ran.",
        "“access” of the dataset does not name the account any more.",
        "Grant BigQuery Data Editor with the command above.",
        (commands.DATASET,),
    ),
    access.FORBIDDEN,
)
POLICY_TAG: Final = (
    Cause(
        "The account is no reader of the policy tag.",
        "In BigQuery Studio the table’s schema shows a tag beside the column.",
        "Grant Fine-Grained Reader on that tag: BigQuery, Policy tags.",
    ),
    Cause(
        "It is reader of another tag, or of the tag in another location.",
        "Policy tags are listed by location; the account stands under the wrong one.",
        "Grant it on the tag in the dataset’s own location.",
        (commands.DATASET,),
    ),
    access.TOO_NEW,
)
CONNECTION: Final = (
    Cause(
        "The account may not use the BigQuery connection that the table reads over.",
        "The dataset’s other tables can be read. The table’s details name the connection.",
        "Grant BigQuery Connection User on that connection: BigQuery, External connections.",
    ),
    Cause(
        "The connection was deleted or made anew.",
        "The table’s details name a connection that is not in the list any more.",
        "Have the table made anew over the connection that is there.",
    ),
)
CUSTOMER_KEY: Final = (
    Cause(
        "BigQuery’s own service account lost its right to the key.",
        "Every account fails on this table, yours as well.",
        "Grant Cloud KMS CryptoKey Encrypter/Decrypter on the key to BigQuery’s service agent.",
    ),
    Cause(
        "The key, or the version that the table was written with, is disabled or destroyed.",
        "Cloud KMS shows its state.",
        "Enable the version. What a destroyed one protected is lost.",
    ),
)
FOREIGN_DATABASE: Final = (
    Cause(
        "The database user of the connection may not read the table.",
        "Signed in as that user, the same SELECT is refused by the database itself.",
        "GRANT SELECT there, to the user that the BigQuery connection has.",
    ),
    Cause(
        "The connection has the name of another user or database.",
        "BigQuery, External connections, shows user and database.",
        "Correct the connection.",
    ),
)
OTHERS_JOB: Final = (
    Cause(
        "The connection’s key was replaced by that of another account.",
        "The run is older than the key. Results can be read only by the account that ran the job.",
        "Run the import again.",
    ),
    Cause(
        "The job was started by another program.",
        "The list shows the job under another user.",
        "Use that account, or run the query anew here.",
        (commands.RUNNING,),
    ),
)
SOMETHING: Final = (
    Cause(
        "A role is missing, and Google did not say which permission.",
        "The list of its roles lacks BigQuery Job User, or “access” of the dataset lacks the "
        "account.",
        "Grant both roles, wait some minutes, check again.",
        (commands.ROLES, commands.DATASET),
    ),
    Cause(
        "The table reads from elsewhere: Drive, Cloud Storage, another cloud.",
        "Other tables of the dataset can be read.",
        "Give the account rights there, or copy the data into a table of BigQuery.",
        (commands.TABLES,),
    ),
    access.TOO_NEW,
    access.CONDITION,
    access.FORBIDDEN,
)

ENTRIES: Final[tuple[Entry, ...]] = (
    refused(
        Source.API,
        Reason.PERMISSION_DENIED,
        "The account may not run queries in project {project}. Grant it BigQuery Job User on "
        "the project; a role on the dataset does not include it.",
        says=r"bigquery\.jobs\.create",
        permission="bigquery.jobs.create",
        causes=access.on_project("BigQuery Job User"),
    ),
    refused(
        Source.API,
        Reason.PERMISSION_DENIED,
        "The account may not use the Storage Read API. Grant it BigQuery Read Session User on "
        "project {project}.",
        says=r"bigquery\.readsessions\.",
        permission="bigquery.readsessions.create",
        causes=access.on_project("BigQuery Read Session User"),
    ),
    refused(
        Source.API,
        Reason.PERMISSION_DENIED,
        "The account may not create tables ({where}). Grant it BigQuery Data Editor on the "
        "dataset, or make the connection read only.",
        says=r"bigquery\.tables\.(?:create|updateData|update)\b",
        permission="bigquery.tables.create",
        causes=access.on_dataset("BigQuery Data Editor"),
    ),
    refused(
        Source.API,
        Reason.PERMISSION_DENIED,
        "The account may create tables but not drop them ({where}). Grant it BigQuery Data "
        "Editor on the dataset. What the check made expires within the hour.",
        says=r"bigquery\.tables\.delete",
        permission="bigquery.tables.delete",
        causes=DROP_TABLE,
    ),
    refused(
        Source.API,
        Reason.PERMISSION_DENIED,
        "A column is protected by a policy tag that the account may not read. Grant it "
        "Fine-Grained Reader on the tag, or leave the column out.",
        says=r"(?i)fine-grained reader|policy tag",
        permission="datacatalog.categories.fineGrainedGet",
        causes=POLICY_TAG,
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
        causes=CONNECTION,
    ),
    refused(
        Source.API,
        Reason.PERMISSION_DENIED,
        "The data is encrypted with a customer’s key that BigQuery may not use. Ask the "
        "owner of the key in Cloud KMS to restore it.",
        says=r"(?i)cloud ?kms|cryptokey",
        causes=CUSTOMER_KEY,
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
        causes=FOREIGN_DATABASE,
    ),
    refused(
        Source.API,
        Reason.PERMISSION_DENIED,
        "The account may not read this table, or it is not there in this location ({where}). "
        "Grant it BigQuery Data Viewer on the dataset, and check name and location.",
        says=r"permission to query table|bigquery\.tables\.getData",
        permission="bigquery.tables.getData",
        causes=READ_TABLE,
    ),
    refused(
        Source.API,
        Reason.PERMISSION_DENIED,
        "The account may not see this table, or it does not exist ({where}). Grant it BigQuery "
        "Data Viewer on the dataset.",
        says=r"bigquery\.tables\.get\b",
        permission="bigquery.tables.get",
        causes=READ_TABLE,
    ),
    refused(
        Source.API,
        Reason.PERMISSION_DENIED,
        "The account may not list the tables ({where}). Grant it BigQuery Data Viewer on the "
        "dataset.",
        says=r"bigquery\.tables\.list",
        permission="bigquery.tables.list",
        causes=access.on_dataset("BigQuery Data Viewer"),
    ),
    refused(
        Source.API,
        Reason.PERMISSION_DENIED,
        "The account may not see this dataset, or it does not exist ({where}). Check its name; "
        "else grant BigQuery Data Viewer, or Data Editor, on it.",
        says=r"bigquery\.datasets\.get|Access Denied: Dataset",
        permission="bigquery.datasets.get",
        causes=SEE_DATASET,
    ),
    refused(
        Source.API,
        Reason.PERMISSION_DENIED,
        "The account may not look at this job: another account started it ({where}).",
        says=r"bigquery\.jobs\.(?:get|update|list)|permission to access (?:the job|results)",
        permission="bigquery.jobs.get",
        causes=OTHERS_JOB,
    ),
    refused(
        Source.API,
        Reason.PERMISSION_DENIED,
        "The account lacks a permission ({where}). Grant it BigQuery Job User on the project "
        "and BigQuery Data Viewer, or Data Editor, on the dataset.",
        codes=DENIED,
        statuses=(0, 403),
        causes=SOMETHING,
    ),
)
