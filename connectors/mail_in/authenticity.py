"""Whether a mail is really from the domain that its From: names (PR-143; RFC 8601, RFC 6376, RFC 7208, RFC 7489).

Three proofs count: what a relay that we trust says in Authentication-Results; the sender's own signature (DKIM) and the
right of the server that handed the mail over (SPF), which are verified here and count by what the domain demands
(DMARC). `authres` reads the first, `dkimpy` the second, `pyspf` the third; all are kept by the people behind those
standards' tools.
"""

import re
from dataclasses import dataclass
from email import message_from_bytes
from email.policy import compat32
from ipaddress import ip_address, ip_network
from typing import Any

import authres
import dkim
import structlog

from connectors.mail_in.alignment import is_aligned, is_within
from connectors.mail_in.faults import NOT_AUTHENTIC, PROOF_UNREACHABLE
from connectors.mail_in.names import LONGEST_LOOKUP, Names, NamesUnreachable
from connectors.mail_in.sender_policy import permitted_domain
from connectors.settings import Settings

log = structlog.get_logger(__name__)
MOST_SIGNATURES = 5


@dataclass(frozen=True, slots=True)
class _Result:
    """One line of Authentication-Results: a method, what it came to, and its properties such as `header.from`."""

    method: str
    result: str
    properties: dict[str, str]


@dataclass(frozen=True, slots=True)
class Origin:
    """How a mail came: the network address that handed it over and how that called itself, the sender of its envelope.

    A mail that was fetched from a mailbox has no peer; `vouching` is then the mail server whose word counts.
    """

    peer: str
    mail_from: str
    helo: str = ""
    vouching: str = ""


def check_authentic(content: bytes, domain: str, origin: Origin, settings: Settings) -> str:
    """By what the mail is proven to be from `domain`.

    Raises `NOT_AUTHENTIC`, or `PROOF_UNREACHABLE` where that is not known for the moment.
    """
    way = settings.mail_in_sender_check
    if way == "none":
        return "unchecked"
    if way in ("relay", "either") and (known := _trusted_servers(origin, settings)):
        verdict = _relays_word(content, domain, known)
        if verdict is not None:
            if not verdict:
                raise NOT_AUTHENTIC(domain=domain)
            return "relay"
    if way == "relay":
        raise NOT_AUTHENTIC(domain=domain)
    names = Names(settings)
    if _is_signed(content, domain, names):
        return "dkim"
    if way != "dkim" and _comes_directly(origin, settings) and _is_permitted(origin, domain, names):
        return "spf"
    raise PROOF_UNREACHABLE(domain=domain) if names.failed else NOT_AUTHENTIC(domain=domain)


def _trusted_servers(origin: Origin, settings: Settings) -> set[str]:
    """The names, in lower case, whose statements count for a mail that came this way."""
    if origin.vouching:
        return {origin.vouching.lower()}
    if origin.peer and _is_trusted(origin.peer, settings):
        return {name.lower() for name in settings.mail_in_authentication_servers}
    return set()


def _comes_directly(origin: Origin, settings: Settings) -> bool:
    """Whether the peer is the sender's own server: a relay of ours may be allowed to send for our own domain, whoever
    wrote the mail that it passes on.
    """
    return settings.mail_in_direct and bool(origin.peer) and not _is_trusted(origin.peer, settings)


def _is_permitted(origin: Origin, domain: str, names: Names) -> bool:
    permitted = permitted_domain(origin.peer, origin.mail_from, origin.helo, names)
    return bool(permitted) and _counts(domain, permitted, names, by_signature=False)


def _counts(domain: str, proven: str, names: Names, *, by_signature: bool) -> bool:
    try:
        return is_aligned(domain, proven, names, by_signature=by_signature)
    except NamesUnreachable:
        return False  # `names` remembers that


def _is_trusted(peer: str, settings: Settings) -> bool:
    try:
        address = ip_address(peer)
        return any(address in ip_network(known, strict=False) for known in settings.mail_in_relays)
    except ValueError:
        return False


def _relays_word(content: bytes, domain: str, known: set[str]) -> bool | None:
    """What the relay found: True or False; None where it says nothing. Only the topmost statement is the relay's own:
    whatever is below may have come with the mail (RFC 8601, 5).
    """
    head = message_from_bytes(content.partition(b"\r\n\r\n")[0] + b"\r\n\r\n", policy=compat32)
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


def _is_signed(content: bytes, domain: str, names: Names) -> bool:
    def key(name: bytes, timeout: float = LONGEST_LOOKUP) -> bytes | None:  # noqa: ARG001 — as dkimpy calls it
        try:
            return next(iter(names.texts(name.decode("ascii", "replace"))), None)
        except NamesUnreachable:
            return None

    count = len(re.findall(rb"^dkim-signature:", content.partition(b"\r\n\r\n")[0], re.I | re.M))
    for index in range(min(count, MOST_SIGNATURES)):
        try:
            verifier = dkim.DKIM(content, minkey=1024)
            if verifier.verify(idx=index, dnsfunc=key) and _covers(verifier, domain, names):
                return True
        except dkim.DKIMException as error:
            log.info("a mail's signature does not hold", reason=type(error).__name__)
        except (ValueError, KeyError, IndexError, TypeError) as error:  # what the library meets in malformed ones
            log.info("a mail's signature cannot be read", reason=type(error).__name__)
    return False


def _covers(verifier: Any, domain: str, names: Names) -> bool:
    """Signed by a domain that counts for the one that people see, over From: and over all of the mail: with `l=`
    anybody could append an attachment.
    """
    fields = verifier.signature_fields
    signed = {name.strip().lower() for name in fields[b"h"].split(b":")}
    signer = fields[b"d"].decode("ascii", "replace").strip().lower().rstrip(".")
    is_whole = b"l" not in fields and b"from" in signed
    return is_whole and _counts(domain, signer, names, by_signature=True)
