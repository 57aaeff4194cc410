"""The same sandbox as the tests of its CleverTap half use."""

from tests.sandbox.clevertap.conftest import clevertap, running, second_account, state

__all__ = ["clevertap", "running", "second_account", "state"]
