"""What gRPC says of a connection that it could not make, or that broke.

It has one code for all of it, UNAVAILABLE, and tells the cause in English only. The texts are
those of gRPC's C core; the tests make each of them happen.
"""

import re
from typing import Final

# gRPC's code beside the reason that REST gives for the same refusal.
REST_REASONS: Final = {
    "INVALID_ARGUMENT": "invalid",
    "NOT_FOUND": "notFound",
    "PERMISSION_DENIED": "accessDenied",
}
# In order: a text about a certificate also says that no address could be connected to.
_CAUSES: Final = tuple(
    (re.compile(pattern, re.IGNORECASE), code)
    for pattern, code in (
        (r"certificate has expired|certificate is not yet valid", "certificate_dates"),
        (r"hostname verification|not in peer certificate|hostname mismatch", "certificate_name"),
        (r"CERTIFICATE_VERIFY_FAILED|certificate verify failed", "certificate"),
        (r"(?:ssl|tls) handshake|ssl_error|TSI_|missing selected alpn", "tls"),
        (r"errors resolving|dns resolution failed|hostname lookup|name resolution", "dns"),
        (r"http proxy", "proxy"),
        (
            r"failed parsing http/2|http2 header with status|connect an http1|content-type",
            "foreign",
        ),
        (r"network is unreachable|no route to host|permission denied \(13\)", "unreachable"),
        (r"connection refused", "refused"),
        (r"timed? ?out|timeout occurred", "connect_timeout"),
        (r"failed to connect|socket closed|connection reset|broken pipe|goaway", "cut"),
    )
)
_OF_THE_CONNECTION: Final = ("UNAVAILABLE", "UNKNOWN", "INTERNAL", "UNIMPLEMENTED")


def code_of(name: str, text: str) -> str | None:
    """Our word for the trouble of the wire; None when the other side has spoken itself."""
    if name == "DEADLINE_EXCEEDED":
        return "timeout"
    if name not in _OF_THE_CONNECTION:
        return None
    return next((code for pattern, code in _CAUSES if pattern.search(text)), None)
