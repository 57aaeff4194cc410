"""JSON Web Tokens as service accounts sign them: taken apart, and held against a known key."""

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from sandbox.google.accounts import ServiceAccount

LONGEST_SECONDS = 3600
SKEW_SECONDS = 300


@dataclass(frozen=True)
class Jwt:
    """One token taken apart; nothing of it is verified yet."""

    header: dict[str, Any]
    claims: dict[str, Any]
    signed: bytes
    signature: bytes

    def is_signed_by(self, account: ServiceAccount) -> bool:
        """Whether the account's key, RS256 and under its own id, made the signature."""
        known = self.header.get("kid") in (None, account.key_id) and not account.key_deleted
        if self.header.get("alg") != "RS256" or not known:
            return False
        try:
            account.public_key.verify(
                self.signature, self.signed, padding.PKCS1v15(), hashes.SHA256()
            )
        except InvalidSignature:
            return False
        return True

    def is_in_time(self, now: float) -> bool:
        """Whether it is good now, with five minutes for clocks, and for an hour at most."""
        issued, expires = _number(self.claims.get("iat")), _number(self.claims.get("exp"))
        if issued is None or expires is None:
            return False
        early, late = issued > now + SKEW_SECONDS, expires < now - SKEW_SECONDS
        return not early and not late and 0 < expires - issued <= LONGEST_SECONDS


def parse(text: str) -> Jwt:
    """Take a token apart. Raises: ValueError for what is none."""
    parts = text.split(".")
    if len(parts) != 3:
        raise ValueError("not three parts")
    try:
        header, claims = (json.loads(_decoded(part)) for part in parts[:2])
    except RecursionError as broken:
        raise ValueError("nested too deep") from broken
    if not isinstance(header, dict) or not isinstance(claims, dict):
        raise ValueError("not JSON objects")
    signed = f"{parts[0]}.{parts[1]}".encode("ascii", "replace")
    return Jwt(header, claims, signed, _decoded(parts[2]))


def _decoded(part: str) -> bytes:
    try:
        padded = part.encode("ascii") + b"=" * (-len(part) % 4)
        return base64.b64decode(padded, altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError) as broken:
        raise ValueError("not base64url") from broken


def _number(value: object) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None
