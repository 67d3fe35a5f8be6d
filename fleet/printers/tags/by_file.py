"""Giving tags to the printers that a file lists by address or serial number (FL-258…FL-266, F-34).

Any breach of a rule refuses the whole file. What is listed but not in the organization is counted, not an error.
"""

import csv
import ipaddress
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import PurePath

from sqlalchemy import select

from connectors.errors import Fault
from connectors.messages import N_
from domain.audit.service import record
from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from fleet.printers.models import Printer
from fleet.printers.tags.service import CHUNK, NO_TAG, checked_tags, give_tags

LARGEST = 200 * 1024
SUFFIXES = (".csv", ".txt")
ADDRESS, SERIAL_NUMBER = "ip address", "serial number"
"""The headers, whatever their case."""

TOO_LARGE = Fault(
    "printer_tag_file.too_large",
    413,
    N_("The file is larger than {limit} KB."),
    N_("Split it into several files."),
    spec="FL-259",
)
WRONG_TYPE = Fault(
    "printer_tag_file.wrong_type",
    422,
    N_("“{name}” is not a TXT or CSV file."),
    N_("Save the list as plain text or CSV and choose it again."),
    spec="FL-260",
)
NOT_TEXT = Fault(
    "printer_tag_file.not_text",
    422,
    N_("The file is not text in UTF-8."),
    N_("Save the list as plain text in UTF-8 and choose it again."),
    spec="FL-260",
)
BAD_HEADER = Fault(
    "printer_tag_file.bad_header",
    422,
    N_("The first line is neither “IP Address” nor “Serial Number”."),
    N_("Begin the file with one of these two headers."),
    spec="FL-261",
)
NO_DATA = Fault(
    "printer_tag_file.no_data",
    422,
    N_("There is nothing under the header."),
    N_("List at least one printer, one in each line."),
    spec="FL-262",
)
BAD_ADDRESS = Fault(
    "printer_tag_file.bad_address",
    422,
    N_("Line {line}: “{value}” is no IP address."),
    N_("Correct the line and choose the file again."),
    spec="FL-263",
)
BLANK_LINE = Fault(
    "printer_tag_file.blank_line",
    422,
    N_("Line {line} is blank."),
    N_("Take blank lines out of the file and choose it again."),
    spec="FL-264",
)
SEVERAL_VALUES = Fault(
    "printer_tag_file.several_values",
    422,
    N_("Line {line} holds more than one value."),
    N_("List one printer in each line and choose the file again."),
    spec="FL-261",
)
FAULTS = (TOO_LARGE, WRONG_TYPE, NOT_TEXT, BAD_HEADER, NO_DATA, BAD_ADDRESS, BLANK_LINE, SEVERAL_VALUES)


@dataclass(frozen=True, slots=True)
class ListedPrinters:
    """What a file lists, each once: addresses, or else serial numbers."""

    values: tuple[str, ...]
    are_addresses: bool


@dataclass(frozen=True, slots=True)
class TaggedByFile:
    """How many printers of the organization were tagged, and how many entries are none of its printers (FL-265)."""

    tagged: int
    not_tagged: int


def tag_by_file(actor: Actor, tag_ids: Collection[str], name: str, content: bytes) -> TaggedByFile:
    """Give the tags to all printers that the file lists; raises `NOT_FOUND` and the faults of this module."""
    actor.need(Permission.FLEET_MANAGE)
    if not tag_ids:
        raise NO_TAG()
    listed = read_list(name, content)
    with actor.session() as session:
        checked_tags(session, tag_ids)
        found: dict[str, str] = {}
        column = Printer.address if listed.are_addresses else Printer.serial_number
        for start in range(0, len(listed.values), CHUNK):
            part = listed.values[start : start + CHUNK]
            for printer_id, value in session.execute(select(Printer.id, column).where(column.in_(part))):
                found[printer_id] = value
        give_tags(session, actor, list(found), tag_ids)
        result = TaggedByFile(len(found), len(set(listed.values) - set(found.values())))
        facts = {"tagged": result.tagged, "not_tagged": result.not_tagged, "tags": len(tag_ids)}
        record(session, actor, "printer_tag.applied_by_file", "printer_tag", facts=facts)
        return result


def read_list(name: str, content: bytes) -> ListedPrinters:
    """The entries of a file that keeps all rules (FL-259…FL-264)."""
    if len(content) > LARGEST:
        raise TOO_LARGE(limit=LARGEST // 1024)
    if PurePath(name).suffix.lower() not in SUFFIXES:
        raise WRONG_TYPE(name=name)
    try:
        lines = content.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise NOT_TEXT() from error
    header = _value(lines[0], 1).casefold() if lines and lines[0].strip() else ""
    if header not in (ADDRESS, SERIAL_NUMBER):
        raise BAD_HEADER()
    if len(lines) == 1:
        raise NO_DATA()
    values = [_value(line, number) for number, line in enumerate(lines[1:], 2)]
    if header == ADDRESS:
        values = _addresses(values)
    return ListedPrinters(tuple(dict.fromkeys(values)), header == ADDRESS)


def _value(line: str, number: int) -> str:
    cells: Sequence[str] = next(csv.reader(StringIO(line)), [])
    filled = [cell.strip() for cell in cells if cell.strip()]
    if not filled:
        raise BLANK_LINE(line=number)
    if len(filled) > 1:
        raise SEVERAL_VALUES(line=number)
    return filled[0]


def _addresses(values: Sequence[str]) -> list[str]:
    found = []
    for number, value in enumerate(values, 2):
        try:
            found.append(str(ipaddress.ip_address(value)))
        except ValueError as error:
            raise BAD_ADDRESS(line=number, value=value) from error
    return found
