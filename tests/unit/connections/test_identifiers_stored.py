"""A name that was accepted is stored and found again, letter by letter, on either database.

`make test` runs this on SQLite and on PostgreSQL: the verdict is the same by construction,
what a database does to the text afterwards is not.
"""

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given

from connections.forms import DatabaseForm
from connections.identifiers import (
    IdentifierRefused,
    check_dataset_id,
    check_name,
    check_project_id,
    check_table_id,
)
from connections.models import Connection, folded
from imports.models import Import
from tests.examples import examples
from tests.factories import ConnectionFactory, ImportFactory
from tests.identifier_classes import ACCEPTED, REFUSED
from tests.unit.connections.test_parser_properties import typed

pytestmark = pytest.mark.django_db
CHECKS = {
    "project": check_project_id,
    "dataset": check_dataset_id,
    "table": check_table_id,
    "name": check_name,
}
PAIRS = [(kind, value) for kind, values in ACCEPTED.items() for value in values]
FIELDS = {"project": "project_id", "dataset": "dataset_id", "name": "connection_name"}
TYPED = [
    pytest.param(kind, value, code, id=f"{kind}: {name}")
    for kind in FIELDS
    for name, value, code in REFUSED[kind]
]
# The browser's form trims line breaks off, and says some things before our rules do.
OF_DJANGO = {"required", "null_characters_not_allowed", "max_length"}


def stored(kind: str, value: str) -> str:
    """Write the value where the product keeps it, and read it by itself."""
    if kind == "table":
        ImportFactory(table_id=value)
        return Import.objects.get(table_id=value).table_id
    field = {"project": "project_id", "dataset": "dataset_id", "name": "name"}[kind]
    made = ConnectionFactory(**{field: value})
    assert Connection.objects.filter(**{field: value}).get().pk == made.pk
    return getattr(Connection.objects.get(pk=made.pk), field)


@pytest.mark.parametrize(("kind", "value"), PAIRS, ids=ascii)
def test_reads_back_what_was_accepted(kind: str, value: str):
    assert stored(kind, value) == value


@pytest.mark.parametrize(("kind", "value", "code"), TYPED)
def test_the_form_refuses_what_the_check_refuses(kind: str, value: str, code: str):
    """So that no database is ever asked about it."""
    form = DatabaseForm({FIELDS[kind]: value})
    codes = {error.code for error in form.errors.as_data().get(FIELDS[kind], [])}

    assert codes <= {code} | OF_DJANGO
    assert codes or value != value.strip()


@examples(quick=40)
@given(value=typed)
@pytest.mark.parametrize("kind", CHECKS)
def test_stores_whatever_a_check_lets_pass(kind: str, value: str):
    try:
        taken = CHECKS[kind](value)
    except IdentifierRefused:
        return
    with transaction.atomic():
        assert stored(kind, taken) == taken
        transaction.set_rollback(True)


SAME = [
    ("Shop", "SHOP"),
    ("Shop  Berlin", "shop berlin"),
    ("Stra\u00dfe", "STRASSE"),
    ("caf\u00e9", "cafe\u0301"),
    ("\uff33hop", "Shop"),
    ("\u0130stanbul", "i\u0307stanbul"),
    ("\u03a3\u03af\u03c3\u03c5\u03c6\u03bf\u03c2", "\u03c3\u03af\u03c3\u03c5\u03c6\u03bf\u03c3"),
]
OTHER = [
    ("Shop", "Sh\u043ep"),
    ("caf\u00e9", "cafe"),
    ("Shop", "Shop 2"),
    ("a%", "ab"),
    ("a_", "ab"),
]


@pytest.mark.parametrize(("one", "two"), SAME, ids=[ascii(pair) for pair in SAME])
def test_two_spellings_of_a_name_are_one_name(one: str, two: str):
    ConnectionFactory(name=check_name(one))

    assert Connection.objects.named(two).exists()
    with pytest.raises(IntegrityError), transaction.atomic():
        ConnectionFactory(name=check_name(two), name_key=folded(two))


@pytest.mark.parametrize(("one", "two"), OTHER, ids=[ascii(pair) for pair in OTHER])
def test_two_names_are_two_names(one: str, two: str):
    ConnectionFactory(name=check_name(one))
    ConnectionFactory(name=check_name(two))

    assert Connection.objects.named(two).count() == 1


def test_a_dataset_keeps_its_case_on_either_database():
    ConnectionFactory(dataset_id="Shop")

    assert not Connection.objects.filter(dataset_id="shop").exists()
