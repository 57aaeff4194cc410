"""HTTP in, HTTP out: one service call each."""

from imports.views.accounts import (
    account_add,
    account_detail,
    account_edit,
    account_list,
    account_test,
)
from imports.views.center import import_center
from imports.views.create import configure, create
from imports.views.deletion import delete
from imports.views.import_page import (
    import_detail,
    import_mapping,
    import_schedule,
    import_stats,
    import_stats_csv,
)
from imports.views.mapping import map_columns
from imports.views.runs import progress, run_detail, start, stop
from imports.views.schedule import pause, resume, schedule
from imports.views.source import check_panel, rows_panel, tables_panel

__all__ = [
    "account_add",
    "account_detail",
    "account_edit",
    "account_list",
    "account_test",
    "check_panel",
    "configure",
    "create",
    "delete",
    "import_center",
    "import_detail",
    "import_mapping",
    "import_schedule",
    "import_stats",
    "import_stats_csv",
    "map_columns",
    "pause",
    "progress",
    "resume",
    "rows_panel",
    "run_detail",
    "schedule",
    "start",
    "stop",
    "tables_panel",
]
