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
from imports.views.cursor import (
    cursor_ask,
    cursor_count,
    cursor_move,
    cursor_reset,
    import_cursor,
)
from imports.views.deletion import delete, stop_import
from imports.views.dry_run import dry_run, dry_run_confirm
from imports.views.editing import duplicate, edit, remap
from imports.views.held import decide_held, held_batches
from imports.views.import_page import (
    import_detail,
    import_mapping,
    import_schedule,
    import_stats,
    import_stats_csv,
)
from imports.views.mapping import map_columns, map_live
from imports.views.refused import download_refused, refused_rows, replay
from imports.views.runs import progress, run_detail, start, stop, write_back_again
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
    "cursor_ask",
    "cursor_count",
    "cursor_move",
    "cursor_reset",
    "decide_held",
    "delete",
    "download_refused",
    "dry_run",
    "dry_run_confirm",
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
    "map_live",
    "pause",
    "progress",
    "refused_rows",
    "remap",
    "replay",
    "resume",
    "rows_panel",
    "run_detail",
    "schedule",
    "start",
    "stop",
    "stop_import",
    "tables_panel",
    "write_back_again",
]
