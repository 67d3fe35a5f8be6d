"""Passwords as they are kept: argon2id, never in the clear."""

import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_hasher = PasswordHasher()
NOBODY = _hasher.hash(secrets.token_hex())
"""Verified when the address is unknown, so that the answer takes as long as for a known one."""


def password_hash(password: str) -> str:
    """The form in which `password` is kept."""
    return _hasher.hash(password)


def password_fits(kept: str, password: str) -> bool:
    """Whether `password` is the one kept; a person without a password (an empty `kept`) has none that fits."""
    try:
        return _hasher.verify(kept or NOBODY, password) and bool(kept)
    except (VerificationError, InvalidHashError):
        return False
