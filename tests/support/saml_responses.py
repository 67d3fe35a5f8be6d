"""SAML responses of a provider whose key the tests have: right ones, and every forgery that can be thought of."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric import rsa
from lxml import etree
from signxml import DigestAlgorithm, SignatureConstructionMethod, SignatureMethod, XMLSigner
from signxml.algorithms import CanonicalizationMethod

from connectors.identity.saml_provider import SamlProvider
from connectors.identity.saml_response import BEARER, SUCCESS
from connectors.identity.saml_service import SamlService
from connectors.identity.saml_xml import NAMESPACES, tag
from tests.support.certificates import certificate_of

ISSUER = "https://idp.example/metadata"
SERVICE = SamlService("https://pressroom.example/federation/saml/1", "https://pressroom.example/federation/saml/1/acs")
REQUEST_ID = "_the-request"
KEY = rsa.generate_private_key(65537, 2048)
CERTIFICATE = certificate_of(KEY).decode()
PROVIDER = SamlProvider(issuer=ISSUER, sso_url="https://idp.example/sso", certificates=(CERTIFICATE,))
CLAIMS = {"email": "ann@acme.example", "firstname": "Ann", "lastname": "Andersson", "Badge": "4711"}


@dataclass
class Response:
    """What a response says; every field can be made wrong."""

    issuer: str = ISSUER
    audience: str = SERVICE.entity_id
    recipient: str = SERVICE.acs_url
    destination: str | None = SERVICE.acs_url
    answers: str | None = REQUEST_ID
    envelope_answers: str | None = REQUEST_ID
    begins: timedelta = timedelta(minutes=-1)
    ends: timedelta = timedelta(minutes=5)
    confirmed_until: timedelta | None = timedelta(minutes=5)
    session_ends: timedelta | None = None
    method: str = BEARER
    status: str = SUCCESS
    status_message: str = ""
    name: str = "ann"
    name_format: str = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"
    claims: Mapping[str, str] = field(default_factory=lambda: dict(CLAIMS))
    has_statement: bool = True
    has_audience: bool = True
    version: str = "2.0"

    def element(self) -> etree._Element:
        """The response, not signed."""
        root = _element("samlp:Response", ID="_response", Version="2.0", IssueInstant=_moment())
        _set(root, Destination=self.destination, InResponseTo=self.envelope_answers)
        _child(root, "saml:Issuer", self.issuer)
        status = _child(root, "samlp:Status")
        _child(status, "samlp:StatusCode", Value=self.status)
        if self.status_message:
            _child(status, "samlp:StatusMessage", self.status_message)
        root.append(self.assertion())
        return root

    def assertion(self, identifier: str = "_assertion") -> etree._Element:
        assertion = _element("saml:Assertion", ID=identifier, Version=self.version, IssueInstant=_moment())
        _child(assertion, "saml:Issuer", self.issuer)
        subject = _child(assertion, "saml:Subject")
        _child(subject, "saml:NameID", self.name, Format=self.name_format)
        confirmation = _child(subject, "saml:SubjectConfirmation", Method=self.method)
        data = _child(confirmation, "saml:SubjectConfirmationData", Recipient=self.recipient)
        ends = None if self.confirmed_until is None else _moment(self.confirmed_until)
        _set(data, NotOnOrAfter=ends, InResponseTo=self.answers)
        period = {"NotBefore": _moment(self.begins), "NotOnOrAfter": _moment(self.ends)}
        conditions = _child(assertion, "saml:Conditions", **period)
        if self.has_audience:
            _child(_child(conditions, "saml:AudienceRestriction"), "saml:Audience", self.audience)
        if self.has_statement:
            statement = _child(assertion, "saml:AuthnStatement", AuthnInstant=_moment())
            _set(statement, SessionNotOnOrAfter=None if self.session_ends is None else _moment(self.session_ends))
        statement = _child(assertion, "saml:AttributeStatement")
        for name, value in self.claims.items():
            _child(_child(statement, "saml:Attribute", Name=name), "saml:AttributeValue", value)
        return assertion


class Signer(XMLSigner):
    """Signs as identity providers do; also with SHA-1, which the library would not do by itself."""

    def check_deprecated_methods(self) -> None:
        """Forgeries may use anything."""


def sign_part(
    root: etree._Element,
    name: str,
    *,
    key: rsa.RSAPrivateKey = KEY,
    certificate: str = CERTIFICATE,
    method: SignatureMethod = SignatureMethod.RSA_SHA256,
    digest: DigestAlgorithm = DigestAlgorithm.SHA256,
    canonical: CanonicalizationMethod = CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0,
) -> etree._Element:
    """`root` with the response or the assertion in it signed; `name` is `samlp:Response` or `saml:Assertion`."""
    part = next(root.iter(tag(name)))
    issuer = part.find("saml:Issuer", NAMESPACES)
    assert issuer is not None
    placeholder = etree.Element(tag("ds:Signature"), Id="placeholder", nsmap={"ds": NAMESPACES["ds"]})
    issuer.addnext(placeholder)
    signer = Signer(SignatureConstructionMethod.enveloped, method, digest, canonical)
    signed = signer.sign(part, key=key, cert=certificate, reference_uri=str(part.get("ID")), id_attribute="ID")
    parent = part.getparent()
    if parent is None:
        return signed
    parent.replace(part, signed)
    return root


def signed_response(response: Response | None = None, *parts: str) -> etree._Element:
    """A response whose `parts` (the assertion, if none is named) are signed; the inner ones first."""
    root = (response or Response()).element()
    for name in parts or ("saml:Assertion",):
        root = sign_part(root, name)
    return root


def encoded(root: etree._Element | bytes | str) -> str:
    """As the form field holds it."""
    content = root.encode() if isinstance(root, str) else root if isinstance(root, bytes) else etree.tostring(root)
    return base64.b64encode(content).decode()


def _moment(offset: timedelta = timedelta()) -> str:
    return (datetime.now(UTC) + offset).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def _element(name: str, **attributes: str) -> etree._Element:
    return etree.Element(tag(name), nsmap={prefix: NAMESPACES[prefix] for prefix in ("samlp", "saml")}, **attributes)


def _child(parent: etree._Element, name: str, content: str | None = None, **attributes: str) -> etree._Element:
    made = etree.SubElement(parent, tag(name), **attributes)
    made.text = content
    return made


def _set(element: etree._Element, **attributes: str | None) -> None:
    for name, value in attributes.items():
        if value is not None:
            element.set(name, value)
