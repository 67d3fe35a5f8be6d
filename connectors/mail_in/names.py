"""Looking things up in the domain name system while a mail is checked, within bounds that its sender cannot stretch."""

import time

import dns.exception
import dns.name
import dns.rdata
import dns.resolver
import structlog

from connectors.settings import Settings

log = structlog.get_logger(__name__)
MOST_LOOKUPS, MOST_SECONDS, LONGEST_LOOKUP = 60, 20.0, 5.0
"""Of one mail: questions, seconds for all of them, and for each (RFC 7208, 4.6.4 bounds what a domain may cause)."""


class NamesUnreachable(Exception):
    """A question got no answer from any server, or there were too many of them."""


class Names:
    """The names that one mail makes us look up, by the servers of the settings or those of this machine.

    `failed`: a server did not answer, so that what was not proven may be once it does.
    """

    def __init__(self, settings: Settings) -> None:
        servers = settings.mail_in_name_servers
        self.failed = False
        self._known: dict[tuple[str, str], list[dns.rdata.Rdata]] = {}
        self._end = time.monotonic() + MOST_SECONDS
        self._resolver = dns.resolver.Resolver(configure=not servers)
        if servers:
            places = [server.rpartition(":") for server in servers]
            self._resolver.nameservers = [place[0] or place[2] for place in places]
            self._resolver.port = next((int(place[2]) for place in places if place[0]), 53)

    def find(self, name: str, kind: str) -> list[dns.rdata.Rdata]:
        """The records of that name and kind, such as “TXT”; none where there are none.

        Raises `NamesUnreachable`.
        """
        asked = (name.lower().rstrip("."), kind)
        if asked not in self._known:
            self._known[asked] = self._ask(*asked)
        return self._known[asked]

    def texts(self, name: str) -> list[bytes]:
        """The TXT records of that name, each in one piece; raises `NamesUnreachable`."""
        return [b"".join(record.strings) for record in self.find(name, "TXT")]  # type: ignore[attr-defined]

    def _ask(self, name: str, kind: str) -> list[dns.rdata.Rdata]:
        if len(self._known) >= MOST_LOOKUPS:
            log.warning("a mail made us look up too much", lookups=len(self._known))
            raise NamesUnreachable(name)
        try:
            place = dns.name.from_text(name)
        except (dns.exception.DNSException, UnicodeError):
            return []  # no such name can be
        try:
            left = max(self._end - time.monotonic(), 0.001)
            return list(self._resolver.resolve(place, kind, lifetime=min(LONGEST_LOOKUP, left)))
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return []
        except dns.exception.DNSException as error:
            log.warning("a name of a mail could not be looked up", reason=type(error).__name__)
            self.failed = True
            raise NamesUnreachable(name) from error
