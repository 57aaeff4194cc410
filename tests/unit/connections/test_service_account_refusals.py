"""Every class of bad key is refused with its own code, and the key is never shown."""

import traceback

import pytest

from connections.service_account import KeyRefused, read_key
from tests import bad_keys
from tests.bad_keys import BadKey, appendix
from tests.factories_keys import TOKEN_URIS, key_body, key_json

WINDOW = 12
# The appendix says of these that they are accepted, repaired, or a warning only. Two are
# its silence read: CRLF and a missing last newline lose nothing, so they are repaired.
TAKEN = {4, 35, 53, 54, 63, 64, 65, 66, 84, 93}
each_bad_key = pytest.mark.parametrize(
    "bad", [pytest.param(bad, id=bad.name) for bad in bad_keys.ALL]
)


def refusal_of(raw: bytes | str) -> KeyRefused:
    with pytest.raises(KeyRefused) as caught:
        read_key(raw, token_uris=TOKEN_URIS)
    return caught.value


def pieces_of_the_key() -> list[str]:
    body = key_body()
    return [body[start : start + WINDOW] for start in range(64, len(body) - WINDOW, WINDOW)]


def everything_in(error: BaseException) -> str:
    """What an error mail or a tracker could show: texts, arguments, causes, locals."""
    frames = [
        repr(frame.f_locals)
        for frame, _ in traceback.walk_tb(error.__traceback__)
        if frame.f_code.co_filename.find("connections") >= 0
        and "tests" not in frame.f_code.co_filename
    ]
    return "\n".join([repr(error), str(error), repr(error.args), repr(vars(error)), *frames])


@each_bad_key
def test_refuses_with_the_code_of_the_class(bad: BadKey):
    assert refusal_of(bad.build()).code == bad.code


@each_bad_key
def test_says_a_sentence_and_a_cure(bad: BadKey):
    refused = refusal_of(bad.build())

    assert refused.sentence.endswith(".")
    assert refused.cure.endswith(".")
    assert refused.sentence != refused.cure


@each_bad_key
def test_never_shows_the_key_nor_the_document(bad: BadKey):
    raw = bad.build()
    refused = refusal_of(raw)
    shown = everything_in(refused)

    assert refused.__cause__ is None
    assert refused.__context__ is None
    assert [piece for piece in pieces_of_the_key() if piece in shown] == []
    assert "evil" not in shown


def test_the_appendix_has_93_classes_in_six_parts():
    assert appendix.sizes() == appendix.SIZES
    assert len(appendix.classes()) == 93


@pytest.mark.parametrize(
    "number", [pytest.param(number, id=f"{number} {n}") for number, n in appendix.classes().items()]
)
def test_every_class_of_the_appendix_gets_its_answer(number: int):
    refused = [bad for bad in bad_keys.ALL if bad.number == number]
    accepted = [good for good in bad_keys.ACCEPTED if good.number == number]

    assert refused or accepted, "no case builds this class"
    assert bool(accepted) == (number in TAKEN)
    for bad in refused:
        assert refusal_of(bad.build()).code == bad.code
    for good in accepted:
        assert read_key(good.build(), token_uris=TOKEN_URIS).google == "google"


def test_no_two_classes_share_a_code_but_where_size_comes_first():
    classes: dict[str, set[int]] = {}
    for bad in bad_keys.ALL:
        if bad.number:
            classes.setdefault(bad.code, set()).add(bad.number)

    shared = {code: numbers for code, numbers in classes.items() if len(numbers) > 1}

    # 200,000 brackets and 100,000 names are over 64 KiB, and nothing is parsed before that.
    assert shared == {"too_large": {3, 24, 32}}


def test_one_code_always_says_the_same():
    texts: dict[str, set[tuple[str, str]]] = {}
    for bad in bad_keys.ALL:
        refused = refusal_of(bad.build())
        texts.setdefault(refused.code, set()).add((refused.sentence, refused.cure))

    different = {code for code, said in texts.items() if len(said) > 1}

    # The name of the field or constant, or the line, stands in these.
    assert different <= {
        "infinity", "duplicate_field_conflict", "broken_json", "private_key_garbage",
    }  # fmt: skip


def test_never_repeats_the_name_of_an_unknown_field():
    piece = key_body()[100:130]
    refused = refusal_of(key_json().rstrip()[:-1] + f', "{piece}": 1, "{piece}": 2}}')

    assert refused.code == "duplicate_field_conflict"
    assert piece not in str(refused)


def test_repeats_the_name_of_a_field_of_google():
    refused = refusal_of('{"private_key": "a", "private_key": "b"}')

    assert "private_key" in refused.sentence


def test_refuses_the_former_address_when_google_is_not_accepted():
    with pytest.raises(KeyRefused) as caught:
        read_key(
            key_json(token_uri="https://accounts.google.com/o/oauth2/token"),
            token_uris={"http://127.0.0.1:8001/token": "sandbox"},
        )

    assert caught.value.code == "token_uri_path"
