"""Which parts of Office markup people wrote, and which are the format's own.

Masking a style's identifier or a measure would break the file and hide nothing. So an attribute is read as prose
(`SPOKEN`), or searched for texts that were found elsewhere (`NAMED`), or left alone (`STRUCTURE`). What comes from an
unknown namespace counts as written by people.
"""

import re
from enum import Enum, auto
from functools import lru_cache

from lxml import etree

XLSX = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"

_OFFICE = re.compile(
    r"http://schemas\.openxmlformats\.org/|http://schemas\.microsoft\.com/office/|http://purl\.oclc\.org/ooxml/"
    r"|urn:schemas-microsoft-com:|http://purl\.org/dc/|http://www\.w3\.org/XML/"
)
_CUSTOM = ("officeDocument/2006/custom-properties", "officeDocument/2006/docPropsVTypes", "customXml")
_MEASURE = re.compile(r"[-+]?[\d.,:]*(?:pt|px|in|cm|mm|em|%|emu|auto)?|[0-9A-Fa-f]{6,8}|true|false|on|off")
_GUID = re.compile(r"\{[0-9A-Fa-f-]{36}\}")
_TOKEN = re.compile(r"[A-Za-z0-9_.:#,;()*-]*")


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SPOKEN = _names(
    "descr title alt author lastAuthor userName userId displayName tooltip helpText statusText displayText "
    "prompt promptTitle error errorTitle instr string subject lvlText screenTip oddHeader caption providerId"
)
_SPOKEN_VALUE_OF = _names(
    "alias tag docVar attr default listEntry helpText statusText description query connectString mailSubject "
    "lvlText addressFieldName aliases udl docPart category text tblCaption tblDescription"
)
_NAMED = _names("name value anchor href src docLocation initials xpath prefixMappings uniqueName mappingName v styleId")
_STRUCTURE = _names(
    "ascii hAnsi cs eastAsia typeface panose style Requires Ignorable ProcessContent uri schemaLocation "
    "noNamespaceSchemaLocation path coordsize adj formatCode PartName ContentType Extension Type TargetMode Id "
    "bwmode"
)
_DROPPED_VALUES = _names("date dateUtc fullDate dateTime")
_STRUCTURAL_TEXT = _names(
    "posOffset align pctWidth pctHeight pctPosHOffset pctPosVOffset Anchor Row Column Pages Words Characters "
    "Lines Paragraphs CharactersWithSpaces TotalTime DocSecurity AppVersion Application ScaleCrop SharedDoc "
    "HyperlinksChanged LinksUpToDate MMClips HiddenSlides Notes Slides i4 idx formatCode PresentationFormat "
    "revision version"
)
_PART_NAMES = _names(
    "document styles stylesWithEffects settings webSettings header footer footnotes endnotes comments commentsExtended "
    "commentsIds commentsExtensible people numbering fontTable theme image chart style colors item itemProps core app "
    "custom glossary data layout quickStyle drawing sharedStrings workbook sheet table calcChain Content_Types "
    "presentation slide slideLayout slideMaster notesSlide notesMaster tags redacted- word xl ppt docProps customXml "
    "media embeddings charts diagrams worksheets drawings tables theme slides slideLayouts slideMasters _rels "
    "Microsoft_Excel_Sheet Microsoft_Excel_Worksheet Microsoft_Word_Document oleObject afchunk"
)
_NUMBER_TYPES = _names("i1 i2 i8 int uint ui1 ui2 ui4 ui8 r4 r8 decimal")
INSERTIONS = _names("ins moveTo")
DELETIONS = _names("del moveFrom")
_DATES = _names("created modified lastPrinted filetime date")


class Role(Enum):
    """What a value in the markup is."""

    SPOKEN = auto()
    NAMED = auto()
    STRUCTURE = auto()


@lru_cache(maxsize=4096)
def local_name(name: str) -> str:
    """The name without its namespace."""
    return name.rpartition("}")[2]


@lru_cache(maxsize=4096)
def written_by_people(name: str) -> bool:
    """Whether the namespace of an element is none of Office's own, or one for values that people choose."""
    namespace = name.rpartition("}")[0][1:]
    return not _OFFICE.match(namespace) or any(custom in namespace for custom in _CUSTOM)


def attribute_role(element: etree._Element, name: str, value: str) -> Role:
    """How the attribute `name` of `element` is to be read."""
    tag, local = str(element.tag), local_name(name)
    kind = local_name(tag)
    if "relationships}" in name or len(value) < 2 or _GUID.fullmatch(value):
        return Role.STRUCTURE
    if written_by_people(tag):
        return Role.STRUCTURE if "custom-properties" in tag and local == "pid" else Role.SPOKEN
    if local in _SPOKEN or (local in ("val", "name") and kind in _SPOKEN_VALUE_OF):
        return Role.SPOKEN
    if local in _STRUCTURE or _is_built_in(element, kind, local):
        return Role.STRUCTURE
    if local in _NAMED or local in _DROPPED_VALUES or (kind, local) == ("name", "val"):
        return Role.NAMED
    return Role.STRUCTURE if _MEASURE.fullmatch(value) or _TOKEN.fullmatch(value) else Role.NAMED


def text_role(element: etree._Element) -> Role:
    """How the text of an element that is not part of a paragraph is to be read."""
    tag, text = str(element.tag), element.text or ""
    local = local_name(tag)
    if local == "v" and tag.startswith(XLSX) and (cell := element.getparent()) is not None:
        return Role.STRUCTURE if str(cell.get("t")) in ("s", "b", "e") else Role.SPOKEN
    if local in _STRUCTURAL_TEXT and not written_by_people(tag):
        return Role.STRUCTURE
    if local in _DATES or local in ("Template", "f"):
        return Role.NAMED
    return Role.SPOKEN if text.strip() else Role.STRUCTURE


def is_dropped(name: str, *, attribute: bool) -> bool:
    """Whether a value's type allows no other text, so that it goes as a whole: dates."""
    return local_name(name) in (_DROPPED_VALUES if attribute else _DATES)


def is_number(element: etree._Element) -> bool:
    """Whether the element's text must stay a number: cells, chart points and typed properties."""
    local, parent = local_name(str(element.tag)), element.getparent()
    if local == "v" and parent is not None:
        if str(element.tag).startswith(XLSX):
            return parent.get("t") in (None, "n")
        return _inside(element, "numCache", "numLit")
    return local in _NUMBER_TYPES


def is_conventional(part: str) -> bool:
    """Whether a part has a name that programs give to parts, so that it tells nothing."""
    *folders, file = part.strip("/").split("/")
    stem = file.split(".")[0].strip("[]").rstrip("0123456789")
    return {*folders, stem} <= _PART_NAMES | {"", "..", "."}


def readings(root: etree._Element) -> list[frozenset[etree._Element]]:
    """What to leave out to read a part in each way: nothing, and with tracked changes, those accepted or rejected."""
    deleted, inserted = (
        frozenset(below for element in root.iter() if local_name(str(element.tag)) in kinds for below in element.iter())
        for kinds in (DELETIONS, INSERTIONS)
    )
    return [frozenset(), *(left_out for left_out in (deleted, inserted) if left_out)]


def drop_copies(root: etree._Element) -> None:
    """Take out the packed copies of drawings (o:gfxdata) that Word keeps beside its older dialect and does not need."""
    for element in root.iter():
        for name in [name for name in element.attrib if local_name(str(name)) == "gfxdata"]:
            del element.attrib[name]


def _inside(element: etree._Element, *names: str) -> bool:
    return any(local_name(str(ancestor.tag)) in names for ancestor in element.iterancestors())


def _is_built_in(element: etree._Element, kind: str, local: str) -> bool:
    """Names that Office knows by heart: fonts, and all styles but those that the document's author made."""
    if kind in ("font", "lsdException"):
        return local == "name"
    style = element if kind == "style" else element.getparent() if kind == "name" else None
    if style is None or local_name(str(style.tag)) != "style":
        return False
    return local in ("name", "val", "styleId") and not is_own_style(style)


def is_own_style(style: etree._Element) -> bool:
    """Whether a style of a Word document was made by its author."""
    return any(local_name(str(name)) == "customStyle" and value == "1" for name, value in style.attrib.items())
