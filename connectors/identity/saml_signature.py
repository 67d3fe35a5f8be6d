"""Signatures of SAML responses, by signxml: it returns the very bytes that were signed, so nothing else can be read.

XML signatures are more general than SAML allows, and that is how signature wrapping works: the signature is right, but
of something else than what is read. So first the shape is narrowed to what SAML prescribes (Core §5.4): a signature
is a child of what it signs, it has one reference to its parent's ID, which is unique, and no transforms that cut
pieces out. Then only what `signed` returns is read.
"""

from collections.abc import Sequence

from lxml import etree
from signxml.algorithms import DigestAlgorithm, SignatureMethod
from signxml.exceptions import SignXMLException
from signxml.verifier import SignatureConfiguration, XMLVerifier

from connectors.identity.certificates import from_pem, last_day
from connectors.identity.faults import BAD_SIGNATURE, MALFORMED_ANSWER, UNSIGNED, WEAK_ALGORITHM
from connectors.identity.saml_xml import child, children, tag

SIGNATURES = frozenset(
    {
        SignatureMethod.RSA_SHA256,
        SignatureMethod.RSA_SHA384,
        SignatureMethod.RSA_SHA512,
        SignatureMethod.SHA256_RSA_MGF1,
        SignatureMethod.SHA384_RSA_MGF1,
        SignatureMethod.SHA512_RSA_MGF1,
        SignatureMethod.ECDSA_SHA256,
        SignatureMethod.ECDSA_SHA384,
        SignatureMethod.ECDSA_SHA512,
    }
)
DIGESTS = frozenset({DigestAlgorithm.SHA256, DigestAlgorithm.SHA384, DigestAlgorithm.SHA512})
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
TRANSFORMS = ("http://www.w3.org/2000/09/xmldsig#enveloped-signature", EXCLUSIVE)
"""What may be done to the signed element before it is hashed: leave the signature out, write it canonically."""

_CONFIGURATION = SignatureConfiguration(
    require_x509=True,
    location="./",
    expect_references=1,
    signature_methods=SIGNATURES,
    digest_algorithms=DIGESTS,
    ignore_ambiguous_key_info=True,  # whatever key a signature brings along, the configured certificate's is used
)


def signed(root: etree._Element, certificates: Sequence[str]) -> tuple[etree._Element | None, etree._Element]:
    """The response and its assertion, both as they were signed; the response is None if only the assertion is signed.

    Raises `UNSIGNED`, `MALFORMED_ANSWER` (a shape that SAML does not allow), `WEAK_ALGORITHM`, `CERTIFICATE_EXPIRED`,
    `BAD_SIGNATURE`.
    """
    assertion = child(root, "saml:Assertion")
    if assertion is None:
        raise MALFORMED_ANSWER()
    _check_shape(root, assertion)
    last_day([from_pem(certificate) for certificate in certificates])
    alone = _verified(assertion, certificates) if children(assertion, "ds:Signature") else None
    if not children(root, "ds:Signature"):
        if alone is None:
            raise UNSIGNED()
        return None, alone
    response = _verified(root, certificates)
    within = child(response, "saml:Assertion")
    if within is None:
        raise MALFORMED_ANSWER()
    return response, within


def _check_shape(root: etree._Element, assertion: etree._Element) -> None:
    """One response with one assertion, each ID once, and no signatures but theirs."""
    for name, only in (("samlp:Response", root), ("saml:Assertion", assertion)):
        if list(root.iter(tag(name))) != [only]:
            raise MALFORMED_ANSWER()
    identifiers = [value for element in root.iter() for name, value in element.items() if name.lower() == "id"]
    if len(identifiers) != len(set(identifiers)):
        raise MALFORMED_ANSWER()
    for signature in root.iter(tag("ds:Signature")):
        parent = signature.getparent()
        if parent is None or parent not in (root, assertion) or len(children(parent, "ds:Signature")) != 1:
            raise MALFORMED_ANSWER()
        _check_signature(signature, str(parent.get("ID") or ""))


def _check_signature(signature: etree._Element, identifier: str) -> None:
    if children(signature, "ds:Object"):
        raise MALFORMED_ANSWER()
    references = list(signature.iter(tag("ds:Reference")))
    if len(references) != 1 or not identifier or references[0].get("URI") != f"#{identifier}":
        raise MALFORMED_ANSWER()
    for transform in signature.iter(tag("ds:Transform"), tag("ds:CanonicalizationMethod")):
        allowed = TRANSFORMS if transform.tag == tag("ds:Transform") else (EXCLUSIVE,)
        if transform.get("Algorithm") not in allowed:
            raise MALFORMED_ANSWER()
    accepted = {one.value for one in SIGNATURES} | {one.value for one in DIGESTS}
    for method in signature.iter(tag("ds:SignatureMethod"), tag("ds:DigestMethod")):
        algorithm = str(method.get("Algorithm"))
        if algorithm not in accepted:
            raise WEAK_ALGORITHM(algorithm=algorithm.rpartition("#")[2])


def _verified(element: etree._Element, certificates: Sequence[str]) -> etree._Element:
    """`element` as it was signed with one of the certificates: parsed again from what the signature covers."""
    for certificate in certificates:
        try:
            found = XMLVerifier().verify(
                element, x509_cert=certificate, expect_config=_CONFIGURATION, id_attribute="ID"
            )
        except (SignXMLException, etree.LxmlError, ValueError, TypeError):  # another certificate may fit
            continue
        verified = found.signed_xml  # type: ignore[union-attr]  # one reference, so one result
        if verified is not None and verified.tag == element.tag and verified.get("ID") == element.get("ID"):
            return verified
    raise BAD_SIGNATURE()
