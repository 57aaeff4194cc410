"""What the commands are filled in with. A person pastes them into a terminal: nothing goes in
that could be something else there than it looks like.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from connections import cures
from connections.identifiers import IdentifierRefused, check_dataset_id, check_project_id
from connections.models import Access

PROJECT: Final = "PROJECT_ID"
DATASET: Final = "DATASET_ID"
NEW_ACCOUNT: Final = "clevertap-import"

# Keys are linted when they are read; this is the second lock on the same door.
_EMAIL: Final = re.compile(r"[a-z0-9][-a-z0-9.]*@[a-z0-9][-a-z0-9.]*\.gserviceaccount\.com")
_KEY_ID: Final = re.compile(r"[0-9a-f]{1,64}")


@dataclass(frozen=True)
class Place:
    """Where the import reads and as whom; ``has_key`` says that the account is a real one."""

    project: str
    dataset: str
    account: str
    has_key: bool
    key_id: str
    data_role: tuple[str, str]

    @property
    def placeholders(self) -> tuple[str, ...]:
        return tuple(word for word in (PROJECT, DATASET) if word in (self.project, self.dataset))

    @property
    def is_read_only(self) -> bool:
        return self.data_role == cures.DATA_VIEWER


def place_of(*, project_id: str, dataset_id: str, access: str, email: str, key_id: str) -> Place:
    """Each value if it passes its rule, else its placeholder."""
    project = _valid(check_project_id, project_id, PROJECT)
    has_key = bool(_EMAIL.fullmatch(email))
    return Place(
        project=project,
        dataset=_valid(check_dataset_id, dataset_id, DATASET),
        account=email if has_key else _account_of(project),
        has_key=has_key,
        key_id=key_id if _KEY_ID.fullmatch(key_id) else "",
        data_role=cures.DATA_VIEWER if access == Access.READ_ONLY else cures.DATA_EDITOR,
    )


def _valid(check: Callable[[str], str], value: str, placeholder: str) -> str:
    try:
        return check(value)
    except IdentifierRefused:
        return placeholder


def _account_of(project: str) -> str:
    """The e-mail of the account to be made; ``example.com:shop`` becomes ``shop.example.com``."""
    domain, colon, name = project.rpartition(":")
    host = f"{name}.{domain}" if colon else project
    return f"{NEW_ACCOUNT}@{host}.iam.gserviceaccount.com"
