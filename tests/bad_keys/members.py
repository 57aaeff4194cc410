"""Classes 55 to 62: a needed field is missing, empty or not a text."""

from tests.bad_keys.case import BadKey
from tests.factories_keys import key_json, pem, rsa_key

REQUIRED = ("project_id", "private_key_id", "private_key", "client_email", "token_uri")


def changed(number: int, name: str, code: str, field: str, value: object) -> BadKey:
    return BadKey(number, name, code, lambda: key_json(**{field: value}))


CASES = [
    changed(55, "private_key number", "private_key_number", "private_key", 4711),
    changed(55, "private_key boolean", "private_key_boolean", "private_key", True),
    BadKey(56, "private_key list", "private_key_list", lambda: key_json(
        private_key=pem(rsa_key()).splitlines())),
    BadKey(57, "private_key object", "private_key_object", lambda: key_json(
        private_key={"pem": pem(rsa_key())})),
    changed(58, "private_key null", "private_key_null", "private_key", None),
    changed(59, "client_email number", "client_email_number", "client_email", 1.5),
    changed(60, "client_email object", "client_email_object", "client_email", {"a": "b"}),
    *(changed(61, f"{name} missing", f"{name}_missing", name, ...) for name in REQUIRED),
    *(changed(62, f"{name} empty", f"{name}_empty", name, "") for name in REQUIRED),
    *(changed(62, f"{name} blank", f"{name}_empty", name, " \n") for name in REQUIRED),
]  # fmt: skip
