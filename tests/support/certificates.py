"""Self-made certificates for tests."""

from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

DAY = timedelta(days=1)


def certificate_of(
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, *, begins: timedelta = -DAY, ends: timedelta = 365 * DAY
) -> bytes:
    """A certificate (PEM) of `key`, signed by itself, valid from and until so long from now."""
    now, name = datetime.now(UTC), x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "identity provider")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + begins)
        .not_valid_after(now + ends)
        .sign(key, SHA256())
    )
    return made.public_bytes(Encoding.PEM)
