"""Real keys, made while the tests run. No key text is ever kept in the repository."""

import json
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa, x25519
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates

GOOGLE_TOKEN_URI = "https://oauth2.googleapis.com/token"
TOKEN_URIS = {GOOGLE_TOKEN_URI: "google"}


@lru_cache(maxsize=8)
def rsa_key(bits: int = 2048, exponent: int = 65537) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(exponent, bits)


@lru_cache(maxsize=1)
def another_rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def rsa_key_of_absurd_size() -> rsa.RSAPrivateKey:
    """16,384 bits with factors that are no primes: making real ones takes minutes."""
    p, q = (3 << 8190) | 1, (3 << 8190) | 3
    public = rsa.RSAPublicNumbers(65537, p * q)
    numbers = rsa.RSAPrivateNumbers(p, q, 3, 3, 3, 3, public)
    return numbers.private_key(unsafe_skip_rsa_key_validation=True)


def pem(
    key: object,
    form: PrivateFormat = PrivateFormat.PKCS8,
    encryption: KeySerializationEncryption | None = None,
) -> str:
    return key.private_bytes(Encoding.PEM, form, encryption or NoEncryption()).decode()


def encrypted_pem() -> str:
    return pem(rsa_key(), encryption=BestAvailableEncryption(b"passphrase"))


def legacy_encrypted_pem() -> str:
    form = PrivateFormat.TraditionalOpenSSL
    return pem(rsa_key(), form, BestAvailableEncryption(b"passphrase"))


def pkcs1_pem() -> str:
    return pem(rsa_key(), PrivateFormat.TraditionalOpenSSL)


def openssh_pem() -> str:
    return pem(rsa_key(), PrivateFormat.OpenSSH)


def elliptic_curve_pem(form: PrivateFormat = PrivateFormat.PKCS8) -> str:
    return pem(ec.generate_private_key(ec.SECP256R1()), form)


def ed25519_pem() -> str:
    return pem(ed25519.Ed25519PrivateKey.generate())


def x25519_pem() -> str:
    return pem(x25519.X25519PrivateKey.generate())


def dsa_pem(form: PrivateFormat = PrivateFormat.PKCS8) -> str:
    return pem(dsa.generate_private_key(2048), form)


def public_pem(form: PublicFormat = PublicFormat.SubjectPublicKeyInfo) -> str:
    return rsa_key().public_key().public_bytes(Encoding.PEM, form).decode()


@lru_cache(maxsize=1)
def certificate() -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name)
    builder = builder.public_key(rsa_key().public_key()).serial_number(1)
    builder = builder.not_valid_before(now).not_valid_after(now + timedelta(days=1))
    return builder.sign(rsa_key(), hashes.SHA256())


def certificate_pem() -> str:
    return certificate().public_bytes(Encoding.PEM).decode()


def pkcs12_file() -> bytes:
    return serialize_key_and_certificates(
        b"privatekey", rsa_key(), certificate(), None, BestAvailableEncryption(b"notasecret")
    )


def key_document(**changes: object) -> dict[str, object]:
    """A key as Google makes it, all eleven fields; a change to ``...`` removes the field."""
    email = "reader@my-shop-4711.iam.gserviceaccount.com"
    document: dict[str, object] = {
        "type": "service_account",
        "project_id": "my-shop-4711",
        "private_key_id": "0123456789abcdef0123456789abcdef01234567",
        "private_key": pem(rsa_key()),
        "client_email": email,
        "client_id": "104711471147114711471",
        "auth_uri": "https://accounts.google.com/o/oauth2/auth",
        "token_uri": GOOGLE_TOKEN_URI,
        "auth_provider_x509_cert_url": "https://www.googleapis.com/oauth2/v1/certs",
        "client_x509_cert_url": f"https://www.googleapis.com/robot/v1/metadata/x509/{email}",
        "universe_domain": "googleapis.com",
    }
    document.update(changes)
    return {name: value for name, value in document.items() if value is not ...}


def key_json(**changes: object) -> str:
    return json.dumps(key_document(**changes), indent=2) + "\n"


def key_body() -> str:
    """The base64 of the private key, on one line: what must never be seen anywhere."""
    return "".join(pem(rsa_key()).splitlines()[1:-1])
