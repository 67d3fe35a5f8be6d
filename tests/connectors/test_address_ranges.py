"""Entries of a search: what can be written, what it covers, and that exclusion always wins."""

import pytest

from connectors.errors import PressroomError
from connectors.printers.address_ranges import (
    Entries,
    checked_entry,
    count_addresses,
    entries_file,
    entries_of_file,
    wanted_addresses,
)

GOOD = [
    (" 10.0.0.7 ", "10.0.0.7"),
    ("10.0.0.0/24", "10.0.0.0/24"),
    ("10.0.0.1 - 10.0.0.9", "10.0.0.1-10.0.0.9"),
    ("Printer.Example.com", "printer.example.com"),
    ("fd00::1", "fd00::1"),
    ("ink-jet-3", "ink-jet-3"),
]
BAD = ["", "10.0.0.256", "10.0.0.0/33", "10.0.0.9-10.0.0.1", "10.0.0.1-fd00::1", "two words", "-x", "a" * 64]


@pytest.mark.parametrize(("text", "kept"), GOOD)
def test_an_entry_is_an_address_a_subnet_a_range_or_a_name(text: str, kept: str) -> None:
    """FL-109."""
    assert checked_entry(text) == kept


@pytest.mark.parametrize("text", BAD)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(PressroomError) as refused:
        checked_entry(text)
    assert refused.value.code == "discovery.entry"


def test_exclusion_wins_and_every_address_comes_once() -> None:
    """FL-113 (A-5)."""
    include = ["10.0.0.0/29", "10.0.0.6-10.0.0.9", "10.0.0.7", "printer.example.com", "copier.example.com"]
    found = list(wanted_addresses(include, ["10.0.0.2", "10.0.0.4/31", "copier.example.com"]))
    assert found == ["10.0.0.1", "10.0.0.3", "10.0.0.6", "10.0.0.7", "10.0.0.8", "10.0.0.9", "printer.example.com"]


def test_a_name_that_leads_to_an_excluded_address_is_excluded() -> None:
    left_out = Entries(["10.0.0.0/24", "ink.example.com"])
    assert left_out.covers("10.0.0.200")
    assert left_out.covers("INK.example.com")
    assert not left_out.covers("10.0.1.1")


def test_a_search_has_a_limit() -> None:
    with pytest.raises(PressroomError) as refused:
        list(wanted_addresses(["10.0.0.0/15"], []))
    assert refused.value.code == "discovery.too_many"
    assert count_addresses(["10.0.0.0/24", "10.1.0.1-10.1.0.4", "a.example"]) == 256 + 4 + 1


def test_files_are_read_as_they_are_written() -> None:
    """FL-110: .csv and .txt, with headings of later columns, empty rows and a byte order mark."""
    content = "\ufeff# ours\n10.0.0.7,first floor\n\n 10.0.0.0/24 ;\n".replace(" ;", "").encode()
    entries = entries_of_file(content)
    assert entries == ["10.0.0.7", "10.0.0.0/24"]
    assert entries_of_file(entries_file(entries).encode()) == entries
