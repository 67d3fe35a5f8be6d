"""The checks of a SAML response (Profiles §4.1.4): who issued it, for whom, when, and in answer to which request.

Sign-in begins here, never at the provider (AC-122): an assertion that answers no request of ours is refused.
"""

import base64
import binascii
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from lxml import etree

from connectors.identity.claims import Identity, identity_of
from connectors.identity.faults import (
    ENCRYPTED,
    MALFORMED_ANSWER,
    NOT_ASKED_FOR,
    REFUSED_THERE,
    REPLAYED,
    WRONG_AUDIENCE,
    WRONG_ISSUER,
    WRONG_RECIPIENT,
    WRONG_TIME,
)
from connectors.identity.saml_provider import SamlProvider
from connectors.identity.saml_service import SamlService
from connectors.identity.saml_signature import signed
from connectors.identity.saml_xml import UnsafeXmlError, child, children, moment, parse, tag, text

LEEWAY = timedelta(seconds=60)
LONGEST_RESPONSE = 1 << 20
SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success"
BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
TRANSIENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"
ENCRYPTED_PARTS = (
    *("saml:EncryptedAssertion", "saml:EncryptedID", "saml:EncryptedAttribute"),
    *("xenc:EncryptedData", "xenc:EncryptedKey"),
)


class ReplayMemory(Protocol):
    """Remembers what was used already."""

    def remember(self, key: str, until: datetime) -> bool:
        """Whether `key` is new; it is remembered until then."""
        ...


@dataclass(frozen=True, slots=True)
class SamlExchange:
    """One sign-in: the provider asked, the service that asks, the request's ID, and the memory of used assertions."""

    provider: SamlProvider
    service: SamlService
    request_id: str
    used: ReplayMemory

    def identity(self, encoded: str, now: datetime | None = None) -> Identity:
        """Who signed in, by the form field `SAMLResponse`.

        Raises `MALFORMED_ANSWER`, `REFUSED_THERE`, `ENCRYPTED` (AC-136), `UNSIGNED`, `BAD_SIGNATURE`,
        `WEAK_ALGORITHM`, `CERTIFICATE_EXPIRED`, `WRONG_ISSUER`, `WRONG_AUDIENCE`, `WRONG_RECIPIENT`, `WRONG_TIME`,
        `NOT_ASKED_FOR`, `REPLAYED` and the faults of the claims.
        """
        now = now or datetime.now(UTC)
        with _malformed():
            root = parse(_decoded(encoded))
            _check_status(root)
            response, assertion = signed(root, self.provider.certificates)
            self._check_response(root if response is None else response, is_signed=response is not None)
            self._check_issuer(child(assertion, "saml:Issuer"), required=True)
            self._check_subject(assertion, now)
            until = self._check_conditions(assertion, now)
            _check_statement(assertion, now)
            identity = self._identity(assertion)
        if not self.used.remember(f"{self.provider.issuer}|{assertion.get('ID')}", until):
            raise REPLAYED()
        return identity

    def _check_response(self, response: etree._Element, *, is_signed: bool) -> None:
        """The envelope. A signed one must name this address (Bindings §3.5.5.2); what an unsigned one says must fit."""
        destination = response.get("Destination")
        if destination != self.service.acs_url and (destination or is_signed):
            raise WRONG_RECIPIENT()
        if response.get("InResponseTo") not in (None, self.request_id):
            raise NOT_ASKED_FOR()
        self._check_issuer(child(response, "saml:Issuer"), required=False)

    def _check_issuer(self, issuer: etree._Element | None, *, required: bool) -> None:
        told = text(issuer)
        if (required and not told) or (told and self.provider.issuer and told != self.provider.issuer):
            raise WRONG_ISSUER()

    def _check_subject(self, assertion: etree._Element, now: datetime) -> None:
        """A bearer confirmation that answers our request, for this address, in time (Profiles §4.1.4.2)."""
        subject = child(assertion, "saml:Subject")
        confirmations = [] if subject is None else children(subject, "saml:SubjectConfirmation")
        bearers = [one for one in confirmations if one.get("Method") == BEARER]
        if len(bearers) != 1:
            raise MALFORMED_ANSWER()
        data = child(bearers[0], "saml:SubjectConfirmationData")
        if data is None:
            raise MALFORMED_ANSWER()
        if data.get("InResponseTo") != self.request_id:
            raise NOT_ASKED_FOR()
        if data.get("Recipient") != self.service.acs_url:
            raise WRONG_RECIPIENT()
        if data.get("NotOnOrAfter") is None:
            raise MALFORMED_ANSWER()
        _check_period(data, now)

    def _check_conditions(self, assertion: etree._Element, now: datetime) -> datetime:
        """In time and for us; returns until when the assertion could be used again."""
        conditions = child(assertion, "saml:Conditions")
        if conditions is None:
            raise WRONG_AUDIENCE()
        _check_period(conditions, now)
        restrictions = children(conditions, "saml:AudienceRestriction")
        for restriction in restrictions:
            if self.service.entity_id not in [text(one) for one in children(restriction, "saml:Audience")]:
                raise WRONG_AUDIENCE()
        if not restrictions:
            raise WRONG_AUDIENCE()
        ends = [moment(one.get("NotOnOrAfter")) for one in assertion.iter() if one.get("NotOnOrAfter")]
        return max(end for end in ends if end is not None) + LEEWAY

    def _identity(self, assertion: etree._Element) -> Identity:
        subject = child(assertion, "saml:Subject")
        name = None if subject is None else child(subject, "saml:NameID")
        if name is None or not text(name):
            raise MALFORMED_ANSWER()
        received: dict[str, list[str]] = {}
        for statement in children(assertion, "saml:AttributeStatement"):
            for attribute in children(statement, "saml:Attribute"):
                values = [text(value) for value in children(attribute, "saml:AttributeValue")]
                received.setdefault(str(attribute.get("Name") or ""), []).extend(value for value in values if value)
        stable = "" if name.get("Format") == TRANSIENT else text(name)
        return identity_of(self.provider.issuer or text(child(assertion, "saml:Issuer")), stable, received)


@contextmanager
def _malformed() -> Iterator[None]:
    try:
        yield
    except UnsafeXmlError as error:
        raise MALFORMED_ANSWER() from error


def _decoded(encoded: str) -> bytes:
    if len(encoded) > LONGEST_RESPONSE:
        raise MALFORMED_ANSWER()
    try:
        return base64.b64decode("".join(encoded.split()), validate=True)
    except (ValueError, binascii.Error) as error:
        raise MALFORMED_ANSWER() from error


def _check_status(root: etree._Element) -> None:
    """A response, version 2.0, nothing in it encrypted, and not a refusal."""
    if root.tag != tag("samlp:Response") or root.get("Version") != "2.0":
        raise MALFORMED_ANSWER()
    if next(root.iter(*(tag(name) for name in ENCRYPTED_PARTS)), None) is not None:
        raise ENCRYPTED()
    status = child(root, "samlp:Status")
    code = None if status is None else child(status, "samlp:StatusCode")
    if status is None or code is None:
        raise MALFORMED_ANSWER()
    if code.get("Value") != SUCCESS:
        inner = child(code, "samlp:StatusCode")
        value = str((code if inner is None else inner).get("Value") or "")
        told = text(child(status, "samlp:StatusMessage")) or value.rpartition(":")[2]
        raise REFUSED_THERE(reason=" ".join(told.split())[:300].rstrip(".") + ".")


def _check_period(element: etree._Element, now: datetime) -> None:
    begins, ends = moment(element.get("NotBefore")), moment(element.get("NotOnOrAfter"))
    if (begins is not None and now + LEEWAY < begins) or (ends is not None and now - LEEWAY >= ends):
        raise WRONG_TIME()


def _check_statement(assertion: etree._Element, now: datetime) -> None:
    """Somebody signed in, and that sign-in has not ended."""
    statement = child(assertion, "saml:AuthnStatement")
    if statement is None or assertion.get("Version") != "2.0":
        raise MALFORMED_ANSWER()
    ends = moment(statement.get("SessionNotOnOrAfter"))
    if ends is not None and now - LEEWAY >= ends:
        raise WRONG_TIME()
