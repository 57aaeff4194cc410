"""The dirt in the sample data: which rows have which fault, and exactly how many.

A row whose number leaves `remainder` when divided by 1,000 has the fault; every remainder is
used once per table, so no row has two faults and the counts are exact. All remainders are
below 500, so `customers_small` has one row of each.
"""

from dataclasses import dataclass
from typing import Any

CUSTOMERS = 120_000
SMALL = 500
EVENTS = 360_000
PERIOD = 1_000
TIES = (200, 239)
TIED_AT = "2026-09-30 12:00:00+00"
FUTURE = "2099-12-31 23:59:59+00"


@dataclass(frozen=True)
class Dirt:
    """One fault: the column it is in, and DuckDB's SQL for the value."""

    name: str
    column: str
    remainder: int
    value: str


# Identities that CleverTap refuses to take, at whatever case.
REFUSED_IDENTITIES = {"null": 11, "n/a": 13, "0": 17, "undefined": 19}

CUSTOMER_DIRT = (
    Dirt("identity_null", "customer_id", 7, "NULL"),
    *(
        Dirt(f"identity_{text}", "customer_id", remainder, f"'{text}'")
        for text, remainder in REFUSED_IDENTITIES.items()
    ),
    Dirt("identity_empty", "customer_id", 23, "''"),
    Dirt("identity_too_long", "customer_id", 29, "repeat('x', 1100)"),
    Dirt("identity_of_the_row_before", "customer_id", 31, "customer_key(i - 1)"),
    Dirt("email_null", "email", 37, "NULL"),
    Dirt("email_without_at", "email", 41, "'customer' || i || '.example.com'"),
    Dirt("email_with_two_ats", "email", 43, "'customer' || i || '@@example.com'"),
    Dirt("email_with_a_space", "email", 47, "'customer ' || i || '@example.com'"),
    Dirt("email_in_capitals", "email", 53, "'CUSTOMER' || i || '@EXAMPLE.COM'"),
    Dirt("phone_null", "phone", 59, "NULL"),
    Dirt("phone_without_plus", "phone", 61, "'91' || (9000000000 + i)"),
    Dirt("phone_national", "phone", 67, "'0' || (9000000000 + i)"),
    Dirt("phone_with_letters", "phone", 71, "'+91-CALL-' || i"),
    Dirt("phone_too_short", "phone", 73, "'+911'"),
    Dirt(
        "phone_with_spaces",
        "phone",
        79,
        "'+91 90000 ' || lpad(CAST(i % 100000 AS VARCHAR), 5, '0')",
    ),
    Dirt("name_null", "name", 83, "NULL"),
    Dirt("name_with_emoji", "name", 89, "'Zoë 👩‍🚀 ' || i"),
    Dirt("name_with_quotes_and_newline", "name", 97, "'Ann \"A\" O''Hara' || chr(10) || i"),
    Dirt("name_too_long", "name", 101, "repeat('n', 600)"),
    Dirt("name_with_control_character", "name", 103, "'Bell' || chr(7) || i"),
    Dirt("name_with_outer_spaces", "name", 107, "'  Sam  '"),
    Dirt("gender_null", "gender", 109, "NULL"),
    Dirt("gender_unknown", "gender", 113, "'unknown'"),
    Dirt("birth_date_null", "birth_date", 127, "NULL"),
    Dirt("birth_date_year_one", "birth_date", 131, "DATE '0001-01-01'"),
    Dirt("birth_date_1900", "birth_date", 137, "DATE '1900-01-01'"),
    Dirt("birth_date_in_the_future", "birth_date", 139, "DATE '2099-12-31'"),
    Dirt("city_null", "city", 149, "NULL"),
    Dirt("signup_at_null", "signup_at", 151, "NULL"),
    Dirt("signup_at_1970", "signup_at", 157, "TIMESTAMPTZ '1970-01-01 00:00:00+00'"),
    Dirt("lifetime_value_null", "lifetime_value", 163, "NULL"),
    Dirt("lifetime_value_negative", "lifetime_value", 167, "-12.5"),
    Dirt("lifetime_value_long", "lifetime_value", 173, "123456789012345678.123456789"),
    Dirt("orders_null", "orders", 179, "NULL"),
    Dirt("orders_beyond_53_bits", "orders", 181, "9007199254740993"),
    Dirt("is_subscribed_null", "is_subscribed", 191, "NULL"),
    Dirt("tags_null", "tags", 193, "NULL"),
    Dirt("tags_empty", "tags", 197, "[]"),
    Dirt("tags_many", "tags", 199, "[CAST(n AS VARCHAR) FOR n IN range(150)]"),
    Dirt("address_null", "address", 251, "NULL"),
    Dirt(
        "address_without_city",
        "address",
        257,
        "{'street': 'Main ' || i, 'city': NULL, 'postcode': '0' || i, 'country': 'IN', "
        "'geo': {'lat': 12.97, 'lon': 77.59}}",
    ),
    Dirt("preferences_null", "preferences", 263, "NULL"),
    Dirt("preferences_json_null", "preferences", 269, "'null'"),
    Dirt("preferences_array", "preferences", 271, "'[1,\"two\",null]'"),
    Dirt("last_seen_null", "last_seen", 277, "NULL"),
    Dirt("updated_at_null", "updated_at", 281, "NULL"),
    Dirt("updated_at_in_the_future", "updated_at", 283, f"TIMESTAMPTZ '{FUTURE}'"),
)

EVENT_DIRT = (
    Dirt("identity_null", "customer_id", 7, "NULL"),
    Dirt("identity_refused", "customer_id", 11, "'null'"),
    Dirt("identity_of_nobody", "customer_id", 13, "'X' || i"),
    Dirt("event_name_null", "event_name", 17, "NULL"),
    Dirt("event_name_reserved", "event_name", 19, "'App Launched'"),
    Dirt("event_name_with_forbidden_characters", "event_name", 23, "'Order: 50% off!'"),
    Dirt("event_name_too_long", "event_name", 29, "repeat('e', 600)"),
    Dirt("event_time_null", "event_time", 31, "NULL"),
    Dirt("event_time_in_the_future", "event_time", 37, f"TIMESTAMPTZ '{FUTURE}'"),
    Dirt("event_time_1970", "event_time", 41, "TIMESTAMPTZ '1970-01-01 00:00:00+00'"),
    Dirt("amount_null", "amount", 43, "NULL"),
    Dirt("amount_negative", "amount", 47, "-99.99"),
    Dirt("currency_null", "currency", 53, "NULL"),
    Dirt("product_null", "product", 59, "NULL"),
    Dirt("items_null", "items", 61, "NULL"),
    Dirt("items_empty", "items", 67, "[]"),
    Dirt("event_id_of_the_row_before", "event_id", 71, "event_key(i - 1)"),
    Dirt("updated_at_null", "updated_at", 73, "NULL"),
    Dirt("updated_at_in_the_future", "updated_at", 79, f"TIMESTAMPTZ '{FUTURE}'"),
)


def count(rows: int, first: int, last: int | None = None) -> int:
    """How many of the numbers 1 to `rows` leave a remainder from `first` to `last`."""
    last = first if last is None else last
    whole, rest = divmod(rows, PERIOD)
    return whole * (last - first + 1) + sum(first <= one <= last for one in range(1, rest + 1))


def facts() -> dict[str, dict[str, Any]]:
    """By table: rows, rows of each fault, and rows that share one updated_at."""
    return {
        "customers": _table_facts(CUSTOMERS, CUSTOMER_DIRT),
        "customers_small": _table_facts(SMALL, CUSTOMER_DIRT),
        "events": _table_facts(EVENTS, EVENT_DIRT),
    }


def _table_facts(rows: int, dirt: tuple[Dirt, ...]) -> dict[str, Any]:
    return {
        "rows": rows,
        "dirt": {one.name: count(rows, one.remainder) for one in dirt},
        "updated_at_tied": {"at": TIED_AT, "rows": count(rows, *TIES)},
    }
