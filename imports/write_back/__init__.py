"""Worker half of write-back: the end of a run, into two tables of the customer's dataset.

It begins when a run is final and changes nothing about it (ADR 31).
"""

from imports.write_back.work import is_due, write_run

__all__ = ["is_due", "write_run"]
