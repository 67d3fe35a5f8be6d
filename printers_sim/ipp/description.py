"""What the printer says of itself: identity, what it can do, and its defaults (RFC 8011 §5.4, PWG 5100.14 §5)."""

import uuid
from collections.abc import Sequence

from connectors.ipp.values import (
    boolean,
    charsets,
    enums,
    integers,
    keywords,
    languages,
    media_types,
    moment,
    names,
    nothing,
    octets,
    ranges,
    resolutions,
    texts,
    unknown,
    uris,
)
from connectors.ipp.wire import Attributes
from printers_sim.ipp.media import media_attributes
from printers_sim.printer import SimulatedPrinter
from printers_sim.rendering.document import ARRANGEMENTS, FORMATS, OCTETS, PDF

PATH = "/ipp/print"
OPERATIONS = (
    0x0002, 0x0004, 0x0005, 0x0006, 0x0008, 0x0009, 0x000A, 0x000B, 0x000C, 0x000D, 0x0039, 0x003B, 0x003C,
)  # fmt: skip
RESTART_PRINTER = 0x0029
"""RFC 3998; only some models have it."""
MOST_COPIES = 999
TIME_OUT_SECONDS = 60
IDENTIFY_ACTIONS = ("display", "flash", "sound")
RASTER_RESOLUTIONS = (150, 300)
"""Of PWG rasters: more would only be thrown away, because sides are kept at 150 dots per inch."""
NAMESPACE = uuid.UUID("6b6f2f5e-5b0c-4b47-9d5e-0f6a1c5b7e21")
TEMPLATE = (
    "copies", "finishings", "job-hold-until", "job-priority", "job-sheets", "media", "media-col",
    "multiple-document-handling", "number-up", "orientation-requested", "output-bin", "overrides", "page-ranges",
    "print-color-mode", "print-content-optimize", "print-quality", "print-rendering-intent", "print-scaling",
    "printer-resolution", "sides",
)  # fmt: skip
"""Job template attributes that the printer takes."""
CREATION = (*TEMPLATE, "document-name", "ipp-attribute-fidelity", "job-name", "requesting-user-name")


def operations_of(printer: SimulatedPrinter) -> tuple[int, ...]:
    """What that model can do by IPP."""
    return (*OPERATIONS, RESTART_PRINTER) if printer.profile.ipp_restart == "printer" else OPERATIONS


def printer_uuid(printer: SimulatedPrinter) -> str:
    """The same printer always has the same one."""
    return uuid.uuid5(NAMESPACE, f"{printer.profile.make}/{printer.serial}").urn


def description(printer: SimulatedPrinter, web: str, offered: Sequence[str]) -> Attributes:
    """All attributes but the state; `web` is where it was called, `offered` all addresses at which it prints."""
    return {
        **_identity(printer, web, offered),
        **_abilities(printer),
        **template_attributes(printer),
        **media_attributes(printer),
    }


def _identity(printer: SimulatedPrinter, web: str, offered: Sequence[str]) -> Attributes:
    profile = printer.profile
    return {
        "printer-uri-supported": uris(*offered),
        "uri-security-supported": keywords(*("tls" if uri.startswith("ipps:") else "none" for uri in offered)),
        "uri-authentication-supported": keywords(*("requesting-user-name" for _ in offered)),
        "printer-name": names(printer.host_name or printer.serial),
        "printer-dns-sd-name": names(f"{profile.make} {printer.model} ({printer.serial})"),
        "printer-info": texts(f"{profile.make} {printer.model}"),
        "printer-location": texts(printer.location),
        "printer-geo-location": unknown(),
        "printer-organization": texts(""),
        "printer-organizational-unit": texts(""),
        "printer-make-and-model": texts(f"{profile.make} {printer.model}"),
        "printer-device-id": texts(printer.device_id),
        "printer-serial-number": texts(printer.serial),
        "printer-firmware-name": names("System"),
        "printer-firmware-string-version": texts(printer.firmware),
        "printer-firmware-version": octets([printer.firmware]),
        "printer-uuid": uris(printer_uuid(printer)),
        "printer-more-info": uris(f"{web}/"),
        "printer-supply-info-uri": uris(f"{web}/supplies"),
        "printer-icons": uris(f"{web}/icon.png"),
        "printer-kind": keywords("document", "photo"),
        "charset-configured": charsets("utf-8"),
        "charset-supported": charsets("utf-8", "us-ascii"),
        "natural-language-configured": languages("en"),
        "generated-natural-language-supported": languages("en"),
        "printer-config-change-date-time": moment(printer.device.restarted_at),
        "printer-config-change-time": integers(0),
    }


def _abilities(printer: SimulatedPrinter) -> Attributes:
    profile = printer.profile
    color: Attributes = {"pages-per-minute-color": integers(printer.speed)} if profile.color else {}
    types = ["black_1", "sgray_8"] + (["srgb_8", "srgb_16", "cmyk_8"] if profile.color else [])
    return color | {
        "ipp-versions-supported": keywords("1.1", "2.0"),
        "ipp-features-supported": keywords("ipp-everywhere"),
        "operations-supported": enums(*operations_of(printer)),
        "color-supported": boolean(profile.color),
        "pages-per-minute": integers(printer.speed),
        "document-format-supported": media_types(*FORMATS, OCTETS),
        "document-format-default": media_types(OCTETS),
        "document-format-preferred": media_types(PDF),
        "compression-supported": keywords("none", "deflate", "gzip"),
        "pdl-override-supported": keywords("attempted"),
        "multiple-document-jobs-supported": boolean(True),
        "multiple-operation-time-out": integers(TIME_OUT_SECONDS),
        "multiple-operation-time-out-action": keywords("abort-job"),
        "job-ids-supported": boolean(True),
        "job-k-octets-supported": ranges(0, 256 << 10),
        "job-creation-attributes-supported": keywords(*CREATION),
        "which-jobs-supported": keywords("completed", "not-completed", "all"),
        "preferred-attributes-supported": boolean(False),
        "printer-get-attributes-supported": keywords("document-format"),
        "identify-actions-supported": keywords(*IDENTIFY_ACTIONS),
        "identify-actions-default": keywords("flash"),
        "pwg-raster-document-resolution-supported": resolutions(*RASTER_RESOLUTIONS),
        "pwg-raster-document-sheet-back": keywords("normal"),
        "pwg-raster-document-type-supported": keywords(*types),
        "job-account-id-supported": boolean(False),
        "job-accounting-user-id-supported": boolean(False),
        "overrides-supported": keywords("document-number", "pages"),
    }


def template_attributes(printer: SimulatedPrinter) -> Attributes:
    """Defaults and supported values of job template attributes."""
    profile = printer.profile
    sides = ("one-sided", "two-sided-long-edge", "two-sided-short-edge") if profile.duplex else ("one-sided",)
    modes = ("auto", "color", "monochrome") if profile.color else ("auto", "monochrome")
    best = max(profile.resolutions)
    return {
        "copies-default": integers(1),
        "copies-supported": ranges(1, MOST_COPIES),
        "finishings-default": enums(3),
        "finishings-supported": enums(3),
        "job-hold-until-default": keywords("no-hold"),
        "job-hold-until-supported": keywords("no-hold", "indefinite"),
        "job-priority-default": integers(50),
        "job-priority-supported": integers(100),
        "job-sheets-default": keywords("none"),
        "job-sheets-supported": keywords("none"),
        "multiple-document-handling-default": keywords("separate-documents-collated-copies"),
        "multiple-document-handling-supported": keywords(
            "separate-documents-collated-copies", "separate-documents-uncollated-copies"
        ),
        "number-up-default": integers(1),
        "number-up-supported": integers(*ARRANGEMENTS),
        "orientation-requested-default": nothing(),
        "orientation-requested-supported": enums(3, 4, 5, 6),
        "output-bin-default": keywords("face-down"),
        "output-bin-supported": keywords("face-down"),
        "page-ranges-supported": boolean(True),
        "print-color-mode-default": keywords("auto"),
        "print-color-mode-supported": keywords(*modes),
        "print-content-optimize-default": keywords("auto"),
        "print-content-optimize-supported": keywords("auto", "graphic", "photo", "text", "text-and-graphic"),
        "print-quality-default": enums(4),
        "print-quality-supported": enums(3, 4, 5),
        "print-rendering-intent-default": keywords("auto"),
        "print-rendering-intent-supported": keywords("auto", "perceptual", "relative"),
        "print-scaling-default": keywords("auto"),
        "print-scaling-supported": keywords("auto", "auto-fit", "fit", "none"),
        "printer-resolution-default": resolutions(min(600, best)),
        "printer-resolution-supported": resolutions(*profile.resolutions),
        "sides-default": keywords("one-sided"),
        "sides-supported": keywords(*sides),
    }
