"""What is kept with the help of the installation's secret key: encrypted credentials, fingerprints of numbers,
and the key of sealed documents.

Encryption is Fernet (AES-128-CBC with HMAC). Each use has a key of its own, derived by HKDF.
"""

import base64
import hmac
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


def fingerprint(purpose: str, *values: str) -> str:
    """64 hexadecimal digits by which `values` can be found again but not told (HMAC-SHA-256).

    For short numbers that have to be looked up, such as badges and PINs: without the secret key nobody can try them
    out. Equal values of different purposes have different fingerprints.
    """
    return hmac.digest(derived_key(f"pressroom fingerprint {purpose}"), json.dumps(values).encode(), "sha256").hex()


def sealing_key() -> bytes:
    """The key of 32 bytes that wraps those of sealed documents."""
    return derived_key("pressroom sealed documents")


def _box() -> Fernet:
    return Fernet(base64.urlsafe_b64encode(derived_key("pressroom stored credentials")))


def derived_key(use: str) -> bytes:
    """32 bytes for one use, from the installation's secret key."""
    derivation = HKDF(algorithm=SHA256(), length=32, salt=None, info=use.encode())
    return derivation.derive(get_settings().secret_key.get_secret_value().encode())
