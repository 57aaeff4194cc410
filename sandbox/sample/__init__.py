"""The sample dataset `shop`: customers and events of a shop, with honest dirt in them.

The same rows at every first start, made by arithmetic on the row's number.
"""

from sandbox.sample.building import fill
from sandbox.sample.dirt import facts

__all__ = ["facts", "fill"]
