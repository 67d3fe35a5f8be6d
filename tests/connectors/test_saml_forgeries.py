"""Forged SAML responses of every known kind, none of which is accepted (AC-132…AC-136)."""

import copy
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from lxml import etree
from signxml.algorithms import CanonicalizationMethod, DigestAlgorithm, SignatureMethod

from connectors.errors import Fault, PressroomError
from connectors.identity import faults
from connectors.identity.saml_response import LONGEST_RESPONSE, SamlExchange
from connectors.identity.saml_xml import NAMESPACES, tag
from tests.connectors.saml_reading import (
    ASSERTION,
    OUTSIDE,
    RESPONSE,
    Memory,
    by_another_key,
    read,
    refusal,
    replace_certificates,
)
from tests.support.certificates import certificate_of
from tests.support.saml_responses import KEY, PROVIDER, REQUEST_ID, SERVICE, Response, sign_part, signed_response

EVIL = "eve@evil.example"


# --- signatures


def unsigned() -> etree._Element:
    return Response().element()


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
