"""Nobody answered, or somebody else than Google did."""

from typing import Final

from connections.bigquery.entry import Entry, unavailable
from connections.bigquery.errors import Reason
from connections.bigquery.symptoms import Source

ENTRIES: Final[tuple[Entry, ...]] = (
    unavailable(
        Source.WIRE,
        Reason.TIMEOUT,
        "Google did not answer in time ({where}). Try again; if it stays, check that this "
        "server may reach the internet.",
        codes=("timeout",),
    ),
    unavailable(
        Source.WIRE,
        Reason.TIMEOUT,
        "No connection to Google was made in time. A firewall may drop it: allow this server "
        "to reach oauth2, bigquery and bigquerystorage.googleapis.com on port 443.",
        codes=("connect_timeout",),
    ),
    unavailable(
        Source.WIRE,
        Reason.NETWORK,
        "The address of Google could not be looked up. Check the DNS of this server.",
        codes=("dns",),
    ),
    unavailable(
        Source.WIRE,
        Reason.NETWORK,
        "The connection was turned away: nothing listens at the address, or a firewall refuses. "
        "Check the way out of this server, and that the sandbox runs if this is its key.",
        codes=("refused",),
    ),
    unavailable(
        Source.WIRE,
        Reason.NETWORK,
        "There is no route to Google from this server. Check its network and firewall.",
        codes=("unreachable",),
    ),
    unavailable(
        Source.WIRE,
        Reason.NETWORK,
        "The proxy of this server did not let the call through. Check HTTPS_PROXY, and the "
        "proxy's own rules for googleapis.com.",
        codes=("proxy",),
    ),
    unavailable(
        Source.WIRE,
        Reason.NETWORK,
        "The connection was cut before the answer was complete. Try again.",
        codes=("cut",),
    ),
    unavailable(
        Source.WIRE,
        Reason.TLS,
        "The certificate shown in place of Google's is past its date, or the clock of this "
        "server is wrong. Check the clock first.",
        codes=("certificate_dates",),
    ),
    unavailable(
        Source.WIRE,
        Reason.TLS,
        "The certificate belongs to another host than Google's: something stands in between. "
        "Check DNS and proxy of this server.",
        codes=("certificate_name",),
    ),
    unavailable(
        Source.WIRE,
        Reason.TLS,
        "The certificate is not trusted. If a proxy here inspects traffic, add its authority "
        "to the CA file that REQUESTS_CA_BUNDLE names; else install ca-certificates.",
        codes=("certificate",),
    ),
    unavailable(
        Source.WIRE,
        Reason.TLS,
        "No secure connection could be made: the other side does not speak TLS as Google "
        "does. Something stands in between; check the proxy.",
        codes=("tls",),
    ),
    unavailable(
        Source.WIRE,
        Reason.TLS,
        "The CA file that REQUESTS_CA_BUNDLE names does not exist. Correct the setting.",
        codes=("ca_file",),
    ),
    unavailable(
        Source.WIRE,
        Reason.FOREIGN_ANSWER,
        "Something other than Google answered: a redirect or a web page. A proxy or a sign-in "
        "page of the network stands in between; let googleapis.com through.",
        codes=("foreign",),
    ),
)
