"""The XML files of a settings bundle: settings of the device, and functions that anybody may use (PR-211)."""

from xml.etree.ElementTree import Element

from defusedxml import DefusedXmlException, ElementTree

from printers_sim.device.catalogue import Value, catalogue
from printers_sim.device.package import invalid
from printers_sim.printer import SimulatedPrinter

DEVICE_SETTINGS, SECURITY_SETTINGS = "bundle.xml", "security_settings.xml"
PUBLIC = "security.public."


def read_xml_settings(printer: SimulatedPrinter, name: str, content: bytes) -> dict[str, Value]:
    """The settings in one of the two files by name; raises `Refusal` for what is no such file.

    A function of the public permissions is a switch: “cancel jobs” is `security.public.cancel_jobs`.
    """
    root = _parsed(name, content)
    known = catalogue(printer.profile)
    if name == SECURITY_SETTINGS:
        texts = [(one.text or "").strip().lower() for one in root.findall("./public_permissions/name")]
        return {PUBLIC + text.replace(" ", "_"): True for text in texts}
    given = {one.get("name", ""): one.text or "" for one in root.iterfind(".//deviceSettings/setting")}
    return {one: known[one].parsed(text) if one in known else text for one, text in given.items()}


def _parsed(name: str, content: bytes) -> Element:
    try:
        root: Element = ElementTree.fromstring(content)
    except (ElementTree.ParseError, DefusedXmlException, LookupError, ValueError) as error:
        raise invalid(f"“{name}” in the bundle is no XML that can be read.") from error
    return root
