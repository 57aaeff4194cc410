"""Names are taken as typed or refused with a sentence; never changed into another name."""

import time

import pytest

from connections.identifiers import (
    IdentifierRefused,
    check_dataset_id,
    check_name,
    check_project_id,
    check_table_id,
)
from tests.identifier_classes import ACCEPTED, REFUSED

CHECKS = {
    "project": check_project_id,
    "dataset": check_dataset_id,
    "table": check_table_id,
    "name": check_name,
}


def accepted() -> list[tuple[str, str]]:
    return [(kind, value) for kind, values in ACCEPTED.items() for value in values]


def refused():
    """One parameter set for each class, by its name."""
    return [
        pytest.param(kind, value, code, id=f"{kind}: {name}")
        for kind, rows in REFUSED.items()
        for name, value, code in rows
    ]


def code_of(check, value: str) -> str:
    with pytest.raises(IdentifierRefused) as caught:
        check(value)
    assert caught.value.sentence.endswith(".")
    return caught.value.code


@pytest.mark.parametrize(("kind", "value"), accepted(), ids=ascii)
def test_accepts_what_google_or_people_write(kind: str, value: str):
    assert CHECKS[kind](value) == value


@pytest.mark.parametrize(("kind", "value", "code"), refused())
def test_refuses_with_the_code_of_the_class(kind: str, value: str, code: str):
    assert code_of(CHECKS[kind], value) == code


def test_there_are_at_least_60_classes_of_bad_identifiers():
    assert len(refused()) >= 60


@pytest.mark.parametrize("around", [" {}", "{}\t", "\u00a0{} "])
def test_trims_outer_white_space_of_an_id_only(around: str):
    assert check_project_id(around.format("my-shop-4711")) == "my-shop-4711"
    assert check_dataset_id(around.format("Shop_2")) == "Shop_2"
    assert check_table_id(around.format("Orders 2026")) == "Orders 2026"


def test_trims_a_name_of_line_breaks_too():
    assert check_name("  Shop\n") == "Shop"


@pytest.mark.parametrize("check", [check_project_id, check_dataset_id, check_table_id, check_name])
@pytest.mark.parametrize("value", ["evil`\nevil", "evil\x00evil", "evil\u202e", "evil" * 900])
def test_never_repeats_what_was_typed(check, value: str):
    with pytest.raises(IdentifierRefused) as caught:
        check(value)

    assert "evil" not in str(caught.value)


@pytest.mark.parametrize("check", [check_project_id, check_dataset_id, check_table_id, check_name])
@pytest.mark.parametrize("piece", ["a", "a.", "a-", "a:", " ", "\u00e9"])
def test_answers_quickly_to_100_000_characters(check, piece: str):
    started = time.process_time()
    with pytest.raises(IdentifierRefused):
        check("x" + piece * 100_000 + "!")

    assert time.process_time() - started < 0.25
