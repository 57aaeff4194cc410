"""A Secret shows itself to nobody who does not ask by name."""

import copy
import io
import json
import logging
import pickle
import pprint
from dataclasses import dataclass

import pytest
from django.core.serializers.json import DjangoJSONEncoder

from connections.secret import Secret

VALUE = "canary-4711-canary"


@pytest.mark.parametrize("value", [VALUE, VALUE.encode()], ids=["text", "bytes"])
def test_reveals_what_it_was_given(value: str | bytes):
    assert Secret(value).reveal() == VALUE
    assert Secret(value).reveal_bytes() == VALUE.encode()


@pytest.mark.parametrize(
    "show",
    [
        repr,
        str,
        format,
        ascii,
        pprint.pformat,
        lambda secret: f"{secret} {secret!r} {secret:>40}",
        lambda secret: "%s %r" % (secret, secret),  # noqa: UP031 - the form is the subject
        lambda secret: repr([secret, {"key": secret}]),
        lambda secret: repr(copy.copy(secret)),
        lambda secret: repr(copy.deepcopy([secret])),
        lambda secret: json.dumps(secret, default=str),
        lambda secret: repr(Holder(secret)),
        lambda secret: str(dir(secret)),
    ],
)
def test_never_shows_its_value(show):
    assert "canary" not in show(Secret(VALUE))


@dataclass
class Holder:
    secret: Secret


def test_never_shows_its_value_in_a_log():
    stream = io.StringIO()
    logger = logging.getLogger("test_secret")
    logger.addHandler(logging.StreamHandler(stream))

    logger.error("failed with %s and %r", Secret(VALUE), [Secret(VALUE)])

    assert "canary" not in stream.getvalue()


@pytest.mark.parametrize(
    "use",
    [
        pickle.dumps,
        json.dumps,
        lambda secret: json.dumps(secret, cls=DjangoJSONEncoder),
        bytes,
        hash,
        vars,
        iter,
        len,
        lambda secret: {secret},
        lambda secret: secret.__getstate__(),
    ],
)
def test_refuses_to_become_something_else_without_showing_itself(use):
    with pytest.raises(TypeError) as caught:
        use(Secret(VALUE))

    assert "canary" not in str(caught.value)


def test_refuses_to_be_changed():
    secret = Secret(VALUE)

    with pytest.raises(AttributeError):
        secret.value = "other"
    with pytest.raises(AttributeError):
        del secret._Secret__value
    assert secret.reveal() == VALUE


@pytest.mark.parametrize("value", [None, 4711, ["a"], Secret("x")])
def test_refuses_what_is_neither_text_nor_bytes(value: object):
    with pytest.raises(TypeError):
        Secret(value)


def test_equals_a_secret_with_the_same_value_only():
    assert Secret(VALUE) == Secret(VALUE.encode())
    assert Secret(VALUE) != Secret(VALUE + "x")
    assert Secret(VALUE) != VALUE


@pytest.mark.parametrize("value", [b"\xff\xfe", "\ud800"], ids=["bytes", "half a character"])
def test_refuses_to_reveal_as_text_what_is_none(value: str | bytes):
    with pytest.raises(ValueError, match="not text") as caught:
        Secret(value).reveal()

    assert caught.value.__context__ is None
