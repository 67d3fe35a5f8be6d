"""Office Open XML files as what they are: a zip of XML parts. Parts that are not touched are copied as they are."""

import shutil
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from connectors.errors import Fault
from connectors.messages import N_
from steps.translation.passages import ENCRYPTED, UNREADABLE

UNPACKS_TOO_LARGE = Fault(
    "translate.unpacks_too_large",
    413,
    N_("“{name}” unpacks to more than {limit} MB."),
    N_("Make its pictures smaller or split it, and hand it in again."),
)

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_TORN = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError)
MOST_PARTS = 20_000

XML_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


class OfficePackage:
    """An opened DOCX, PPTX or XLSX; parts are parsed when asked for and written back by `save`.

    `name` is the document's, for messages. Raises `ENCRYPTED`, `UNREADABLE` or `UNPACKS_TOO_LARGE`.
    """

    def __init__(self, path: Path, name: str, most_mb: int) -> None:
        self.name = name
        with path.open("rb") as head:
            if head.read(8) == _OLE:
                raise ENCRYPTED(name=name)
        try:
            self._zip = zipfile.ZipFile(path)
            infos = self._zip.infolist()
        except (zipfile.BadZipFile, OSError, ValueError) as exc:
            raise UNREADABLE(name=name, reason="it is not a complete Office file") from exc
        if len(infos) > MOST_PARTS or sum(info.file_size for info in infos) > most_mb << 20:
            raise UNPACKS_TOO_LARGE(name=name, limit=most_mb)
        self._trees: dict[str, etree._Element] = {}

    def parts(self, folder: str, prefix: str = "") -> list[str]:
        """Names of the XML parts in `folder` that start with `prefix`, in reading order: slide2 before slide10."""
        found = [
            name
            for name in self._zip.namelist()
            if name.startswith(f"{folder}/{prefix}") and name.endswith(".xml") and "/" not in name[len(folder) + 1 :]
        ]
        return sorted(found, key=lambda name: (len(name), name))

    def has(self, part: str) -> bool:
        return part in self._zip.namelist()

    def tree(self, part: str) -> etree._Element:
        """The part's root element; changes to it are saved. Entities are never resolved, document types refused."""
        if part not in self._trees:
            try:
                self._trees[part] = parse_xml(self._zip.read(part), self.name)
            except KeyError as exc:
                raise UNREADABLE(name=self.name, reason="a part of it is missing") from exc
            except _TORN as exc:
                raise UNREADABLE(name=self.name, reason="it is damaged") from exc
        return self._trees[part]

    def trees(self, folder: str, prefix: str = "") -> Iterator[etree._Element]:
        """The roots of `parts(folder, prefix)`."""
        for part in self.parts(folder, prefix):
            yield self.tree(part)

    def save(self, target: Path) -> None:
        """Write the package with the changed parts; order, names and all other parts stay."""
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
            for info in self._zip.infolist():
                if info.filename in self._trees:
                    made.writestr(info.filename, serialize(self._trees[info.filename]), zipfile.ZIP_DEFLATED)
                elif not info.is_dir():
                    self._copy(info, made)

    def _copy(self, info: zipfile.ZipInfo, made: zipfile.ZipFile) -> None:
        try:
            with self._zip.open(info) as source, made.open(info.filename, "w") as copy:
                shutil.copyfileobj(source, copy, 1 << 20)
        except _TORN as exc:
            raise UNREADABLE(name=self.name, reason="it is damaged") from exc


def parse_xml(content: bytes, name: str) -> etree._Element:
    """The root of an XML file from outside: no network, no entities, no document type with definitions."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as exc:
        raise UNREADABLE(name=name, reason="its XML is malformed") from exc
    if b"<!ENTITY" in content[:100_000] or root.getroottree().docinfo.internalDTD is not None:
        raise UNREADABLE(name=name, reason="it defines XML entities, which are not accepted")
    return root


def serialize(root: etree._Element) -> bytes:
    """The tree as a stand-alone UTF-8 XML file."""
    return bytes(etree.tostring(root.getroottree(), xml_declaration=True, encoding="UTF-8", standalone=True))
