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


def code_of(check, value: str) -> str:
    with pytest.raises(IdentifierRefused) as caught:
        check(value)
    assert caught.value.sentence.endswith(".")
    return caught.value.code


def cases(*pairs: tuple[str, str, str]):
    return pytest.mark.parametrize(
        ("value", "code"), [pytest.param(value, code, id=name) for name, value, code in pairs]
    )


class TestProject:
    @pytest.mark.parametrize(
        "value",
        ["my-shop-4711", "abcdef", "a" * 30, "a-----b", "example.com:my-shop", "a.b.co:shop-1"],
    )
    def test_accepts(self, value: str):
        assert check_project_id(value) == value

    @pytest.mark.parametrize("value", [" my-shop-4711", "my-shop-4711\t", "\u00a0my-shop-4711 "])
    def test_trims_outer_white_space_only(self, value: str):
        assert check_project_id(value) == "my-shop-4711"

    @cases(
        ("empty", "", "blank"),
        ("spaces", "   ", "blank"),
        ("trailing newline", "my-shop-4711\n", "line_break"),
        ("CRLF inside", "my-shop\r\n-4711", "line_break"),
        ("line separator", "my-shop\u2028-4711", "line_break"),
        ("NUL", "my-shop\x00-4711", "unseen"),
        ("zero-width space", "my-shop\u200b-4711", "unseen"),
        ("right-to-left mark", "\u202emy-shop-4711", "unseen"),
        ("lone surrogate", "my-shop\ud800", "unseen"),
        ("URL", "https://console.cloud.google.com/?project=my-shop", "address"),
        ("back-ticks", "`my-shop-4711`", "back_ticks"),
        ("quotes", "'my-shop-4711'", "quotes"),
        ("smart quotes", "\u201cmy-shop-4711\u201d", "quotes"),
        ("backslash", "my-shop\\4711", "backslash"),
        ("number", "471147114711", "project_number"),
        ("service account", "a@my-shop.iam.gserviceaccount.com", "e_mail"),
        ("project.dataset", "my-shop-4711.shop", "project_and_dataset"),
        ("project:dataset", "my-shop-4711:shop", "project_and_dataset"),
        ("project.dataset.table", "my-shop-4711.shop.orders", "project_and_dataset"),
        ("upper case", "My-Shop-4711", "upper_case"),
        ("display name", "My shop", "space"),
        ("underscore", "my_shop_4711", "underscore"),
        ("accent", "caf\u00e9-4711", "not_ascii"),
        ("Cyrillic a", "my-sh\u0430p-4711", "not_ascii"),
        ("digit first", "4711-my-shop", "first_character"),
        ("hyphen first", "-my-shop", "first_character"),
        ("hyphen last", "my-shop-", "last_hyphen"),
        ("5 characters", "abcde", "too_short"),
        ("31 characters", "a" * 31, "too_long"),
        ("100,000 characters", "a" * 100_000, "too_long"),
        ("over the column's width", "a" * 60 + "." + "b" * 60 + ".com:my-shop", "too_long"),
        ("slash", "my-shop/4711", "project_malformed"),
        ("SQL", "my-shop; drop", "space"),
        ("domain without a dot", "localhost:my-shop", "project_and_dataset"),
    )
    def test_refuses(self, value: str, code: str):
        assert code_of(check_project_id, value) == code


class TestDataset:
    @pytest.mark.parametrize("value", ["shop", "Shop_2", "_hidden", "1", "a" * 1024])
    def test_accepts_and_keeps_the_case(self, value: str):
        assert check_dataset_id(f" {value}\t") == value

    @cases(
        ("empty", "", "blank"),
        ("1,025 characters", "a" * 1025, "too_long"),
        ("trailing newline", "shop\n", "line_break"),
        ("NUL", "sh\x00op", "unseen"),
        ("zero-width joiner", "sh\u200dop", "unseen"),
        ("console URL", "https://console.cloud.google.com/bigquery?d=shop", "address"),
        ("bq URL", "bq://my-shop/shop", "address"),
        ("back-ticks", "`shop`", "back_ticks"),
        ("back-ticked path", "`my-shop-4711`.`shop`", "back_ticks"),
        ("quotes", '"shop"', "quotes"),
        ("backslash", "shop\\", "backslash"),
        ("project.dataset", "my-shop-4711.shop", "project_dot_dataset"),
        ("project:dataset", "my-shop-4711:shop", "project_colon_dataset"),
        ("project.dataset.table", "my-shop-4711.shop.orders", "dataset_and_table"),
        ("hyphen", "my-shop", "hyphen"),
        ("space", "my shop", "space"),
        ("asterisk", "shop_*", "wildcard"),
        ("accent", "caf\u00e9", "not_ascii"),
        ("full-width letters", "\uff53hop", "not_ascii"),
        ("dollar", "shop$2019", "dataset_malformed"),
        ("semicolon", "shop;", "dataset_malformed"),
        ("emoji", "shop\U0001f6d2", "not_ascii"),
    )
    def test_refuses(self, value: str, code: str):
        assert code_of(check_dataset_id, value) == code


class TestTable:
    @pytest.mark.parametrize(
        "value",
        [
            "orders",
            "Orders 2026",
            "orders-eu",
            "b\u00e9stellungen",
            "\u6ce8\u6587",
            "\u0301x",
            "a" * 1024,
        ],
    )
    def test_accepts_what_bigquery_does(self, value: str):
        assert check_table_id(value) == value

    @cases(
        ("empty", "", "blank"),
        ("1,025 bytes", "a" * 1025, "too_long"),
        ("1,025 bytes in fewer letters", "\u00e9" * 513, "too_long"),
        ("trailing newline", "orders\n", "line_break"),
        ("zero-width space", "ord\u200bers", "unseen"),
        ("right-to-left override", "ord\u202eers", "unseen"),
        ("lone surrogate", "ord\udc00ers", "unseen"),
        ("back-tick injection", "orders` where 1=1 --", "back_ticks"),
        ("backslash injection", "orders\\", "backslash"),
        ("quotes", "'orders'", "quotes"),
        ("dataset.table", "shop.orders", "path"),
        ("project:dataset.table", "my-shop:shop.orders", "path"),
        ("wildcard", "orders_*", "wildcard"),
        ("partition", "orders$20260101", "partition"),
        ("semicolon", "orders;", "table_malformed"),
        ("brackets", "orders(1)", "table_malformed"),
        ("emoji", "orders\U0001f6d2", "table_malformed"),
        ("slash", "orders/2026", "table_malformed"),
    )
    def test_refuses(self, value: str, code: str):
        assert code_of(check_table_id, value) == code


class TestName:
    @pytest.mark.parametrize(
        "value",
        [
            "Shop",
            "a" * 100,
            "<script>alert(1)</script>",
            "K\u00e4ufer \u2013 2026",
            "\U0001f468\u200d\U0001f469\u200d\U0001f467",
            "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
            "\u2600\ufe0f",
            "?",
        ],
    )
    def test_accepts_what_people_write(self, value: str):
        assert check_name(f"  {value}\n") == value

    @cases(
        ("empty", "", "blank"),
        ("white space", " \n\t\u00a0", "blank"),
        ("101 characters", "a" * 101, "too_long"),
        ("line break inside", "my\nshop", "line_break"),
        ("paragraph separator", "my\u2029shop", "line_break"),
        ("NUL", "my\x00shop", "control"),
        ("escape", "my\x1b[31mshop", "control"),
        ("lone surrogate", "my\ud800shop", "control"),
        ("right-to-left override", "my\u202eshop", "bidirectional"),
        ("isolate", "my\u2066shop", "bidirectional"),
        ("zero-width only", "\u200b\u200d", "nothing_to_see"),
        ("combining mark only", "\u0301", "nothing_to_see"),
        ("zero-width space inside", "my\u200bshop", "hidden"),
        ("joiner between plain letters", "my\u200dshop", "hidden"),
        ("joiner at the end", "shop\u200d", "hidden"),
        ("soft hyphen", "my\u00adshop", "hidden"),
        ("byte-order mark", "\ufeffshop", "hidden"),
        ("private use", "shop\ue000", "hidden"),
        ("signs that become many letters", "\ufdfa" * 40, "too_long_folded"),
    )
    def test_refuses(self, value: str, code: str):
        assert code_of(check_name, value) == code


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
