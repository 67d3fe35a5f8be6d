"""The provider's side of SAML: metadata and fields (AC-122)."""

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from connectors.errors import Fault, PressroomError
from connectors.identity import faults
from connectors.identity.saml_provider import read_metadata, typed_in
from connectors.identity.saml_service import new_request_id
from connectors.identity.saml_xml import NAMESPACES, parse, tag
from connectors.identity.web import IdentityWeb
from connectors.settings import Settings
from tests.connectors.saml_reading import OUTSIDE, by_another_key, read, refusal
from tests.support.certificates import certificate_of
from tests.support.saml_responses import CERTIFICATE, ISSUER, PROVIDER, SERVICE, Response, signed_response


def web() -> IdentityWeb:
    return IdentityWeb(Settings(_env_file=None))


METADATA = f"""<?xml version="1.0"?><!-- as published -->
<EntityDescriptor xmlns="{NAMESPACES["md"]}" xmlns:ds="{NAMESPACES["ds"]}" entityID="{ISSUER}">
<IDPSSODescriptor protocolSupportEnumeration="{NAMESPACES["samlp"]}">
<KeyDescriptor use="signing"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>
{"".join(CERTIFICATE.splitlines()[1:-1])}
</ds:X509Certificate></ds:X509Data></ds:KeyInfo></KeyDescriptor>
<SingleLogoutService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://idp.example/out"/>
<SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://idp.example/post"/>
<SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://idp.example/sso"/>
</IDPSSODescriptor></EntityDescriptor>"""


def test_metadata_describe_the_provider() -> None:
    with web() as client:
        provider = read_metadata(METADATA.encode(), "https://idp.example/metadata", client)
    assert provider == PROVIDER.model_copy(update={"logout_url": "https://idp.example/out"})
    assert read(signed_response(), provider=provider).subject == "ann"


@pytest.mark.parametrize(
    ("part", "instead", "fault"),
    [
        ("IDPSSODescriptor", "SPSSODescriptor", faults.NO_SAML_METADATA),
        (f'entityID="{ISSUER}"', "", faults.NO_SAML_METADATA),
        ("bindings:HTTP-Redirect", "bindings:SOAP", faults.NO_SAML_METADATA),
        ('use="signing"', 'use="encryption"', faults.NO_SAML_METADATA),
        pytest.param(CERTIFICATE.splitlines()[3], "", faults.BAD_CERTIFICATE, id="certificate-damaged"),
        ("<IDPSSO", "<IDPSSODescriptor/><IDPSSO", faults.NO_SAML_METADATA),
        ("entityID=", 'validUntil="2020-01-01T00:00:00Z" entityID=', faults.NO_SAML_METADATA),
        ("https://idp.example/sso", "http://idp.example/sso", faults.UNSAFE_PROVIDER),
        ("https://idp.example/sso", "javascript:alert(1)", faults.UNSAFE_PROVIDER),
        ("<!-- as published -->", OUTSIDE, faults.NO_SAML_METADATA),
    ],
)
def test_metadata_that_cannot_be_used(part: str, instead: str, fault: Fault) -> None:
    assert part in METADATA
    with web() as client, pytest.raises(PressroomError) as caught:
        read_metadata(METADATA.replace(part, instead).encode(), "https://idp.example/metadata", client)
    assert caught.value.fault is fault


@pytest.mark.parametrize(
    ("certificate", "sso_url", "fault"),
    [
        ("\n".join(CERTIFICATE.splitlines()[1:-1]), "https://idp.example/sso", faults.BAD_CERTIFICATE),
        ("", "https://idp.example/sso", faults.BAD_CERTIFICATE),
        (CERTIFICATE * 2, "https://idp.example/sso", faults.BAD_CERTIFICATE),
        (
            certificate_of(rsa.generate_private_key(65537, 1024)).decode(),
            "https://idp.example/sso",
            faults.WEAK_CERTIFICATE,
        ),
        (CERTIFICATE, "http://idp.example/sso", faults.UNSAFE_PROVIDER),
        (CERTIFICATE, "https://user@idp.example/sso", faults.UNSAFE_PROVIDER),
    ],
)
def test_fields_that_cannot_be_used(certificate: str, sso_url: str, fault: Fault) -> None:
    with web() as client, pytest.raises(PressroomError) as caught:
        typed_in(issuer="", sso_url=sso_url, logout_url="https://idp.example/out", certificate=certificate, web=client)
    assert caught.value.fault is fault


def test_without_an_issuer_the_key_alone_decides() -> None:
    with web() as client:
        provider = typed_in(
            issuer="",
            sso_url="https://idp.example/sso",
            logout_url="https://idp.example/out",
            certificate=f"\n{CERTIFICATE}\n",
            web=client,
        )
    identity = read(signed_response(Response(issuer="https://any.example")), provider=provider)
    assert identity.issuer == "https://any.example"
    assert refusal(by_another_key(), provider) is faults.BAD_SIGNATURE


def test_our_metadata_name_the_reply_address_and_want_signatures() -> None:
    root = parse(SERVICE.metadata())
    assert root.get("entityID") == SERVICE.entity_id
    (service,) = root.iter(tag("md:AssertionConsumerService"))
    assert service.get("Location") == SERVICE.acs_url
    (role,) = root.iter(tag("md:SPSSODescriptor"))
    assert role.get("WantAssertionsSigned") == "true"


def test_requests_are_never_the_same() -> None:
    assert len({new_request_id() for _ in range(100)}) == 100
