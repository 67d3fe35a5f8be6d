"""The file of a contact import: CSV in UTF-8, all columns in the sample's order, at most 300 rows (FL-456…FL-459)."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from io import StringIO

from connectors.documents.file_names import safe_file_name
from connectors.errors import Fault
from connectors.messages import N_
from connectors.spreadsheets import BYTE_ORDER_MARK
from fleet.managed_supplies.addresses import TITLES

MOST_CONTACTS = 300
LARGEST = 1 << 20
SUFFIXES = (".csv", ".txt")
COLUMNS = {
    "First Name": "first_name",
    "Last Name": "last_name",
    "Company": "company",
    "E-mail": "email",
    "Country Code": "country_code",
    "Phone": "phone",
    "Address Line 1": "street",
    "Address Line 2": "street_2",
    "City": "city",
    "State or Province": "region",
    "Postal Code": "postal_code",
    "Country": "country",
}
"""The columns in their order, and the field that each holds."""
SAMPLE_ROW = (
    *("Astrid", "Lind", "Lind & Co, Stores", "astrid.lind@example.com", "46", "8 123 45 67"),
    *("Storgatan 1", "Gate B", "Stockholm", "", "111 22", "SE"),
)

WRONG_TYPE = Fault(
    "contact_import.wrong_type",
    415,
    N_("“{name}” is neither a CSV nor a text file."),
    N_("Choose a file whose name ends in .csv or .txt."),
    spec="FL-456",
)
TOO_LARGE = Fault(
    "contact_import.too_large",
    413,
    N_("The file is larger than 1 MB."),
    N_("Split it into several files and import one after the other."),
)
NOT_TEXT = Fault(
    "contact_import.not_text",
    422,
    N_("The file is no CSV text in UTF-8."),
    N_("Save it as CSV in UTF-8 and import it again."),
    spec="FL-456",
)
BAD_HEADER = Fault(
    "contact_import.header",
    422,
    N_("The first line does not name all columns in their order."),
    N_("Begin the file with this line: {columns}. A column without values stays empty."),
    spec="FL-458",
)
EMPTY = Fault("contact_import.empty", 422, N_("The file has no contacts."), N_("Add a row for each contact."))
TOO_MANY = Fault(
    "contact_import.too_many",
    422,
    N_("The file has {count} contacts; at most {most} are imported at a time."),
    N_("Split it into several files and import one after the other."),
    spec="FL-457",
)
VALUE_COUNT = Fault(
    "contact_import.value_count",
    422,
    N_("The row has {found} values instead of {expected}."),
    N_("Give every row as many values as the first line has, and put values with commas into quotes."),
    spec="FL-459",
)


@dataclass(frozen=True, slots=True)
class ContactRow:
    """One row; `number` counts lines of the file, the header being the first. `found` is how many values it has."""

    number: int
    values: Mapping[str, str]
    found: int


def checked_name(name: str) -> str:
    """The file's name without anything that is no name; raises `WRONG_TYPE`."""
    name = safe_file_name(name)
    if not name.lower().endswith(SUFFIXES):
        raise WRONG_TYPE(name=name)
    return name


def read_contacts(content: bytes) -> list[ContactRow]:
    """The rows without empty lines; raises what is wrong with the file as a whole."""
    if len(content) > LARGEST:
        raise TOO_LARGE()
    try:
        reader = csv.reader(StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
        header = [name.strip().casefold() for name in next(reader, [])]
        if header != [name.casefold() for name in COLUMNS]:
            raise BAD_HEADER(columns=",".join(COLUMNS))
        rows = [_row(reader.line_num, values) for values in reader if any(value.strip() for value in values)]
    except (UnicodeDecodeError, csv.Error) as error:
        raise NOT_TEXT() from error
    if not rows:
        raise EMPTY()
    if len(rows) > MOST_CONTACTS:
        raise TOO_MANY(count=len(rows), most=MOST_CONTACTS)
    return rows


def sample_file() -> str:
    """A file to begin with: the columns and one contact."""
    text = StringIO()
    csv.writer(text).writerows((COLUMNS, SAMPLE_ROW))
    return BYTE_ORDER_MARK + text.getvalue()


def column_of(field: str) -> str:
    """The column that holds the field."""
    return next(column for column, name in COLUMNS.items() if name == field)


def _row(number: int, values: list[str]) -> ContactRow:
    return ContactRow(number, dict(zip(TITLES, values, strict=False)), len(values))
