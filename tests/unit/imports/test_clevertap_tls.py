"""The gateway over TLS: whom it trusts, and that its one deadline holds there as well."""

import datetime
import ipaddress
import ssl
import time

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from imports.clevertap import CleverTapOutcomeUnknown, CleverTapUnavailable, Reason
from tests.unit.imports.fake_clevertap import FakeCleverTap, gateway_to, send, success


@pytest.fixture
def certificate(tmp_path):
    """A self-signed certificate for 127.0.0.1, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "fake CleverTap")])
    now = datetime.datetime.now(datetime.UTC)
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now).not_valid_after(now + datetime.timedelta(days=1))
    builder = builder.add_extension(x509.SubjectAlternativeName([address]), critical=False)
    plain = serialization.NoEncryption()
    file = tmp_path / "certificate.pem"
    file.write_bytes(
        builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    )
    return file


@pytest.fixture
def over_tls(certificate):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)

    def start(*answers):
        return FakeCleverTap(*answers, tls=context)

    return start


@pytest.fixture
def trusted(certificate, monkeypatch):
    """The certificate is one of those that this machine trusts."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))


@pytest.mark.usefixtures("trusted")
def test_sends_over_tls_and_keeps_the_connection(over_tls):
    with over_tls(success(4)) as fake, gateway_to(fake.url) as gateway:
        assert send(gateway).processed == 4
        assert send(gateway).processed == 4
    assert fake.connections == 1


def test_an_unknown_certificate_gets_neither_data_nor_passcode(over_tls):
    with (
        over_tls(success(4)) as fake,
        gateway_to(fake.url) as gateway,
        pytest.raises(CleverTapUnavailable) as caught,
    ):
        send(gateway)
    assert fake.requests == []
    assert caught.value.reason == Reason.NO_CONNECTION
    assert caught.value.was_sent is False


@pytest.mark.usefixtures("trusted")
def test_a_certificate_for_another_name_gets_nothing(over_tls):
    with over_tls(success(4)) as fake:
        other = fake.url.replace("127.0.0.1", "localhost")
        with gateway_to(other) as gateway, pytest.raises(CleverTapUnavailable):
            send(gateway)
    assert fake.requests == []


@pytest.mark.usefixtures("trusted")
def test_a_dripping_answer_ends_at_the_deadline_over_tls_too(over_tls):
    def drip(handler):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        while not handler.server.stopping.wait(0.05):
            handler.wfile.write(b"a")

    started = time.monotonic()
    with (
        over_tls(drip) as fake,
        gateway_to(fake.url, timeout=0.6) as gateway,
        pytest.raises(CleverTapOutcomeUnknown) as caught,
    ):
        send(gateway)
    assert caught.value.reason == Reason.TIMED_OUT
    assert time.monotonic() - started < 4
