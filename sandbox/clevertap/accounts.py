"""The accounts of the "CleverTap" of the sandbox: made up here, and good nowhere else.

They are kept in one file of the data folder, readable by its owner only.
"""

import hmac
import json
import os
import re
import secrets
import string
import threading
from pathlib import Path
from typing import NamedTuple

FILE = "clevertap-accounts.json"
_LETTERS = string.ascii_uppercase + string.digits
_CODE = re.compile(r"[A-Z0-9]{3}-[A-Z0-9]{3}-[A-Z0-9]{4}")


class Account(NamedTuple):
    """One account; id and passcode are twelve characters in CleverTap's own form."""

    account_id: str
    passcode: str
    name: str


class AccountExists(Exception):
    """The account id is taken."""


def is_code(text: str) -> bool:
    """Whether the text has the form of an account id or passcode: `ABC-DEF-GH1J`."""
    return _CODE.fullmatch(text) is not None


def make_code() -> str:
    """A new account id or passcode."""
    letters = [secrets.choice(_LETTERS) for _ in range(10)]
    return "-".join("".join(part) for part in (letters[:3], letters[3:6], letters[6:]))


class Accounts:
    """All accounts, read once and written whole; the first one is made at first start."""

    def __init__(self, data_dir: Path) -> None:
        self._path = data_dir / FILE
        self._lock = threading.Lock()
        self._accounts = self._read()
        if not self._accounts:
            self.add(Account(make_code(), make_code(), "Sample account"))

    def all(self) -> list[Account]:
        """Every account, the sample account first."""
        return list(self._accounts.values())

    def add(self, account: Account) -> None:
        """Keep one more account. Raises: AccountExists."""
        with self._lock:
            if account.account_id in self._accounts:
                raise AccountExists(account.account_id)
            accounts = {**self._accounts, account.account_id: account}
            self._write(list(accounts.values()))
            self._accounts = accounts

    def knows(self, account_id: str) -> bool:
        """Whether there is such an account, whatever its passcode."""
        return account_id in self._accounts

    def opens(self, account_id: str, passcode: str) -> bool:
        """Whether the passcode is this account's."""
        account = self._accounts.get(account_id)
        return account is not None and hmac.compare_digest(
            account.passcode.encode(), passcode.encode("utf-8", "surrogateescape")
        )

    def _read(self) -> dict[str, Account]:
        if not self._path.exists():
            return {}
        rows = json.loads(self._path.read_text(encoding="utf-8"))
        return {row["account_id"]: Account(**row) for row in rows}

    def _write(self, accounts: list[Account]) -> None:
        draft = self._path.with_suffix(".new")
        draft.unlink(missing_ok=True)
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump([account._asdict() for account in accounts], file, indent=2)
        draft.replace(self._path)
