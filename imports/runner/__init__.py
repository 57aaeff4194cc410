"""Worker half of a run: claim, read, map, send, record, finish.

It knows rows, gateways and mapping; it knows neither requests nor Celery.
"""

from imports.runner.execute import execute_run

__all__ = ["execute_run"]
