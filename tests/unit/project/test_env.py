"""Settings that are missing or wrong are named; their values are not shown."""

from decimal import Decimal

import pytest
from django.core.exceptions import ImproperlyConfigured

from clevertap_bq import env


def test_reads_a_value_from_a_file(monkeypatch, tmp_path):
    path = tmp_path / "secret"
    path.write_text("hidden\n")
    monkeypatch.setenv("THING_FILE", str(path))
    assert env.text("THING") == "hidden"


def test_names_the_missing_variable(monkeypatch):
    monkeypatch.delenv("THING", raising=False)
    with pytest.raises(ImproperlyConfigured, match="THING is not set"):
        env.text("THING")


@pytest.mark.parametrize("content", [None, b"", b"\xff\xfe\x00"])
def test_refuses_a_file_that_cannot_be_read_or_is_empty(content, monkeypatch, tmp_path):
    path = tmp_path / "secret"
    if content is not None:
        path.write_bytes(content)
    monkeypatch.setenv("THING_FILE", str(path))
    with pytest.raises(ImproperlyConfigured, match="THING_FILE"):
        env.text("THING")


@pytest.mark.parametrize(
    ("raw", "flag"), [("1", True), ("yes", True), ("0", False), ("off", False)]
)
def test_reads_a_flag(raw, flag, monkeypatch):
    monkeypatch.setenv("THING", raw)
    assert env.flag("THING", default=not flag) is flag


@pytest.mark.parametrize("default", [True, False])
def test_an_empty_line_switches_nothing(default, monkeypatch):
    monkeypatch.setenv("THING", " ")
    assert env.flag("THING", default=default) is default
    assert env.words("THING", "a,b") == ["a", "b"]


def test_refuses_a_flag_that_is_neither_without_showing_it(monkeypatch):
    monkeypatch.setenv("THING", "hunter2")
    with pytest.raises(ImproperlyConfigured) as refusal:
        env.flag("THING", default=False)
    assert "hunter2" not in str(refusal.value)


def test_refuses_a_number_that_is_none(monkeypatch):
    monkeypatch.setenv("THING", "ten")
    with pytest.raises(ImproperlyConfigured, match="whole number"):
        env.integer("THING", 1)


def test_reads_a_list(monkeypatch):
    monkeypatch.setenv("THING", " a, ,b ")
    assert env.words("THING") == ["a", "b"]


@pytest.mark.parametrize(
    ("url", "after"),
    [
        ("http://127.0.0.1:8001", "http://127.0.0.1:8002"),
        ("http://[::1]:9", "http://[::1]:10"),
        ("http://localhost", "http://localhost"),
        ("http://localhost:port", "http://localhost:port"),
    ],
)
def test_knows_the_port_after_one(url, after):
    assert env.next_port(url) == after


@pytest.mark.parametrize(
    ("raw", "number"), [("", "6.25"), ("5", "5"), (" 7.5 ", "7.5"), ("0", "0")]
)
def test_a_price_is_read_exactly(monkeypatch, raw, number):
    monkeypatch.setenv("BIGQUERY_PRICE_PER_TIB", raw)
    assert env.decimal("BIGQUERY_PRICE_PER_TIB", "6.25") == Decimal(number)


@pytest.mark.parametrize("raw", ["$6.25", "-1", "NaN", "6,25", "inf"])
def test_a_price_that_is_none_is_refused_by_name(monkeypatch, raw):
    monkeypatch.setenv("BIGQUERY_PRICE_PER_TIB", raw)
    with pytest.raises(ImproperlyConfigured, match="BIGQUERY_PRICE_PER_TIB must be a number"):
        env.decimal("BIGQUERY_PRICE_PER_TIB", "6.25")
