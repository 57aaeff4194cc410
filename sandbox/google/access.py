"""Who asks, and whether they may: tokens, roles and the faults that deny a permission."""

from dataclasses import dataclass

from starlette.requests import Request

from sandbox.faults import Call, Faults
from sandbox.google import errors
from sandbox.google.accounts import PROJECT, Accounts, ServiceAccount
from sandbox.google.errors import ApiError
from sandbox.google.tokens import Tokens


class Unauthenticated(Exception):
    """No token, or one that is not known."""

    def __init__(self, *, token_given: bool) -> None:
        super().__init__()
        self.token_given = token_given


@dataclass(frozen=True)
class Caller:
    """The account behind a request, and what it may do."""

    account: ServiceAccount
    faults: Faults
    service: str = "bigquery"

    @property
    def email(self) -> str:
        """The account's address."""
        return self.account.email

    def may(self, permission: str, dataset: str | None = None, table: str | None = None) -> bool:
        """Whether a role gives the permission and no fault denies it."""
        if not self.account.may(permission, dataset):
            return False
        return not self.is_denied_by_fault(permission, dataset, table)

    def is_denied_by_fault(
        self, permission: str, dataset: str | None = None, table: str | None = None
    ) -> bool:
        """Whether a fault takes the permission away; it counts as applied."""
        call = Call(
            self.service,
            account=self.email,
            permission=permission,
            dataset=dataset,
            table=table,
        )
        return self.faults.take("deny", call) is not None

    def need_project(self, permission: str) -> None:
        """Raises: ApiError without the permission on the project."""
        if not self.may(permission):
            raise errors.project_denied(PROJECT, permission)

    def need_dataset(self, permission: str, dataset: str) -> None:
        """Raises: ApiError without the permission on the dataset."""
        if not self.may(permission, dataset):
            raise errors.dataset_denied(PROJECT, dataset, permission)

    def need_table(self, permission: str, dataset: str, table: str) -> None:
        """Raises: ApiError without the permission on the table."""
        if not self.may(permission, dataset, table):
            raise errors.table_denied(PROJECT, dataset, table, permission)

    def need_query(self, dataset: str, table: str) -> None:
        """Raises: ApiError unless a query of this account may read the table."""
        if not self.may("bigquery.tables.getData", dataset, table):
            raise errors.query_denied(PROJECT, dataset, table)


def caller_of(request: Request, tokens: Tokens, accounts: Accounts, faults: Faults) -> Caller:
    """The caller of a request. Raises: Unauthenticated."""
    authorization = request.headers.get("authorization", "")
    email = tokens.email_of(authorization)
    account = accounts.by_email(email) if email else None
    if account is None:
        raise Unauthenticated(token_given=bool(authorization))
    return Caller(account, faults)


def need_known_project(project: str) -> None:
    """Raises: ApiError for any project but the sandbox's own."""
    if project != PROJECT:
        raise ApiError("invalid", f"The project {project} has not enabled BigQuery.")
