"""The database column for a sealed secret.

Stores envelopes and nothing else; never seals or opens by itself, so reading a row
never decrypts, and a forgotten ``seal`` fails instead of storing plain text.
"""

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

from connections.encryption import is_envelope

if TYPE_CHECKING:
    _TextField = models.TextField[str | None, str | None]
else:
    _TextField = models.TextField


class NotSealed(ValueError):
    """Something other than a sealed value was about to be stored. Never shows it."""

    def __init__(self) -> None:
        super().__init__("This column stores sealed values only. Call encryption.seal first.")


class SealedTextField(_TextField):
    """A text column that refuses what is not an envelope, here and in the database."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("editable", False)
        super().__init__(*args, **kwargs)

    def get_prep_value(self, value: Any) -> Any:
        if value is None or hasattr(value, "resolve_expression"):
            return value
        if not is_envelope(value):
            raise NotSealed
        return value

    def db_check(self, connection: BaseDatabaseWrapper) -> str:
        """Four parts behind a version, for writes that pass Django by. No '%': see sqlite3."""
        column = connection.ops.quote_name(str(self.column))
        dots = f"length({column}) - length(replace({column}, '.', ''))"
        return f"substr({column}, 1, 1) = 'v' AND {dots} = 3"

    def formfield(self, *args: Any, **kwargs: Any) -> None:
        """No form ever shows or edits a sealed value."""
