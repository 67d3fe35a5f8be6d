"""What the printer says of itself (RFC 8011, 5.4; PWG 5100.12; PWG 5100.14; PR-326).

All of it is the same for every organization, so that who is not signed in learns nothing; addresses are those by which
the client reached us. What cannot be known before a job is released at some printer is told as its possible range.
"""

import time
import uuid
from datetime import UTC, datetime
from functools import lru_cache

from connectors.ipp.ticket import FINISHINGS, MOST_COPIES
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
from connectors.settings import get_settings
from domain.texts.catalogue import locales
from portal_api.ipp.addresses import PrinterAddress
from portal_api.ipp.formats import COMPRESSIONS, OCTETS, PDF, TAKEN
from portal_api.ipp.media import media_attributes

TIME_OUT_SECONDS = 180
"""A job whose document does not come within this time is dropped (PR-118, PR-325)."""
RASTER_RESOLUTIONS = (150, 300, 600)
IDENTIFY_ACTIONS = ("display",)
WHICH_JOBS = ("completed", "not-completed", "all", "aborted", "canceled", "pending-held")
NAMESPACE = uuid.UUID("0d1b7a0e-7d3a-4a4e-9a55-6c0a5d2f6b11")
BEGIN = datetime(2024, 1, 1, tzinfo=UTC)
"""Since when the printer is “up”: one moment for all processes, so that no clock of a job runs backwards."""
STARTED = time.time()
MAKE = "Pressroom Print Queue"
TEMPLATE = (
    "copies", "finishings", "job-account-id", "job-hold-until", "job-priority", "job-sheets", "media", "media-col",
    "multiple-document-handling", "number-up", "orientation-requested", "output-bin", "page-ranges",
    "presentation-direction-number-up", "print-color-mode", "print-content-optimize", "print-quality",
    "print-rendering-intent", "print-scaling", "printer-resolution", "sides",
)  # fmt: skip
"""Job template attributes that the printer takes."""
CREATION = (*TEMPLATE, "document-format", "document-name", "ipp-attribute-fidelity", "job-name", "requesting-user-name")
LARGE = frozenset({"media-col-database"})
"""What is given only to those who ask for it by name (PWG 5100.11)."""


def printer_uuid(address: PrinterAddress) -> str:
    """The same queue always has the same one."""
    return uuid.uuid5(NAMESPACE, address.path).urn


def dns_sd_name(address: PrinterAddress) -> str:
    """How the queue is called where printers are looked for."""
    return f"Pressroom {address.organization}"


def up_time(at: datetime | None = None) -> int:
    """Seconds since the printer is up."""
    return int(((at or datetime.now(UTC)) - BEGIN).total_seconds())


def description(address: PrinterAddress, queued: int) -> Attributes:
    """Everything but the operations; `queued` jobs of the asking person wait."""
    return {**_identity(address), **_state(queued), **abilities()}


def _identity(address: PrinterAddress) -> Attributes:
    name = dns_sd_name(address)
    return {
        "printer-uri-supported": uris(address.uri),
        "uri-security-supported": keywords("tls" if address.is_secure else "none"),
        "uri-authentication-supported": keywords("requesting-user-name" if address.secret else "basic"),
        "printer-name": names(name.replace(" ", "-").lower()),
        "printer-dns-sd-name": names(name),
        "printer-info": texts("Pressroom"),
        "printer-location": texts(""),
        "printer-uuid": uris(printer_uuid(address)),
        "printer-more-info": uris(f"{address.web}/print-queue"),
        "printer-supply-info-uri": uris(f"{address.web}/print-queue"),
        "printer-icons": uris(f"{address.web}/ipp/icon.png"),
    }


def _state(queued: int) -> Attributes:
    return {
        "printer-state": enums(3),
        "printer-state-reasons": keywords("none"),
        "printer-state-message": texts(""),
        "printer-is-accepting-jobs": boolean(True),
        "queued-job-count": integers(queued),
        "printer-up-time": integers(up_time()),
        "printer-current-time": moment(time.time()),
        "printer-state-change-time": integers(up_time(datetime.fromtimestamp(STARTED, UTC))),
        "printer-state-change-date-time": moment(STARTED),
    }


@lru_cache(maxsize=1)
def abilities() -> Attributes:
    """What does not change while the process lives."""
    return {**_general(), **_formats(), **_template(), **media_attributes()}


def _general() -> Attributes:
    commands = "PDF,PWGRaster,AppleRaster,URF,JPEG,PNG"
    return {
        "printer-geo-location": unknown(),
        "printer-organization": texts(""),
        "printer-organizational-unit": texts(""),
        "printer-make-and-model": texts(MAKE),
        "printer-device-id": texts(f"MFG:Pressroom;MDL:Print Queue;CMD:{commands};DES:{MAKE};"),
        "printer-kind": keywords("document", "photo", "envelope", "label"),
        "printer-supply": octets(["type=other;maxcapacity=-2;level=-2;class=other;colorantname=none;"]),
        "printer-supply-description": texts("The supplies of the printer where a job is released"),
        "printer-config-change-date-time": moment(STARTED),
        "printer-config-change-time": integers(up_time(datetime.fromtimestamp(STARTED, UTC))),
        "charset-configured": charsets("utf-8"),
        "charset-supported": charsets("utf-8", "us-ascii"),
        "natural-language-configured": languages("en"),
        "generated-natural-language-supported": languages(*locales()),
        "ipp-versions-supported": keywords("1.0", "1.1", "2.0"),
        "ipp-features-supported": keywords("ipp-everywhere"),
        "color-supported": boolean(True),
        "pages-per-minute": integers(30),
        "pages-per-minute-color": integers(30),
        "pdl-override-supported": keywords("attempted"),
        "multiple-document-jobs-supported": boolean(False),
        "multiple-operation-time-out": integers(TIME_OUT_SECONDS),
        "multiple-operation-time-out-action": keywords("abort-job"),
        "job-ids-supported": boolean(True),
        "job-creation-attributes-supported": keywords(*CREATION),
        "job-release-action-supported": keywords("owner-authorized"),
        "job-release-action-default": keywords("owner-authorized"),
        "which-jobs-supported": keywords(*WHICH_JOBS),
        "preferred-attributes-supported": boolean(False),
        "printer-get-attributes-supported": keywords("document-format"),
        "identify-actions-supported": keywords(*IDENTIFY_ACTIONS),
        "identify-actions-default": keywords(*IDENTIFY_ACTIONS),
        "requesting-user-uri-supported": boolean(False),
    }


def _formats() -> Attributes:
    return {
        "document-format-supported": media_types(*TAKEN, OCTETS),
        "document-format-default": media_types(OCTETS),
        "document-format-preferred": media_types(PDF),
        "compression-supported": keywords(*COMPRESSIONS),
        "job-k-octets-supported": ranges(0, get_settings().print_max_mb << 10),
        "job-impressions-supported": ranges(0, get_settings().print_max_pages),
        "pdf-versions-supported": keywords("adobe-1.3", "adobe-1.4", "adobe-1.5", "adobe-1.6", "iso-32000-1_2008"),
        "jpeg-k-octets-supported": ranges(0, get_settings().print_max_mb << 10),
        "jpeg-x-dimension-supported": ranges(1, 65_535),
        "jpeg-y-dimension-supported": ranges(1, 65_535),
        "pdf-k-octets-supported": ranges(0, get_settings().print_max_mb << 10),
        "pwg-raster-document-resolution-supported": resolutions(*RASTER_RESOLUTIONS),
        "pwg-raster-document-sheet-back": keywords("normal"),
        "pwg-raster-document-type-supported": keywords("black_1", "sgray_8", "srgb_8", "srgb_16", "cmyk_8"),
        "urf-supported": keywords(
            "V1.4", "CP255", "W8", "SRGB24", "DM1", "RS300-600", "IS1-4-5-6-7-19-20", "MT1-2-3-5-6-8-9-10-11-12-13",
            "PQ3-4-5", "OB10", "FN3-4-5-20",
        ),
    }  # fmt: skip


def _template() -> Attributes:
    """Defaults and supported values of job template attributes."""
    handling = ("separate-documents-collated-copies", "separate-documents-uncollated-copies")
    directions = ("toright-tobottom", "tobottom-toright", "toleft-tobottom", "tobottom-toleft")
    upwards = ("toright-totop", "totop-toright", "toleft-totop", "totop-toleft")
    return {
        "copies-default": integers(1),
        "copies-supported": ranges(1, MOST_COPIES),
        "finishings-default": enums(3),
        "finishings-supported": enums(3, *sorted(FINISHINGS.values())),
        "job-account-id-default": nothing(),
        "job-account-id-supported": boolean(True),
        "job-hold-until-default": keywords("no-hold"),
        "job-hold-until-supported": keywords("no-hold", "indefinite"),
        "job-priority-default": integers(50),
        "job-priority-supported": integers(100),
        "job-sheets-default": keywords("none"),
        "job-sheets-supported": keywords("none"),
        "multiple-document-handling-default": keywords(handling[0]),
        "multiple-document-handling-supported": keywords(*handling),
        "number-up-default": integers(1),
        "number-up-supported": integers(1, 2, 4, 6, 9, 16),
        "orientation-requested-default": nothing(),
        "orientation-requested-supported": enums(3, 4, 5, 6),
        "output-bin-default": keywords("face-down"),
        "output-bin-supported": keywords("face-down", "face-up", "auto", "stacker-1", "mailbox-1", "mailbox-2"),
        "page-ranges-supported": boolean(True),
        "presentation-direction-number-up-default": keywords(directions[0]),
        "presentation-direction-number-up-supported": keywords(*directions, *upwards),
        "print-color-mode-default": keywords("auto"),
        "print-color-mode-supported": keywords("auto", "color", "monochrome"),
        "print-content-optimize-default": keywords("auto"),
        "print-content-optimize-supported": keywords("auto"),
        "print-quality-default": enums(4),
        "print-quality-supported": enums(3, 4, 5),
        "print-rendering-intent-default": keywords("auto"),
        "print-rendering-intent-supported": keywords("auto"),
        "print-scaling-default": keywords("auto"),
        "print-scaling-supported": keywords("auto"),
        "printer-resolution-default": resolutions(600),
        "printer-resolution-supported": resolutions(*RASTER_RESOLUTIONS),
        "sides-default": keywords("one-sided"),
        "sides-supported": keywords("one-sided", "two-sided-long-edge", "two-sided-short-edge"),
    }
