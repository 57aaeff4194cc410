"""Who may do what, in words: what the page Roles shows.

Each right names the routes that it opens. A test holds both against the decorators of the
views, so that the page is never wrong and no route is forgotten.
"""

from dataclasses import dataclass

from accounts.permissions import Permission

MEMBER, CREATOR, ADMIN = Permission.MEMBER, Permission.CREATOR, Permission.ADMIN


@dataclass(frozen=True)
class Right:
    """One thing to do, and who may at least."""

    words: str
    permission: Permission
    routes: tuple[str, ...]

    @property
    def cells(self) -> list[tuple[str, bool]]:
        """Each role, and whether it may."""
        order = list(Permission)
        least = order.index(self.permission)
        return [(role.value.capitalize(), order.index(role) >= least) for role in order]


@dataclass(frozen=True)
class Group:
    title: str
    rights: tuple[Right, ...]


def _of(app: str, names: str) -> tuple[str, ...]:
    return tuple(f"{app}:{name}" for name in names.split())


RIGHTS = (
    Group(
        "Your own account",
        (
            Right(
                "Set your time zone, password and second step",
                MEMBER,
                _of("accounts", "account second_step"),
            ),
            Right(
                "See and end your sessions",
                MEMBER,
                _of("accounts", "visits visit_end visits_end"),
            ),
            Right("See who may do what, and search", MEMBER, ("accounts:roles", "search")),
        ),
    ),
    Group(
        "Connections",
        (
            Right(
                "See connections, tests and IP ranges",
                MEMBER,
                _of("connections", "partners overview ip_ranges list detail test_history"),
            ),
            Right(
                "Add, edit and test connections, and replace keys",
                ADMIN,
                _of(
                    "connections",
                    "add guide_panel datasets_panel test test_panel test_again edit restore_key",
                ),
            ),
            Right(
                "Delete connections",
                ADMIN,
                _of("connections", "delete delete_many stop_remaining"),
            ),
        ),
    ),
    Group(
        "Imports",
        (
            Right(
                "See imports, runs and Stats",
                MEMBER,
                _of(
                    "imports",
                    "import_center import_detail import_mapping import_schedule import_cursor "
                    "import_stats import_stats_csv run_detail progress refused_rows held_batches",
                ),
            ),
            Right(
                "Create, edit, map and schedule imports",
                CREATOR,
                _of(
                    "imports",
                    "create tables_panel check_panel rows_panel configure edit duplicate map "
                    "map_live remap schedule",
                ),
            ),
            Right(
                "Try imports: first rows, dry runs, checks of all rows",
                CREATOR,
                _of("imports", "dry_run dry_run_confirm"),
            ),
            Right(
                "Move or reset a cursor",
                CREATOR,
                _of("imports", "cursor_ask cursor_count cursor_move cursor_reset"),
            ),
            Right(
                "Download and send again refused rows, decide about rows in doubt",
                CREATOR,
                _of("imports", "download_refused replay decide_held"),
            ),
            Right("Try a write-back again", CREATOR, _of("imports", "write_back_again")),
            Right(
                "Start, pause and stop imports",
                CREATOR,
                _of("imports", "start pause resume stop stop_import"),
            ),
            Right("Delete imports", CREATOR, _of("imports", "delete")),
        ),
    ),
    Group(
        "CleverTap accounts",
        (
            Right("See accounts", MEMBER, _of("imports", "account_list account_detail")),
            Right(
                "Add, edit and test accounts",
                ADMIN,
                _of("imports", "account_add account_edit account_test"),
            ),
        ),
    ),
    Group(
        "People",
        (
            Right(
                "Add people, give roles, make links",
                ADMIN,
                _of("accounts", "users person user_link"),
            ),
            Right("Set the rules for everybody", ADMIN, _of("accounts", "rules")),
            Right(
                "Read Audit Logs",
                ADMIN,
                _of("accounts", "audit_logs audit_logs_csv audit_entry"),
            ),
        ),
    ),
)
