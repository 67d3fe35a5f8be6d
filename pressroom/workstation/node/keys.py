"""A node's key and certificate, and the encrypted connections between nodes: each proves by the authority who it is."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

RENEWED_BEFORE = timedelta(days=60)
"""How long before its end a certificate is replaced."""


@dataclass(frozen=True, slots=True)
class NodeKeys:
    """The private key, its certificate and that of the authority, PEM."""

    key: str
    certificate: str
    authority: str

    @property
    def is_ending(self) -> bool:
        """Whether the certificate is to be replaced."""
        ends = x509.load_pem_x509_certificate(self.certificate.encode()).not_valid_after_utc
        return ends < datetime.now(UTC) + RENEWED_BEFORE


def new_key() -> str:
    """A fresh private key (PEM)."""
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def certificate_request(key: str) -> str:
    """A request (PKCS #10, PEM) for a certificate of this key; the server decides what stands in it."""
    private = load_pem_private_key(key.encode(), None)
    assert isinstance(private, ec.EllipticCurvePrivateKey), "made above"
    made = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([])).sign(private, SHA256())
    return made.public_bytes(Encoding.PEM).decode()


def listening_context(keys: NodeKeys, scratch: Path) -> ssl.SSLContext:
    """For the side that is called: only nodes of the same authority get through."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    return _prepared(context, keys, scratch)


def calling_context(keys: NodeKeys, scratch: Path) -> ssl.SSLContext:
    """For the side that calls; the other's certificate must be that of the node whose id is asked for."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return _prepared(context, keys, scratch)


def _prepared(context: ssl.SSLContext, keys: NodeKeys, scratch: Path) -> ssl.SSLContext:
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(cadata=keys.authority)
    with _as_file(keys, scratch) as file:
        context.load_cert_chain(file)
    return context


@contextmanager
def _as_file(keys: NodeKeys, scratch: Path) -> Iterator[Path]:
    """The standard library reads keys only from files; this one is its owner's alone and is gone at once."""
    with TemporaryDirectory(dir=scratch) as folder:
        file = Path(folder) / "node.pem"
        file.touch(0o600)
        file.write_text(keys.certificate + keys.key, encoding="ascii")
        yield file
