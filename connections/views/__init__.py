"""HTTP in, HTTP out: one service call each."""

from connections.views.bulk_deletion import delete_many
from connections.views.database import database_add
from connections.views.datasets import datasets_panel
from connections.views.deletion import delete, stop_remaining
from connections.views.detail import detail, test, test_history
from connections.views.editing import edit, restore_key
from connections.views.guide import guide_panel
from connections.views.listing import connection_list
from connections.views.network import ip_ranges
from connections.views.partners import overview, partners
from connections.views.search import search
from connections.views.tests import test_again, test_panel

__all__ = [
    "connection_list",
    "database_add",
    "datasets_panel",
    "delete",
    "delete_many",
    "detail",
    "edit",
    "guide_panel",
    "ip_ranges",
    "overview",
    "partners",
    "restore_key",
    "search",
    "stop_remaining",
    "test",
    "test_again",
    "test_history",
    "test_panel",
]
