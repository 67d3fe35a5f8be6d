"""SAML responses: what is accepted, and forgeries of every known kind that are not (AC-122, AC-132…AC-136)."""

import copy
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from lxml import etree
from signxml.algorithms import CanonicalizationMethod, DigestAlgorithm, SignatureMethod

from connectors.errors import Fault, PressroomError
from connectors.identity import faults
from connectors.identity.claims import Identity
from connectors.identity.saml_provider import SamlProvider, read_metadata, typed_in
from connectors.identity.saml_response import LONGEST_RESPONSE, TRANSIENT, SamlExchange
from connectors.identity.saml_service import new_request_id
from connectors.identity.saml_xml import NAMESPACES, parse, tag
from connectors.identity.web import IdentityWeb
from connectors.settings import Settings
from tests.support.certificates import certificate_of
from tests.support.saml_responses import (
    CERTIFICATE,
    ISSUER,
    KEY,
    PROVIDER,
    REQUEST_ID,
    SERVICE,
    Response,
    encoded,
    sign_part,
    signed_response,
)

RESPONSE, ASSERTION = "samlp:Response", "saml:Assertion"
OTHER_KEY = rsa.generate_private_key(65537, 2048)
MINUTE = timedelta(minutes=1)
EVIL = "eve@evil.example"


@dataclass
class Memory:
    """What was used, for one test."""

    used: dict[str, datetime] = field(default_factory=dict)

    def remember(self, key: str, until: datetime) -> bool:
        is_new = key not in self.used
        self.used[key] = until
        return is_new


def read(
    response: etree._Element | bytes | str, *, provider: SamlProvider = PROVIDER, memory: Memory | None = None
) -> Identity:
    """Who signed in by this response."""
    return SamlExchange(provider, SERVICE, REQUEST_ID, memory or Memory()).identity(encoded(response))


def refusal(response: etree._Element | bytes | str, provider: SamlProvider = PROVIDER) -> Fault:
    """The fault with which this response is refused."""
    with pytest.raises(PressroomError) as caught:
        read(response, provider=provider)
    return caught.value.fault


@pytest.mark.parametrize("parts", [(ASSERTION,), (RESPONSE,), (ASSERTION, RESPONSE)])
def test_a_signed_response_tells_who_signed_in(parts: tuple[str, ...]) -> None:
    identity = read(signed_response(None, *parts))
    assert (identity.issuer, identity.subject, identity.email) == (ISSUER, "ann", "ann@acme.example")
    assert (identity.first_name, identity.last_name, identity.badge, identity.pin) == ("Ann", "Andersson", "4711", None)


@pytest.mark.parametrize(
    "method",
    [
        SignatureMethod.RSA_SHA256,
        SignatureMethod.RSA_SHA384,
        SignatureMethod.RSA_SHA512,
        SignatureMethod.SHA256_RSA_MGF1,
    ],
)
def test_strong_signatures_are_accepted(method: SignatureMethod) -> None:
    assert read(sign_part(Response().element(), ASSERTION, method=method)).subject == "ann"


def test_a_transient_name_is_no_subject() -> None:
    """It is another one at each sign-in, so nothing can be bound to it."""
    assert read(signed_response(Response(name_format=TRANSIENT))).subject == ""


def test_an_unsigned_response_may_lack_its_destination() -> None:
    assert read(signed_response(Response(destination=None, envelope_answers=None))).subject == "ann"


def test_while_certificates_are_renewed_either_of_them_will_do() -> None:
    both = replace_certificates(certificate_of(OTHER_KEY).decode(), CERTIFICATE)
    assert read(signed_response(), provider=both).subject == "ann"


def replace_certificates(*certificates: str) -> SamlProvider:
    return PROVIDER.model_copy(update={"certificates": certificates})


WRONG: list[tuple[str, Response, Fault]] = [
    ("another issuer", Response(issuer="https://evil.example"), faults.WRONG_ISSUER),
    ("no issuer", Response(issuer=""), faults.WRONG_ISSUER),
    ("another audience", Response(audience="https://other.example"), faults.WRONG_AUDIENCE),
    ("an audience that begins like ours", Response(audience=SERVICE.entity_id + "/x"), faults.WRONG_AUDIENCE),
    ("no audience", Response(has_audience=False), faults.WRONG_AUDIENCE),
    ("another recipient", Response(recipient="https://other.example/acs"), faults.WRONG_RECIPIENT),
    ("another destination", Response(destination="https://other.example/acs"), faults.WRONG_RECIPIENT),
    ("expired", Response(ends=-2 * MINUTE), faults.WRONG_TIME),
    ("not valid yet", Response(begins=2 * MINUTE), faults.WRONG_TIME),
    ("confirmation expired", Response(confirmed_until=-2 * MINUTE), faults.WRONG_TIME),
    ("confirmed for ever", Response(confirmed_until=None), faults.MALFORMED_ANSWER),
    ("session over", Response(session_ends=-2 * MINUTE), faults.WRONG_TIME),
    ("answers nothing (begun at the provider)", Response(answers=None, envelope_answers=None), faults.NOT_ASKED_FOR),
    ("answers another request", Response(answers="_other"), faults.NOT_ASKED_FOR),
    ("envelope answers another request", Response(envelope_answers="_other"), faults.NOT_ASKED_FOR),
    ("holder of key", Response(method="urn:oasis:names:tc:SAML:2.0:cm:holder-of-key"), faults.MALFORMED_ANSWER),
    ("nobody signed in", Response(has_statement=False), faults.MALFORMED_ANSWER),
    ("SAML 1.1", Response(version="1.1"), faults.MALFORMED_ANSWER),
    ("no name", Response(name=""), faults.MALFORMED_ANSWER),
    ("refused", Response(status="urn:oasis:names:tc:SAML:2.0:status:Responder"), faults.REFUSED_THERE),
    ("no e-mail", Response(claims={"firstname": "Ann", "lastname": "A"}), faults.MISSING_CLAIM),
]


@pytest.mark.parametrize("parts", [(ASSERTION,), (ASSERTION, RESPONSE)], ids=["assertion", "both"])
@pytest.mark.parametrize(("response", "fault"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG])
def test_well_signed_responses_that_are_not_for_this_sign_in(
    response: Response, fault: Fault, parts: tuple[str, ...]
) -> None:
    assert refusal(signed_response(response, *parts)) is fault


@pytest.mark.parametrize("offset", [-MINUTE / 2, MINUTE / 2])
def test_clocks_may_differ_a_little(offset: timedelta) -> None:
    times = {"begins": offset} if offset > timedelta() else {"ends": offset, "confirmed_until": offset}
    assert read(signed_response(replace(Response(), **times))).subject == "ann"


def test_a_missing_claim_is_named_with_the_names_it_may_have() -> None:
    response = signed_response(Response(claims={"email": "ann@acme.example", "lastname": "A"}))
    with pytest.raises(PressroomError) as caught:
        read(response)
    assert "firstname" in caught.value.message
    assert "given_name" in caught.value.remedy


def test_a_refusal_says_what_the_provider_says() -> None:
    status = "urn:oasis:names:tc:SAML:2.0:status:Requester"
    with pytest.raises(PressroomError) as caught:
        read(signed_response(Response(status=status, status_message="Ann is not assigned to this application")))
    assert "Ann is not assigned to this application." in caught.value.message


def test_a_signed_response_must_name_this_address() -> None:
    assert refusal(signed_response(Response(destination=None), RESPONSE)) is faults.WRONG_RECIPIENT


def test_an_assertion_counts_once() -> None:
    response, memory = signed_response(), Memory()
    read(response, memory=memory)
    with pytest.raises(PressroomError) as caught:
        read(response, memory=memory)
    assert caught.value.fault is faults.REPLAYED
    (until,) = memory.used.values()
    assert until > datetime.now(UTC) + 5 * MINUTE


def test_a_refused_assertion_is_not_remembered() -> None:
    """Otherwise a forgery could use up the real one."""
    memory = Memory()
    with pytest.raises(PressroomError):
        read(signed_response(Response(audience="https://other.example")), memory=memory)
    assert memory.used == {}


# --- signatures


def unsigned() -> etree._Element:
    return Response().element()


def by_another_key() -> etree._Element:
    return sign_part(Response().element(), ASSERTION, key=OTHER_KEY, certificate=certificate_of(OTHER_KEY).decode())


def with_sha1() -> etree._Element:
    return sign_part(Response().element(), ASSERTION, method=SignatureMethod.RSA_SHA1, digest=DigestAlgorithm.SHA1)


def with_sha1_digest() -> etree._Element:
    return sign_part(Response().element(), ASSERTION, digest=DigestAlgorithm.SHA1)


def with_hmac() -> etree._Element:
    """The public certificate as a shared secret."""
    root = signed_response()
    method = next(root.iter(tag("ds:SignatureMethod")))
    method.set("Algorithm", SignatureMethod.HMAC_SHA256.value)
    return root


def with_inclusive_canonicalization() -> etree._Element:
    return sign_part(Response().element(), ASSERTION, canonical=CanonicalizationMethod.CANONICAL_XML_1_0)


def changed_name() -> etree._Element:
    root = signed_response()
    next(root.iter(tag("saml:NameID"))).text = "eve"
    return root


def changed_email() -> etree._Element:
    root = signed_response()
    next(root.iter(tag("saml:AttributeValue"))).text = EVIL
    return root


def signature_removed() -> etree._Element:
    root = signed_response()
    signature = next(root.iter(tag("ds:Signature")))
    parent = signature.getparent()
    assert parent is not None
    parent.remove(signature)
    return root


def empty_signature() -> etree._Element:
    root = signed_response()
    next(root.iter(tag("ds:SignatureValue"))).text = ""
    return root


def two_references() -> etree._Element:
    root = signed_response()
    reference = next(root.iter(tag("ds:Reference")))
    reference.addnext(copy.deepcopy(reference))
    return root


def reference_to_everything() -> etree._Element:
    root = signed_response()
    next(root.iter(tag("ds:Reference"))).set("URI", "")
    return root


def xpath_transform() -> etree._Element:
    root = signed_response()
    next(root.iter(tag("ds:Transform"))).set("Algorithm", "http://www.w3.org/TR/1999/REC-xpath-19991116")
    return root


@pytest.mark.parametrize(
    ("forge", "fault"),
    [
        (unsigned, faults.UNSIGNED),
        (signature_removed, faults.UNSIGNED),
        (by_another_key, faults.BAD_SIGNATURE),
        (changed_name, faults.BAD_SIGNATURE),
        (changed_email, faults.BAD_SIGNATURE),
        (empty_signature, faults.BAD_SIGNATURE),
        (with_sha1, faults.WEAK_ALGORITHM),
        (with_sha1_digest, faults.WEAK_ALGORITHM),
        (with_hmac, faults.WEAK_ALGORITHM),
        (with_inclusive_canonicalization, faults.MALFORMED_ANSWER),
        (two_references, faults.MALFORMED_ANSWER),
        (reference_to_everything, faults.MALFORMED_ANSWER),
        (xpath_transform, faults.MALFORMED_ANSWER),
    ],
)
def test_signatures_that_do_not_count(forge: Callable[[], etree._Element], fault: Fault) -> None:
    assert refusal(forge()) is fault


def test_a_signed_envelope_does_not_vouch_for_a_wrong_signature_within() -> None:
    root = signed_response()
    next(root.iter(tag("saml:NameID"))).text = "eve"
    assert refusal(sign_part(root, RESPONSE)) is faults.BAD_SIGNATURE


def test_an_expired_certificate_does_not_count() -> None:
    expired = certificate_of(KEY, begins=timedelta(days=-30), ends=timedelta(days=-1)).decode()
    assert refusal(signed_response(), replace_certificates(expired)) is faults.CERTIFICATE_EXPIRED


# --- signature wrapping: the signed assertion is somewhere, and another one is where readers look


def wrapped(place: str) -> etree._Element:
    """The eight classic forms, and some more: `place` says where the signed assertion went."""
    root = signed_response()
    real = next(root.iter(tag(ASSERTION)))
    evil = replace(Response(), name="eve", claims={**Response().claims, "email": EVIL}).assertion("_evil")
    signature = next(real.iter(tag("ds:Signature")))
    extensions = etree.Element(tag("samlp:Extensions"))
    if place == "before the evil one":
        real.addnext(evil)
    elif place == "after the evil one":
        real.addprevious(evil)
    elif place == "inside the evil one":
        root.replace(real, evil)
        evil.append(real)
    elif place == "inside the evil one's subject confirmation":
        root.replace(real, evil)
        next(evil.iter(tag("saml:SubjectConfirmationData"))).append(real)
    elif place == "inside its own signature's object":
        root.replace(real, evil)
        evil.insert(1, signature)
        etree.SubElement(signature, tag("ds:Object")).append(real)
    elif place == "in the extensions":
        root.replace(real, evil)
        extensions.append(real)
        root.insert(1, extensions)
    elif place == "in the extensions, with its signature in the evil one":
        root.replace(real, evil)
        evil.insert(1, signature)
        extensions.append(real)
        root.insert(1, extensions)
    elif place == "under the same ID":
        evil.set("ID", str(real.get("ID")))
        real.addprevious(evil)
    elif place == "in a second response":
        outer = replace(Response(), name="eve").element()
        outer.append(root)
        return outer
    elif place == "around the evil one":
        evil.set("ID", "_evil")
        real.append(evil)
    return root


@pytest.mark.parametrize(
    "place",
    [
        "before the evil one",
        "after the evil one",
        "inside the evil one",
        "inside the evil one's subject confirmation",
        "inside its own signature's object",
        "in the extensions",
        "in the extensions, with its signature in the evil one",
        "under the same ID",
        "in a second response",
        "around the evil one",
    ],
)
def test_signature_wrapping_is_refused(place: str) -> None:
    assert refusal(wrapped(place)) is faults.MALFORMED_ANSWER


def test_a_wrapped_response_is_refused() -> None:
    """The signed response goes into the extensions of an evil one that carries its signature."""
    signed = signed_response(None, RESPONSE)
    evil = replace(Response(), name="eve").element()
    evil.set("ID", "_evil")
    signature = next(signed.iter(tag("ds:Signature")))
    evil.insert(1, copy.deepcopy(signature))
    extensions = etree.SubElement(evil, tag("samlp:Extensions"))
    extensions.append(signed)
    assert refusal(evil) is faults.MALFORMED_ANSWER


def test_an_id_written_in_other_letters_counts_as_the_same() -> None:
    root = signed_response()
    next(root.iter(tag("saml:Subject"))).set("Id", "_assertion")
    assert refusal(root) is faults.MALFORMED_ANSWER


# --- XML


def in_the_name(insertion: str) -> bytes:
    """A comment or the like inside a name whose canonical form, and so its signature, it does not change."""
    response = signed_response(Response(name="ann@acme.example.evil.example"))
    return etree.tostring(response).replace(b"ann@acme.example.evil", f"ann@acme.example{insertion}.evil".encode())


@pytest.mark.parametrize("insertion", ["<!-- -->", "<?x y?>"])
def test_comments_cannot_cut_a_name_in_two(insertion: str) -> None:
    assert refusal(in_the_name(insertion)) is faults.MALFORMED_ANSWER


def test_a_cdata_section_is_text_like_any_other() -> None:
    content = in_the_name("<![CDATA[]]>")
    assert read(content).subject == "ann@acme.example.evil.example"


BOMB = '<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
OUTSIDE = '<!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/hostname">]>'


@pytest.mark.parametrize(
    "content",
    [
        BOMB + "<r>&b;</r>",
        OUTSIDE + "<r>&a;</r>",
        '<!DOCTYPE r SYSTEM "http://127.0.0.1:9/evil.dtd"><r/>',
        "<!DOCTYPE r><r/>",
        "<r>&undefined;</r>",
        "<r>",
        "",
        "no XML at all",
        "<r/>",
        f'<samlp:Response xmlns:samlp="{NAMESPACES["samlp"]}" Version="2.0"/>',
    ],
)
def test_document_types_entities_and_nonsense_are_refused(content: str) -> None:
    assert refusal(content) is faults.MALFORMED_ANSWER
    assert refusal(content.encode("utf-16")) is faults.MALFORMED_ANSWER


def test_a_document_type_before_a_well_signed_response_is_refused() -> None:
    content = etree.tostring(signed_response()).decode()
    assert read(content).subject == "ann"
    assert refusal(OUTSIDE.replace("DOCTYPE r", "DOCTYPE Response") + content) is faults.MALFORMED_ANSWER


@pytest.mark.parametrize("field", ["%%%", "AAAA", "A" * (LONGEST_RESPONSE + 1)])
def test_what_is_not_base64_of_xml_is_refused(field: str) -> None:
    with pytest.raises(PressroomError) as caught:
        SamlExchange(PROVIDER, SERVICE, REQUEST_ID, Memory()).identity(field)
    assert caught.value.fault is faults.MALFORMED_ANSWER


@pytest.mark.parametrize("name", ["saml:EncryptedAssertion", "saml:EncryptedID", "xenc:EncryptedData"])
def test_encryption_is_refused_with_the_remedy(name: str) -> None:
    root = signed_response()
    etree.SubElement(root, tag(name))
    assert refusal(root) is faults.ENCRYPTED


# --- the provider's side


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
