"""The service accounts of the sandbox: keys made at the first start, roles, states.

Private keys are only read to be downloaded; everything else works with public ones.
"""

import json
import os
import secrets
import threading
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from sandbox.google.iam import PERMISSIONS_OF_ROLE, Binding

PROJECT = "sandbox-shop-4711"
DATASET = "shop"

_JOB_USER = Binding("roles/bigquery.jobUser")
_READ_SESSION = Binding("roles/bigquery.readSessionUser")
_EDITOR = Binding("roles/bigquery.dataEditor", DATASET)
_VIEWER = Binding("roles/bigquery.dataViewer", DATASET)

# name -> what it may do; `disabled` and `deleted-key` may do all, once they get a token.
SAMPLE_BINDINGS: dict[str, tuple[Binding, ...]] = {
    "good": (_JOB_USER, _EDITOR, _READ_SESSION),
    "reader": (_JOB_USER, _VIEWER),
    "no-job-user": (_EDITOR,),
    "no-dataset": (_JOB_USER,),
    "disabled": (_JOB_USER, _EDITOR, _READ_SESSION),
    "deleted-key": (_JOB_USER, _EDITOR, _READ_SESSION),
    "admin": (Binding("roles/bigquery.admin"),),
}


class AccountRefused(ValueError):
    """A change that cannot be made; `unknown` when there is no such account."""

    def __init__(self, sentence: str, *, unknown: bool = False) -> None:
        super().__init__(sentence)
        self.unknown = unknown


@dataclass(frozen=True)
class ServiceAccount:
    """One account with its one key. `key_deleted`: Google no longer knows the key."""

    name: str
    client_id: str
    key_id: str
    public_key: rsa.RSAPublicKey = field(repr=False)
    bindings: tuple[Binding, ...]
    disabled: bool = False
    key_deleted: bool = False

    @property
    def email(self) -> str:
        """The address that the account signs its assertions with (Google: 6 to 30 characters)."""
        return f"sandbox-{self.name}@{PROJECT}.iam.gserviceaccount.com"

    def may(self, permission: str, dataset: str | None = None) -> bool:
        """Whether its roles give the permission on the dataset, or on the project for None."""
        return any(binding.grants(permission, dataset) for binding in self.bindings)

    def as_json(self) -> dict[str, Any]:
        """What may be shown of it; no key."""
        return {
            "name": self.name,
            "email": self.email,
            "key_id": self.key_id,
            "key_file": f"/keys/{self.name}.json",
            "roles": [binding.as_json() for binding in self.bindings],
            "disabled": self.disabled,
            "key_deleted": self.key_deleted,
        }


class Accounts:
    """All accounts; keys live in the folder (mode 700), one file each (mode 600)."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder.chmod(0o700)
        self._folder = folder
        self._lock = threading.Lock()
        self._fresh = {name: self._open(name) for name in SAMPLE_BINDINGS}
        self._accounts = dict(self._fresh)

    def all(self) -> list[ServiceAccount]:
        """The accounts in their fixed order."""
        return list(self._accounts.values())

    def named(self, name: str) -> ServiceAccount:
        """The sample account of this name. Raises: KeyError."""
        return self._accounts[name]

    def restore(self) -> None:
        """Take back every change of this start."""
        with self._lock:
            self._accounts = dict(self._fresh)

    def by_email(self, email: str) -> ServiceAccount | None:
        """The account with this address."""
        return next((one for one in self._accounts.values() if one.email == email), None)

    def change(self, name: str, wanted: Any) -> ServiceAccount:
        """Give other roles, disable or enable, until the next start. Raises: AccountRefused."""
        with self._lock:
            account = self._accounts.get(name)
            if account is None:
                raise AccountRefused("There is no service account of this name.", unknown=True)
            if not isinstance(wanted, dict) or set(wanted) - {"roles", "disabled", "key_deleted"}:
                raise AccountRefused("The body may hold roles, disabled and key_deleted.")
            self._accounts[name] = replace(
                account,
                bindings=_bindings(wanted["roles"]) if "roles" in wanted else account.bindings,
                disabled=bool(wanted.get("disabled", account.disabled)),
                key_deleted=bool(wanted.get("key_deleted", account.key_deleted)),
            )
            return self._accounts[name]

    def key_file(self, name: str, base_url: str) -> dict[str, str] | None:
        """The key as Google's JSON file, with this start's address as `token_uri`."""
        account = self._accounts.get(name)
        if account is None:
            return None
        stored = json.loads(self._path(name).read_text(encoding="ascii"))
        quoted = account.email.replace("@", "%40")
        return {
            "type": "service_account",
            "project_id": PROJECT,
            "private_key_id": account.key_id,
            "private_key": stored["private_key"],
            "client_email": account.email,
            "client_id": account.client_id,
            "auth_uri": "https://accounts.google.com/o/oauth2/auth",
            "token_uri": f"{base_url}/token",
            "auth_provider_x509_cert_url": "https://www.googleapis.com/oauth2/v1/certs",
            "client_x509_cert_url": f"https://www.googleapis.com/robot/v1/metadata/x509/{quoted}",
            "universe_domain": "googleapis.com",
        }

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.json"

    def _open(self, name: str) -> ServiceAccount:
        path = self._path(name)
        if not path.exists():
            _make_key(path)
        stored = json.loads(path.read_text(encoding="ascii"))
        private = serialization.load_pem_private_key(stored["private_key"].encode("ascii"), None)
        public = private.public_key()
        if not isinstance(public, rsa.RSAPublicKey):
            raise TypeError(f"{path.name} does not hold an RSA key")
        return ServiceAccount(
            name=name,
            client_id=stored["client_id"],
            key_id=stored["key_id"],
            public_key=public,
            bindings=SAMPLE_BINDINGS[name],
            disabled=name == "disabled",
            key_deleted=name == "deleted-key",
        )


def _make_key(path: Path) -> None:
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    content = {
        "client_id": f"1{secrets.randbelow(10**20):020d}",
        "key_id": secrets.token_hex(20),
        "private_key": pem.decode("ascii"),
    }
    unfinished = path.with_suffix(".new")
    handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        json.dump(content, file)
    unfinished.replace(path)


def _bindings(wanted: Any) -> tuple[Binding, ...]:
    try:
        bindings = tuple(Binding(**item) for item in wanted)
    except TypeError:
        raise AccountRefused("roles is a list of {role, dataset}; dataset may be left out.") from (
            None
        )
    for binding in bindings:
        if binding.role not in PERMISSIONS_OF_ROLE:
            known = ", ".join(sorted(PERMISSIONS_OF_ROLE))
            raise AccountRefused(f"The sandbox knows these roles: {known}.")
    return bindings
