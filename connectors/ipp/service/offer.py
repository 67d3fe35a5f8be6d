"""What a print service of ours offers: settings, formats, media, and what holds for all of it (RFC 8011, 5; PR-326).

What cannot be known before a job is at some printer is told as its possible range.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from connectors.ipp.service.formats import COMPRESSIONS, OCTETS, PDF, TAKEN
from connectors.ipp.service.media import media_attributes
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
    nothing,
    octets,
    ranges,
    resolutions,
    texts,
    unknown,
)
from connectors.ipp.wire import Attributes

TIME_OUT_SECONDS = 180
"""A job whose document does not come within this time is dropped (PR-118, PR-325)."""
RASTER_RESOLUTIONS = (150, 300, 600)
IDENTIFY_ACTIONS = ("display",)
WHICH_JOBS = ("completed", "not-completed", "all", "aborted", "canceled", "pending-held")
BEGIN = datetime(2024, 1, 1, tzinfo=UTC)
"""Since when the printer is “up”: one moment for all processes, so that no clock of a job runs backwards."""
STARTED = time.time()
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


@dataclass(frozen=True, slots=True)
class Offer:
    """What differs from one service to another: its name, the largest job, and the languages it speaks."""

    make: str
    most_mb: int
    most_pages: int
    languages: Sequence[str]


def up_time(at: datetime | None = None) -> int:
    """Seconds since the printer is up."""
    return int(((at or datetime.now(UTC)) - BEGIN).total_seconds())


def offered(offer: Offer) -> Attributes:
    """All of it, which does not change while the process lives."""
    return {**_general(offer), **_formats(offer), **_template(), **media_attributes()}


def printer_state(queued: int) -> Attributes:
    """The printer takes jobs; `queued` of them wait."""
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


def described(known: Attributes, wanted: Sequence[str]) -> Attributes:
    """Of what is known of a printer, what a request wants, by names or by groups (RFC 8011, 4.2.5.1)."""
    usual = [name for name in known if name not in LARGE]
    template = [name for name in known if stem(name) in TEMPLATE or name.startswith("media-")]
    groups = {
        "all": usual,
        "printer-description": [name for name in usual if name not in template],
        "job-template": [name for name in template if name not in LARGE],
    }
    return chosen(known, wanted or ["all"], groups)


def chosen(known: Attributes, wanted: Sequence[str], groups: Mapping[str, Sequence[str]]) -> Attributes:
    """Of what is known, what is wanted by names of attributes and of groups."""
    names = {name for one in wanted for name in groups.get(one, [one])}
    return {name: value for name, value in known.items() if name in names}


def stem(name: str) -> str:
    """The job attribute that an attribute of the printer is about."""
    return name.removesuffix("-supported").removesuffix("-default").removesuffix("-ready")


def _general(offer: Offer) -> Attributes:
    commands = "PDF,PWGRaster,AppleRaster,URF,JPEG,PNG"
    return {
        "printer-geo-location": unknown(),
        "printer-organization": texts(""),
        "printer-organizational-unit": texts(""),
        "printer-make-and-model": texts(offer.make),
        "printer-device-id": texts(f"MFG:Pressroom;MDL:Print Queue;CMD:{commands};DES:{offer.make};"),
        "printer-kind": keywords("document", "photo", "envelope", "label"),
        "printer-supply": octets(["type=other;maxcapacity=-2;level=-2;class=other;colorantname=none;"]),
        "printer-supply-description": texts("The supplies of the printer where a job is released"),
        "printer-config-change-date-time": moment(STARTED),
        "printer-config-change-time": integers(up_time(datetime.fromtimestamp(STARTED, UTC))),
        "charset-configured": charsets("utf-8"),
        "charset-supported": charsets("utf-8", "us-ascii"),
        "natural-language-configured": languages("en"),
        "generated-natural-language-supported": languages(*offer.languages),
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


def _formats(offer: Offer) -> Attributes:
    return {
        "document-format-supported": media_types(*TAKEN, OCTETS),
        "document-format-default": media_types(OCTETS),
        "document-format-preferred": media_types(PDF),
        "compression-supported": keywords(*COMPRESSIONS),
        "job-k-octets-supported": ranges(0, offer.most_mb << 10),
        "job-impressions-supported": ranges(0, offer.most_pages),
        "pdf-versions-supported": keywords("adobe-1.3", "adobe-1.4", "adobe-1.5", "adobe-1.6", "iso-32000-1_2008"),
        "jpeg-k-octets-supported": ranges(0, offer.most_mb << 10),
        "jpeg-x-dimension-supported": ranges(1, 65_535),
        "jpeg-y-dimension-supported": ranges(1, 65_535),
        "pdf-k-octets-supported": ranges(0, offer.most_mb << 10),
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
