"""The variable settings file: a CSV with values for each printer (FL-365…FL-376)."""

import csv
import ipaddress
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO

from connectors.errors import Fault
from connectors.messages import N_, Message
from connectors.spreadsheets import BYTE_ORDER_MARK
from fleet.configurations.content import SettingPart
from fleet.configurations.login_methods import is_host
from fleet.configurations.models import AssetKind
from fleet.configurations.settings_catalogue import settings_catalogue

LIMIT = 10 << 20
"""Bytes."""
LONGEST_CELL = 1000
MOST_PROBLEMS = 200

TOO_LARGE = Fault(
    "variable_file.too_large",
    413,
    N_("The variable settings file is larger than {limit} MB."),
    N_("Leave out columns that no setting uses."),
)
INVALID = Fault(
    "variable_file.invalid",
    422,
    N_("The variable settings file has {count} errors; the first is in line {line}: {problem}"),
    N_("Correct them and import the file again. Nothing was imported."),
    spec="FL-370",
)
IN_USE = Fault(
    "variable_file.columns_in_use",
    409,
    N_("Settings use columns that the new file lacks: {columns}."),
    N_("Cancel, or turn the settings off and continue: they return to their default values."),
    spec="FL-373",
)

NOT_TEXT = N_("The file is no text in UTF-8.")
BAD_CSV = N_("The line is no CSV: its quotes do not match.")
NO_ROWS = N_("There are no rows under the header.")
NO_ASSET = N_("The header needs a column IPADDRESS, HOSTNAME or SERIALNUMBER.")
SEVERAL_ASSETS = N_("The header has several asset columns: {columns}.")
NO_VARIABLE = N_("The header has no column besides the asset id.")
EMPTY_NAME = N_("A column has no name.")
NAME_TWICE = N_("The column “{name}” occurs twice; capital and small letters count as the same.")
BAD_NAME = N_("The column “{name}” may consist of letters, spaces, underscores and hyphens only.")
WRONG_LENGTH = N_("The line has {found} values instead of {expected}.")
BAD_ADDRESS = N_("“{value}” is no IP address.")
BAD_HOST = N_("“{value}” is no host name.")
BAD_SERIAL = N_("The serial number is missing or malformed.")
ASSET_TWICE = N_("“{value}” occurs twice.")
LONG_CELL = N_("The value in “{name}” has more than 1,000 characters.")
WRONG_VALUE = N_("“{value}” in “{column}” does not fit the setting “{setting}”: {problem}")

_ASSETS = frozenset(kind.value for kind in AssetKind)
_GUARDED = re.compile(r"'+[=+\-@\t\r]")


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in a line; the header is line 1."""

    line: int
    message: Message


@dataclass(frozen=True, slots=True)
class VariableRowValues:
    """One printer: its asset id as written, as compared, and its values in the order of the columns."""

    line: int
    asset_id: str
    asset_key: str
    cells: list[str]


@dataclass(frozen=True, slots=True)
class VariableTable:
    """A valid file, or what is wrong with it (FL-369, FL-370)."""

    asset_kind: AssetKind
    columns: list[str]
    rows: list[VariableRowValues]
    problems: list[Problem]


def read_table(content: bytes, settings: Sequence[SettingPart] = ()) -> VariableTable:
    """Read a file; `settings` are those whose values it will feed, so that these are checked too (FL-376)."""
    if len(content) > LIMIT:
        raise TOO_LARGE(limit=LIMIT >> 20)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _unreadable(Problem(1, Message.of(NOT_TEXT)))
    lines = _lines(text)
    _, header = next(lines, (1, []))
    if header is None:
        return _unreadable(Problem(1, Message.of(BAD_CSV)))
    names = [" ".join(name.split()) for name in header]
    problems = [Problem(1, message) for message in _header_problems(names)]
    if problems:
        return VariableTable(AssetKind.ADDRESS, [], [], problems)
    place = next(index for index, name in enumerate(names) if name.upper() in _ASSETS)
    kind = AssetKind(names[place].upper())
    columns = [name for index, name in enumerate(names) if index != place]
    return _with_rows(VariableTable(kind, columns, [], []), lines, place, settings)


def asset_key(kind: AssetKind, text: str) -> str:
    """The asset id as it is compared: addresses in their short form, the others without regard to case."""
    if kind is AssetKind.ADDRESS:
        try:
            return str(ipaddress.ip_address(text.strip()))
        except ValueError:
            return text.strip()
    return text.strip().casefold()


def value_problem(setting: SettingPart, column: str, text: str) -> Message | None:
    """Why the setting does not take what the column says; None if it does."""
    facts = settings_catalogue().get(setting.name)
    wrong = facts.wrong(facts.parsed(text)) if facts else None
    if facts is None or wrong is None:
        return None
    return Message.of(WRONG_VALUE, value=text[:80], column=column, setting=facts.label, problem=str(wrong))


def written(kind: AssetKind, columns: Sequence[str], rows: Iterator[tuple[str, Sequence[str]]]) -> Iterator[str]:
    """The file again, line by line, harmless in a spreadsheet (FL-366)."""
    yield BYTE_ORDER_MARK
    for values in ([kind.value, *columns], *([asset, *cells] for asset, cells in rows)):
        out = StringIO()
        csv.writer(out).writerow([f"'{one}" if re.match(r"'*[=+\-@\t\r]", one) else one for one in values])
        yield out.getvalue()


def column_values(columns: Sequence[str], cells: Sequence[str]) -> Mapping[str, str]:
    """The values of a row by the names of its columns, without regard to case."""
    return {name.casefold(): cell for name, cell in zip(columns, cells, strict=True)}


def _with_rows(
    table: VariableTable, lines: Iterator[tuple[int, list[str] | None]], place: int, settings: Sequence[SettingPart]
) -> VariableTable:
    seen: set[str] = set()
    for line, values in lines:
        if len(table.problems) >= MOST_PROBLEMS:
            break
        if values is None or len(values) != len(table.columns) + 1:
            message = Message.of(BAD_CSV)
            if values is not None:
                message = Message.of(WRONG_LENGTH, found=len(values), expected=len(table.columns) + 1)
            table.problems.append(Problem(line, message))
            continue
        plain = [value[1:] if _GUARDED.match(value) else value for value in values]
        asset, cells = plain[place].strip(), plain[:place] + plain[place + 1 :]
        row = VariableRowValues(line, asset, asset_key(table.asset_kind, asset), cells)
        table.problems.extend(Problem(line, message) for message in _row_problems(table, row, seen, settings))
        seen.add(row.asset_key)
        table.rows.append(row)
    if not table.rows and not table.problems:
        table.problems.append(Problem(1, Message.of(NO_ROWS)))
    return table


def _row_problems(
    table: VariableTable, row: VariableRowValues, seen: set[str], settings: Sequence[SettingPart]
) -> Iterator[Message]:
    wrong = _asset_problem(table.asset_kind, row.asset_id)
    if wrong is not None:
        yield wrong
    elif row.asset_key in seen:
        yield Message.of(ASSET_TWICE, value=row.asset_id)
    for name, cell in zip(table.columns, row.cells, strict=True):
        if len(cell) > LONGEST_CELL:
            yield Message.of(LONG_CELL, name=name)
    given = column_values(table.columns, row.cells)
    for setting in settings:
        column = setting.variable.casefold()
        if column in given and (message := value_problem(setting, setting.variable, given[column])):
            yield message


def _asset_problem(kind: AssetKind, text: str) -> Message | None:
    if kind is AssetKind.ADDRESS:
        try:
            ipaddress.ip_address(text)
        except ValueError:
            return Message.of(BAD_ADDRESS, value=text[:80])
    elif kind is AssetKind.HOST_NAME:
        return None if is_host(text) else Message.of(BAD_HOST, value=text[:80])
    elif not text or len(text) > 64 or not text.isprintable():
        return Message.of(BAD_SERIAL)
    return None


def _header_problems(names: Sequence[str]) -> Iterator[Message]:
    assets = [name for name in names if name.upper() in _ASSETS]
    if not assets:
        yield Message.of(NO_ASSET)
        return
    if len(assets) > 1:
        yield Message.of(SEVERAL_ASSETS, columns=", ".join(assets))
        return
    variables = [name for name in names if name not in assets]
    if not variables:
        yield Message.of(NO_VARIABLE)
    seen: set[str] = set()
    for name in variables:
        if not name:
            yield Message.of(EMPTY_NAME)
        elif not all(char.isalpha() or char in " _-" for char in name) or len(name) > 255:
            yield Message.of(BAD_NAME, name=name[:80])
        elif name.casefold() in seen:
            yield Message.of(NAME_TWICE, name=name)
        seen.add(name.casefold())


def _lines(text: str) -> Iterator[tuple[int, list[str] | None]]:
    """The values of each line with its number, blank lines left out; None where the reader cannot take it apart."""
    reader = csv.reader(StringIO(text, newline=""), strict=True)
    while True:
        number = reader.line_num + 1
        try:
            values = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield number, None
        else:
            if values:
                yield number, values


def _unreadable(problem: Problem) -> VariableTable:
    return VariableTable(AssetKind.ADDRESS, [], [], [problem])
