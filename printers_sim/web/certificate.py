"""The certificate of the printers' web servers: self-signed, made at each start, as printers are delivered with one."""

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

VALID_DAYS = 825


def server_context() -> ssl.SSLContext:
    """A TLS 1.2 or later server side with a new certificate (FL-606)."""
    key = ec.generate_private_key(ec.SECP256R1())
    with TemporaryDirectory(prefix="pressroom-sim-") as folder:
        certificate, private = Path(folder) / "certificate.pem", Path(folder) / "key.pem"
        certificate.write_bytes(_certificate(key).public_bytes(serialization.Encoding.PEM))
        private.touch(0o600)
        private.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(certificate, private)
    return context


def _certificate(key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Simulated printer")])
    present = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(present - timedelta(days=1))
        .not_valid_after(present + timedelta(days=VALID_DAYS))
        .sign(key, hashes.SHA256())
    )
