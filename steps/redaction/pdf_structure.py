"""What a PDF holds besides its visible pages: it is read for the report, and left behind when pages are taken over."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from connectors.documents.inspection_faults import DAMAGED_FILE, ENCRYPTED
from connectors.messages import N_
from steps.redaction.jpeg import without_segments

PROPERTIES = N_("document properties")
BOOKMARKS = N_("bookmarks")
ANNOTATIONS = N_("annotations and form fields")
ATTACHMENTS = N_("attachments")
HIDDEN = N_("hidden structure")

_PAGE_KEYS = ("/MediaBox", "/CropBox", "/Rotate", "/UserUnit", "/Resources", "/Contents", "/Group")
_LEFT_BEHIND = (
    "/Metadata", "/PieceInfo", "/LastModified", "/Alternates", "/OPI", "/StructParent", "/StructParents", "/OC",
    "/AF", "/Thumb", "/Measure", "/PtData",
)  # fmt: skip
_CATALOG_KEYS = frozenset({"/Type", "/Pages", "/Version"})
_OPERATORS_WITH_TEXT = frozenset({"BDC", "DP"})


def open_pdf(path: Path, name: str) -> Any:
    """The PDF as qpdf opens it; raises `ENCRYPTED`, `DAMAGED_FILE`."""
    import pikepdf

    try:
        return pikepdf.open(path)
    except pikepdf.PasswordError as exc:
        raise ENCRYPTED(name=name) from exc
    except (pikepdf.PdfError, ValueError, RuntimeError) as exc:
        raise DAMAGED_FILE(name=name) from exc


def outside_texts(pdf: Any) -> Iterator[tuple[str, str]]:
    """Texts outside of the page contents, each with its place: what `take_over` will not take."""
    import pikepdf

    root = pdf.Root
    for value in strings(pdf.trailer.get("/Info"), set()):
        yield value, PROPERTIES
    metadata = root.get("/Metadata")
    if isinstance(metadata, pikepdf.Stream):
        yield metadata.read_bytes().decode("utf-8", "replace"), PROPERTIES
    for key, where in (("/Outlines", BOOKMARKS), ("/AcroForm", ANNOTATIONS), ("/Names", ATTACHMENTS)):
        for value in strings(root.get(key), set()):
            yield value, where
    for page in pdf.pages:
        for value in strings(page.obj.get("/Annots"), {page.obj.objgen}):
            yield value, ANNOTATIONS
    for key in ("/StructTreeRoot", "/PageLabels", "/OCProperties", "/OpenAction", "/AA", "/Dests", "/Lang"):
        for value in strings(root.get(key), set()):
            yield value, HIDDEN


def strings(start: Any, seen: set[tuple[int, int]]) -> Iterator[str]:
    """Every text string below `start`, stream contents excepted; page trees are not walked."""
    import pikepdf

    waiting = [start]
    while waiting:
        item = waiting.pop()
        if isinstance(item, pikepdf.String):
            yield str(item)
        if not isinstance(item, (pikepdf.Dictionary, pikepdf.Array, pikepdf.Stream)):
            continue
        if item.is_indirect:
            if item.objgen in seen:
                continue
            seen.add(item.objgen)
        if isinstance(item, pikepdf.Array):
            waiting.extend(item)
        elif item.get("/Type") not in (pikepdf.Name.Page, pikepdf.Name.Pages):
            waiting.extend(value for _, value in item.items())


def page_strings(page: Any) -> Iterator[str]:
    """Texts of a page that no reader shows: in its resources, and beside its marked content (ActualText, Alt, E)."""
    import pikepdf

    yield from strings(page.obj.get("/Resources"), set())
    contents = [page, *(form for form in _streams(page.obj.get("/Resources")) if form.get("/Subtype") == "/Form")]
    for content in contents:
        try:
            instructions = pikepdf.parse_content_stream(content)
        except (pikepdf.PdfError, TypeError, ValueError) as exc:
            raise DAMAGED_FILE(name="") from exc
        for instruction in instructions:
            if str(instruction.operator) in _OPERATORS_WITH_TEXT:
                for operand in instruction.operands:
                    yield from strings(operand, set())


def has_layers(pdf: Any, page: Any) -> bool:
    """Whether parts of the page belong to layers that a reader can hide."""
    if "/OCProperties" not in pdf.Root:
        return False
    resources = page.obj.get("/Resources", {})
    properties = resources.get("/Properties", {}) if "/Properties" in resources else {}
    layered = any(value.get("/Type") in ("/OCG", "/OCMD") for _, value in properties.items())
    return layered or any("/OC" in stream for stream in _streams(resources))


def take_over(source: Any, number: int, target: Any) -> None:
    """Append page `number` (from 0) of `source` to `target`: contents and resources, nothing else."""
    page = source.pages[number]
    for key in ("/Resources", "/MediaBox", "/CropBox", "/Rotate"):
        inherited = _inherited(page.obj, key)
        if inherited is not None:
            page.obj[key] = inherited
    for key in list(page.obj.keys()):
        if key not in (*_PAGE_KEYS, "/Type", "/Parent"):
            del page.obj[key]
    for holder in _holders(page.obj.get("/Resources")):
        for key in _LEFT_BEHIND:
            if key in holder:
                del holder[key]
    for stream in _streams(page.obj.get("/Resources")):
        _strip_jpeg(stream)
    target.pages.append(page)


def unexpected(pdf: Any) -> bool:
    """Whether the finished file holds anything beside its pages."""
    return bool(set(pdf.Root.keys()) - _CATALOG_KEYS) or len(pdf.docinfo) > 0


def all_strings(pdf: Any) -> Iterator[str]:
    """Every text string of every object in the file."""
    for item in pdf.objects:
        yield from strings(item, set())


def _inherited(page: Any, key: str) -> Any:
    node, depth = page, 0
    while node is not None and depth < 64:
        if key in node:
            return node[key]
        node, depth = node.get("/Parent"), depth + 1
    return None


def _holders(start: Any) -> Iterator[Any]:
    """Every dictionary and stream below `start`."""
    import pikepdf

    waiting, seen = [start], set()
    while waiting:
        item = waiting.pop()
        if not isinstance(item, (pikepdf.Dictionary, pikepdf.Array, pikepdf.Stream)):
            continue
        if item.is_indirect:
            if item.objgen in seen:
                continue
            seen.add(item.objgen)
        if isinstance(item, pikepdf.Array):
            waiting.extend(item)
            continue
        yield item
        waiting.extend(value for key, value in item.items() if key != "/Parent")


def _streams(start: Any) -> Iterator[Any]:
    import pikepdf

    return (item for item in _holders(start) if isinstance(item, pikepdf.Stream))


def _strip_jpeg(stream: Any) -> None:
    """Take comments, EXIF and the like out of a JPEG picture without touching its pixels."""
    import pikepdf

    filters = stream.get("/Filter")
    only = filters[0] if isinstance(filters, pikepdf.Array) and len(filters) == 1 else filters
    if only == "/DCTDecode":
        raw = stream.read_raw_bytes()
        bare = without_segments(raw)
        if bare != raw:
            stream.write(bare, filter=pikepdf.Name.DCTDecode, decode_parms=stream.get("/DecodeParms"))
