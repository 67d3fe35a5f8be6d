"""The variable settings file by its rules: what is a good file, and what is told of a bad one (FL-365…FL-376)."""

import pytest

from fleet.configurations.content import SettingPart
from fleet.configurations.models import AssetKind
from fleet.configurations.variables import asset_key, read_table

GOOD = "IPADDRESS,Site tag,Floor-plan\n10.199.96.231,Kip1,North\n10.199.96.232,Kip2,South\n"
TAG = SettingPart(name="general.asset_tag", variable="Site tag")
RINGS = SettingPart(name="fax.rings", variable="Rings")


def test_a_good_file_tells_its_records_its_variables_and_its_asset_column() -> None:
    """FL-367…FL-369, with the example of FL-375."""
    table = read_table(GOOD.encode(), [TAG])
    assert table.problems == []
    assert (table.asset_kind, table.columns) == (AssetKind.ADDRESS, ["Site tag", "Floor-plan"])
    assert [(row.asset_id, row.cells) for row in table.rows] == [
        ("10.199.96.231", ["Kip1", "North"]),
        ("10.199.96.232", ["Kip2", "South"]),
    ]


@pytest.mark.parametrize("header", ["serialnumber", "SerialNumber", "SERIALNUMBER"])
def test_header_names_are_compared_without_regard_to_case(header: str) -> None:
    table = read_table(f"{header},tag\nPXC1,a\n".encode())
    assert (table.problems, table.asset_kind) == ([], AssetKind.SERIAL_NUMBER)


def test_the_asset_column_may_stand_anywhere_and_a_byte_order_mark_does_no_harm() -> None:
    table = read_table("\ufefftag,HOSTNAME,other\nx,pxc000001,y\n".encode())
    assert (table.problems, table.rows[0].asset_key, table.rows[0].cells) == ([], "pxc000001", ["x", "y"])


BAD = {
    "no asset column": ("Address,tag\n1.2.3.4,a\n", 1, "The header needs a column"),
    "two asset columns": ("IPADDRESS,HOSTNAME,tag\n1.2.3.4,a,b\n", 1, "several asset columns"),
    "no variable": ("IPADDRESS\n1.2.3.4\n", 1, "no column besides"),
    "a column without a name": ("IPADDRESS, ,tag\n1.2.3.4,a,b\n", 1, "has no name"),
    "a name twice": ("IPADDRESS,Tag,TAG\n1.2.3.4,a,b\n", 1, "occurs twice"),
    "digits in a name": ("IPADDRESS,Tag1\n1.2.3.4,a\n", 1, "letters, spaces, underscores and hyphens"),
    "dots in a name": ("IPADDRESS,a.b\n1.2.3.4,a\n", 1, "letters, spaces, underscores and hyphens"),
    "no rows": ("IPADDRESS,tag\n", 1, "no rows"),
    "nothing at all": ("", 1, "The header needs a column"),
    "a bad address": ("IPADDRESS,tag\n1.2.3.400,a\n", 2, "is no IP address"),
    "a bad host name": ("HOSTNAME,tag\n-x-,a\n", 2, "is no host name"),
    "an empty serial number": ("SERIALNUMBER,tag\n,a\n", 2, "serial number"),
    "an asset twice": ("HOSTNAME,tag\nprinter,a\nPRINTER,b\n", 3, "occurs twice"),
    "the same address in two forms": ("IPADDRESS,tag\n::1,a\n0:0:0:0:0:0:0:1,b\n", 3, "occurs twice"),
    "a short row": ("IPADDRESS,tag,other\n1.2.3.4,a\n", 2, "2 values instead of 3"),
    "a long row": ("IPADDRESS,tag\n1.2.3.4,a,b\n", 2, "3 values instead of 2"),
    "open quotes": ('IPADDRESS,tag\n1.2.3.4,"a\n', 2, "quotes do not match"),
    "a value out of range": ("IPADDRESS,Rings\n1.2.3.4,99\n", 2, "It has to be from 1 to 25."),
    "a value that is no number": ("IPADDRESS,Rings\n1.2.3.4,many\n", 2, "It has to be a whole number."),
    "a value that is too long": (f"IPADDRESS,Site tag\n1.2.3.4,{'x' * 65}\n", 2, "at most 64 characters"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_is_wrong_is_told_with_its_line(case: str) -> None:
    """FL-368, FL-370, FL-376."""
    text, line, words = BAD[case]
    problems = read_table(text.encode(), [TAG, RINGS]).problems
    assert [(problem.line, words in str(problem.message)) for problem in problems][:1] == [(line, True)]


def test_every_error_is_told_and_none_hides_another() -> None:
    problems = read_table(b"IPADDRESS,tag\nx,a\n1.2.3.4\n5.6.7.8,b\n5.6.7.8,c\n").problems
    assert [problem.line for problem in problems] == [2, 3, 5]


def test_a_file_in_another_encoding_is_refused() -> None:
    problems = read_table("IPADDRESS,tag\n1.2.3.4,Malmö\n".encode("latin-1")).problems
    assert [str(problem.message) for problem in problems] == ["The file is no text in UTF-8."]


@pytest.mark.parametrize(
    ("kind", "text", "key"),
    [
        (AssetKind.ADDRESS, " 10.1.2.3 ", "10.1.2.3"),
        (AssetKind.ADDRESS, "FE80:0::1", "fe80::1"),
        (AssetKind.HOST_NAME, "Printer.Example.COM", "printer.example.com"),
        (AssetKind.SERIAL_NUMBER, "pxc01", "pxc01"),
    ],
)
def test_asset_ids_are_compared_by_what_they_mean(kind: AssetKind, text: str, key: str) -> None:
    assert asset_key(kind, text) == key
