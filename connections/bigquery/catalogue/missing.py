"""What is not there, or not where it was looked for."""

from typing import Final

from connections.bigquery.catalogue import commands
from connections.bigquery.causes import Cause
from connections.bigquery.entry import Entry, refused
from connections.bigquery.errors import Reason
from connections.bigquery.symptoms import Source

MISSING: Final = ("notFound",)

NO_JOB: Final = (
    Cause(
        "The job was never submitted: the answer to it was lost on the way.",
        "The list of jobs does not have it.",
        "Start again.",
        (commands.RUNNING,),
    ),
    Cause(
        "The job ran in another location, or the dataset was made anew elsewhere.",
        "The list shows the job, in another location.",
        "Test the connection again, then run the import again.",
        (commands.RUNNING, commands.DATASET),
    ),
)
OTHER_LOCATION: Final = (
    Cause(
        "The dataset was deleted and made anew in another location.",
        "“location” of the dataset is not the one in the message.",
        "Test the connection again: the new location is taken over.",
        (commands.DATASET,),
    ),
    Cause(
        "A view reads from a dataset in another location.",
        "“location” agrees, and plain tables can be read.",
        "Copy what the view reads into this dataset’s location.",
        (commands.TABLES,),
    ),
    Cause(
        "A name in the query is mistyped.",
        "The list of datasets does not have it.",
        "Correct the name. Google says the same of a dataset that is nowhere.",
        (commands.DATASETS,),
    ),
)
NO_DATASET: Final = (
    Cause(
        "The name is mistyped: upper and lower case differ.",
        "The list has a dataset that is spelt almost alike.",
        "Correct the Dataset ID.",
        (commands.DATASETS,),
    ),
    Cause(
        "The dataset is in another project.",
        "The list of {project} does not have it, that of the other project does.",
        "Correct the Project ID, and see that the account has its roles there.",
        (commands.DATASETS,),
    ),
    Cause(
        "The dataset was deleted.",
        "Nobody’s list has it, and imports have read from it before.",
        "UNDROP SCHEMA within 7 days, or make it anew.",
        (commands.DATASETS,),
    ),
)
NO_TABLE: Final = (
    Cause(
        "The table was dropped or renamed.",
        "The list does not have it.",
        "Choose the table again. BigQuery keeps a dropped one for 7 days.",
        (commands.TABLES,),
    ),
    Cause(
        "Another program makes the table anew, and it is gone for a moment each time.",
        "The list has it now, with a fresh date of creation.",
        "Check again; have that program replace the rows and keep the table.",
        (commands.TABLES,),
    ),
    Cause(
        "The table expired.",
        "The dataset has a defaultTableExpirationMs.",
        "Make it anew without expiration, or lift the default.",
        (commands.DATASET,),
    ),
)

ENTRIES: Final[tuple[Entry, ...]] = (
    refused(
        Source.API,
        Reason.RESULT_EXPIRED,
        "The result of this query is no longer kept: BigQuery drops it after a day. Run the "
        "import again.",
        codes=MISSING,
        says=r"Not found: Table [^ ]*[:.]_[0-9a-f]{8,}",
    ),
    refused(
        Source.API,
        Reason.JOB_NOT_FOUND,
        "BigQuery knows no such job in this location ({where}).",
        codes=MISSING,
        says=r"Not found: Job",
        causes=NO_JOB,
    ),
    refused(
        Source.API,
        Reason.WRONG_LOCATION,
        "What the query reads is not in the location where the query ran ({where}). Test the "
        "connection again, so that the dataset’s own location is used; check the name too.",
        says=r"Dataset \S+ was not found in location|does not exist in location|read and write "
        r"in different locations",
        causes=OTHER_LOCATION,
    ),
    refused(
        Source.API,
        Reason.WRONG_LOCATION,
        "BigQuery does not know this location ({where}). Test the connection again, so that "
        "the dataset’s own location is used.",
        says=r"(?i)(?:invalid|unsupported).{0,40}(?:location|region)|location .{0,60}(?:not "
        r"supported|does not support|is not valid)",
        causes=OTHER_LOCATION,
    ),
    refused(
        Source.API,
        Reason.DATASET_NOT_FOUND,
        "There is no such dataset ({where}). Check its name: upper and lower case differ, and "
        "it must be in project {project}.",
        codes=MISSING,
        says=r"Not found: Dataset",
        causes=NO_DATASET,
    ),
    refused(
        Source.API,
        Reason.TABLE_NOT_FOUND,
        "There is no such table or view ({where}). It was dropped or renamed: choose it again.",
        codes=MISSING,
        says=r"Not found: (?:Table|View)",
        causes=NO_TABLE,
    ),
    refused(
        Source.API,
        Reason.INVALID_QUERY,
        "The query calls a function, model or file that is not there. Check its name.",
        codes=MISSING,
        says=r"Not found: (?:Routine|Function|Model|Files?|URI)",
    ),
    refused(
        Source.API,
        Reason.NAME_INVALID,
        "BigQuery does not accept this name ({where}): type the bare ids, the project apart "
        "from the dataset.",
        says=r"(?i)invalid (?:dataset|table|resource|job) (?:id|name)|invalid (?:dataset|table)Id",
    ),
)
