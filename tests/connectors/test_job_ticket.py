"""The settings of a job and their IPP attributes (PR-109, PR-327)."""

import pytest
from pydantic import ValidationError

from connectors.ipp.ticket import JobTicket, ticket_attributes, ticket_of
from connectors.ipp.wire import Attribute, Group, IppMessage, Tag, decode, encode
from pressroom.workstation.cups_backend import PAPERS

FULL = JobTicket(
    copies=3,
    collate=False,
    sides="two-sided-long-edge",
    number_up=4,
    number_up_direction="tobottom-toright",
    page_ranges="1-3,5-5",
    orientation="landscape",
    media="iso_a4_210x297mm",
    output_bin="face-down",
    finishings=("staple-top-left", "punch-dual-left"),
    color_mode="monochrome",
    quality="high",
)


def test_a_ticket_survives_the_wire() -> None:
    sent = IppMessage(2, 1, (Group(Tag.JOB, ticket_attributes(FULL)),))
    assert ticket_of(decode(encode(sent))[0].first(Tag.JOB)) == FULL


def test_source_and_type_of_the_paper_travel_in_the_collection() -> None:
    ticket = JobTicket(media="iso_a4_210x297mm", media_source="tray-2", media_type="labels")
    attributes = ticket_attributes(ticket)
    assert "media" not in attributes, "IPP forbids both at once"
    found = ticket_of(attributes)
    assert (found.media_source, found.media_type) == ("tray-2", "labels")
    assert ticket_attributes(found)["media-col"] == attributes["media-col"], "the size is the same whatever its name"


@pytest.mark.parametrize(
    ("older", "standard"),
    [
        ("A4", "iso_a4_210x297mm"),
        ("iso-a4-white", "iso_a4_210x297mm"),
        ("A4.Fullbleed", "iso_a4_210x297mm"),
        ("A3Rotated", "iso_a3_297x420mm"),
        ("LetterSmall", "na_letter_8.5x11in"),
        ("na-letter", "na_letter_8.5x11in"),
        ("Legal", "na_legal_8.5x14in"),
        ("Tabloid", "na_ledger_11x17in"),
        ("Statement", "na_invoice_5.5x8.5in"),
        ("B5", "jis_b5_182x257mm"),
        ("ISOB5", "iso_b5_176x250mm"),
        ("iso-designated-long", "iso_dl_110x220mm"),
        ("EnvC5", "iso_c5_162x229mm"),
        ("Env10", "na_number-10_4.125x9.5in"),
        ("Postcard", "jpn_hagaki_100x148mm"),
        ("Custom.100x200mm", "custom_100x200mm_100x200mm"),
        ("Custom.612x792", "custom_215.9x279.4mm_215.9x279.4mm"),
        ("iso_a4_210x297mm", "iso_a4_210x297mm"),
        ("letterhead-of-our-own", "letterhead-of-our-own"),
    ],
)
def test_an_older_name_of_paper_becomes_the_one_that_printers_know(older: str, standard: str) -> None:
    """PWG 5101.1, and the names of PPD files that a raw queue of CUPS hands on; a name of one's own stays."""
    assert JobTicket(media=older).media == standard
    assert ticket_of({"media": Attribute(Tag.KEYWORD, (older,))}).media == standard
    offered_by_size = ticket_attributes(JobTicket(media=older, media_source="tray-1"))["media-col"].value
    assert ("media-size" in offered_by_size) == ("_" in standard), "with a tray, by its size"


def test_the_backend_of_cups_knows_sizes_by_the_same_names() -> None:
    """It has a table of its own, as it runs without the program."""
    assert {name: JobTicket(media=name).media for name in PAPERS} == PAPERS


def test_what_is_not_known_does_not_take_the_rest_along() -> None:
    attributes = {
        "copies": Attribute(Tag.INTEGER, (0,)),
        "sides": Attribute(Tag.KEYWORD, ("three-sided",)),
        "print-quality": Attribute(Tag.ENUM, (99,)),
        "print-color-mode": Attribute(Tag.KEYWORD, ("monochrome",)),
    }
    assert ticket_of(attributes) == JobTicket(color_mode="monochrome")


@pytest.mark.parametrize("ranges", ["0-3", "3-1", "1-3,3-5", "5,1", "1-", "a", "1-3;5"])
def test_ranges_of_pages_ascend_and_do_not_overlap(ranges: str) -> None:
    with pytest.raises(ValidationError):
        JobTicket(page_ranges=ranges)


def test_defaults_fill_only_what_was_not_chosen() -> None:
    """PR-112."""
    defaults = JobTicket(copies=2, sides="two-sided-long-edge", color_mode="monochrome")
    assert JobTicket(copies=1).over(defaults) == JobTicket(
        copies=1, sides="two-sided-long-edge", color_mode="monochrome"
    )
