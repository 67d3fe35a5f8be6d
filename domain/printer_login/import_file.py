"""The file of a badge and PIN import: its header, its rows, and what each row asks for (AC-179…AC-184).

Reading knows nothing of people and badges: `read_rows` gives the rows, `planned` what one asks for under the
organization's settings, or the fault of a row that cannot be meant so.
"""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from io import StringIO

from connectors.errors import Fault
from connectors.messages import N_
from domain.printer_login.pins import check_pin
from domain.printer_login.rules import PIN_SETTERS, LoginMethod, PrinterLoginSettings

IMPORT_LIMIT = 1 << 20
"""AC-183"""
COLUMNS = ("BADGE", "OPERATION", "EMAIL", "TEMPORARY", "PIN")
LEGACY_COLUMNS = ("BADGE", "OPERATION", "EMAIL")
_TRUTH = {"true": True, "false": False, "": False}

TOO_LARGE = Fault(
    "badge_import.too_large",
    413,
    N_("The file is larger than 1 MB."),
    N_("Split it into several files and import one after the other."),
    spec="AC-183",
)
NOT_TEXT = Fault(
    "badge_import.not_text",
    422,
    N_("The file is no CSV text in UTF-8."),
    N_("Save it as CSV in UTF-8 and import it again."),
)
BAD_HEADER = Fault(
    "badge_import.header",
    422,
    N_("The first line does not name the columns."),
    N_("Begin the file with the line {columns}. The columns may stand in any order."),
    spec="AC-179",
)
EMPTY = Fault("badge_import.empty", 422, N_("The file has no rows."), N_("Add a row for each badge or PIN."))
VALUE_COUNT = Fault(
    "badge_import.value_count",
    422,
    N_("The row has {found} values instead of {expected}."),
    N_("Give every row as many values as the first line has, and put values with commas into quotes."),
    spec="AC-182",
)
UNKNOWN_OPERATION = Fault(
    "badge_import.operation",
    422,
    N_("The operation is neither CREATE nor DELETE."),
    N_("Write CREATE or DELETE into the column OPERATION."),
)
EMAIL_MISSING = Fault(
    "badge_import.email_missing", 422, N_("The e-mail address is missing."), N_("Write whose badge or PIN it is.")
)
BAD_TEMPORARY = Fault(
    "badge_import.temporary",
    422,
    N_("TEMPORARY is neither true nor false."),
    N_("Write true for a badge of 24 hours, else false."),
)
BADGE_MISSING = Fault(
    "badge_import.badge_missing",
    422,
    N_("The badge ID is missing."),
    N_("People sign in with badges here: write the badge ID into the column BADGE."),
)
PIN_MISSING = Fault(
    "badge_import.pin_missing",
    422,
    N_("The PIN is missing."),
    N_("People sign in with PINs here: write the PIN into the column PIN."),
)
NOTHING_GIVEN = Fault(
    "badge_import.nothing_given",
    422,
    N_("The row names neither a badge nor a PIN."),
    N_("Fill in the column BADGE, the column PIN, or both."),
)
PINS_NOT_IMPORTED = Fault(
    "badge_import.pins_not_imported",
    422,
    N_("PINs cannot be imported, because administrators do not set them in this organization."),
    N_("Leave the column PIN empty, or choose “Administrators set PINs” on the page “Printer login”."),
    spec="AC-184",
)


class Operation(StrEnum):
    """What a row asks for."""

    CREATE = "CREATE"
    DELETE = "DELETE"


@dataclass(frozen=True, slots=True)
class ImportRow:
    """One row as it stands in the file; `number` counts lines, the header being the first."""

    number: int
    values: Mapping[str, str]
    found: int
    expected: int

    @property
    def email(self) -> str:
        """Whom it is about, as far as the row says so."""
        return self.values.get("EMAIL", "").strip().lower()


@dataclass(frozen=True, slots=True)
class RowPlan:
    """What a row asks for. With DELETE, `removes_pin` says whether the PIN of the person goes too (AC-180)."""

    operation: Operation
    email: str
    badge: str
    temporary: bool
    pin: str
    removes_pin: bool


def read_rows(content: bytes) -> list[ImportRow]:
    """The rows of a file, without empty lines; raises what is wrong with the file as a whole."""
    if len(content) > IMPORT_LIMIT:
        raise TOO_LARGE()
    try:
        rows = list(_rows(content.decode("utf-8-sig")))
    except (UnicodeDecodeError, csv.Error) as error:
        raise NOT_TEXT() from error
    if not rows:
        raise EMPTY()
    return rows


def planned(row: ImportRow, settings: PrinterLoginSettings) -> RowPlan:
    """What the row asks for; raises its fault."""
    if row.found != row.expected:
        raise VALUE_COUNT(found=row.found, expected=row.expected)
    values = {name: row.values.get(name, "").strip() for name in COLUMNS}
    if values["OPERATION"] not in list(Operation):
        raise UNKNOWN_OPERATION()
    if values["TEMPORARY"].lower() not in _TRUTH:
        raise BAD_TEMPORARY()
    plan = _plan(values)
    if plan.operation is Operation.CREATE:
        _check_create(plan, settings)
    else:
        _check_delete(plan)
    return plan


def _plan(values: Mapping[str, str]) -> RowPlan:
    operation, email, badge, pin = (
        Operation(values["OPERATION"]),
        values["EMAIL"].lower(),
        values["BADGE"],
        values["PIN"],
    )
    is_about_pin = bool(pin or (email and not badge))
    removes_pin = operation is Operation.DELETE and is_about_pin
    return RowPlan(operation, email, badge, _TRUTH[values["TEMPORARY"].lower()], pin, removes_pin)


def _check_create(plan: RowPlan, settings: PrinterLoginSettings) -> None:
    """AC-181, AC-184: what must be there depends on how people sign in."""
    if not plan.email:
        raise EMAIL_MISSING()
    importable = PIN_SETTERS[settings.pin_generation].importable
    if plan.pin and not importable:
        raise PINS_NOT_IMPORTED()
    takes_badge, takes_pin = settings.takes(LoginMethod.BADGE), settings.takes(LoginMethod.PIN)
    if not plan.badge and takes_badge and (settings.needs_second_factor or not takes_pin):
        raise BADGE_MISSING()
    if not plan.pin and takes_pin and importable and (settings.needs_second_factor or not takes_badge):
        raise PIN_MISSING()
    if not plan.badge and not plan.pin:
        raise NOTHING_GIVEN()
    if plan.pin:
        check_pin(settings, plan.pin, is_typed=False)


def _check_delete(plan: RowPlan) -> None:
    """AC-180: a badge by its number, a PIN by the address of whose it is."""
    if not plan.badge and not plan.removes_pin:
        raise NOTHING_GIVEN()
    if plan.removes_pin and not plan.email:
        raise EMAIL_MISSING()


def _rows(text: str) -> Iterator[ImportRow]:
    lines = csv.reader(StringIO(text, newline=""))
    header = next(lines, [])
    names = [name.strip() for name in header]
    if sorted(names) not in (sorted(COLUMNS), sorted(LEGACY_COLUMNS)):
        raise BAD_HEADER(columns=",".join(COLUMNS))
    for values in lines:
        if any(value.strip() for value in values):
            found = dict(zip(names, values, strict=False))
            yield ImportRow(lines.line_num, found, len(values), len(names))
