"""The password of a local page: kept as a hash (scrypt), and not to be tried out (FL-127, FL-129)."""

import hashlib
import hmac
import secrets
import time
from collections import deque

from connectors.errors import Fault
from connectors.messages import N_

WRONG = Fault(
    "local_page.wrong_password",
    403,
    N_("The password is wrong."),
    N_("Type it again. Who has lost it removes the file page.json from the agent's folder."),
    spec="FL-127",
)
TOO_MANY = Fault(
    "local_page.too_many_attempts",
    429,
    N_("Too many wrong passwords were typed."),
    N_("Wait some minutes, then try again."),
)
TOO_SHORT = Fault(
    "local_page.short_password",
    422,
    N_("The password is too short."),
    N_("Choose one of at least {count} characters."),
)
SHORTEST = 10
ALLOWED, WINDOW_SECONDS = 5, 300.0
COST = {"n": 1 << 14, "r": 8, "p": 1}


def hashed(password: str) -> str:
    """What is kept of a password; raises `TOO_SHORT`."""
    if len(password) < SHORTEST:
        raise TOO_SHORT(count=SHORTEST)
    salt = secrets.token_bytes(16)
    return f"{salt.hex()}${_digest(password, salt).hex()}"


class Gate:
    """Lets in who knows the password; after some wrong ones nobody for a while."""

    def __init__(self) -> None:
        self._wrong: deque[float] = deque(maxlen=ALLOWED)

    def check(self, password: str, kept: str) -> None:
        """Raises `WRONG`, `TOO_MANY`."""
        now = time.monotonic()
        if len(self._wrong) == ALLOWED and now - self._wrong[0] < WINDOW_SECONDS:
            raise TOO_MANY()
        salt, _, digest = kept.partition("$")
        if not hmac.compare_digest(_digest(password, bytes.fromhex(salt)), bytes.fromhex(digest)):
            self._wrong.append(now)
            raise WRONG()
        self._wrong.clear()


def _digest(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, **COST)
