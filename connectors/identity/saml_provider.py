"""What a SAML identity provider publishes about itself (SAML 2.0 Metadata), or an administrator types (AC-132…AC-134).

Metadata come over https from the address that the administrator chose; a signature in them is not needed besides.
"""

from datetime import UTC, datetime

from lxml import etree
from pydantic import BaseModel, ConfigDict, Field

from connectors.errors import PressroomError
from connectors.identity.certificates import from_base64, from_pem, last_day, pem
from connectors.identity.faults import NO_SAML_METADATA
from connectors.identity.saml_xml import REDIRECT, UnsafeXmlError, children, moment, parse, tag, text
from connectors.identity.web import IdentityWeb


class SamlProvider(BaseModel):
    """An identity provider: its issuer, where browsers go, and the certificates (PEM) of the keys it signs with.

    `issuer` may be empty where it was typed in without one; then any issuer will do that has the key.
    """

    model_config = ConfigDict(frozen=True)

    issuer: str
    sso_url: str = Field(min_length=1)
    logout_url: str = ""
    certificates: tuple[str, ...] = Field(min_length=1)

    def valid_until(self, now: datetime | None = None) -> datetime:
        """When the last certificate that is valid now expires; raises `CERTIFICATE_EXPIRED` if none is."""
        return last_day([from_pem(certificate) for certificate in self.certificates], now)


def from_metadata(address: str, web: IdentityWeb) -> SamlProvider:
    """The provider whose metadata are at `address` (AC-133); raises the faults of the web and `NO_SAML_METADATA`."""
    return read_metadata(web.fetch(address), address, web)


def read_metadata(content: bytes, address: str, web: IdentityWeb) -> SamlProvider:
    """The one identity provider that `content` describes, with safe addresses."""
    try:
        root = parse(content, comments=True)
        entity, role = _identity_provider(root, address)
        _check_validity(root, entity, role, address=address)
    except UnsafeXmlError as error:
        raise NO_SAML_METADATA(address=address, field="XML") from error
    provider = SamlProvider(
        issuer=_attribute(entity, "entityID", address),
        sso_url=_redirect_address(role, "md:SingleSignOnService", address),
        logout_url=_logout_address(role),
        certificates=_certificates(role, address),
    )
    web.require_safe(provider.sso_url)
    if provider.logout_url:
        web.require_safe(provider.logout_url)
    return provider


def typed_in(*, issuer: str, sso_url: str, logout_url: str, certificate: str, web: IdentityWeb) -> SamlProvider:
    """The provider by the fields of the form (AC-134); raises `UNSAFE_PROVIDER` and the faults of the certificate."""
    web.require_safe(sso_url)
    web.require_safe(logout_url)
    return SamlProvider(
        issuer=issuer, sso_url=sso_url, logout_url=logout_url, certificates=(pem(from_pem(certificate)),)
    )


def _identity_provider(root: etree._Element, address: str) -> tuple[etree._Element, etree._Element]:
    """The entity that is an identity provider and its description; there must be exactly one."""
    found = list(root.iter(tag("md:IDPSSODescriptor")))
    entity = found[0].getparent() if len(found) == 1 else None
    if entity is None or entity.tag != tag("md:EntityDescriptor"):
        raise NO_SAML_METADATA(address=address, field="IDPSSODescriptor")
    return entity, found[0]


def _check_validity(*elements: etree._Element, address: str) -> None:
    for element in elements:
        until = moment(element.get("validUntil"))
        if until is not None and until <= datetime.now(UTC):
            raise NO_SAML_METADATA(address=address, field="validUntil")


def _attribute(element: etree._Element, name: str, address: str) -> str:
    value = str(element.get(name) or "").strip()
    if not value:
        raise NO_SAML_METADATA(address=address, field=name)
    return value


def _redirect_address(role: etree._Element, name: str, address: str) -> str:
    for service in children(role, name):
        if service.get("Binding") == REDIRECT:
            return _attribute(service, "Location", address)
    raise NO_SAML_METADATA(address=address, field=f"{name.partition(':')[2]} HTTP-Redirect")


def _logout_address(role: etree._Element) -> str:
    found = [service for service in children(role, "md:SingleLogoutService") if service.get("Binding") == REDIRECT]
    return str(found[0].get("Location") or "") if found else ""


def _certificates(role: etree._Element, address: str) -> tuple[str, ...]:
    """Every signing certificate that can be used: while keys are renewed, metadata hold the old and the new one."""
    texts = [
        text(found)
        for descriptor in children(role, "md:KeyDescriptor")
        if descriptor.get("use", "signing") == "signing"
        for found in descriptor.iter(tag("ds:X509Certificate"))
    ]
    usable, last = [], None
    for found in texts:
        try:
            usable.append(pem(from_base64(found)))
        except PressroomError as error:
            last = error
    if not usable:
        raise last or NO_SAML_METADATA(address=address, field="X509Certificate")
    return tuple(dict.fromkeys(usable))
