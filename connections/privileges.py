"""What a key may do beyond its task: pointed out after a test, never a reason to refuse it.

Both questions are dry runs of DDL, which create nothing and cost nothing. Not asked: which
other datasets the account sees. BigQuery lists those that it has any role on, also one that
was granted on purpose or to everybody, so the list proves no excess.
"""

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final, Protocol

import structlog

from connections import cures
from connections.cures import Names

logger = structlog.get_logger(__name__)

WHOLE_PROJECT: Final = "whole_project"
MAY_WRITE: Final = "may_write"


class Asking(Protocol):
    """The two questions to the gateway; each True or False, or an error of it."""

    def may_create_datasets(self, *, location: str, seconds: float | None = None) -> bool: ...
    def may_create_tables(
        self, dataset_id: str, *, location: str, seconds: float | None = None
    ) -> bool: ...


@dataclass(frozen=True)
class Excess:
    """One thing too many: what it is, why it matters, and the way to less."""

    code: str
    title: str
    sentence: str


EXCESSES: Final = (
    Excess(
        WHOLE_PROJECT,
        "It may create datasets, so it has a role on the whole project.",
        "BigQuery Admin, BigQuery User, Data Editor or Data Owner on the project, or the basic "
        "roles Editor and Owner, reach further than one dataset. Needed are BigQuery Job User on "
        "the project and {role} on the dataset. Grant these first, then take the larger role away; "
        "one that comes from a folder or the organisation is taken away there.",
    ),
    Excess(
        MAY_WRITE,
        "It may create tables, although the connection is read only.",
        "Imports only read. Grant {role} on the dataset first, then take the larger role away. If "
        "the dataset does not name the account, the role stands on the project.",
    ),
)


class Inquiry:
    """Questions asked in a thread of their own, so that nobody waits for them.

    ``ask`` must not touch the database. Whatever goes wrong in it, there is no answer.
    """

    def __init__(self, ask: Callable[[], list[str]]) -> None:
        self._ask = ask
        self._codes: list[str] = []
        self._thread = threading.Thread(target=self._carry_out, daemon=True)
        self._thread.start()

    def answer(self, *, seconds: float) -> list[str]:
        """The codes, if they are there within ``seconds``; else none."""
        self._thread.join(seconds)
        return [] if self._thread.is_alive() else self._codes

    def _carry_out(self) -> None:
        try:
            self._codes = self._ask()
        except Exception as error:  # noqa: BLE001 - a hint must not cost the verdict
            logger.info("excess not known", error=type(error).__name__)


def excess_of(
    bigquery: Asking, *, dataset_id: str, location: str, is_read_only: bool, seconds: float
) -> list[str]:
    """The codes of what the key may do too much, within ``seconds`` in all.

    Raises:
        BigQueryError: a question could not be answered; then nothing should be said.
    """
    end = time.monotonic() + seconds
    found = []
    if bigquery.may_create_datasets(location=location, seconds=seconds):
        found.append(WHOLE_PROJECT)
    left = max(0.1, end - time.monotonic())
    if is_read_only and bigquery.may_create_tables(dataset_id, location=location, seconds=left):
        found.append(MAY_WRITE)
    return found


def explained(
    codes: Iterable[str], *, project: str, dataset: str, email: str, is_read_only: bool
) -> list[dict[str, Any]]:
    """What the codes mean, with the commands that narrow the rights of this account."""
    known = set(codes)
    names = Names.checked(project=project, dataset=dataset, email=email)
    is_sound = names.project and names.dataset and names.email
    role = cures.DATA_VIEWER if is_read_only else cures.DATA_EDITOR
    return [
        {
            "code": excess.code,
            "title": excess.title,
            "sentence": excess.sentence.format(role=role[1]),
            "commands": _NARROWING[excess.code](names, role) if is_sound else [],
        }
        for excess in EXCESSES
        if excess.code in known
    ]


def _narrow_the_project(names: Names, role: tuple[str, str]) -> list[dict[str, str]]:
    jobs = cures.grant_on_project(role=cures.JOB_USER, project=names.project, email=names.email)
    take = (
        f"gcloud projects remove-iam-policy-binding {names.project} \\\n"
        f"  --member=serviceAccount:{names.email} \\\n"
        f"  --role=roles/bigquery.admin --condition=None"
    )
    return [
        _command("1. See its roles on the project", _roles(names)),
        _command("2. Grant BigQuery Job User on the project", jobs.gcloud),
        _command(f"3. Grant {role[1]} on the dataset", _on_dataset(names, role).gcloud),
        _command("4. Take the larger role away (put in the one that step 1 shows)", take),
    ]


def _narrow_the_dataset(names: Names, role: tuple[str, str]) -> list[dict[str, str]]:
    place = f"SCHEMA `{names.project}`.`{names.dataset}`"
    revoke = f'REVOKE `{cures.DATA_EDITOR[0]}`\nON {place}\nFROM "serviceAccount:{names.email}";'
    look = f"bq show --format=prettyjson {names.project}:{names.dataset}"
    return [
        _command("1. See who has access to the dataset", look),
        _command(f"2. Grant {role[1]} on it, as SQL", _on_dataset(names, role).sql),
        _command(f"3. Take {cures.DATA_EDITOR[1]} away, as SQL", revoke),
    ]


def _on_dataset(names: Names, role: tuple[str, str]) -> cures.Cure:
    return cures.grant_on_dataset(
        role=role, project=names.project, dataset=names.dataset, email=names.email
    )


def _roles(names: Names) -> str:
    return (
        f"gcloud projects get-iam-policy {names.project} \\\n"
        f"  --flatten='bindings[].members' --filter=bindings.members:{names.email} \\\n"
        f"  --format='table(bindings.role, bindings.condition.title)'"
    )


def _command(label: str, code: str) -> dict[str, str]:
    return {"label": label, "code": code}


_NARROWING: Final = {WHOLE_PROJECT: _narrow_the_project, MAY_WRITE: _narrow_the_dataset}
