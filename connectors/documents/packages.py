"""ZIP packages (DOCX, XLSX, PPTX, ODF, plain ZIP) examined entry by entry before anything else opens them.

Sizes in a package's directory may lie, so everything is inflated here once, in small pieces, and counted; nothing is
kept. What is counted: all entries together, packages within packages included.
"""

import re
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from xml.parsers import expat

from connectors.documents.inspection_faults import DAMAGED_FILE, ENCRYPTED, MALFORMED, UNSUPPORTED, ZIP_BOMB

PIECE = 1 << 16
MOST_ENTRIES = 20_000
MOST_DEPTH = 3
MOST_RATIO = 200
RATIO_COUNTS_FROM = 32 << 20
LOCAL_HEADER = struct.Struct("<4sHHHHHIIIHH")
LOCAL_MARK = b"PK\x03\x04"
ENCRYPTED_FLAG = 0x1
MOST_XML_DEPTH = 250
DEPTH_COUNTED_UP_TO = 8 << 20
"""Counting depth costs time on spreadsheets of millions of cells; parsers have a limit of their own behind this."""
SPOOL = 1 << 20
BAD_NAME = re.compile(r"^[/\\]|^[A-Za-z]:|(^|[/\\])\.\.([/\\]|$)|[\x00-\x1f]")
SLIDE = re.compile(r"ppt/slides/slide\d+\.xml")


@dataclass
class Budget:
    """What is still allowed to come out of a package, in bytes, for the file that people know as `name`."""

    name: str
    left: int

    def spend(self, size: int) -> None:
        self.left -= size
        if self.left < 0:
            raise ZIP_BOMB(name=self.name)


def examine_package(path: Path, budget: Budget) -> int | None:
    """Inflate and check every entry; returns the number of slides if there are any.

    Raises `DAMAGED_FILE`, `ENCRYPTED`, `ZIP_BOMB`, `UNSUPPORTED` (a compression that no document uses) and `MALFORMED`
    (broken XML, document type definitions, names that lead out of a folder, two entries of one name).
    """
    with path.open("rb") as file:
        names = _examine(file, budget, depth=1)
    return sum(1 for name in names if SLIDE.fullmatch(name)) or None


def _examine(file: IO[bytes], budget: Budget, depth: int) -> list[str]:
    if depth > MOST_DEPTH:
        raise ZIP_BOMB(name=budget.name)
    try:
        entries = zipfile.ZipFile(file).infolist()
        _check_directory(entries, budget.name)
        is_document = any(entry.filename in ("[Content_Types].xml", "META-INF/manifest.xml") for entry in entries)
        is_odf = any(entry.filename == "META-INF/manifest.xml" for entry in entries)
        for entry in entries:
            xml = _XmlCheck(budget.name, is_odf) if is_document and _is_xml(entry.filename) else None
            _examine_entry(file, entry, budget, depth, xml)
    except (zipfile.BadZipFile, struct.error, zlib.error, EOFError, OSError, ValueError, NotImplementedError) as exc:
        raise DAMAGED_FILE(name=budget.name) from exc
    return [entry.filename for entry in entries]


def _check_directory(entries: list[zipfile.ZipInfo], name: str) -> None:
    if len(entries) > MOST_ENTRIES:
        raise ZIP_BOMB(name=name)
    seen: set[str] = set()
    for entry in entries:
        if BAD_NAME.search(entry.orig_filename) or BAD_NAME.search(entry.filename) or entry.filename.lower() in seen:
            raise MALFORMED(name=name)
        seen.add(entry.filename.lower())
        if entry.flag_bits & ENCRYPTED_FLAG:
            raise ENCRYPTED(name=name)
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise UNSUPPORTED(name=name)


def _examine_entry(
    file: IO[bytes], entry: zipfile.ZipInfo, budget: Budget, depth: int, xml: "_XmlCheck | None"
) -> None:
    size, checksum = 0, 0
    with tempfile.SpooledTemporaryFile(SPOOL) as nested:
        is_package = False
        for piece in _inflated(file, entry):
            if not size:
                is_package = piece.startswith(LOCAL_MARK)
            size += len(piece)
            checksum = zlib.crc32(piece, checksum)
            budget.spend(len(piece))
            if size > RATIO_COUNTS_FROM and size > MOST_RATIO * max(entry.compress_size, 1):
                raise ZIP_BOMB(name=budget.name)
            if xml:
                xml.feed(piece)
            if is_package:
                nested.write(piece)
        if size != entry.file_size or checksum != entry.CRC:
            raise DAMAGED_FILE(name=budget.name)
        if xml:
            xml.finish()
        if is_package:
            _examine(nested, budget, depth + 1)


def _inflated(file: IO[bytes], entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """What really comes out of the entry, however large its header says it is."""
    file.seek(entry.header_offset)
    mark, *_, name_length, extra_length = LOCAL_HEADER.unpack(file.read(LOCAL_HEADER.size))
    local_name = file.read(name_length)
    if mark != LOCAL_MARK or _decoded(local_name, entry) != entry.orig_filename:
        raise ValueError("the entry is not where the directory says")
    file.seek(extra_length, 1)
    left = entry.compress_size
    inflate = zlib.decompressobj(-zlib.MAX_WBITS) if entry.compress_type == zipfile.ZIP_DEFLATED else None
    while left:
        piece = file.read(min(left, PIECE))
        if not piece:
            raise EOFError
        left -= len(piece)
        if inflate is None:
            yield piece
            continue
        while piece:
            yield inflate.decompress(piece, PIECE)
            piece = inflate.unconsumed_tail
    if inflate is not None:
        yield inflate.flush()
        if not inflate.eof:
            raise EOFError


def _decoded(name: bytes, entry: zipfile.ZipInfo) -> str:
    return name.decode("utf-8" if entry.flag_bits & 0x800 else "cp437")


def _is_xml(name: str) -> bool:
    return name.lower().endswith((".xml", ".rels"))


class _XmlCheck:
    """Reads XML in pieces and keeps nothing: is it well-formed, free of definitions, and not absurdly deep?"""

    def __init__(self, name: str, doctype_allowed: bool) -> None:
        self._name, self._depth = name, 0
        self._doctype_allowed = doctype_allowed
        parser = expat.ParserCreate()
        parser.StartDoctypeDeclHandler = self._doctype
        parser.EntityDeclHandler = self._refuse
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        self._parser = parser
        self._fed = 0

    def feed(self, piece: bytes) -> None:
        self._fed += len(piece)
        if self._fed > DEPTH_COUNTED_UP_TO:
            self._parser.StartElementHandler = self._parser.EndElementHandler = None
        self._parse(lambda: self._parser.Parse(piece, False))

    def finish(self) -> None:
        """An empty part is no error: some programs write one."""
        if self._fed:
            self._parse(lambda: self._parser.Parse(b"", True))

    def _parse(self, parse: Callable[[], object]) -> None:
        try:
            parse()
        except expat.ExpatError as exc:
            raise MALFORMED(name=self._name) from exc

    def _doctype(self, _root: str, _system: str | None, _public: str | None, has_definitions: bool) -> None:
        """Old ODF programs name the manifest's document type; definitions of their own are an attack anywhere."""
        if has_definitions or not self._doctype_allowed:
            self._refuse()

    def _refuse(self, *_: object) -> None:
        raise MALFORMED(name=self._name)

    def _start(self, tag: str, _attributes: object) -> None:
        self._depth += 1
        if self._depth > MOST_XML_DEPTH:
            raise MALFORMED(name=self._name)
        if tag == "manifest:encryption-data":
            raise ENCRYPTED(name=self._name)

    def _end(self, _tag: str) -> None:
        self._depth -= 1


def check_xml(path: Path, name: str) -> None:
    """Raise `MALFORMED` for an XML file that is not well-formed or brings definitions of its own."""
    check = _XmlCheck(name, doctype_allowed=False)
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            check.feed(piece)
    check.finish()
