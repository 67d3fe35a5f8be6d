"""The print service's certificate: the one that the settings name, or one made here and kept in the home folder.

Systems accept a self-made certificate when a printer is added and remember it; so it is made once, for long.
"""

import os
import socket
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from connectors.errors import Fault
from connectors.messages import N_
from connectors.settings import Settings
from portal_api.ipp.public_addresses import public_host

LIFE = timedelta(days=3650)
RENEWED = timedelta(days=30)
"""How long before its end a self-made certificate is made anew."""
HALF_GIVEN = Fault(
    "print_service.certificate",
    500,
    N_("The print service's certificate or its private key is missing: {file}."),
    N_("Set PRESSROOM_IPP_CERTIFICATE and PRESSROOM_IPP_CERTIFICATE_KEY to readable files, or none of them."),
)


def certificate_files(settings: Settings) -> tuple[Path, Path]:
    """Certificate and private key, PEM; raises `HALF_GIVEN`."""
    given = (settings.ipp_certificate, settings.ipp_certificate_key)
    if given == (None, None):
        return _self_made(settings)
    for path, name in zip(given, ("PRESSROOM_IPP_CERTIFICATE", "PRESSROOM_IPP_CERTIFICATE_KEY"), strict=True):
        if path is None or not os.access(path, os.R_OK):
            raise HALF_GIVEN(file=path or name)
    assert given[0] is not None
    assert given[1] is not None
    return given[0], given[1]


def _self_made(settings: Settings) -> tuple[Path, Path]:
    folder = settings.home.resolve() / "ipp"
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    if not (certificate.is_file() and key.is_file() and _lasts(certificate)):
        folder.mkdir(parents=True, exist_ok=True)
        made, private = _made(_names(settings))
        key.unlink(missing_ok=True)
        key.touch(0o600)
        key.write_bytes(private)
        certificate.write_bytes(made)
    return certificate, key


def _lasts(certificate: Path) -> bool:
    ends = x509.load_pem_x509_certificate(certificate.read_bytes()).not_valid_after_utc
    return ends > datetime.now(UTC) + RENEWED


def _names(settings: Settings) -> list[str]:
    host = public_host(settings).rpartition(":")[0].strip("[]")
    own = socket.gethostname()
    return list(dict.fromkeys([host, own, f"{own.partition('.')[0]}.local", "localhost", "127.0.0.1", "::1"]))


def _made(names: list[str]) -> tuple[bytes, bytes]:
    """RSA, as every printing system takes it."""
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0][:64])])
    begins = datetime.now(UTC) - timedelta(days=1)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + LIFE)
        .add_extension(x509.SubjectAlternativeName([_general_name(one) for one in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return made.public_bytes(Encoding.PEM), private


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)
