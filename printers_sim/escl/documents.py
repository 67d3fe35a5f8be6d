"""The XML of eSCL (Mopria eSCL 2.97): capabilities, status, image information, and the settings that clients send."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from xml.etree.ElementTree import Element, SubElement, register_namespace, tostring

from defusedxml import DefusedXmlException, ElementTree

from printers_sim.device.refusal import Refusal
from printers_sim.ipp.description import printer_uuid
from printers_sim.printer import SimulatedPrinter
from printers_sim.scanner.picture import Color, Rendering
from printers_sim.scanner.scanner import RESOLUTIONS, Scanner, Source

SCAN = "{http://schemas.hp.com/imaging/escl/2011/05/03}"
PWG = "{http://www.pwg.org/schemas/2010/12/sm}"
VERSION = "2.97"
UNITS_PER_INCH = 300
"""Regions are in three hundredths of an inch."""
MM_PER_INCH = 25.4
GLASS, FEEDER = (2550, 3508), (3508, 4961)
"""The largest originals: letter width and A4 height on the glass, A3 in the feeder."""
COLORS: Mapping[str, Color] = {"BlackAndWhite1": "black_and_white", "Grayscale8": "grayscale", "RGB24": "color"}
CONTENTS = {"Text": "text", "TextAndPhoto": "text_photo", "Photo": "photo", "LineArt": "graphics"}
FORMATS = ("image/jpeg", "application/pdf", "image/png")
MEDIA_TYPE = "text/xml"
for _prefix, _name in (("scan", SCAN), ("pwg", PWG)):
    register_namespace(_prefix, _name.strip("{}"))  # some clients know elements by the usual prefixes only


def capabilities(printer: SimulatedPrinter, web: str) -> bytes:
    """ScannerCapabilities."""
    root = Element(f"{SCAN}ScannerCapabilities")
    _texts(
        root,
        {
            f"{PWG}Version": VERSION,
            f"{PWG}MakeAndModel": f"{printer.profile.make} {printer.model}",
            f"{PWG}SerialNumber": printer.serial,
            f"{SCAN}UUID": printer_uuid(printer).removeprefix("urn:uuid:"),
            f"{SCAN}AdminURI": f"{web}/scanner",
            f"{SCAN}IconURI": f"{web}/icon.png",
        },
    )
    _input(SubElement(SubElement(root, f"{SCAN}Platen"), f"{SCAN}PlatenInputCaps"), GLASS)
    adf = SubElement(root, f"{SCAN}Adf")
    for name in ("AdfSimplexInputCaps", "AdfDuplexInputCaps"):
        _input(SubElement(adf, f"{SCAN}{name}"), FEEDER)
    _texts(adf, {f"{SCAN}FeederCapacity": "100"})
    options = SubElement(adf, f"{SCAN}AdfOptions")
    for option in ("DetectPaperLoaded", "Duplex"):
        SubElement(options, f"{SCAN}AdfOption").text = option
    return _written(root)


def status(scanner: Scanner, jobs: Iterable[Any], *, is_busy: bool) -> bytes:
    """ScannerStatus; `jobs` are the newest ones first."""
    root = Element(f"{SCAN}ScannerStatus")
    _texts(root, {f"{PWG}Version": VERSION, f"{PWG}State": "Processing" if is_busy else "Idle"})
    SubElement(root, f"{SCAN}AdfState").text = adf_state(scanner)
    listed = SubElement(root, f"{SCAN}Jobs")
    for job in jobs:
        info = SubElement(listed, f"{SCAN}JobInfo")
        facts = {
            f"{PWG}JobUri": job.path,
            f"{PWG}JobUuid": job.id,
            f"{SCAN}Age": str(job.age),
            f"{PWG}ImagesCompleted": str(job.images),
            f"{PWG}ImagesToTransfer": "0" if job.state.is_ended else "1",
            f"{PWG}JobState": job.state.value,
        }
        _texts(info, facts)
        reasons = SubElement(info, f"{PWG}JobStateReasons")
        SubElement(reasons, f"{PWG}JobStateReason").text = job.state.reason
    return _written(root)


def adf_state(scanner: Scanner) -> str:
    """How the feeder is."""
    if scanner.cover_open:
        return "ScannerAdfHatchOpen"
    if scanner.is_jammed:
        return "ScannerAdfJam"
    return "ScannerAdfLoaded" if scanner.feeder else "ScannerAdfEmpty"


def image_info(path: str, job_id: str, width: int, height: int, channels: int) -> bytes:
    """ScanImageInfo of the page that was handed out last."""
    root = Element(f"{SCAN}ScanImageInfo")
    facts = {
        f"{PWG}JobUri": path,
        f"{PWG}JobUuid": job_id,
        f"{SCAN}ActualWidth": str(width),
        f"{SCAN}ActualHeight": str(height),
        f"{SCAN}ActualBytesPerLine": str(width * channels),
        f"{SCAN}BlankPageDetected": "false",
    }
    _texts(root, facts)
    return _written(root)


class Settings:
    """What a client asks for (ScanSettings); raises `Refusal` for what this scanner cannot do."""

    def __init__(self, content: bytes) -> None:
        root = _parsed(content)
        self.media_type = _text(root, f"{SCAN}DocumentFormatExt") or _text(root, f"{PWG}DocumentFormat") or FORMATS[0]
        self.source = Source.FEEDER if _text(root, f"{PWG}InputSource") == "Feeder" else Source.GLASS
        self.two_sided = self.source is Source.FEEDER and _text(root, f"{SCAN}Duplex") == "true"
        color, resolution = _text(root, f"{SCAN}ColorMode") or "RGB24", _text(root, f"{SCAN}XResolution") or "300"
        is_known = self.media_type in FORMATS and color in COLORS and resolution.isdecimal()
        if not is_known or int(resolution) not in RESOLUTIONS:
            raise Refusal(409, "unsupported", "The scanner cannot do that.")
        self.rendering = Rendering(
            dpi=int(resolution),
            color=COLORS[color],
            content=CONTENTS.get(_text(root, f"{PWG}ContentType"), "text"),
            area=_area(root, GLASS if self.source is Source.GLASS else FEEDER),
        )


def _area(root: Element, most: tuple[int, int]) -> tuple[float, float, float, float] | None:
    region = root.find(f".//{PWG}ScanRegion")
    if region is None:
        return None
    values = [_text(region, f"{PWG}{name}") for name in ("XOffset", "YOffset", "Width", "Height")]
    if not all(value.isdecimal() for value in values):
        raise Refusal(400, "bad_region", "The region cannot be read.")
    x, y, width, height = (int(value) for value in values)
    if not (0 < width <= most[0] - x and 0 < height <= most[1] - y):
        raise Refusal(409, "bad_region", "The region is not on the glass.")
    left, top, across, down = (value / UNITS_PER_INCH * MM_PER_INCH for value in (x, y, width, height))
    return left, top, across, down


def _input(caps: Element, most: tuple[int, int]) -> None:
    sizes = {"MinWidth": 50, "MaxWidth": most[0], "MinHeight": 50, "MaxHeight": most[1], "MaxScanRegions": 1}
    _texts(caps, {f"{SCAN}{name}": str(value) for name, value in sizes.items()})
    profile = SubElement(SubElement(caps, f"{SCAN}SettingProfiles"), f"{SCAN}SettingProfile")
    _list(profile, f"{SCAN}ColorModes", f"{SCAN}ColorMode", list(COLORS))
    _list(profile, f"{SCAN}ContentTypes", f"{PWG}ContentType", list(CONTENTS))
    formats = SubElement(profile, f"{SCAN}DocumentFormats")
    for media_type in FORMATS:
        SubElement(formats, f"{PWG}DocumentFormat").text = media_type
    for media_type in FORMATS:
        SubElement(formats, f"{SCAN}DocumentFormatExt").text = media_type
    discrete = SubElement(SubElement(profile, f"{SCAN}SupportedResolutions"), f"{SCAN}DiscreteResolutions")
    for resolution in RESOLUTIONS:
        both = {f"{SCAN}XResolution": str(resolution), f"{SCAN}YResolution": str(resolution)}
        _texts(SubElement(discrete, f"{SCAN}DiscreteResolution"), both)
    _list(profile, f"{SCAN}ColorSpaces", f"{SCAN}ColorSpace", ["sRGB"])
    _list(caps, f"{SCAN}SupportedIntents", f"{SCAN}Intent", ["Document", "TextAndGraphic", "Photo", "Preview"])
    _texts(caps, {f"{SCAN}MaxOpticalXResolution": "600", f"{SCAN}MaxOpticalYResolution": "600"})


def _list(parent: Element, name: str, item: str, values: Sequence[str]) -> None:
    listed = SubElement(parent, name)
    for value in values:
        SubElement(listed, item).text = value


def _texts(parent: Element, values: Mapping[str, str]) -> None:
    for name, value in values.items():
        SubElement(parent, name).text = value


def _written(root: Element) -> bytes:
    written: bytes = tostring(root, encoding="UTF-8", xml_declaration=True)
    return written


def _parsed(content: bytes) -> Element:
    try:
        root: Element = ElementTree.fromstring(content, forbid_dtd=True)
    except (ElementTree.ParseError, DefusedXmlException, ValueError) as error:
        raise Refusal(400, "bad_xml", "The settings cannot be read.") from error
    if root.tag != f"{SCAN}ScanSettings":
        raise Refusal(400, "bad_xml", "These are no scan settings.")
    return root


def _text(root: Element, name: str) -> str:
    return (root.findtext(f".//{name}") or "").strip()
