"""The zip package of an Office file: its parts, their relationships, and reading it safely."""

import posixpath
import zipfile
import zlib
from io import BytesIO
from pathlib import Path

from lxml import etree

from connectors.documents.inspection_faults import DAMAGED_FILE, MALFORMED, ZIP_BOMB

CONTENT_TYPES = "[Content_Types].xml"
MOST_PARTS = 10_000
_RELATIONSHIP = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_DOCUMENT_RELATIONSHIPS = (
    "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}",
    "{http://purl.oclc.org/ooxml/officeDocument/relationships}",
)


def read_parts(source: Path | bytes, name: str, limit: int) -> dict[str, bytes]:
    """The parts of the package by name, in order; `limit` is the most it may unpack to, in bytes.

    Raises `DAMAGED_FILE`, `ZIP_BOMB`, and `MALFORMED` for part names that point outside or stand twice.
    """
    parts: dict[str, bytes] = {}
    try:
        with zipfile.ZipFile(BytesIO(source) if isinstance(source, bytes) else source) as package:
            members = [member for member in package.infolist() if not member.is_dir()]
            if len(members) > MOST_PARTS or sum(member.file_size for member in members) > limit:
                raise ZIP_BOMB(name=name)
            for member in members:
                if not _is_safe(member.filename) or member.filename in parts:
                    raise MALFORMED(name=name)
                with package.open(member) as part:
                    parts[member.filename] = part.read(member.file_size + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError) as exc:
        raise DAMAGED_FILE(name=name) from exc
    return parts


def write_parts(parts: dict[str, bytes], target: Path | BytesIO) -> None:
    """A new package: no old bytes between the parts, no comments, no extra fields, no times."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        for part in sorted(parts, key=lambda part: part != CONTENT_TYPES):
            package.writestr(zipfile.ZipInfo(part), parts[part], zipfile.ZIP_DEFLATED)


def parse(data: bytes, name: str) -> etree._Element:
    """The XML part `data` without comments and processing instructions; entities and the network stay untouched.

    Raises `MALFORMED`, also for any document type declaration.
    """
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True, huge_tree=False
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as exc:
        raise MALFORMED(name=name) from exc
    if b"<!DOCTYPE" in data or root.getroottree().docinfo.internalDTD is not None:
        raise MALFORMED(name=name)
    return root


def serialised(root: etree._Element) -> bytes:
    """The XML part of `root`."""
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True))


def drop_part(trees: dict[str, etree._Element], part: str) -> None:
    """Forget `part` everywhere in `trees`: its content type, its relationships, and the elements that show it."""
    _set_content_type(trees[CONTENT_TYPES], part, None)
    for rels, relationship in _relationships_to(trees, part):
        number = relationship.get("Id")
        _remove(relationship)
        owner = trees.get(_owner(rels))
        if owner is not None:
            _remove_references(owner, str(number))


def rename_part(trees: dict[str, etree._Element], old: str, new: str) -> None:
    """Let every relationship and the content type speak of `new` instead of `old`."""
    _set_content_type(trees[CONTENT_TYPES], old, new)
    for _, relationship in _relationships_to(trees, old):
        relationship.set("Target", "/" + new)


def set_default_type(trees: dict[str, etree._Element], extension: str, media_type: str) -> None:
    """Declare what parts with `extension` are, where the package does not yet."""
    types = trees[CONTENT_TYPES]
    namespace = types.tag.rpartition("}")[0] + "}"
    if not any(str(default.get("Extension")).lower() == extension for default in types.iter(f"{namespace}Default")):
        types.insert(0, types.makeelement(f"{namespace}Default", {"Extension": extension, "ContentType": media_type}))


def content_type(types: etree._Element, part: str) -> str:
    """The media type that the package declares for `part`; empty where it declares none."""
    extension = part.rpartition(".")[2].lower()
    found = ""
    for element in types:
        if str(element.get("PartName", "")).lower() == "/" + part.lower():
            return str(element.get("ContentType"))
        if str(element.get("Extension", "")).lower() == extension:
            found = str(element.get("ContentType"))
    return found


def relationships_of(part: str) -> str:
    """The name of the part with the relationships of `part`."""
    folder, _, file = part.rpartition("/")
    return f"{folder}/_rels/{file}.rels".lstrip("/")


def _set_content_type(types: etree._Element, old: str, new: str | None) -> None:
    for element in list(types):
        if str(element.get("PartName", "")).lower() == "/" + old.lower():
            if new is None:
                types.remove(element)
            else:
                element.set("PartName", "/" + new)


def _relationships_to(trees: dict[str, etree._Element], part: str) -> list[tuple[str, etree._Element]]:
    found = []
    for rels, tree in trees.items():
        if rels.endswith(".rels"):
            for relationship in tree.iter(_RELATIONSHIP):
                target = str(relationship.get("Target"))
                internal = relationship.get("TargetMode") != "External"
                if internal and resolved(rels, target) == part.lower():
                    found.append((rels, relationship))
    return found


def resolved(rels: str, target: str) -> str:
    """The lower-case name of the part that `target` in the relationships part `rels` points to."""
    from urllib.parse import unquote

    folder = posixpath.dirname(_owner(rels))
    return posixpath.normpath(posixpath.join("/", folder, unquote(target).split("#")[0])).lstrip("/").lower()


def _owner(rels: str) -> str:
    folder, _, file = rels.rpartition("/")
    return posixpath.join(posixpath.dirname(folder), file.removesuffix(".rels"))


def _remove_references(owner: etree._Element, number: str) -> None:
    for element in list(owner.iter()):
        names = [name for name in element.attrib if str(name).startswith(_DOCUMENT_RELATIONSHIPS)]
        if any(element.get(name) == number for name in names):
            _remove(element)


def _remove(element: etree._Element) -> None:
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def _is_safe(part: str) -> bool:
    pieces = part.split("/")
    return part.isprintable() and "\\" not in part and ":" not in part and not {"", ".", ".."} & set(pieces)
