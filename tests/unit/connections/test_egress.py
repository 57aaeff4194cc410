"""EGRESS_ADDRESSES: what is an address, what is none, and in which words."""

import pytest

from connections.egress import read_egress
from connections.hosts import access_level


def texts(*entries):
    return [address.text for address in read_egress(entries).addresses]


@pytest.mark.parametrize(
    ("entry", "text", "kind"),
    [
        ("203.0.113.10", "203.0.113.10", "IPv4"),
        ("203.0.113.10/32", "203.0.113.10", "IPv4"),
        ("198.51.100.0/24", "198.51.100.0/24", "IPv4 range"),
        ("198.51.100.0/255.255.255.0", "198.51.100.0/24", "IPv4 range"),
        ("2001:DB8::0007", "2001:db8::7", "IPv6"),
        ("2001:db8::/32", "2001:db8::/32", "IPv6 range"),
    ],
)
def test_reads_addresses_and_ranges_in_their_usual_spelling(entry, text, kind):
    (address,) = read_egress([entry]).addresses
    assert (address.text, address.kind) == (text, kind)


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ("gateway.shop.example", "is no IP address"),
        ("300.1.1.1", "is no IP address"),
        ("203.0.113.010", "is no IP address"),
        ("203.0.113.10:443", "is no IP address"),
        ("203.0.113.1-203.0.113.9", "is no IP address"),
        ("203.0.113.0/33", "is no IP address"),
        ("\uff12\uff10\uff13.0.113.10", "is no IP address"),
        ("203.0.113.10/24", "is 203.0.113.0/24 meant?"),
        ("0.0.0.0/0", "far too wide"),
        ("::/0", "far too wide"),
        ("0.0.0.0", "no address that anybody is called from"),
        ("127.0.0.1", "no address that anybody is called from"),
        ("::1", "no address that anybody is called from"),
        ("224.0.0.1", "no address that anybody is called from"),
        ("fe80::1%eth0", "interface"),
        ("", "is no IP address"),
    ],
)
def test_leaves_out_what_nobody_can_allow_and_says_why(entry, reason):
    egress = read_egress(["203.0.113.10", entry])
    assert [address.text for address in egress.addresses] == ["203.0.113.10"]
    (fault,) = egress.faults
    assert fault.position == 2
    assert reason in fault.reason


def test_counts_the_same_address_once():
    assert texts("2001:db8::7", "2001:DB8:0:0::7", "2001:db8::7/128") == ["2001:db8::7"]


def test_shortens_a_wrong_entry_that_is_very_long():
    (fault,) = read_egress(["x" * 5000]).faults
    assert len(fault.text) == 60


@pytest.mark.parametrize("private", ["10.0.0.9", "192.168.1.0/24", "100.64.0.1", "fd00::1"])
def test_tells_private_addresses_from_public_ones(private):
    assert [address.text for address in read_egress(["203.0.113.10", private]).public] == [
        "203.0.113.10"
    ]


def test_an_access_level_without_addresses_has_a_placeholder():
    assert access_level([]) == "- ipSubnetworks:\n    - YOUR_ADDRESS/32"
