"""Worker half of Perform Dry Run: a sample, the compiled mapping, CleverTap's own verdict."""

from imports.dry_run.judging import perform

__all__ = ["perform"]
