"""What is not there, or not where it was looked for."""

from typing import Final

from connections.bigquery.entry import Entry, refused
from connections.bigquery.errors import Reason
from connections.bigquery.symptoms import Source

MISSING: Final = ("notFound",)

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
    ),
    refused(
        Source.API,
        Reason.WRONG_LOCATION,
        "What the query reads is not in the location where the query ran ({where}). Test the "
        "connection again, so that the dataset's own location is used; check the name too.",
        says=r"Dataset \S+ was not found in location|does not exist in location|read and write "
        r"in different locations",
    ),
    refused(
        Source.API,
        Reason.WRONG_LOCATION,
        "BigQuery does not know this location ({where}). Test the connection again, so that "
        "the dataset's own location is used.",
        says=r"(?i)(?:invalid|unsupported).{0,40}(?:location|region)|location .{0,60}(?:not "
        r"supported|does not support|is not valid)",
    ),
    refused(
        Source.API,
        Reason.DATASET_NOT_FOUND,
        "There is no such dataset ({where}). Check its name: upper and lower case differ, and "
        "it must be in project {project}.",
        codes=MISSING,
        says=r"Not found: Dataset",
    ),
    refused(
        Source.API,
        Reason.TABLE_NOT_FOUND,
        "There is no such table or view ({where}). It was dropped or renamed: choose it again.",
        codes=MISSING,
        says=r"Not found: (?:Table|View)",
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
