"""The stand-in for CleverTap: upload API, accounts, what was received, and its control addresses.

Built on the documented contract; what it cannot know is said in docs/sandbox.md.
"""

from typing import TYPE_CHECKING

from starlette.routing import Route

from sandbox.clevertap import api, control
from sandbox.clevertap.answers import fault_response
from sandbox.clevertap.flights import Flights
from sandbox.clevertap.store import Store

if TYPE_CHECKING:
    from sandbox.state import SandboxState

__all__ = ["Flights", "Store", "fault_response", "routes"]


def routes(state: "SandboxState") -> list[Route]:
    """CleverTap's addresses and its control addresses, bound to the state."""
    return [*api.routes(state), *control.routes(state.clevertap)]
