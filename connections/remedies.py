"""From a failure of the gateway to what a step keeps: the grant, and the likely causes.

Worker half of Test Connection. Only identifiers that pass their rules get into commands;
a command that would need another one is left out.
"""

import string
from collections.abc import Iterable
from dataclasses import asdict, replace
from typing import Any

from connections import cures
from connections.bigquery import BigQueryError, Reason
from connections.bigquery.causes import Cause, Command
from connections.cures import Cure, Names
from connections.models import Access, ConnectionTest

# What a sentence says in place of an identifier that is not sound.
_WORDS = {
    "project": "the project",
    "dataset": "the dataset",
    "table": "the table",
    "email": "the account",
    "key_id": "of this key",
    "home": "the account's project",
}


def remedy(error: BigQueryError, test: ConnectionTest, *, api: str = cures.BIGQUERY_API) -> Cure:
    """What grants the permission that Google missed, and what else may be behind it.

    ``api`` is the host of the API that was asked, for one that is switched off.
    """
    names = Names.checked(
        project=test.project_id,
        dataset=test.dataset_id,
        table=error.table or "",
        email=test.key.client_email,
        key_id=test.key.private_key_id,
        home=test.key.project_id,
    )
    return replace(_grant(error, test.access, names, api), causes=filled_in(error.causes, names))


def filled_in(causes: Iterable[Cause], names: Names) -> list[dict[str, Any]]:
    """The causes in their order, as ready words and commands."""
    known = {name: value for name, value in asdict(names).items() if value}
    return [
        {
            "title": cause.title.format_map(_WORDS | known),
            "tell": cause.tell.format_map(_WORDS | known),
            "then": cause.then.format_map(_WORDS | known),
            "commands": [
                {"label": command.label, "code": command.code.format_map(known)}
                for command in cause.commands
                if _asks_for(command) <= known.keys()
            ],
        }
        for cause in causes
    ]


def _asks_for(command: Command) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(command.code) if name}


def _grant(error: BigQueryError, access: str, names: Names, api: str) -> Cure:
    """The smallest grant that cures it; no command where we do not know."""
    if error.reason == Reason.API_DISABLED and names.project:
        return cures.enable_api(project=names.project, host=api)
    if error.reason != Reason.PERMISSION_DENIED:
        return Cure()
    permission = error.permission or ""
    known = _grant_of(permission, access, names) if _can_be_named(names) else None
    return known or Cure(permission=permission, resource=error.resource or "")


def _can_be_named(names: Names) -> bool:
    return bool(names.project and names.dataset and names.email)


def _grant_of(permission: str, access: str, names: Names) -> Cure | None:
    who = {"project": names.project, "email": names.email, "permission": permission}
    if permission in cures.ON_PROJECT:
        return cures.grant_on_project(role=cures.ON_PROJECT[permission], **who)
    if permission in cures.ON_TABLE and names.table:
        return cures.grant_on_table(
            role=cures.DATA_VIEWER, dataset=names.dataset, table=names.table, **who
        )
    if permission in cures.ON_DATASET:
        role = cures.DATA_EDITOR if access == Access.READ_WRITE else cures.DATA_VIEWER
        return cures.grant_on_dataset(role=role, dataset=names.dataset, **who)
    return None
