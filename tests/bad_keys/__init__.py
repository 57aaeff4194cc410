"""Every class of bad key, in the order of the appendix of reliability-security."""

from tests.bad_keys import container, endpoints, identity, members, pem, shape
from tests.bad_keys.case import BadKey

ALL: list[BadKey] = [
    *container.CASES,
    *shape.CASES,
    *endpoints.CASES,
    *members.CASES,
    *pem.CASES,
    *identity.CASES,
]
# Accepted or repaired, and tested as such in test_service_account_reading.
ACCEPTED = {4, 35, 53, 54, 64, 65, 66, 84, 93}
