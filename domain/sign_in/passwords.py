"""Passwords as they are kept: argon2id, never in the clear; and one that is made up."""

import secrets
import string

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from domain.sign_in.password_rules import normalized, password_problems

_hasher = PasswordHasher()
NOBODY = _hasher.hash(secrets.token_hex())
"""Verified when the address is unknown, so that the answer takes as long as for a known one."""
_import_hasher = PasswordHasher(time_cost=4, memory_cost=9 * 1024, parallelism=1)
"""The least that OWASP's Password Storage Cheat Sheet takes for argon2id, a tenth of the usual work: an import hashes
thousands. The first sign-in replaces such a hash by a usual one (`needs_new_hash`)."""
MADE_LENGTH = 16
_ALPHABET = "".join(set(string.ascii_letters + string.digits + "!#%+-=?@_") - set("0O1lI"))


def password_hash(password: str) -> str:
    """The form in which `password` is kept."""
    return _hasher.hash(normalized(password))


def imported_password_hash(password: str) -> str:
    """As `password_hash`, for a password that comes with thousands of others."""
    return _import_hasher.hash(normalized(password))


def password_fits(kept: str, password: str) -> bool:
    """Whether `password` is the one kept; a person without a password (an empty `kept`) has none that fits."""
    try:
        return _hasher.verify(kept or NOBODY, normalized(password)) and bool(kept)
    except (VerificationError, InvalidHashError):
        return False


def needs_new_hash(kept: str) -> bool:
    """Whether the hash was made with weaker parameters than those of today."""
    return _hasher.check_needs_rehash(kept)


def made_password() -> str:
    """A random password that fits every organization's least rules, without signs that are taken for others."""
    while True:
        password = "".join(secrets.choice(_ALPHABET) for _ in range(MADE_LENGTH))
        if not password_problems(password, shortest=MADE_LENGTH):
            return password
