"""Signatures of what this installation hands out to run elsewhere: Ed25519 (RFC 8032).

The signing key is derived from the installation's secret key; whoever checks needs only the public key.
"""

import base64
import binascii

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from connectors.secrets import derived_key


def public_key(use: str) -> str:
    """The installation's public key for `use`, in Base64."""
    return base64.b64encode(_private_key(use).public_key().public_bytes_raw()).decode()


def sign(use: str, content: bytes) -> str:
    """The signature of `content`, in Base64."""
    return base64.b64encode(_private_key(use).sign(content)).decode()


def is_signed(key: str, content: bytes, signature: str) -> bool:
    """Whether `signature` of `content` was made with the private part of `key`."""
    try:
        public = Ed25519PublicKey.from_public_bytes(base64.b64decode(key, validate=True))
        public.verify(base64.b64decode(signature, validate=True), content)
    except (InvalidSignature, ValueError, binascii.Error):
        return False
    return True


def _private_key(use: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(derived_key(f"pressroom signatures {use}"))
