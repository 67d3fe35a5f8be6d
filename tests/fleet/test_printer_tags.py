"""Tags: made, renamed, deleted, given and taken, given by file with every rule of it (FL-255…FL-266)."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.errors import PressroomError
from domain.organizations.roles import Role
from fleet.printers import references
from fleet.printers.filters import PrinterFilter
from fleet.printers.listing import matching_ids
from fleet.printers.references import Reference
from fleet.printers.tags.by_file import LARGEST, read_list, tag_by_file
from fleet.printers.tags.service import change_tags, create_tag, delete_tags, list_tags, rename_tag, tags_on
from tests.support.fleet import add_printers
from tests.support.installation import Installation, installed


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Installation]:
    with installed(tmp_path) as one:
        yield one


def code(refused: pytest.ExceptionInfo[PressroomError]) -> str:
    return refused.value.code


def test_names_are_trimmed_and_taken_once_whatever_the_case(office: Installation) -> None:
    actor = office.administrator
    north = create_tag(actor, "  North   wing ")
    assert north.name == "North wing"
    with pytest.raises(PressroomError) as refused:
        create_tag(actor, "NORTH WING")
    assert code(refused) == "printer_name.taken"
    south = create_tag(actor, "South")
    with pytest.raises(PressroomError) as refused:
        rename_tag(actor, south.id, "north wing")
    assert code(refused) == "printer_name.taken"
    rename_tag(actor, south.id, "SOUTH")
    assert [tag.name for tag in list_tags(actor)] == ["North wing", "SOUTH"]
    create_tag(office.stranger, "North wing")


@pytest.mark.parametrize("name", ["", "   ", "a\u200bb", "x" * 256])
def test_a_tag_needs_a_name(office: Installation, name: str) -> None:
    with pytest.raises(PressroomError) as refused:
        create_tag(office.administrator, name)
    assert code(refused) == "printer_name.missing"


def test_tags_are_given_and_taken(office: Installation) -> None:
    """FL-255, FL-257."""
    actor = office.administrator
    printers = add_printers(actor.organization_id, 3)
    north, south = create_tag(actor, "North"), create_tag(actor, "South")
    change_tags(actor, printers[:2], give=[north.id, south.id], take=[])
    change_tags(actor, printers, give=[north.id], take=[south.id])
    assert {tag.name: tag.printers for tag in list_tags(actor)} == {"North": 3, "South": 0}
    assert tags_on(actor, printers) == {north.id: 3}
    assert matching_ids(actor, PrinterFilter(tag_ids=(north.id,))) == printers


def test_what_is_not_the_organizations_is_not_tagged(office: Installation) -> None:
    actor = office.administrator
    own, foreign = add_printers(actor.organization_id, 1), add_printers(office.stranger.organization_id, 1)
    tag, foreign_tag = create_tag(actor, "North"), create_tag(office.stranger, "North")
    for ids, tags in ((own + foreign, [tag.id]), (own, [foreign_tag.id])):
        with pytest.raises(PressroomError) as refused:
            change_tags(actor, ids, give=tags, take=[])
        assert code(refused) == "not_found"
    assert list_tags(actor)[0].printers == 0


def test_viewers_change_no_tags(office: Installation) -> None:
    """FL-519."""
    viewer = office.add_person("viewer@example.com", Role.FLEET_VIEWER)
    tag = create_tag(office.administrator, "North")
    for change in (
        lambda: create_tag(viewer, "South"),
        lambda: rename_tag(viewer, tag.id, "South"),
        lambda: delete_tags(viewer, [tag.id]),
        lambda: change_tags(viewer, [], give=[], take=[]),
        lambda: tag_by_file(viewer, [tag.id], "a.csv", b"IP Address\n127.0.0.1\n"),
    ):
        with pytest.raises(PressroomError) as refused:
            change()
        assert code(refused) == "role.missing"
    assert [one.name for one in list_tags(viewer)] == ["North"]


def test_a_tag_that_something_goes_by_is_not_deleted(office: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    """A-16: the users are named, and of several tags none is deleted."""
    actor = office.administrator
    used, free = create_tag(actor, "Used"), create_tag(actor, "Free")
    users = Reference(lambda _session, ids: ["Nightly check"] if used.id in ids else [], lambda _session, _ids: [])
    monkeypatch.setattr(references, "references", lambda: [users])
    with pytest.raises(PressroomError) as refused:
        delete_tags(actor, [free.id, used.id])
    assert code(refused) == "printer_tag.in_use"
    assert "Nightly check" in str(refused.value)
    delete_tags(actor, [free.id])
    assert [tag.name for tag in list_tags(actor)] == ["Used"]


GOOD = [
    (b"IP Address\n127.0.0.1\n127.0.0.2\n", ("127.0.0.1", "127.0.0.2"), True),
    (b"ip ADDRESS\r\n127.0.0.1\r\n", ("127.0.0.1",), True),
    ("\ufeffIP Address\n::1\n127.0.0.1\n127.0.0.1".encode(), ("::1", "127.0.0.1"), True),
    (b"SERIAL number\nPXC1\n PXC2 \n", ("PXC1", "PXC2"), False),
    (b'"Serial Number",\n"PXC1",\n', ("PXC1",), False),
]


@pytest.mark.parametrize(("content", "values", "are_addresses"), GOOD)
def test_files_that_keep_the_rules(content: bytes, values: tuple[str, ...], are_addresses: bool) -> None:
    listed = read_list("printers.TXT", content)
    assert (listed.values, listed.are_addresses) == (values, are_addresses)


BAD = [
    ("a.csv", b"IP Address\n" + b"127.0.0.1\n" * (LARGEST // 10), "too_large"),
    ("a.xlsx", b"IP Address\n127.0.0.1\n", "wrong_type"),
    ("a", b"IP Address\n127.0.0.1\n", "wrong_type"),
    ("a.csv", b"IP Address\n\xff\xfe\n", "not_text"),
    ("a.csv", b"", "bad_header"),
    ("a.csv", b"\nIP Address\n127.0.0.1\n", "bad_header"),
    ("a.csv", b"Address\n127.0.0.1\n", "bad_header"),
    ("a.csv", b"127.0.0.1\n", "bad_header"),
    ("a.csv", b"IP Address\n", "no_data"),
    ("a.csv", b"Serial Number", "no_data"),
    ("a.csv", b"IP Address\n127.0.0.256\n", "bad_address"),
    ("a.csv", b"IP Address\nprinter\n", "bad_address"),
    ("a.csv", b"IP Address\n127.0.0.1\n\n127.0.0.2\n", "blank_line"),
    ("a.csv", b"IP Address\n127.0.0.1\n  \n", "blank_line"),
    ("a.csv", b"Serial Number\nPXC1,PXC2\n", "several_values"),
]


@pytest.mark.parametrize(("name", "content", "expected"), BAD, ids=[f"{one[2]}-{n}" for n, one in enumerate(BAD)])
def test_files_that_break_a_rule_are_refused_whole(name: str, content: bytes, expected: str) -> None:
    """FL-259…FL-264."""
    with pytest.raises(PressroomError) as refused:
        read_list(name, content)
    assert code(refused) == f"printer_tag_file.{expected}"


def test_a_file_tags_printers_of_the_organization_and_counts_the_rest(office: Installation) -> None:
    """F-34, FL-265, FL-266."""
    actor = office.administrator
    first = add_printers(actor.organization_id, 1, address="127.9.0.1", serial_number="S1")
    second = add_printers(actor.organization_id, 1, address="127.9.0.2", serial_number="S2")
    add_printers(office.stranger.organization_id, 1, address="127.9.0.3", serial_number="S3")
    old, new = create_tag(actor, "Old"), create_tag(actor, "New")
    change_tags(actor, first, give=[old.id], take=[])
    found = tag_by_file(actor, [new.id], "a.csv", b"IP Address\n127.9.0.1\n127.9.0.2\n127.9.0.3\n")
    assert (found.tagged, found.not_tagged) == (2, 1)
    found = tag_by_file(actor, [new.id, old.id], "a.txt", b"Serial Number\nS1\nS2\nS3\nS4\n")
    assert (found.tagged, found.not_tagged) == (2, 2)
    assert {tag.name: tag.printers for tag in list_tags(actor)} == {"New": 2, "Old": 2}
    assert matching_ids(actor, PrinterFilter(tag_ids=(old.id,))) == first + second


def test_a_file_needs_a_tag(office: Installation) -> None:
    with pytest.raises(PressroomError) as refused:
        tag_by_file(office.administrator, [], "a.csv", b"IP Address\n127.0.0.1\n")
    assert code(refused) == "printer_tag.none_chosen"
