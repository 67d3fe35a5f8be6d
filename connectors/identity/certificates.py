"""Certificates of SAML identity providers: the keys they sign with, and until when."""

import base64
import binascii
from collections.abc import Sequence
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from connectors.identity.faults import BAD_CERTIFICATE, CERTIFICATE_EXPIRED, WEAK_CERTIFICATE

SMALLEST_RSA = 2048
SMALLEST_CURVE = 256


def from_pem(text: str) -> x509.Certificate:
    """The certificate in `text`, header and footer lines included (AC-134); raises `BAD_CERTIFICATE`, `WEAK_…`."""
    try:
        found = x509.load_pem_x509_certificates(text.strip().encode("ascii"))
        if len(found) != 1:
            raise BAD_CERTIFICATE()
        return _strong(found[0])
    except ValueError as error:
        raise BAD_CERTIFICATE() from error


def from_base64(text: str) -> x509.Certificate:
    """The certificate as metadata hold it: DER in Base64, broken into lines anyhow."""
    try:
        return _strong(x509.load_der_x509_certificate(base64.b64decode("".join(text.split()), validate=True)))
    except (ValueError, binascii.Error) as error:
        raise BAD_CERTIFICATE() from error


def pem(certificate: x509.Certificate) -> str:
    """The certificate as text, to be stored."""
    return certificate.public_bytes(Encoding.PEM).decode()


def last_day(certificates: Sequence[x509.Certificate], now: datetime | None = None) -> datetime:
    """When the last of those valid now ends to be; raises `CERTIFICATE_EXPIRED` if none is valid."""
    now = now or datetime.now(UTC)
    valid = [
        one.not_valid_after_utc for one in certificates if one.not_valid_before_utc <= now < one.not_valid_after_utc
    ]
    if not valid:
        raise CERTIFICATE_EXPIRED()
    return max(valid)


def _strong(certificate: x509.Certificate) -> x509.Certificate:
    key = certificate.public_key()
    is_strong = (isinstance(key, rsa.RSAPublicKey) and key.key_size >= SMALLEST_RSA) or (
        isinstance(key, ec.EllipticCurvePublicKey) and key.key_size >= SMALLEST_CURVE
    )
    if not is_strong:
        raise WEAK_CERTIFICATE()
    return certificate
