"""What may be behind a failure, and how to tell one cause from another.

Written with ``{project}``, ``{dataset}``, ``{email}``, ``{key_id}`` and ``{home}`` (the project
that the account lives in), which are filled in where a failure is recorded.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Command:
    """Something to paste that tells. It changes nothing."""

    label: str
    code: str


@dataclass(frozen=True)
class Cause:
    """One cause: what it is, how to tell it from the others, what to do when it is that."""

    title: str
    tell: str
    then: str
    commands: tuple[Command, ...] = ()
