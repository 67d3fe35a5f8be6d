"""Encryption of stored credentials with the installation's secret key (Fernet: AES-128-CBC with HMAC)."""

import base64
import json

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from connectors.errors import Fault
from connectors.messages import N_
from connectors.settings import get_settings

UNREADABLE = Fault(
    "secret.unreadable",
    500,
    N_("The stored credentials cannot be decrypted."),
    N_("The secret key has changed. Put the former PRESSROOM_SECRET_KEY back, or link the account again."),
)


def encrypt(values: dict[str, str]) -> str:
    """`values` as text that only this installation can read."""
    return _box().encrypt(json.dumps(values).encode()).decode()


def decrypt(text: str) -> dict[str, str]:
    """What `encrypt` was given; raises `UNREADABLE`."""
    try:
        values: dict[str, str] = json.loads(_box().decrypt(text.encode()))
    except InvalidToken as error:
        raise UNREADABLE() from error
    return values


def _box() -> Fernet:
    derivation = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"pressroom stored credentials")
    return Fernet(base64.urlsafe_b64encode(derivation.derive(get_settings().secret_key.get_secret_value().encode())))
