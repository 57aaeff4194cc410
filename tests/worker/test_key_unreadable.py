"""A stored key that was tampered with opens nowhere, says so everywhere, and harms no other."""

import base64
import re
import secrets
import traceback
from collections.abc import Callable
from typing import NamedTuple

import pytest
from django.db.models import Value
from django.utils import timezone

from connections import encryption, lookups, probe, source
from connections.encryption import SealContext
from connections.models import Access, Connection, Lookup, StoredKey
from connections.secret import Secret
from connections.services import connections as connection_services
from connections.services import keys as key_services
from connections.services import tests as test_services
from imports.models import Run
from imports.runner import execute_run
from tests.factories import ImportFactory, RunFactory, UserFactory
from tests.factories_keys import key_body, key_json
from tests.worker.test_probe import ProbedBigQuery

pytestmark = pytest.mark.django_db
LIST = "/settings/partners/import-connections/"
SAYS = "cannot be opened with this installation’s credential ring"
NEW, OLD, OTHER = (base64.b64encode(secrets.token_bytes(32)).decode() for _ in range(3))
RING = f"k2:{NEW}\nk1:{OLD}"


def sealed_at(table: str | None = None, column: str | None = None) -> Callable[..., str]:
    """The key's own text, sealed with the right key for another place."""

    def tamper(key: StoredKey, other: StoredKey) -> str:
        here = StoredKey.seal_context(key.pk)
        place = SealContext(table or here.table, column or here.column, here.row)
        return encryption.seal(encryption.open_sealed(key.sealed_key, here), place)

    return tamper


def of_another_app(key: StoredKey, other: StoredKey) -> str:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(encryption, "_APP", "another-app")
        return sealed_at_home(key)


def sealed_at_home(key: StoredKey) -> str:
    return encryption.seal(Secret(key_json()), StoredKey.seal_context(key.pk))


def flipped(part: int) -> Callable[..., str]:
    """One bit of one of the four parts; of the last two in the decoded bytes."""

    def tamper(key: StoredKey, other: StoredKey) -> str:
        parts = key.sealed_key.split(".")
        if part < 2:
            parts[part] = parts[part][:-1] + chr(ord(parts[part][-1]) ^ 8)
        else:
            raw = bytearray(base64.urlsafe_b64decode(parts[part] + "=="))
            raw[20] ^= 1
            parts[part] = base64.urlsafe_b64encode(bytes(raw)).decode().rstrip("=")
        return ".".join(parts)

    return tamper


def replaced(part: int, text: str) -> Callable[..., str]:
    def tamper(key: StoredKey, other: StoredKey) -> str:
        parts = key.sealed_key.split(".")
        parts[part] = text
        return ".".join(parts)

    return tamper


# The eight classes of reliability-security §7; the fourth is one for each part.
TAMPERED: dict[str, Callable[[StoredKey, StoredKey], str]] = {
    "1 other row": lambda key, other: other.sealed_key,
    "2 other table": sealed_at(table="imports_clevertapaccount"),
    "3 other column": sealed_at(column="sealed_passcode"),
    "3 other app": of_another_app,
    "4 bit of the version": flipped(0),
    "4 bit of the key id": flipped(1),
    "4 bit of the wrapped key": flipped(2),
    "4 bit of the ciphertext": flipped(3),
    "5 truncated": lambda key, other: key.sealed_key[:-40],
    "6 unknown version": replaced(0, "v2"),
    "7 key id not in the ring": replaced(1, "k7"),
    "8 other bytes under the id": lambda key, other: key.sealed_key,
}
RINGS = {"8 other bytes under the id": RING.replace(OLD, OTHER)}
each_class = pytest.mark.parametrize("name", TAMPERED)


class Pair(NamedTuple):
    damaged: Connection
    other: Connection


@pytest.fixture
def pair(settings, bells, monkeypatch) -> Pair:
    """Two connections whose keys are real, sealed with two keys of the ring."""
    settings.CREDENTIAL_RING = f"k1:{OLD}"
    damaged = connect("Damaged")
    settings.CREDENTIAL_RING = RING
    monkeypatch.setattr(probe, "BigQuery", lambda key, **_: ProbedBigQuery())
    return Pair(damaged, connect("Other"))


def connect(name: str) -> Connection:
    by, now = UserFactory(admin=True), timezone.now()
    key = key_services.store_draft(raw=key_json(), by=by, now=now)
    details = connection_services.Details(name, "shop-4711", "shop", Access.READ_WRITE)
    return connection_services.create_connection(details=details, key=key, by=by, now=now)


@pytest.fixture
def tamper(pair: Pair, settings) -> Callable[[str], Pair]:
    """Write the class's text into the row, past everything that would refuse it."""

    def write(name: str) -> Pair:
        text = TAMPERED[name](pair.damaged.key, pair.other.key)
        StoredKey.objects.filter(pk=pair.damaged.key_id).update(sealed_key=Value(text))
        settings.CREDENTIAL_RING = RINGS.get(name, settings.CREDENTIAL_RING)
        return Pair(*(Connection.objects.with_people().get(pk=one.pk) for one in pair))

    return write


def probed(connection: Connection):
    by = UserFactory(admin=True)
    test = test_services.request_test_of(connection=connection, by=by, now=timezone.now())
    probe.probe_connection(test_id=test.pk)
    test.refresh_from_db()
    return test


def badges_in(page: str) -> list[str]:
    """The words beside the icon of every connection's badge."""
    return re.findall(r'<span class="badge[^>]*>.*?</svg>\s*([^<]+?)\s*</span>', page, re.DOTALL)


def pieces_of_the_key() -> list[str]:
    return [key_body()[at : at + 12] for at in range(64, 1400, 12)]


def assert_shows_nothing(text: str) -> None:
    assert [piece for piece in pieces_of_the_key() if piece in text] == []


@each_class
def test_the_error_has_no_plain_text_in_it(name: str, tamper):
    with pytest.raises(source.SourceUnavailable, match=SAYS) as caught:
        source.open_key(tamper(name).damaged.key)

    assert caught.value.__cause__ is None
    assert_shows_nothing("".join(traceback.format_exception(caught.value)))


@each_class
def test_its_test_fails_at_the_key_and_the_other_is_verified(name: str, tamper):
    pair = tamper(name)
    test, other = probed(pair.damaged), probed(pair.other)

    assert (test.verdict, test.reason) == ("failed", "key_unreadable")
    assert SAYS in test.steps.get(code="key").sentence
    assert set(test.steps.exclude(code="key").values_list("result", flat=True)) == {"unknown"}
    assert (other.verdict, other.reason) == ("verified", "")


@each_class
def test_list_and_page_say_key_unreadable_to_everybody(name: str, tamper, as_admin, as_member):
    pair = tamper(name)
    probed(pair.damaged)
    probed(pair.other)

    for person in (as_admin, as_member):
        page = person.get(pair.damaged.get_absolute_url()).content.decode()
        assert "Key unreadable" in badges_in(page)
        assert SAYS.replace("'", "&#x27;") in page
        listed = person.get(LIST).content.decode()
        assert sorted(badges_in(listed)) == ["Key unreadable", "Verified"]
        assert "Key unreadable" not in person.get(pair.other.get_absolute_url()).content.decode()
        assert_shows_nothing(page + listed)


@each_class
def test_a_run_with_it_fails_with_the_reason(name: str, tamper):
    run = RunFactory(parent=ImportFactory(connection=tamper(name).damaged))

    assert execute_run(run_id=run.pk) is None
    run.refresh_from_db()
    assert (run.state, run.failure_code) == (Run.State.FAILED, "key_unreadable")
    assert SAYS in run.failure_sentence


@each_class
def test_a_question_of_a_page_is_answered_with_the_sentence(name: str, tamper):
    pair = tamper(name)
    asked = Lookup.objects.create(
        kind=Lookup.Kind.DATASETS,
        key=pair.damaged.key,
        project_id="shop-4711",
        requested_by=pair.damaged.created_by,
    )
    lookups.answer_lookup(lookup_id=asked.pk)
    asked.refresh_from_db()

    assert SAYS in asked.failure_sentence


def test_a_key_in_a_foreign_form_is_unreadable_too(pair: Pair):
    """It opens, but what is in it was not written by this program."""
    key = pair.damaged.key
    text = encryption.seal(Secret("{}"), StoredKey.seal_context(key.pk))
    StoredKey.objects.filter(pk=key.pk).update(sealed_key=text)
    test = probed(Connection.objects.with_people().get(pk=pair.damaged.pk))

    assert (test.verdict, test.reason) == ("failed", "key_unreadable")
    assert "not in the form that this program writes" in test.steps.get(code="key").sentence


def test_a_replaced_ring_opens_it_again(tamper, settings):
    pair = tamper("8 other bytes under the id")
    assert probed(pair.damaged).reason == "key_unreadable"
    settings.CREDENTIAL_RING = RING

    assert probed(pair.damaged).verdict == "verified"
