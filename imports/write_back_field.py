"""The switch for write-back, on the forms of Create and of Edit: what it does, and where."""

from django import forms

from connections.models import Access, Connection
from imports.models import REFUSED_TABLE, RUNS_TABLE


def write_back_field() -> forms.BooleanField:
    """Off unless somebody switches it on."""
    return forms.BooleanField(
        label="Write results back to BigQuery",
        required=False,
        help_text=(
            "After each run its summary and refused rows, with their identities, go into two "
            f"tables of the connection’s dataset: {RUNS_TABLE} and {REFUSED_TABLE}."
        ),
    )


def refusal_of(connection: Connection | None) -> str:
    """Why the switch cannot be on for this connection; empty where it can."""
    if connection is None or connection.access == Access.READ_WRITE:
        return ""
    return (
        f"“{connection.name}” is Read only, so nothing can be written there. Leave this off, or "
        "ask an admin to change its access to Read and write."
    )
