"""HTTP in, HTTP out: one service call each."""

from imports.views.accounts import (
    account_add,
    account_detail,
    account_edit,
    account_list,
    account_test,
)
from imports.views.center import import_center
from imports.views.create import create, tables_panel
from imports.views.cursor import (
    cursor_ask,
    cursor_count,
    cursor_move,
    cursor_reset,
    import_cursor,
)
from imports.views.deletion import delete
from imports.views.editing import duplicate, edit, remap
from imports.views.held import decide_held, held_batches
from imports.views.import_page import (
    import_detail,
    import_mapping,
    import_schedule,
    import_stats,
    import_stats_csv,
)
from imports.views.mapping import map_columns
from imports.views.refused import download_refused, refused_rows, replay
from imports.views.runs import progress, run_detail, start, stop
from imports.views.schedule import pause, resume, schedule

__all__ = [
    "account_add",
    "account_detail",
    "account_edit",
    "account_list",
    "account_test",
    "create",
    "cursor_ask",
    "cursor_count",
    "cursor_move",
    "cursor_reset",
    "decide_held",
    "delete",
    "download_refused",
    "duplicate",
    "edit",
    "held_batches",
    "import_center",
    "import_cursor",
    "import_detail",
    "import_mapping",
    "import_schedule",
    "import_stats",
    "import_stats_csv",
    "map_columns",
    "pause",
    "progress",
    "refused_rows",
    "remap",
    "replay",
    "resume",
    "run_detail",
    "schedule",
    "start",
    "stop",
    "tables_panel",
]
