"""Requests of the worker half happen at once and in order, where a test does not say otherwise.

With threads a test could not tell which answer came first, nor what was read by then. Those
that are about threads use real ones (``test_parallel_sending.py``, ``test_reading_ahead.py``),
and those about order choose it (``test_any_order.py``).
"""

from concurrent.futures import Executor, Future

import pytest

from imports.runner import ahead, execute, sending


class AtOnce(Executor):
    """Does what it is given before it returns."""

    def submit(self, work, /, *arguments, **named):
        done = Future()
        done.set_result(work(*arguments, **named))
        return done


@pytest.fixture(autouse=True)
def one_after_the_other(monkeypatch):
    monkeypatch.setattr(execute, "Threads", lambda size: AtOnce())
    monkeypatch.setattr(execute, "Ahead", ahead.InTurn)
    monkeypatch.setattr(sending, "TOGETHER", 1)
