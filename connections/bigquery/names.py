"""Names that go into SQL and into addresses: let through whole or refused, never escaped.

Back-ticks and backslashes can end or change a name in SQL, slashes and question marks an
address. No project, dataset, table or job has them.
"""

import re
import unicodedata
from typing import Final, NoReturn

from connections.bigquery.errors import BigQueryRefused, Reason

_PROJECT: Final = re.compile(r"(?:[a-z0-9][-a-z0-9.]{0,62}:)?[a-z][-a-z0-9]{4,28}[a-z0-9]")
_DATASET: Final = re.compile(r"[A-Za-z0-9_]{1,1024}")
_JOB: Final = re.compile(r"[A-Za-z0-9_-]{1,1024}")
_TABLE_CATEGORIES: Final = ("L", "M", "N", "Pc", "Pd", "Zs")
_MAX_TABLE_BYTES: Final = 1024


def quoted(project: str, dataset: str, table: str) -> str:
    """```project`.`dataset`.`table```, ready for GoogleSQL.

    Raises:
        BigQueryRefused: name_invalid, if a part is not a name.
    """
    return f"`{check_project(project)}`.`{check_dataset(dataset)}`.`{check_table(table)}`"


def check_project(project: str) -> str:
    """The project's id as it is. Raises: BigQueryRefused (name_invalid)."""
    return project if _PROJECT.fullmatch(project) else _refuse("project")


def check_dataset(dataset: str) -> str:
    """The dataset's id as it is. Raises: BigQueryRefused (name_invalid)."""
    return dataset if _DATASET.fullmatch(dataset) else _refuse("dataset")


def check_table(table: str) -> str:
    """The table's id as it is. Raises: BigQueryRefused (name_invalid).

    https://cloud.google.com/bigquery/docs/tables#table_naming
    """
    fits = 0 < len(table.encode("utf-8", "surrogatepass")) <= _MAX_TABLE_BYTES
    if fits and all(unicodedata.category(one).startswith(_TABLE_CATEGORIES) for one in table):
        return table
    return _refuse("table")


def check_job(job_id: str) -> str:
    """The job's id as it is. Raises: BigQueryRefused (name_invalid)."""
    return job_id if _JOB.fullmatch(job_id) else _refuse("job")


def _refuse(part: str) -> NoReturn:
    raise BigQueryRefused(
        Reason.NAME_INVALID,
        f"The name of the {part} has characters that BigQuery does not allow. Choose it again.",
    )
