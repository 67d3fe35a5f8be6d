"""XML of SAML, read without any of XML's traps: no document types, no entities, no comments, no instructions."""

from datetime import UTC, datetime

from defusedxml import DefusedXmlException, ElementTree
from lxml import etree

NAMESPACES = {
    "saml": "urn:oasis:names:tc:SAML:2.0:assertion",
    "samlp": "urn:oasis:names:tc:SAML:2.0:protocol",
    "md": "urn:oasis:names:tc:SAML:2.0:metadata",
    "ds": "http://www.w3.org/2000/09/xmldsig#",
    "xenc": "http://www.w3.org/2001/04/xmlenc#",
}
REDIRECT = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
POST = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"


class UnsafeXmlError(ValueError):
    """Text that is no XML, or XML that has more in it than elements, attributes and text."""


def parse(content: bytes, *, comments: bool = False) -> etree._Element:
    """The root of `content`; raises `UnsafeXmlError`.

    A first parser refuses document types before anything in them is looked at. Comments and processing instructions
    would split a text in two, of which many readers see only the first half; metadata may have them (`comments`).
    """
    try:
        ElementTree.fromstring(content, forbid_dtd=True, forbid_entities=True, forbid_external=True)
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
        root = etree.fromstring(content, parser)
    except (ElementTree.ParseError, DefusedXmlException, etree.XMLSyntaxError, ValueError, LookupError) as error:
        raise UnsafeXmlError(str(error)) from error
    if not comments and next(root.iter(etree.Comment, etree.ProcessingInstruction), None) is not None:
        raise UnsafeXmlError("comments or processing instructions")
    return root


def tag(name: str) -> str:
    """`saml:Assertion` as lxml writes it."""
    prefix, _, local = name.partition(":")
    return f"{{{NAMESPACES[prefix]}}}{local}"


def children(element: etree._Element, name: str) -> list[etree._Element]:
    """The children of that name."""
    return element.findall(name, NAMESPACES)


def child(element: etree._Element, name: str) -> etree._Element | None:
    """The only child of that name; None where there is none, `UnsafeXmlError` where there are several."""
    found = children(element, name)
    if len(found) > 1:
        raise UnsafeXmlError(f"{len(found)} × {name}")
    return found[0] if found else None


def text(element: etree._Element | None) -> str:
    """All the text of an element, without the white space around it."""
    return "" if element is None else "".join(str(part) for part in element.itertext()).strip()


def moment(value: str | None) -> datetime | None:
    """An `xs:dateTime` in UTC, as SAML writes them; raises `UnsafeXmlError` for anything else."""
    if value is None:
        return None
    try:
        parsed = datetime.fromisoformat(value)
    except ValueError as error:
        raise UnsafeXmlError(value) from error
    return parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)
