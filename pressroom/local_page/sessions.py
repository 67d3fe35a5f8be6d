"""Who has a local page open: a cookie, what it stands for, and the mark that its forms carry against forgery."""

import hmac
import secrets
import time
from dataclasses import dataclass, field

LIFETIME_SECONDS = 3600.0
MOST_SESSIONS = 200


@dataclass(slots=True)
class Session:
    """One browser. `is_in`: it has shown the password, where there is one. `csrf` is what its forms have to say."""

    token: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    csrf: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    is_in: bool = False
    seen: float = field(default_factory=time.monotonic)


class Sessions:
    """All of them, in memory: they end with the program."""

    def __init__(self) -> None:
        self._by_token: dict[str, Session] = {}

    def find(self, token: str) -> Session:
        """The browser's session, or a new one."""
        now = time.monotonic()
        session = self._by_token.get(token)
        if session is None or now - session.seen > LIFETIME_SECONDS:
            session = self._add()
        session.seen = now
        return session

    def renew(self, session: Session) -> Session:
        """Another token for a browser that has just signed in."""
        self._by_token.pop(session.token, None)
        return self._add()

    def end_all(self) -> None:
        """Nobody is signed in any more."""
        self._by_token.clear()

    def _add(self) -> Session:
        if len(self._by_token) >= MOST_SESSIONS:
            oldest = min(self._by_token.values(), key=lambda one: one.seen)
            del self._by_token[oldest.token]
        session = Session()
        self._by_token[session.token] = session
        return session


def is_same(given: str, expected: str) -> bool:
    """Compare without telling by the time it takes how much is right."""
    return hmac.compare_digest(given.encode(), expected.encode())
