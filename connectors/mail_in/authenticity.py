"""Whether a mail is really from the domain that its From: names (PR-143; RFC 8601, RFC 6376, RFC 7489).

Two proofs count: what a relay that we trust says in Authentication-Results, and the sender's own signature, which is
verified here. `authres` reads the one, `dkimpy` the other; both are kept by the people behind those standards' tools.
"""

import re
from dataclasses import dataclass
from email import message_from_bytes
from email.policy import compat32
from ipaddress import ip_address, ip_network
from typing import Any

import authres
import dkim
import dns.exception
import dns.resolver
import structlog

from connectors.mail_in.faults import NOT_AUTHENTIC, PROOF_UNREACHABLE
from connectors.settings import Settings

log = structlog.get_logger(__name__)
MOST_SIGNATURES = 5
DNS_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class _Result:
    """One line of Authentication-Results: a method, what it came to, and its properties such as `header.from`."""

    method: str
    result: str
    properties: dict[str, str]


def check_authentic(content: bytes, domain: str, peer: str, settings: Settings) -> str:
    """By what the mail is proven to be from `domain`; `peer` handed it to us.

    Raises `NOT_AUTHENTIC`, or `PROOF_UNREACHABLE` where that is not known for the moment.
    """
    way = settings.mail_in_sender_check
    if way == "none":
        return "unchecked"
    if way in ("relay", "either") and _is_trusted(peer, settings):
        verdict = _relays_word(content, domain, settings)
        if verdict is not None:
            if not verdict:
                raise NOT_AUTHENTIC(domain=domain)
            return "relay"
    if way in ("dkim", "either") and _is_signed(content, domain, settings):
        return "dkim"
    raise NOT_AUTHENTIC(domain=domain)


def _is_trusted(peer: str, settings: Settings) -> bool:
    try:
        address = ip_address(peer)
        return any(address in ip_network(known, strict=False) for known in settings.mail_in_relays)
    except ValueError:
        return False


def _relays_word(content: bytes, domain: str, settings: Settings) -> bool | None:
    """What the relay found: True or False; None where it says nothing. Only the topmost statement is the relay's own:
    whatever is below may have come with the mail (RFC 8601, 5).
    """
    head = message_from_bytes(content.partition(b"\r\n\r\n")[0] + b"\r\n\r\n", policy=compat32)
    known = {name.lower() for name in settings.mail_in_authentication_servers}
    for value in head.get_all("Authentication-Results", []):
        server = (str(value).partition(";")[0].split() or [""])[0].lower()
        if server in known:
            return _verdict(_results(str(value)), domain)
    return None


def _results(value: str) -> list[_Result]:
    """What the statement says; nothing where it cannot be read."""
    try:
        statement = authres.AuthenticationResultsHeader.parse(f"Authentication-Results: {value}")
    except Exception as error:  # noqa: BLE001 — the library raises SyntaxError and whatever it stumbles upon
        log.info("a statement about a mail's sender cannot be read", reason=type(error).__name__)
        return []
    return [_result(one) for one in statement.results]


def _result(found: Any) -> _Result:
    properties = {f"{one.type}.{one.name}".lower(): str(one.value).strip().lower() for one in found.properties}
    return _Result(str(found.method).lower(), str(found.result).lower(), properties)


def _verdict(results: list[_Result], domain: str) -> bool | None:
    """DMARC decides where the relay has looked at it; else DKIM or SPF of the very domain, or of one above it."""
    dmarc = [one for one in results if one.method == "dmarc" and one.result not in ("none", "temperror")]
    if dmarc:  # one of another domain than the one that people see proves nothing
        return all(one.result == "pass" and one.properties.get("header.from", domain) == domain for one in dmarc)
    if not results:
        return None
    proven = [_proven_domain(one) for one in results if one.result == "pass"]
    return any(one and is_within(domain, one) for one in proven)


def _proven_domain(result: _Result) -> str:
    if result.method == "dkim":
        return result.properties.get("header.d", "") or result.properties.get("header.i", "").rpartition("@")[2]
    if result.method == "spf":
        return result.properties.get("smtp.mailfrom", "").rpartition("@")[2]
    return ""


def is_within(domain: str, proven: str) -> bool:
    """Whether `proven` answers for `domain`: it is the same, or one above it with a dot of its own."""
    return domain == proven or ("." in proven and domain.endswith(f".{proven}"))


def _is_signed(content: bytes, domain: str, settings: Settings) -> bool:
    count = len(re.findall(rb"^dkim-signature:", content.partition(b"\r\n\r\n")[0], re.I | re.M))
    asked = _Names(settings, domain)
    for index in range(min(count, MOST_SIGNATURES)):
        try:
            verifier = dkim.DKIM(content, minkey=1024)
            if verifier.verify(idx=index, dnsfunc=asked.text) and _covers(verifier, domain):
                return True
        except dkim.DKIMException as error:
            log.info("a mail's signature does not hold", reason=type(error).__name__)
        except (ValueError, KeyError, IndexError, TypeError) as error:  # what the library meets in malformed ones
            log.info("a mail's signature cannot be read", reason=type(error).__name__)
    if asked.failed:
        raise PROOF_UNREACHABLE(domain=domain)
    return False


def _covers(verifier: Any, domain: str) -> bool:
    """Signed by the domain that people see, over From: and Subject:, and over all of the mail: with `l=` anybody could
    append an attachment.
    """
    fields = verifier.signature_fields
    signed = {name.strip().lower() for name in fields[b"h"].split(b":")}
    signer = fields[b"d"].decode("ascii", "replace").strip().lower().rstrip(".")
    return b"l" not in fields and b"from" in signed and is_within(domain, signer)


class _Names:
    """Looks keys up in the domain name system, by the servers of the settings or those of this machine."""

    def __init__(self, settings: Settings, domain: str) -> None:
        servers = settings.mail_in_name_servers
        self.failed, self._domain = False, domain
        self._resolver = dns.resolver.Resolver(configure=not servers)
        if servers:
            places = [server.rpartition(":") for server in servers]
            self._resolver.nameservers = [place[0] or place[2] for place in places]
            self._resolver.port = next((int(place[2]) for place in places if place[0]), 53)

    def text(self, name: bytes, timeout: float = DNS_SECONDS) -> bytes | None:
        """The TXT record of that name; None where there is none."""
        try:
            answer = self._resolver.resolve(name.decode("ascii", "replace"), "TXT", lifetime=timeout)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return None
        except dns.exception.DNSException as error:
            log.warning("a mail's signature could not be looked up", reason=type(error).__name__)
            self.failed = True
            return None
        return b"".join(next(iter(answer)).strings)
