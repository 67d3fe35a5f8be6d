"""The file of a badge and PIN import: headers, rows, and what each needs under every configuration (AC-179…AC-184)."""

import pytest

from connectors.errors import PressroomError
from domain.printer_login.import_file import IMPORT_LIMIT, Operation, RowPlan, planned, read_rows
from domain.printer_login.rules import PrinterLoginSettings

HEADER = "BADGE,OPERATION,EMAIL,TEMPORARY,PIN\n"
BADGE_ONLY = {"methods": ["badge"]}
PIN_ONLY = {"methods": ["pin"], "pin_generation": "administrator"}
EITHER = {"methods": ["badge", "pin"], "pin_generation": "administrator"}
BOTH = {"mode": "badge_and_pin", "pin_generation": "administrator"}
BOTH_MAILED = {"mode": "badge_and_pin", "pin_generation": "auto"}


def settings(values: dict[str, object]) -> PrinterLoginSettings:
    return PrinterLoginSettings.model_validate(values)


def plan_of(line: str, values: dict[str, object], header: str = HEADER) -> RowPlan:
    (row,) = read_rows((header + line).encode())
    return planned(row, settings(values))


def code_of(line: str, values: dict[str, object], header: str = HEADER) -> str:
    with pytest.raises(PressroomError) as caught:
        plan_of(line, values, header)
    return caught.value.code.removeprefix("badge_import.")


@pytest.mark.parametrize(
    ("line", "values", "plan"),
    [
        ("20171a,CREATE,jdoe@example.com,true,", BADGE_ONLY, ("CREATE", "jdoe@example.com", "20171a", True, "", False)),
        ('"20171a,2a,3a",CREATE,a@b.se,,', BADGE_ONLY, ("CREATE", "a@b.se", "20171a,2a,3a", False, "", False)),
        (
            "20173c,DELETE,ckent@example.com,false,",
            BADGE_ONLY,
            ("DELETE", "ckent@example.com", "20173c", False, "", False),
        ),
        ("20173c,DELETE,,,", BADGE_ONLY, ("DELETE", "", "20173c", False, "", False)),
        (",CREATE,JDoe@Example.COM,,123456", PIN_ONLY, ("CREATE", "jdoe@example.com", "", False, "123456", False)),
        (",CREATE,a@b.se,,001234", PIN_ONLY, ("CREATE", "a@b.se", "", False, "001234", False)),
        (",DELETE,ckent@example.com,,345678", PIN_ONLY, ("DELETE", "ckent@example.com", "", False, "345678", True)),
        (",DELETE,ckent@example.com,,", PIN_ONLY, ("DELETE", "ckent@example.com", "", False, "", True)),
        ("1,DELETE,a@b.se,,345678", BOTH, ("DELETE", "a@b.se", "1", False, "345678", True)),
        ("20171a,CREATE,a@b.se,TRUE,123456", BOTH, ("CREATE", "a@b.se", "20171a", True, "123456", False)),
        ("20171a,CREATE,a@b.se,,", EITHER, ("CREATE", "a@b.se", "20171a", False, "", False)),
        (",CREATE,a@b.se,,123456", EITHER, ("CREATE", "a@b.se", "", False, "123456", False)),
        ("20171a,CREATE,a@b.se,,", BOTH_MAILED, ("CREATE", "a@b.se", "20171a", False, "", False)),
        (",DELETE,a@b.se,,123456", BOTH_MAILED, ("DELETE", "a@b.se", "", False, "123456", True)),
    ],
)
def test_what_a_row_asks_for(line: str, values: dict[str, object], plan: tuple[str, str, str, bool, str, bool]) -> None:
    operation, *rest = plan
    assert plan_of(line, values) == RowPlan(Operation(operation), *rest)


@pytest.mark.parametrize(
    ("line", "values", "code"),
    [
        ("20171a,CREATE,a@b.se,true", BADGE_ONLY, "value_count"),
        ("20171a,2a,CREATE,a@b.se,true,", BADGE_ONLY, "value_count"),
        ("20171a,UPDATE,a@b.se,,", BADGE_ONLY, "operation"),
        ("20171a,create,a@b.se,,", BADGE_ONLY, "operation"),
        ("20171a,,a@b.se,,", BADGE_ONLY, "operation"),
        ("20171a,CREATE,,,", BADGE_ONLY, "email_missing"),
        ("20171a,CREATE,a@b.se,yes,", BADGE_ONLY, "temporary"),
        (",CREATE,a@b.se,,", BADGE_ONLY, "badge_missing"),
        (",CREATE,a@b.se,,123456", BOTH, "badge_missing"),
        (",CREATE,a@b.se,,", PIN_ONLY, "pin_missing"),
        ("20171a,CREATE,a@b.se,,", BOTH, "pin_missing"),
        (",CREATE,a@b.se,,", EITHER, "nothing_given"),
        ("1,CREATE,a@b.se,,123456", BOTH_MAILED, "pins_not_imported"),
        ("1,CREATE,a@b.se,,123456", {"methods": ["badge", "pin"], "pin_generation": "user"}, "pins_not_imported"),
        (",CREATE,a@b.se,,12345", PIN_ONLY, "pin.wrong_length"),
        (",CREATE,a@b.se,,1234567", PIN_ONLY, "pin.wrong_length"),
        (",CREATE,a@b.se,,12345a", PIN_ONLY, "pin.not_digits"),
        (",DELETE,,,123456", PIN_ONLY, "email_missing"),
        (",DELETE,,,", BADGE_ONLY, "nothing_given"),
    ],
)
def test_what_is_wrong_with_a_row(line: str, values: dict[str, object], code: str) -> None:
    assert code_of(line, values) == code


@pytest.mark.parametrize(
    ("header", "line"),
    [
        ("PIN,OPERATION,EMAIL,BADGE,TEMPORARY\n", "001234,CREATE,a@b.se,20171a,true"),
        ("TEMPORARY,PIN,BADGE,EMAIL,OPERATION\n", "true,001234,20171a,a@b.se,CREATE"),
        ("\ufeffBADGE,OPERATION,EMAIL,TEMPORARY,PIN\r\n", "20171a,CREATE,a@b.se,true,001234\r\n\r\n"),
    ],
)
def test_columns_come_in_any_order(header: str, line: str) -> None:
    """AC-179"""
    plan = RowPlan(Operation.CREATE, "a@b.se", "20171a", True, "001234", False)
    assert plan_of(line, BOTH, header) == plan


def test_the_legacy_header_has_three_columns() -> None:
    """AC-182"""
    legacy = "BADGE,OPERATION,EMAIL\n"
    assert plan_of("20171a,DELETE,", BADGE_ONLY, legacy).badge == "20171a"
    assert plan_of("20171a,CREATE,a@b.se", BADGE_ONLY, legacy).email == "a@b.se"
    assert code_of("20171a,DELETE", BADGE_ONLY, legacy) == "value_count"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "header"),
        (b"badge,operation,email,temporary,pin\n1,CREATE,a@b.se,,\n", "header"),
        (b"BADGE,OPERATION\n1,DELETE\n", "header"),
        (b"BADGE,BADGE,OPERATION,EMAIL,PIN\n", "header"),
        (HEADER.encode(), "empty"),
        (HEADER.encode() + b"\n  , ,\n\n", "empty"),
        (HEADER.encode() + b"\xff\xfe", "not_text"),
        (HEADER.encode() + b'"' + b"1" * 200_000 + b'",CREATE,a@b.se,,', "not_text"),
        (HEADER.encode() + b"1" * IMPORT_LIMIT, "too_large"),
    ],
)
def test_what_is_wrong_with_a_file(content: bytes, code: str) -> None:
    with pytest.raises(PressroomError) as caught:
        read_rows(content)
    assert caught.value.code == f"badge_import.{code}"


def test_a_file_of_exactly_one_megabyte_is_read_and_one_byte_more_is_not() -> None:
    """AC-183"""
    row = "20171a,CREATE,jdoe@example.com,true,\n"
    content = (HEADER + row * ((IMPORT_LIMIT - len(HEADER)) // len(row))).encode()
    content += b"\n" * (IMPORT_LIMIT - len(content))
    assert len(read_rows(content)) == (IMPORT_LIMIT - len(HEADER)) // len(row)
    with pytest.raises(PressroomError, match=r"badge_import\.too_large"):
        read_rows(content + b"\n")


def test_rows_are_numbered_as_an_editor_shows_them() -> None:
    rows = read_rows((HEADER + "1,CREATE,a@b.se,,\n\n2,CREATE,a@b.se,,\n").encode())
    assert [row.number for row in rows] == [2, 4]
