"""Certificates by which the nodes of an organization know each other: the server signs them and hands them out.

Each organization has an authority of its own. A node makes its key itself and shows a request; what is signed is the
node's id, whatever the request says. That somebody holds a certificate gives them nothing by itself: every copy takes
a one-time token too, and the server takes part in each.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from connectors.errors import Fault
from connectors.messages import N_
from connectors.secrets import decrypt, encrypt
from domain.workstation_printing.models import NodeAuthority

LIFE_OF_AUTHORITY, LIFE = timedelta(days=3650), timedelta(days=397)
BACKDATED = timedelta(days=1)
"""Clocks of computers differ."""
LONGEST_REQUEST = 8192
BAD_REQUEST = Fault(
    "print_node.bad_request",
    422,
    N_("The request for a certificate cannot be read."),
    N_("Send a signed PKCS #10 request in PEM with a key on the curve P-256."),
)


@dataclass(frozen=True, slots=True)
class Signed:
    """A node's certificate and that of the authority, PEM; `fingerprint` is the SHA-256 of the first."""

    certificate: str
    authority: str
    fingerprint: str


def sign(session: Session, organization_id: str, node_id: str, request: str) -> Signed:
    """The certificate of the node for the key of its request; raises `BAD_REQUEST`."""
    public_key = _public_key(request)
    row = _authority(session, organization_id)
    authority = x509.load_pem_x509_certificate(row.certificate.encode())
    key = load_pem_private_key(decrypt(row.key)["key"].encode(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey), "made below"
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH])
    made = (
        _builder(_name(node_id), authority.subject, public_key, LIFE)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(node_id)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
        .sign(key, SHA256())
    )
    encoded = made.public_bytes(Encoding.PEM).decode()
    return Signed(encoded, row.certificate, sha256(made.public_bytes(Encoding.DER)).hexdigest())


def _public_key(request: str) -> ec.EllipticCurvePublicKey:
    if len(request) > LONGEST_REQUEST:
        raise BAD_REQUEST()
    try:
        found = x509.load_pem_x509_csr(request.encode())
        key = found.public_key()
    except ValueError as error:
        raise BAD_REQUEST() from error
    if not (found.is_signature_valid and isinstance(key, ec.EllipticCurvePublicKey)):
        raise BAD_REQUEST()
    return key


def _authority(session: Session, organization_id: str) -> NodeAuthority:
    """The organization's, made when the first node needs it."""
    row = session.get(NodeAuthority, organization_id)
    if row is not None:
        return row
    certificate, key = _made(organization_id)
    try:
        with session.begin_nested():
            row = NodeAuthority(organization_id=organization_id, certificate=certificate, key=encrypt({"key": key}))
            session.add(row)
    except IntegrityError:  # another node was faster
        row = session.get_one(NodeAuthority, organization_id, populate_existing=True)
    return row


def _made(organization_id: str) -> tuple[str, str]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name(f"Pressroom nodes of {organization_id}")
    usage = x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=True,
        crl_sign=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
    made = (
        _builder(name, name, key.public_key(), LIFE_OF_AUTHORITY)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return made.public_bytes(Encoding.PEM).decode(), private.decode()


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, life: timedelta
) -> x509.CertificateBuilder:
    begins = datetime.now(UTC) - BACKDATED
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + life)
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text[:64])])
