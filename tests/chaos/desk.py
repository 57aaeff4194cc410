"""The commands of the driver; needs Django. Everything goes through the product's services."""

import os
import uuid
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db import connection
from django.utils import timezone

from accounts.models import User
from accounts.session_store import SessionStore
from connections import tasks as connection_tasks
from connections.bell import ring
from connections.models import Access, Connection, ConnectionTest, ConnectionTestStep
from connections.secret import Secret
from connections.services import connections, deletion, keys, tests
from connections.source import open_bigquery
from imports import tasks
from imports.models import Batch, CleverTapAccount, Cursor, Import, Run, Shard
from imports.services import accounts, definitions, runs
from imports.services.cursors import Going
from tests.chaos.driver import (
    BY_MOMENT,
    COLUMNS,
    LOOK_BACK_SECONDS,
    MAPPING,
    MOMENT,
    RUN_FIELDS,
    at_once,
    poll,
)


def people_and_account(account_id: str, passcode: str) -> None:
    admin = User.objects.create_user(email="admin@shop.example", role=User.Role.ADMIN)
    details = accounts.Details("Sink", "sandbox", account_id, "UTC")
    accounts.create_account(
        details=details, passcode=Secret(passcode), by=admin, now=timezone.now()
    )


def connect(name: str, key: str) -> str:
    """A connection with the key, made as the form makes it."""
    now = timezone.now()
    draft = keys.store_draft(raw=key, by=_admin(), now=now)
    details = connections.Details(name, draft.project_id, "shop", Access.READ_WRITE)
    made = connections.create_connection(details=details, key=draft, by=_admin(), now=now)
    return str(made.pk)


def make_table(connection: str, table: str, rows: int) -> None:
    """A clean table in the sandbox's BigQuery, made by a query of the connection's own key."""
    found = Connection.objects.get(pk=connection)
    sql = (
        f"CREATE OR REPLACE TABLE `{found.project_id}.shop.{table}` AS "
        "SELECT CONCAT('K', CAST(n AS STRING)) AS customer_id, "
        "CONCAT('k', CAST(n AS STRING), '@shop.example') AS email, "
        "CONCAT('City ', CAST(MOD(n, 97) AS STRING)) AS city, "
        "TIMESTAMP_SECONDS(1767225600 + n) AS moment "
        f"FROM UNNEST(GENERATE_ARRAY(1, {rows})) AS n"
    )
    job_id = f"chaos_{uuid.uuid4().hex}"
    with open_bigquery(found.key, project=found.project_id) as bigquery:
        bigquery.start_query(sql, job_id=job_id, location="EU", labels={}, max_bytes_billed=None)
        job = poll(lambda: _done(bigquery.job(job_id, location="EU")), 120)
    assert job, "the table was not made in time"
    assert job.failure is None, job.failure


def make_imports(
    connection: str, table: str, count: int, account: str = "", *, by_moment: bool = False
) -> list[str]:
    """``account``: the key of its row; the first one otherwise."""
    sink = CleverTapAccount.objects.get(**({"pk": account} if account else {"name": "Sink"}))
    now, made = timezone.now(), []
    for _ in range(count):
        source = definitions.Source(
            nickname=f"Import {uuid.uuid4().hex[:8]}",
            connection=Connection.objects.get(pk=connection),
            account=sink,
            table_id=table,
        )
        draft = definitions.create_import(source=source, by=_admin(), now=now)
        _map(draft, by_moment=by_moment, now=now)
        made.append(str(draft.pk))
    return made


def _map(draft: Import, *, by_moment: bool, now: datetime) -> None:
    going = Going(LOOK_BACK_SECONDS, Cursor.Nulls.EACH_RUN, newest_only=False)
    asked: dict[str, Any] = {"mapping": MAPPING, "columns": COLUMNS}
    if by_moment:
        asked = {"mapping": BY_MOMENT, "columns": [*COLUMNS, MOMENT], "going": going}
    definitions.save_mapping(draft=draft, by=_admin(), now=now, **asked)


def verify(connection: str) -> dict[str, str]:
    """Test Connection, as its page asks for it: how each check ended."""
    found = Connection.objects.get(pk=connection)
    test = tests.request_test_of(connection=found, by=_admin(), now=timezone.now())
    poll(lambda: ConnectionTest.objects.filter(pk=test.pk, finished_at__isnull=False).exists(), 60)
    rows = ConnectionTestStep.objects.filter(test=test)
    return dict(rows.values_list("code", "result"))


def start(parent: str) -> str:
    found = Import.objects.get(pk=parent)
    return str(runs.start_run(parent=found, by=_admin(), now=timezone.now()).pk)


def add_account(name: str, account_id: str, passcode: str) -> str:
    details = accounts.Details(name, "sandbox", account_id, "UTC")
    made = accounts.create_account(
        details=details, passcode=Secret(passcode), by=_admin(), now=timezone.now()
    )
    return str(made.pk)


def start_many(parent: str, count: int) -> dict[str, int]:
    """Starts of one import at the same moment: how each ended."""
    found, admin = Import.objects.get(pk=parent), _admin()
    ended = at_once(count, lambda: runs.start_run(parent=found, by=admin, now=timezone.now()))
    names = ["started" if isinstance(one, Run) else type(one).__name__ for one in ended]
    return {name: names.count(name) for name in set(names)}


def stop(run: str) -> None:
    found = Run.objects.get(pk=run)
    runs.stop_run(run=found, by=_admin(), reason="chaos", now=timezone.now())


def delete(connection: str) -> None:
    """Review and confirm, as the page does."""
    found = Connection.objects.get(pk=connection)
    review = deletion.review_deletion(found)
    deletion.delete_connection(
        connection=found,
        decision=deletion.Decision(token=review.token, typed_name=found.name),
        by=_admin(),
        now=timezone.now(),
    )


def connection_of(connection: str) -> dict[str, Any]:
    found = Connection.objects.select_related("key").get(pk=connection)
    return {"state": found.state, "has_key": bool(found.key.sealed_key)}


def see(ids: list[str] | None = None) -> dict[str, dict[str, Any]]:
    """The named runs, or all: what the product itself says of them."""
    rows = Run.objects.all() if ids is None else Run.objects.filter(pk__in=ids)
    return {
        str(row["pk"]): {name: row[name] for name in RUN_FIELDS} | {"import": str(row["parent"])}
        for row in rows.values("pk", "parent", *RUN_FIELDS)
    }


def open_batches(ids: list[str]) -> list[tuple[str, str]]:
    """Run and hash of what was sent, or was about to be, without a recorded answer.

    ``ids``: of runs, or of shards, whose rows are meant then.
    """
    rows = list(Batch.objects.open().filter(run__in=ids).values_list("run", "sha256"))
    for shard in Shard.objects.select_related("run").filter(pk__in=ids):
        rows += shard.batches.open().values_list("run", "sha256")
    return [(str(run), sha256) for run, sha256 in rows]


def shards_of(run: str) -> int:
    """Into how many it was cut."""
    return Run.objects.get(pk=run).shard_count


def is_sent(shard: str) -> bool:
    """Whether nothing of the shard is left to be sent."""
    return not Shard.objects.unfinished().filter(pk=shard).exists()


def ring_again(run: str, times: int) -> None:
    """The same message once more, as a broker that delivers twice."""
    for _ in range(times):
        ring(tasks.execute_run, run_id=uuid.UUID(run))


def wake_deletion(connection: str) -> None:
    ring(connection_tasks.finish_deletion, connection_id=uuid.UUID(connection))


def connection_count() -> int:
    """Of PostgreSQL its sessions; of SQLite how often the file is open on this machine."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            )
            return int(cursor.fetchone()[0])
    name = str(connection.settings_dict["NAME"])
    links = Path("/proc").glob("[0-9]*/fd/*")
    return sum(_target_of(link) == name for link in links)


def session() -> dict[str, str]:
    """A signed-in admin's cookie."""
    admin, store = _admin(), SessionStore()
    store[SESSION_KEY] = str(admin.pk)
    store[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    store[HASH_SESSION_KEY] = admin.get_session_auth_hash()
    store.create()
    return {settings.SESSION_COOKIE_NAME: store.session_key or ""}


def _admin() -> User:
    return User.objects.get()


def _target_of(link: Path) -> str:
    try:
        return os.readlink(link)
    except OSError:
        return ""


def _done(job: Any) -> Any:
    return job if job.state == "DONE" else None
