"""Every class of key input, in the order of the appendix of reliability-security."""

from tests.bad_keys import accepted, container, endpoints, identity, members, pem, shape
from tests.bad_keys.case import BadKey, GoodKey

ALL: list[BadKey] = [
    *container.CASES,
    *shape.CASES,
    *endpoints.CASES,
    *members.CASES,
    *pem.CASES,
    *identity.CASES,
]
ACCEPTED: list[GoodKey] = accepted.CASES
