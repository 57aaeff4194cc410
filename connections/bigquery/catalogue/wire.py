"""Nobody answered, or somebody else than Google did."""

from typing import Final

from connections.bigquery.catalogue import commands
from connections.bigquery.causes import Cause
from connections.bigquery.entry import Entry, unavailable
from connections.bigquery.errors import Reason
from connections.bigquery.symptoms import Source

SLOW: Final = (
    Cause(
        "Google is slow at the moment.",
        "The command answers within a second or two, and a second test passes.",
        "Test again.",
        (commands.REACH,),
    ),
    Cause(
        "A firewall lets the connection be made and drops what follows.",
        "The command hangs as well.",
        "Allow oauth2.googleapis.com and bigquery.googleapis.com on port 443.",
        (commands.REACH,),
    ),
    Cause(
        "A proxy that inspects traffic is overloaded.",
        "The command answers only after many seconds, with a certificate that is not Google’s.",
        "Except googleapis.com from the inspection.",
        (commands.REACH, commands.CERTIFICATE),
    ),
)
DROPPED: Final = (
    Cause(
        "A firewall drops the way out.",
        "The command ends after ten seconds without an answer.",
        "Allow this server to reach both hosts on port 443.",
        (commands.REACH,),
    ),
    Cause(
        "The way out leads through a proxy that this server does not know of.",
        "Other servers of this network have HTTPS_PROXY set.",
        "Set HTTPS_PROXY for web and worker, and start them again.",
    ),
    Cause(
        "The server has IPv6 addresses and no way out by IPv6.",
        "The command hangs, and succeeds with -4.",
        "Repair the IPv6 route, or prefer IPv4 in /etc/gai.conf.",
        (commands.REACH, commands.REACH_BY_IPV4),
    ),
)
NO_NAMES: Final = (
    Cause(
        "No name server answers this server or container.",
        "Other names are not found either.",
        "Correct /etc/resolv.conf, or the container’s DNS.",
        (commands.NAMES,),
    ),
    Cause(
        "The name server knows only names of the own network.",
        "Names of the own network are found, Google’s are not.",
        "Have Google’s names forwarded, or set HTTPS_PROXY: a proxy looks names up itself.",
        (commands.NAMES,),
    ),
    Cause(
        "It was an outage of seconds.",
        "The command now finds both names.",
        "Test again.",
        (commands.NAMES,),
    ),
)
TURNED_AWAY: Final = (
    Cause(
        "This is a key of the sandbox, and the sandbox does not run.",
        "The key carries the mark Sandbox.",
        "Start it: make run.",
    ),
    Cause(
        "A firewall refuses the way out.",
        "The command is refused at once.",
        "Allow this server to reach both hosts on port 443.",
        (commands.REACH,),
    ),
    Cause(
        "The name server gives a wrong address for Google.",
        "The address that is found is of this network, or is 127.0.0.1 or 0.0.0.0.",
        "Correct the name server, or an entry in /etc/hosts.",
        (commands.NAMES,),
    ),
)
NO_ROUTE: Final = (
    Cause(
        "The server or container has no way out of its network.",
        "The list has no line that begins with “default”.",
        "Give it a gateway; a container must not be on an internal network only.",
        (commands.ROUTES,),
    ),
    Cause(
        "The network is down for the moment.",
        "There is a default route, and nothing else is reached either.",
        "Wait for the network, then test again.",
        (commands.ROUTES, commands.REACH),
    ),
)
PROXY: Final = (
    Cause(
        "HTTPS_PROXY names the wrong host or port, or the proxy is down.",
        "The command says that it cannot connect to the proxy.",
        "Correct the setting for web and worker, and start them again.",
        (commands.REACH,),
    ),
    Cause(
        "The proxy does not allow Google’s hosts.",
        "The command says 403 from the proxy.",
        "Allow oauth2.googleapis.com and bigquery.googleapis.com.",
        (commands.REACH,),
    ),
    Cause(
        "The proxy asks for a name and password.",
        "The command says 407.",
        "Put them into HTTPS_PROXY, or except this server from the sign-in.",
        (commands.REACH,),
    ),
)
CUT: Final = (
    Cause(
        "A short disturbance on the way.",
        "A second test passes.",
        "Test again.",
    ),
    Cause(
        "A firewall or proxy cuts what it does not like.",
        "It stays, and the command is cut too.",
        "Except googleapis.com from the inspection.",
        (commands.REACH,),
    ),
)
DATES: Final = (
    Cause(
        "The clock of this server is wrong.",
        "The two times differ.",
        "Switch time synchronisation (NTP) on.",
        (commands.CLOCK,),
    ),
    Cause(
        "A proxy shows a certificate of its own, which has expired.",
        "The times agree, and the issuer is not Google Trust Services.",
        "Have the proxy’s certificate renewed.",
        (commands.CERTIFICATE,),
    ),
)
OTHER_NAME: Final = (
    Cause(
        "A proxy or a sign-in page of the network answers in Google’s place.",
        "The issuer is not Google Trust Services.",
        "Sign the server in there, or let googleapis.com through.",
        (commands.CERTIFICATE,),
    ),
    Cause(
        "The name server gives a wrong address for Google.",
        "The address that is found is of this network.",
        "Correct the name server, or an entry in /etc/hosts.",
        (commands.NAMES,),
    ),
)
NOT_TRUSTED: Final = (
    Cause(
        "A proxy inspects traffic and signs it with an authority of its own.",
        "The issuer has the name of your organisation or of the proxy’s maker.",
        "Add that authority to the file that REQUESTS_CA_BUNDLE names.",
        (commands.CERTIFICATE,),
    ),
    Cause(
        "The list of trusted authorities is missing or old.",
        "The issuer is Google Trust Services.",
        "Install or renew ca-certificates in the image.",
        (commands.CERTIFICATE,),
    ),
    Cause(
        "REQUESTS_CA_BUNDLE names a file with the own authority alone.",
        "The issuer is Google Trust Services, and the setting is there.",
        "Put the public authorities into that file as well.",
        (commands.CERTIFICATE,),
    ),
)
NO_TLS: Final = (
    Cause(
        "A proxy speaks plain HTTP on the port, or cuts the handshake.",
        "The command prints no certificate.",
        "Let googleapis.com through; write HTTPS_PROXY with http:// before the proxy’s name.",
        (commands.CERTIFICATE,),
    ),
    Cause(
        "An inspecting proxy knows only TLS 1.1 or older.",
        "The issuer is not Google Trust Services.",
        "Have the proxy brought up to date, or except googleapis.com.",
        (commands.CERTIFICATE,),
    ),
)
STRANGER: Final = (
    Cause(
        "A sign-in page of the network stands before the internet.",
        "The command answers with a redirect (302 or 307) to a page of the network.",
        "Sign the server in there once, or have it excepted.",
        (commands.REACH,),
    ),
    Cause(
        "A proxy forbids the address and says so on a page.",
        "The command answers 403 with a header of the proxy.",
        "Let oauth2.googleapis.com and bigquery.googleapis.com through.",
        (commands.REACH,),
    ),
    Cause(
        "The name server gives a wrong address for Google.",
        "The address that is found is of this network.",
        "Correct the name server, or an entry in /etc/hosts.",
        (commands.NAMES,),
    ),
)

ENTRIES: Final[tuple[Entry, ...]] = (
    unavailable(
        Source.WIRE,
        Reason.TIMEOUT,
        "Google did not answer in time ({where}). Try again; if it stays, check that this "
        "server may reach the internet.",
        codes=("timeout",),
        causes=SLOW,
    ),
    unavailable(
        Source.WIRE,
        Reason.TIMEOUT,
        "No connection to Google was made in time. A firewall may drop it: allow this server "
        "to reach oauth2, bigquery and bigquerystorage.googleapis.com on port 443.",
        codes=("connect_timeout",),
        causes=DROPPED,
    ),
    unavailable(
        Source.WIRE,
        Reason.NETWORK,
        "The address of Google could not be looked up. Check the DNS of this server.",
        codes=("dns",),
        causes=NO_NAMES,
    ),
    unavailable(
        Source.WIRE,
        Reason.NETWORK,
        "The connection was turned away: nothing listens at the address, or a firewall refuses. "
        "Check the way out of this server, and that the sandbox runs if this is its key.",
        codes=("refused",),
        causes=TURNED_AWAY,
    ),
    unavailable(
        Source.WIRE,
        Reason.NETWORK,
        "There is no route to Google from this server. Check its network and firewall.",
        codes=("unreachable",),
        causes=NO_ROUTE,
    ),
    unavailable(
        Source.WIRE,
        Reason.NETWORK,
        "The proxy of this server did not let the call through. Check HTTPS_PROXY, and the "
        "proxy’s own rules for googleapis.com.",
        codes=("proxy",),
        causes=PROXY,
    ),
    unavailable(
        Source.WIRE,
        Reason.NETWORK,
        "The connection was cut before the answer was complete. Try again.",
        codes=("cut",),
        causes=CUT,
    ),
    unavailable(
        Source.WIRE,
        Reason.TLS,
        "The certificate shown in place of Google’s is past its date, or the clock of this "
        "server is wrong. Check the clock first.",
        codes=("certificate_dates",),
        causes=DATES,
    ),
    unavailable(
        Source.WIRE,
        Reason.TLS,
        "The certificate belongs to another host than Google’s: something stands in between. "
        "Check DNS and proxy of this server.",
        codes=("certificate_name",),
        causes=OTHER_NAME,
    ),
    unavailable(
        Source.WIRE,
        Reason.TLS,
        "The certificate is not trusted. If a proxy here inspects traffic, add its authority "
        "to the CA file that REQUESTS_CA_BUNDLE names; else install ca-certificates.",
        codes=("certificate",),
        causes=NOT_TRUSTED,
    ),
    unavailable(
        Source.WIRE,
        Reason.TLS,
        "No secure connection could be made: the other side does not speak TLS as Google "
        "does. Something stands in between; check the proxy.",
        codes=("tls",),
        causes=NO_TLS,
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
        causes=STRANGER,
    ),
)
