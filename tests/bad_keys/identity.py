"""Classes 86 to 92: an e-mail, key id or project that Google never gives out."""

from tests.bad_keys.case import BadKey
from tests.factories_keys import key_json


def email(number: int, name: str, code: str, value: str) -> BadKey:
    build = lambda: key_json(client_email=value)  # noqa: E731
    return BadKey(number, f"e-mail {name}", f"client_email_{code}", build)


def field(number: int, name: str, code: str, **change: object) -> BadKey:
    return BadKey(number, name, code, lambda: key_json(**change))


CASES = [
    email(86, "of another domain", "domain", "ada@example.com"),
    email(86, "of a look-alike domain", "domain", "reader@p.iam.gserviceaccount.com.evil.example"),
    email(86, "of a suffix without a dot", "domain", "reader@evilgserviceaccount.com"),
    email(87, "with a slash", "path", "reader/../x@my-shop.iam.gserviceaccount.com"),
    email(87, "with a question mark", "path", "reader?x@my-shop.iam.gserviceaccount.com"),
    email(87, "with a percent sign", "path", "reader%2f@my-shop.iam.gserviceaccount.com"),
    email(87, "with two dots", "path", "reader@my..shop.iam.gserviceaccount.com"),
    email(88, "with a newline", "line_break", "reader@my-shop.iam.gserviceaccount.com\n"),
    email(88, "with a carriage return", "line_break", "re\rader@my-shop.iam.gserviceaccount.com"),
    email(89, "with look-alike letters", "lookalike",
          "re\u0430der@my-shop.iam.gserviceaccount.com"),
    email(90, "over-long", "too_long", "a" * 300 + "@my-shop.iam.gserviceaccount.com"),
    email(0, "in upper case", "malformed", "READER@my-shop.iam.gserviceaccount.com"),
    email(0, "without a name", "malformed", "@my-shop.iam.gserviceaccount.com"),
    email(0, "of a Google agent", "malformed", "service-1@gcp-sa-bigquery.gserviceaccount.com"),
    field(91, "key id not hexadecimal", "private_key_id_not_hex", private_key_id="z" * 40),
    field(91, "key id with a newline", "private_key_id_not_hex", private_key_id="a" * 40 + "\n"),
    field(91, "key id too short", "private_key_id_not_hex", private_key_id="abc"),
    field(91, "key id over-long", "private_key_id_not_hex", private_key_id="a" * 65),
    field(92, "project upper case", "project_id_malformed", project_id="My-Shop-4711"),
    field(92, "project with a space around", "project_id_malformed", project_id=" my-shop-4711"),
    field(92, "project with a path", "project_id_malformed", project_id="../../x-y-z"),
    field(92, "project number", "project_id_number", project_id="471147114711"),
]  # fmt: skip
