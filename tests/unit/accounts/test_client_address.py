"""The client's address: from the socket, or from exactly as many proxies as are ours."""

import pytest
from django.test import RequestFactory

from accounts import address


def address_of(socket, forwarded=None):
    headers = {} if forwarded is None else {"HTTP_X_FORWARDED_FOR": forwarded}
    return address.client_address(RequestFactory().get("/", REMOTE_ADDR=socket, **headers))


def test_is_the_sockets_address(settings):
    settings.TRUSTED_PROXY_COUNT = 0

    assert address_of("192.0.2.7") == "192.0.2.7"


def test_ignores_a_forwarded_address_without_trusted_proxies(settings):
    settings.TRUSTED_PROXY_COUNT = 0

    assert address_of("192.0.2.7", "203.0.113.9") == "192.0.2.7"


@pytest.mark.parametrize(
    ("count", "forwarded", "expected"),
    [
        pytest.param(1, "203.0.113.9", "203.0.113.9", id="one proxy"),
        pytest.param(1, "198.51.100.1, 203.0.113.9", "203.0.113.9", id="a forged one before it"),
        pytest.param(2, "6.6.6.6, 203.0.113.9, 10.0.0.1", "203.0.113.9", id="two proxies"),
        pytest.param(2, "203.0.113.9", "10.0.0.2", id="fewer hops than proxies"),
        pytest.param(1, "unknown", "10.0.0.2", id="not an address"),
        pytest.param(1, "", "10.0.0.2", id="an empty header"),
        pytest.param(1, "<script>", "10.0.0.2", id="markup"),
        pytest.param(1, "2001:db8::1", "2001:db8::1", id="IPv6"),
    ],
)
def test_counts_proxies_from_the_right(settings, count, forwarded, expected):
    settings.TRUSTED_PROXY_COUNT = count

    assert address_of("10.0.0.2", forwarded) == expected


@pytest.mark.parametrize(
    ("socket", "expected"),
    [
        pytest.param("", None, id="a Unix socket"),
        pytest.param("::ffff:192.0.2.7", "192.0.2.7", id="IPv4 written as IPv6"),
        pytest.param("fe80::1%eth0", "fe80::1", id="with the name of a network card"),
    ],
)
def test_makes_one_spelling_of_an_address(settings, socket, expected):
    settings.TRUSTED_PROXY_COUNT = 0

    assert address_of(socket) == expected


def test_forgets_the_address_after_an_error():
    with pytest.raises(RuntimeError), address.acting_from("192.0.2.7"):
        raise RuntimeError

    assert address.current() is None
