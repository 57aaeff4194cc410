"""A sealed column takes envelopes and nothing else, from Django and from SQL."""

import pytest
from django.db import IntegrityError, connection, models, transaction
from django.db.models import F, Value
from django.forms import modelform_factory

from connections.encryption import is_envelope
from connections.fields import NotSealed, SealedTextField
from connections.models import StoredKey
from tests.factories import StoredKeyFactory

pytestmark = pytest.mark.django_db
PLAIN = "canary-4711-canary"


@pytest.fixture
def key() -> StoredKey:
    return StoredKeyFactory()


def test_stores_an_envelope_and_reads_it_sealed(key: StoredKey):
    assert is_envelope(StoredKey.objects.get(pk=key.pk).sealed_key)


@pytest.mark.parametrize("value", [PLAIN, "", '{"a.b.c": "d"}', 4711, b"v1.k.a.b", ["v1"]])
def test_refuses_to_save_what_is_not_sealed(key: StoredKey, value: object):
    key.sealed_key = value

    with pytest.raises(NotSealed) as caught:
        key.save()
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize(
    "write",
    [
        lambda key: StoredKey.objects.update(sealed_key=PLAIN),
        lambda key: StoredKey.objects.bulk_update([key], ["sealed_key"]),
        lambda key: StoredKey.objects.bulk_create([StoredKey(sealed_key=PLAIN)]),
    ],
    ids=["update", "bulk_update", "bulk_create"],
)
def test_refuses_every_other_way_of_writing(key: StoredKey, write):
    key.sealed_key = PLAIN

    with pytest.raises(NotSealed):
        write(key)


@pytest.mark.parametrize(
    "expression",
    [Value(PLAIN), F("client_email"), Value("v1.two"), Value("")],
    ids=["value", "other column", "half an envelope", "empty"],
)
def test_the_database_refuses_what_passes_django_by(key: StoredKey, expression):
    with pytest.raises(IntegrityError), transaction.atomic():
        StoredKey.objects.update(sealed_key=expression)


def test_the_database_refuses_plain_text_in_sql(key: StoredKey):
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE connections_storedkey SET sealed_key = %s", [PLAIN])


def test_takes_null(key: StoredKey):
    assert key.destroy()

    assert StoredKey.objects.get(pk=key.pk).sealed_key is None


def test_finds_a_row_by_its_sealed_value(key: StoredKey):
    assert StoredKey.objects.filter(sealed_key=key.sealed_key).get() == key
    assert StoredKey.objects.filter(sealed_key__startswith="v1.").exists()


def test_is_in_no_form(key: StoredKey):
    form = modelform_factory(StoredKey, fields="__all__")

    assert "sealed_key" not in form(instance=key).fields


def test_survives_being_written_into_a_migration():
    _, path, args, kwargs = SealedTextField(null=True).deconstruct()

    assert path == "connections.fields.SealedTextField"
    assert isinstance(SealedTextField(*args, **kwargs), models.TextField)
