"""Worker half of a run: claim, read, map, send, record, finish.

It knows rows, gateways and mapping; it knows neither requests nor Celery.
"""

from imports.runner.execute import execute_run
from imports.runner.shards import run_of, works_of
from imports.runner.turns import claim_of, next_turn, turn_of

__all__ = ["claim_of", "execute_run", "next_turn", "run_of", "turn_of", "works_of"]
