"""The file of a user import: what it must look like, and what each of its rows asks for (AC-95…AC-110).

Reading knows nothing of people and groups. What is wrong with the file as a whole (type, size, encoding, header) raises
a fault; what is wrong with a row is kept with it, because it does not stop the others.
"""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from io import StringIO

from connectors.errors import Fault, PressroomError
from connectors.messages import N_
from domain.organizations.groups import SEPARATOR, imported_name
from domain.people.custom_attributes import read_attributes
from domain.people.fields import checked_address, checked_text

LIMIT = 1 << 20
"""Bytes (AC-95)."""
SUFFIXES = (".csv", ".txt")
LEGACY_HEADER = (
    "EMAIL", "OPERATION", "PASSWORD", "FIRST_NAME", "LAST_NAME", "DISPLAY_NAME", "SHORTNAME", "GROUPS",
    "CUSTOM_ATTRIBUTES",
)  # fmt: skip
HEADER = (*LEGACY_HEADER, "COST_CENTER", "DEPARTMENT")
"""The columns, in this order; files from before cost centres and departments lack the last two (AC-105, AC-106)."""
CLEAR = "[delete]"
"""Clears one of four fields (AC-100)."""
FIELDS = {
    "FIRST_NAME": "first_name",
    "LAST_NAME": "last_name",
    "DISPLAY_NAME": "name",
    "SHORTNAME": "short_name",
    "COST_CENTER": "cost_center",
    "DEPARTMENT": "department",
}
CLEARABLE = frozenset({"FIRST_NAME", "LAST_NAME", "DISPLAY_NAME", "SHORTNAME"})
_GUARDED = re.compile(r"'+[=+\-@\t\r]")

TOO_LARGE = Fault(
    "user_import.too_large",
    413,
    N_("The file is larger than 1 MB."),
    N_("Split it into several files and import one after the other."),
    spec="AC-95",
)
WRONG_TYPE = Fault(
    "user_import.wrong_type",
    415,
    N_("“{name}” is neither a CSV nor a text file."),
    N_("Choose a file whose name ends in .csv or .txt."),
    spec="AC-95",
)
NOT_TEXT = Fault(
    "user_import.not_text",
    422,
    N_("The file is no CSV text in UTF-8."),
    N_("Save it as CSV in UTF-8 and import it again."),
    spec="AC-107",
)
BAD_HEADER = Fault(
    "user_import.header",
    422,
    N_("The first line is not the header of a user import."),
    N_("Begin the file with exactly this line, in capital letters: {header}"),
    spec="AC-106",
)
NO_ROWS = Fault("user_import.no_rows", 422, N_("The file has no rows."), N_("Add a row for each person."))
VALUE_COUNT = Fault(
    "user_import.value_count",
    422,
    N_("The row has {found} values instead of {expected}."),
    N_("Write all commas, also between empty values, and put values that contain a comma into double quotes."),
    spec="AC-105",
)
BAD_QUOTES = Fault(
    "user_import.quotes",
    422,
    N_("The double quotes of the row do not match."),
    N_("Put the whole value into double quotes, and write double quotes inside it twice."),
)
NO_EMAIL = Fault(
    "user_import.no_email", 422, N_("The e-mail address is missing."), N_("Write whom the row is about into EMAIL.")
)
BAD_OPERATION = Fault(
    "user_import.operation",
    422,
    N_("The operation “{operation}” is none of CREATE, UPDATE and DELETE."),
    N_("Write one of the three into OPERATION, in capital letters."),
)


class Operation(StrEnum):
    """What a row asks for (AC-99…AC-101)."""

    CREATE = "CREATE"
    UPDATE = "UPDATE"
    DELETE = "DELETE"


@dataclass(frozen=True, slots=True)
class ImportRow:
    """A row that can be understood. `number` is its line in the file, the header being the first.

    `facts` holds the checked values to write, empty ones to clear a field; what is missing in it stays. `attributes`
    None: as they are. `groups` are names that groups can have; `replaced` tells which were changed for that.
    """

    number: int
    email: str
    operation: Operation
    password: str = ""
    facts: Mapping[str, str] | None = None
    groups: Sequence[str] = ()
    replaced: Sequence[tuple[str, str]] = ()
    attributes: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class RowFault:
    """A row that cannot be done, and why. `email` is whom it names, where that can be told."""

    number: int
    email: str
    error: PressroomError


def read_rows(name: str, content: bytes) -> list[ImportRow | RowFault]:
    """The rows of a file of that name, blank lines left out.

    Raises `WRONG_TYPE`, `TOO_LARGE`, `NOT_TEXT`, `BAD_HEADER` or `NO_ROWS` (AC-107).
    """
    if not name.lower().endswith(SUFFIXES):
        raise WRONG_TYPE(name=name)
    if len(content) > LIMIT:
        raise TOO_LARGE()
    lines = _lines(_text(content))
    _, header = next(lines, (1, None))
    if not isinstance(header, list) or tuple(header) not in (HEADER, LEGACY_HEADER):
        raise BAD_HEADER(header=",".join(HEADER))
    rows = [_row(number, header, values) for number, values in lines if values != []]
    if not rows:
        raise NO_ROWS()
    return rows


def _text(content: bytes) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NOT_TEXT() from error
    if "\x00" in text:
        raise NOT_TEXT()
    return text


def _lines(text: str) -> Iterator[tuple[int, list[str] | PressroomError]]:
    """The values of each row with its line; a row that the reader cannot take apart is its fault."""
    reader = csv.reader(StringIO(text, newline=""), strict=True)
    while True:
        number = reader.line_num + 1
        try:
            yield number, next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield number, BAD_QUOTES()


def _row(number: int, header: Sequence[str], values: list[str] | PressroomError) -> ImportRow | RowFault:
    if isinstance(values, PressroomError):
        return RowFault(number, "", values)
    if len(values) != len(header):
        return RowFault(number, "", VALUE_COUNT(found=len(values), expected=len(header)))
    given = dict(zip(header, values, strict=True))
    try:
        return _understood(number, given)
    except PressroomError as error:
        return RowFault(number, given["EMAIL"].strip().lower()[:255], error)


def _understood(number: int, given: Mapping[str, str]) -> ImportRow:
    if not given["EMAIL"].strip():
        raise NO_EMAIL()
    email = checked_address(_plain(given["EMAIL"]))
    operation = next((one for one in Operation if one == given["OPERATION"]), None)
    if operation is None:
        raise BAD_OPERATION(operation=given["OPERATION"][:40])
    if operation is Operation.DELETE:
        return ImportRow(number, email, operation)
    names = [_plain(one).strip() for one in _plain(given["GROUPS"]).split(SEPARATOR) if one.strip()]
    groups = [(name, imported_name(name)) for name in names]
    attributes = given["CUSTOM_ATTRIBUTES"].strip()
    return ImportRow(
        number,
        email,
        operation,
        given["PASSWORD"],
        dict(_facts(given, operation)),
        tuple(dict.fromkeys(kept for _, kept in groups)),
        tuple((name, kept) for name, kept in groups if " ".join(name.split()) != kept),
        read_attributes(attributes) if attributes else None,
    )


def _facts(given: Mapping[str, str], operation: Operation) -> Iterator[tuple[str, str]]:
    """The fields to write: what the row leaves empty stays, and `[delete]` clears where it may (AC-100, AC-103)."""
    for column, field in FIELDS.items():
        text = _plain(given.get(column, ""))
        if column in CLEARABLE and text == CLEAR and operation is Operation.UPDATE:
            yield field, ""
        elif value := checked_text(field, text):
            yield field, value


def _plain(value: str) -> str:
    """The value without the apostrophe that exports put before what a spreadsheet would take for a formula."""
    return value[1:] if _GUARDED.match(value) else value


def guarded(value: str) -> str:
    """The value as exports write it: harmless in a spreadsheet, and the same again when it is imported."""
    return f"'{value}" if re.match(r"'*[=+\-@\t\r]", value) else value
