"""Pressroom as a SAML service provider: the request that starts a sign-in, and the metadata for the other side."""

import base64
import secrets
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode

from lxml import etree

from connectors.identity.saml_provider import SamlProvider
from connectors.identity.saml_xml import NAMESPACES, POST, tag


@dataclass(frozen=True, slots=True)
class SamlService:
    """How Pressroom is registered at the provider: `entity_id` is also the audience of assertions (AC-134), `acs_url`
    the reply address (AC-135)."""

    entity_id: str
    acs_url: str

    def address(self, provider: SamlProvider, request_id: str, relay_state: str) -> str:
        """Where the browser goes to sign in (HTTP-Redirect binding: deflated, Base64, in the query)."""
        packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
        packed = packer.compress(self._request(provider, request_id)) + packer.flush()
        query = urlencode({"SAMLRequest": base64.b64encode(packed).decode(), "RelayState": relay_state})
        return f"{provider.sso_url}{'&' if '?' in provider.sso_url else '?'}{query}"

    def metadata(self) -> bytes:
        """What an identity provider imports to know Pressroom (AC-135); it asks for signed, unencrypted assertions."""
        entity = etree.Element(tag("md:EntityDescriptor"), entityID=self.entity_id, nsmap={"md": NAMESPACES["md"]})
        role = etree.SubElement(
            entity,
            tag("md:SPSSODescriptor"),
            AuthnRequestsSigned="false",
            WantAssertionsSigned="true",
            protocolSupportEnumeration=NAMESPACES["samlp"],
        )
        etree.SubElement(
            role,
            tag("md:AssertionConsumerService"),
            Binding=POST,
            Location=self.acs_url,
            index="0",
            isDefault="true",
        )
        return etree.tostring(entity, xml_declaration=True, encoding="UTF-8", pretty_print=True)

    def _request(self, provider: SamlProvider, request_id: str) -> bytes:
        """An AuthnRequest. It asks for no format of the name: providers refuse formats they are not configured for."""
        request = etree.Element(
            tag("samlp:AuthnRequest"),
            ID=request_id,
            Version="2.0",
            IssueInstant=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            Destination=provider.sso_url,
            ProtocolBinding=POST,
            AssertionConsumerServiceURL=self.acs_url,
            nsmap={prefix: NAMESPACES[prefix] for prefix in ("samlp", "saml")},
        )
        etree.SubElement(request, tag("saml:Issuer")).text = self.entity_id
        return etree.tostring(request)


def new_request_id() -> str:
    """An identifier that nobody can guess; XML names must not begin with a digit."""
    return f"_{secrets.token_hex(20)}"
