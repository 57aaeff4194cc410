"""What becomes of one cell: the value that is sent, or the reason why not."""

import pytest

from tests.unit.imports.mapping_makers import MISSING, refused, sent

SENT = [
    ("plain", "string", "STRING", "plain"),
    ("  kept as it is ", "string", "STRING", "  kept as it is "),
    ("", "string", "STRING", ""),
    ('Zoë \u2028 " \\ \t😀', "string", "STRING", 'Zoë \u2028 " \\ \t😀'),
    ("42", "string", "INTEGER", "42"),
    ("1.5", "string", "FLOAT64", "1.5"),
    ("true", "string", "BOOLEAN", "true"),
    ("1640995200123456", "string", "TIMESTAMP", "2022-01-01T00:00:00.123456Z"),
    ("1640995200000000", "string", "TIMESTAMP", "2022-01-01T00:00:00Z"),
    ("12:30:00", "string", "TIME", "12:30:00"),
    ('{"a":1}', "string", "JSON", '{"a":1}'),
    ("AAEC", "string", "BYTES", "AAEC"),
    ("é" * 256, "string", "STRING", "é" * 256),
    ("42", "integer", "INTEGER", 42),
    ("-9223372036854775808", "long", "INT64", -(2**63)),
    (" +7 ", "integer", "STRING", 7),
    ("12.00", "integer", "STRING", 12),
    ("1e3", "long", "STRING", 1000),
    ("9223372036854775807", "long", "BIGNUMERIC", 2**63 - 1),
    ("3.0", "integer", "FLOAT64", 3),
    ("0.1", "float", "FLOAT64", 0.1),
    ("1.7976931348623157e+308", "float", "FLOAT64", 1.7976931348623157e308),
    ("-0.0", "float", "FLOAT64", -0.0),
    ("5", "float", "INTEGER", 5),
    (".5", "float", "STRING", 0.5),
    ("123456789012345678901234567890.5", "float", "NUMERIC", 1.2345678901234568e29),
    ("true", "boolean", "BOOLEAN", True),
    ("0", "boolean", "INTEGER", False),
    (" TRUE ", "boolean", "STRING", True),
]


@pytest.mark.parametrize(("cell", "type_", "column", "value"), SENT)
def test_sends_a_cell_as_the_type_it_is_mapped_to(cell, type_, column, value):
    got = sent(cell, type_, column)
    assert got == value
    assert type(got) is type(value)


REFUSED = [
    ("x" * 513, "string", "STRING", "text_too_long"),
    ("é" * 257, "string", "STRING", "text_too_long"),
    ("a\0b", "string", "STRING", "text_unreadable"),
    ("\ud800", "string", "STRING", "text_unreadable"),
    ("soon", "string", "TIMESTAMP", "cell_unreadable"),
    ("9" * 30, "string", "TIMESTAMP", "date_out_of_range"),
    ("twelve", "integer", "STRING", "number_invalid"),
    ("", "integer", "STRING", "number_invalid"),
    ("1_000", "integer", "STRING", "number_invalid"),
    ("١٢", "integer", "STRING", "number_invalid"),
    ("0x10", "integer", "STRING", "number_invalid"),
    ("9" * 200, "integer", "STRING", "number_invalid"),
    ("12.5", "integer", "STRING", "number_not_whole"),
    ("12.5", "integer", "FLOAT64", "number_not_whole"),
    ("9223372036854775808", "long", "STRING", "number_out_of_range"),
    ("9223372036854775808", "long", "INT64", "number_out_of_range"),
    ("1e300", "long", "STRING", "number_out_of_range"),
    ("12abc", "integer", "INTEGER", "cell_unreadable"),
    ("NaN", "float", "FLOAT64", "number_out_of_range"),
    ("Infinity", "float", "FLOAT64", "number_out_of_range"),
    ("-Infinity", "float", "FLOAT64", "number_out_of_range"),
    ("many", "float", "FLOAT64", "cell_unreadable"),
    ("NaN", "float", "STRING", "number_invalid"),
    ("1e999", "float", "STRING", "number_out_of_range"),
    ("yes", "boolean", "STRING", "boolean_invalid"),
    ("2", "boolean", "INTEGER", "boolean_invalid"),
    (["a"], "string", "STRING", "cell_unreadable"),
    ({"f": []}, "float", "FLOAT64", "cell_unreadable"),
    ([{"v": "1"}], "boolean", "BOOLEAN", "cell_unreadable"),
]


@pytest.mark.parametrize(("cell", "type_", "column", "code"), REFUSED)
def test_refuses_a_cell_that_does_not_fit_its_type(cell, type_, column, code):
    assert refused(cell, type_, column) == code


SYSTEM_SENT = [
    ("Email", " a.b+c@shop.example ", "a.b+c@shop.example"),
    ("Phone", "+919876543210", "+919876543210"),
    ("Phone", "+1 (415) 555-1234", "+1 (415) 555-1234"),
    ("Gender", "f", "F"),
    ("Education", "college", "College"),
    ("Married", "Y", "Y"),
    ("Timezone", "Asia/Kolkata", "Asia/Kolkata"),
]


@pytest.mark.parametrize(("name", "cell", "value"), SYSTEM_SENT)
def test_sends_a_valid_system_property(name, cell, value):
    assert sent(cell, name=name) == value


SYSTEM_REFUSED = [
    ("Email", "", "email_invalid"),
    ("Email", "1234", "email_invalid"),
    ("Email", "$$$$$", "email_invalid"),
    ("Email", "a@b", "email_invalid"),
    ("Email", "a b@shop.example", "email_invalid"),
    ("Email", "a@@shop.example", "email_invalid"),
    ("Email", "a@shop..example", "email_invalid"),
    ("Email", "a" * 510 + "@shop.example", "text_too_long"),
    ("Phone", "919876543210", "phone_invalid"),
    ("Phone", "+1234", "phone_invalid"),
    ("Phone", "+12345x", "phone_invalid"),
    ("Phone", "+" + "1" * 600, "text_too_long"),
    ("Gender", "Female", "gender_invalid"),
    ("Employed", "maybe", "choice_invalid"),
]


@pytest.mark.parametrize(("name", "cell", "code"), SYSTEM_REFUSED)
def test_refuses_a_system_property_that_clevertap_would_refuse(name, cell, code):
    assert refused(cell, name=name) == code


def test_subscription_flags_are_sent_as_booleans():
    assert sent("0", "boolean", "STRING", name="MSG-email") is False


def test_refuses_a_subscription_flag_that_is_a_word():
    assert refused("subscribed", "boolean", "STRING", name="MSG-push") == "boolean_invalid"


@pytest.mark.parametrize("column", ["STRING", "INTEGER", "FLOAT64", "BOOLEAN", "TIMESTAMP"])
def test_leaves_a_null_out(column):
    assert sent(None, "string", column) is MISSING


@pytest.mark.parametrize("type_", ["string", "float", "boolean", "integer"])
def test_sends_a_null_as_delete_where_that_is_chosen(type_):
    assert sent(None, type_, nulls="delete") == {"$delete": 1}


LISTS = [
    (["a", "b"], ["a", "b"]),
    (["a", None, "b", "a"], ["a", "b"]),
    ([str(n) for n in range(100)], [str(n) for n in range(100)]),
]


@pytest.mark.parametrize(("values", "expected"), LISTS)
def test_sends_a_repeated_column_as_different_strings(values, expected):
    assert sent([{"v": value} for value in values], mode="REPEATED") == expected


@pytest.mark.parametrize("cell", [[], [{"v": None}], None])
def test_an_empty_list_counts_as_null(cell):
    assert sent(cell, mode="REPEATED") is MISSING
    assert sent(cell, mode="REPEATED", nulls="delete") == {"$delete": 1}


def test_moments_in_a_list_are_written_as_iso_8601():
    cell = [{"v": "1640995200000000"}]
    assert sent(cell, column="TIMESTAMP", mode="REPEATED") == ["2022-01-01T00:00:00Z"]


LIST_REFUSED = [
    ([{"v": str(n)} for n in range(101)], "list_too_long"),
    ([{"v": "x" * 513}], "list_item_too_long"),
    ([{"v": "a\0"}], "text_unreadable"),
    ([{"v": "\udfff"}], "text_unreadable"),
    ([{"v": {"f": []}}], "cell_unreadable"),
    ([{"v": ["nested"]}], "cell_unreadable"),
    (["bare"], "cell_unreadable"),
    ("text", "cell_unreadable"),
    ({"v": "x"}, "cell_unreadable"),
]


@pytest.mark.parametrize(("cell", "code"), LIST_REFUSED)
def test_refuses_a_list_that_cannot_be_a_multi_value_property(cell, code):
    assert refused(cell, mode="REPEATED") == code


@pytest.mark.parametrize("type_", ["float", "integer", "long"])
@pytest.mark.parametrize("end", ["!", ".!", "e", ".1x"])
def test_a_long_row_of_digits_that_is_no_number_is_refused_at_once(type_, end):
    """Not after minutes: the pattern tried each way to part the digits."""
    assert refused("1" * 100_000 + end, type_) == "number_invalid"
