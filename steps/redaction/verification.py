"""The search of a finished Office file from disk, by other means than the removal.

It knows nothing of paragraphs, views or passages: each part's text is read joined with and without what stands between
the elements, its values one by one, addresses with their percent codes resolved, pictures by a new look, packages
inside by opening them. What it cannot read fails the file.
"""

import re
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

from lxml import etree

from connectors.errors import Fault
from connectors.messages import N_
from connectors.settings import Settings
from steps.redaction.markup import Role, attribute_role, is_conventional, local_name, readings, text_role
from steps.redaction.ocr_words import read_words
from steps.redaction.package import parse, read_parts
from steps.redaction.passages import Symbol, decoded
from steps.redaction.picture import PICTURES, opened, upright_pixels
from steps.redaction.sweep import Sweep

UNVERIFIABLE = Fault(
    "redact.unverifiable",
    422,
    N_("A part of the redacted file “{name}” ({where}) cannot be searched, so nobody can say that the text is gone."),
    N_("Nothing was delivered. Remove embedded objects from the document and hand it in again."),
)
VALUES = N_("properties and settings")
NAMES = N_("names of parts")
_CODES = frozenset(("instrText", "delInstrText"))
_RUN_TEXTS = frozenset(("t", "delText"))
_BORDER = "\n"
_HIDDEN = re.compile(rb"<!--|<!\[CDATA\[|<!DOCTYPE|<\?(?!xml )")
_XML = (".xml", ".rels", ".vml")
_PICTURES = (".png", ".jpg", ".jpeg", ".jfif", ".gif", ".bmp", ".tif", ".tiff")


def verify_package(
    source: Path | bytes, name: str, language: str, settings: Settings, sweep: Sweep, step: Callable[[], None]
) -> None:
    """Search the package `source`; pictures are read in `language`. Raises `SURVIVED`, `UNVERIFIABLE`."""
    for part, data in read_parts(source, name, settings.max_unpacked_mb << 20).items():
        step()
        if not is_conventional(part):
            sweep.check(decoded(part), NAMES)
        extension = "." + part.rpartition(".")[2].lower()
        if extension in _XML:
            _verify_xml(data, part, name, sweep)
        elif extension in _PICTURES:
            with opened(data, name, settings.max_pixels) as image:
                sweep.check(read_words(upright_pixels(image), language).text, PICTURES)
        elif data.startswith(b"PK\x03\x04"):
            verify_package(data, name, language, settings, sweep, step)
        else:
            raise UNVERIFIABLE(name=name, where=extension)


def _verify_xml(data: bytes, part: str, name: str, sweep: Sweep) -> None:
    where = part.rpartition("/")[2]
    if _HIDDEN.search(data):
        raise UNVERIFIABLE(name=name, where=where)
    root = parse(data, name)
    codes = "".join(element.text or "" for element in root.iter() if local_name(str(element.tag)) in _CODES)
    joins = [codes, decoded(codes)]
    for left_out in readings(root):
        texts = list(_texts(root, left_out))
        joins += ["".join(texts), "".join(text for text in texts if text != _BORDER)]
    for joined in joins:
        sweep.check(joined, where)
    for value in _values(root):
        for text in {value, decoded(value)}:
            sweep.check(text, f"{where}: {VALUES}")


def _texts(root: etree._Element, left_out: Collection[etree._Element]) -> Iterator[str]:
    """The text of the part in order, without `left_out`; borders before paragraphs and around text outside of runs."""
    for element in root.iter():
        if element in left_out:
            continue
        local = local_name(str(element.tag))
        loose = local not in _RUN_TEXTS
        if local == "p" or (loose and (element.text or "").strip()):
            yield _BORDER
        if local == "sym":
            yield Symbol(element, f"{str(element.tag)[:-3]}char", "").text
        if local not in _CODES and text_role(element) is not Role.STRUCTURE:
            yield element.text or ""
            if loose:
                yield _BORDER
        if element.tail and element.tail.strip():
            yield element.tail


def _values(root: etree._Element) -> Iterator[str]:
    for element in root.iter():
        for name, value in element.attrib.items():
            if local_name(str(name)) == "Target":
                if element.get("TargetMode") == "External" or not is_conventional(str(value)):
                    yield str(value)
            elif attribute_role(element, str(name), str(value)) is not Role.STRUCTURE:
                yield str(value)
