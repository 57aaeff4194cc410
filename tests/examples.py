"""How many examples a property is tried on: few in `make test`, as many as EXAMPLES says else."""

import os

from hypothesis import HealthCheck, settings


def examples(quick: int) -> settings:
    """The same examples every time, unless more are asked for: then fresh ones."""
    asked = int(os.environ.get("EXAMPLES") or 0)
    return settings(
        max_examples=max(asked, quick),
        derandomize=not asked,
        database=None,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
