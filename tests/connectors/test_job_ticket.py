"""The settings of a job and their IPP attributes (PR-109, PR-327)."""

import pytest
from pydantic import ValidationError

from connectors.ipp.ticket import JobTicket, ticket_attributes, ticket_of
from connectors.ipp.wire import Attribute, Group, IppMessage, Tag, decode, encode

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
