"""Google service-account keys: linted before Google sees them (docs/adr/0005).

``read_key`` is the only way from an upload to a key; it touches neither Django nor a
network. The modules follow the order of the checks: container, document, kind,
endpoints, members, identity, pem, rsa_key.
"""

from connections.service_account.container import MAX_BYTES, too_large
from connections.service_account.key import ServiceAccountKey
from connections.service_account.reader import read_key
from connections.service_account.refusal import KeyRefused

__all__ = ["MAX_BYTES", "KeyRefused", "ServiceAccountKey", "read_key", "too_large"]
