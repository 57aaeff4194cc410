"""10,000 connections, 20,000 imports and 100,000 runs in seconds: rows copied by PostgreSQL.

Half of the runs belong to the 25 newest connections, hourly imports of six weeks: page 1
is the worst page. Of ten connections one is not verified, one failed, one is inconclusive.
Needs ``django.setup()`` first.
"""

import uuid
from typing import Any

from django.apps import apps
from django.db import connection, models
from django.utils import timezone
from django.utils.module_loading import import_string

from connections import encryption
from connections.secret import Secret

PEOPLE, DELETED, BUSY = 20, 500, 50
_KEY = {"client_email": "a@b.c", "public_fingerprint": "f" * 64}
_N = "md5('{0}' || {1})::uuid"


def load_people() -> list[Any]:
    user = _model("accounts.User")
    people = [user(email=f"person{n}@shop.example", role="admin") for n in range(PEOPLE)]
    return list(user.objects.bulk_create(people))


def load(people: list[Any], *, connections: int, runs: int) -> None:
    """Connections numbered from 0, the newest first; each has two imports and three tests."""
    template = _templates(people[0])
    person = f"(ARRAY[{','.join(repr(str(one.pk)) for one in people)}])[1 + n % {PEOPLE}]::uuid"
    total, gone = connections + DELETED, f"n >= {connections}"
    _copy(template["key"], total, {"id": _N.format("key", "n")})
    _copy(
        template["connection"],
        total,
        {
            "id": _N.format("connection", "n"),
            "name": "'Warehouse ' || n",
            "name_key": "'warehouse ' || n",
            "key_id": _N.format("key", "n"),
            "created_by_id": person,
            "created_at": "now() - n * interval '1 hour'",
            "state": f"CASE WHEN {gone} THEN 'deleted' ELSE 'active' END",
            "deletion_requested_at": f"CASE WHEN {gone} THEN now() END",
            "deleted_at": f"CASE WHEN {gone} THEN now() END",
        },
    )
    _copy(template["import"], connections * 2, _import())
    _copy(template["test"], connections * 3, _test(connections))
    _copy(template["run"], runs, _run(connections * 2, runs))
    _let_tests_speak(connections)
    for one in ("run", "test", "import", "connection", "key"):
        type(template[one]).objects.filter(pk=template[one].pk).delete()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _import() -> dict[str, str]:
    return {
        "id": _N.format("import", "n"),
        "connection_id": _N.format("connection", "(n / 2)"),
        "nickname_key": "'customers ' || n",
    }


def _test(connections: int) -> dict[str, str]:
    of = f"(n % {connections})"
    return {
        "id": _N.format("test", "n"),
        "connection_id": _N.format("connection", of),
        "key_id": _N.format("key", of),
        "requested_at": "now() - n * interval '1 minute'",
        "finished_at": "now() - n * interval '1 minute'",
        "verdict": "(ARRAY['failed', 'inconclusive', 'verified'])[least(3, 1 + n / 20 % 10)]",
    }


def _let_tests_speak(connections: int) -> None:
    """The newest test of a connection has its number; the last of ten has none that counts."""
    test = _N.format("test", "n")
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE connections_connection SET latest_test_id = {test} "
            f"FROM generate_series(0, {connections - 1}) n "
            f"WHERE id = {_N.format('connection', 'n')} AND n / 20 % 10 < 9"
        )


def _run(imports: int, runs: int) -> dict[str, str]:
    """The first round is one run each, every tenth of them at work."""
    busy = f"n % {min(BUSY, imports)}"
    of = f"(CASE WHEN n < {runs // 2} THEN n % {imports} ELSE {busy} END)"
    active = f"(n < {imports} AND n % 10 = 0)"
    return {
        "id": _N.format("run", "n"),
        "parent_id": _N.format("import", of),
        "connection_id": _N.format("connection", f"({of} / 2)"),
        "state": f"CASE WHEN {active} THEN 'running' ELSE 'succeeded' END",
        "finished_at": f"CASE WHEN {active} THEN NULL ELSE now() END",
        "queued_at": "now() - n * interval '1 minute'",
    }


def _templates(person: Any) -> dict[str, Any]:
    """One valid row of each, made by the ORM so that every default is the product's."""
    key_class, key_id = _model("connections.StoredKey"), uuid.uuid4()
    sealed = encryption.seal(Secret("k" * 2400), key_class.seal_context(key_id))
    key = _made(key_class, id=key_id, sealed_key=sealed, uploaded_by=person, **_KEY)
    place = {"project_id": "shop-4711", "dataset_id": "shop", "key": key}
    found = _made("connections.Connection", **place, name="x", name_key="x", created_by=person)
    verdict = {"verdict": "verified", "finished_at": timezone.now(), "access": found.access}
    test = _made(
        "connections.ConnectionTest",
        **place,
        **verdict,
        fingerprint=import_string("connections.status.fingerprint_of")(found),
        connection=found,
        requested_by=person,
    )
    account_class, account_id = _model("imports.CleverTapAccount"), uuid.uuid4()
    sealed = encryption.seal(Secret("p"), account_class.seal_context(account_id))
    account = _made(account_class, id=account_id, sealed_passcode=sealed, created_by=person)
    people = {"created_by": person, "updated_by": person}
    parent = _made("imports.Import", nickname="x", connection=found, account=account, **people)
    run = _made(
        "imports.Run",
        parent=parent,
        connection=found,
        state="succeeded",
        finished_at=timezone.now(),
    )
    return {"key": key, "connection": found, "test": test, "import": parent, "run": run}


def _made(model: Any, **values: Any) -> Any:
    return (_model(model) if isinstance(model, str) else model).objects.create(**values)


def _model(label: str) -> Any:
    return apps.get_model(label)


def _copy(template: models.Model, count: int, changed: dict[str, str]) -> None:
    """``count`` copies of the row; ``changed`` gives columns as SQL over ``n`` from 0."""
    meta = template._meta
    columns = [field.column for field in meta.concrete_fields]
    values = ", ".join(changed.get(column, f't."{column}"') for column in columns)
    names = ", ".join(f'"{column}"' for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {meta.db_table} ({names}) SELECT {values} "
            f"FROM {meta.db_table} t, generate_series(0, {count - 1}) n WHERE t.id = %s".replace(
                "% ", "%% "
            ),
            [str(template.pk)],
        )
