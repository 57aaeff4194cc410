"""The addresses from which this installation calls out, as its operator wrote them down.

Pure. Nothing is looked up and nothing is made up: what is not configured is not known.
"""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# A range this wide is no installation's own; letting it in would let in everybody.
_WIDEST: Final = {4: 8, 6: 19}
_SHOWN: Final = 60


@dataclass(frozen=True)
class Address:
    """One address or range, in its usual spelling."""

    text: str
    kind: str
    cidr: str
    is_public: bool


@dataclass(frozen=True)
class Fault:
    """An entry that is none: which, what it says, and why it is left out."""

    position: int
    text: str
    reason: str


@dataclass(frozen=True)
class Egress:
    """What was configured: addresses to show, and entries to mend."""

    addresses: tuple[Address, ...] = ()
    faults: tuple[Fault, ...] = ()

    @property
    def all_as_text(self) -> str:
        return "\n".join(address.text for address in self.addresses)

    @property
    def public(self) -> tuple[Address, ...]:
        """Those that somebody outside can see and let in."""
        return tuple(address for address in self.addresses if address.is_public)


def read_egress(entries: Sequence[str]) -> Egress:
    """Sort the entries of EGRESS_ADDRESSES into addresses and faults; doubles count once."""
    addresses: dict[str, Address] = {}
    faults = []
    for position, entry in enumerate(entries, start=1):
        try:
            network = _network(entry)
        except ValueError as reason:
            faults.append(Fault(position, entry[:_SHOWN], str(reason)))
        else:
            addresses.setdefault(network.compressed, _address(network))
    return Egress(tuple(addresses.values()), tuple(faults))


def _network(entry: str) -> Network:
    """Raises: ValueError, with our own words."""
    try:
        network = ipaddress.ip_network(entry, strict=False)
        start = ipaddress.ip_address(entry.partition("/")[0])
    except ValueError:
        raise ValueError("is no IP address and no range such as 198.51.100.0/24.") from None
    if "%" in entry:
        raise ValueError("names an interface of one machine; leave out the part from the %.")
    if start != network.network_address:
        raise ValueError(f"is not the beginning of its range: is {network.compressed} meant?")
    if network.prefixlen < _WIDEST[network.version]:
        raise ValueError("is far too wide: name your own addresses only.")
    if network.is_loopback or network.is_multicast or network.is_unspecified:
        raise ValueError("is no address that anybody is called from.")
    return network


def _address(network: Network) -> Address:
    is_one = network.num_addresses == 1
    return Address(
        text=str(network.network_address) if is_one else network.compressed,
        kind=f"IPv{network.version}{'' if is_one else ' range'}",
        cidr=network.compressed,
        # Documentation addresses are not "global" either, and yet not of a private network.
        is_public=not _is_private(network),
    )


_PRIVATE: Final = tuple(
    ipaddress.ip_network(text)
    for text in (
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "100.64.0.0/10",
        "169.254.0.0/16",
        "fc00::/7",
        "fe80::/10",
    )
)


def _is_private(network: Network) -> bool:
    return any(
        private.version == network.version and network.subnet_of(private)  # type: ignore[arg-type]
        for private in _PRIVATE
    )
