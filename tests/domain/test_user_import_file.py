"""The file of a user import: header, rows, values, refusals (AC-95…AC-110, acceptance check 6)."""

import pytest

from connectors.errors import PressroomError
from domain.people.custom_attributes import read_attributes, write_attributes
from domain.people.import_file import HEADER, LEGACY_HEADER, LIMIT, ImportRow, Operation, RowFault, guarded, read_rows

NEW, OLD = ",".join(HEADER), ",".join(LEGACY_HEADER)
SAMPLES = """\
jdoe@example.com,CREATE,,John,Doe,Johnny,jdoe,Group 1,"{'key1':'value1','key2':'value2'}",CC100,Sales
llane@example.com,UPDATE,"Pass,word2!",Lois,Lane,"Lois,Lane",llane,"Group1,Group2",,,
ckent@example.com,DELETE,,,,,,,,,
"""


def rows(*lines: str, header: str = NEW) -> list[ImportRow | RowFault]:
    return read_rows("people.csv", "\n".join((header, *lines)).encode())


def row(line: str, header: str = NEW) -> ImportRow:
    (found,) = rows(line, header=header)
    assert isinstance(found, ImportRow), found
    return found


def fault(line: str, header: str = NEW) -> str:
    (found,) = rows(line, header=header)
    assert isinstance(found, RowFault), found
    return found.error.code


def refusal(name: str, content: bytes) -> str:
    with pytest.raises(PressroomError) as caught:
        read_rows(name, content)
    return caught.value.code


class TestFile:
    def test_the_samples_of_the_specification(self) -> None:
        """AC-110."""
        facts = {"first_name": "John", "last_name": "Doe", "name": "Johnny", "short_name": "jdoe"}
        attributes = {"key1": "value1", "key2": "value2"}
        places = {"cost_center": "CC100", "department": "Sales"}
        assert read_rows("people.csv", f"{NEW}\n{SAMPLES}".encode()) == [
            ImportRow(2, "jdoe@example.com", Operation.CREATE, "", facts | places, ("Group 1",), (), attributes),
            ImportRow(
                3,
                "llane@example.com",
                Operation.UPDATE,
                "Pass,word2!",
                {"first_name": "Lois", "last_name": "Lane", "name": "Lois,Lane", "short_name": "llane"},
                ("Group1", "Group2"),
            ),
            ImportRow(4, "ckent@example.com", Operation.DELETE),
        ]

    @pytest.mark.parametrize("prefix", [b"", b"\xef\xbb\xbf"], ids=["plain", "byte order mark"])
    @pytest.mark.parametrize("end", [b"\n", b"\r\n"], ids=["LF", "CRLF"])
    @pytest.mark.parametrize("name", ["people.csv", "people.txt", "PEOPLE.CSV"])
    def test_what_editors_write_is_read(self, prefix: bytes, end: bytes, name: str) -> None:
        content = prefix + end.join((NEW.encode(), "a@example.com,CREATE,,Åsa,,,,,,,".encode(), b"", b""))
        (found,) = read_rows(name, content)
        assert isinstance(found, ImportRow)
        assert found.facts == {"first_name": "Åsa"}

    @pytest.mark.parametrize(
        "header",
        [
            NEW.lower(),
            NEW.replace("SHORTNAME", "SHORT NAME"),
            NEW.replace("EMAIL,OPERATION", "OPERATION,EMAIL"),
            NEW.replace(",", ";"),
            ",".join(HEADER[:10]),
            f"{NEW},EXTRA",
            f"{NEW} ",
            "",
            '"EMAIL',
        ],
    )
    def test_any_other_header_rejects_the_file(self, header: str) -> None:
        assert refusal("people.csv", f"{header}\n{SAMPLES}".encode()) == "user_import.header"

    @pytest.mark.parametrize(
        ("name", "content", "code"),
        [
            ("people.xlsx", NEW.encode(), "wrong_type"),
            ("csv", NEW.encode(), "wrong_type"),
            ("people.csv", b"", "header"),
            ("people.csv", NEW.encode(), "no_rows"),
            ("people.csv", f"{NEW}\n\n\n".encode(), "no_rows"),
            ("people.csv", f"{NEW}\nÅ,CREATE".encode("latin-1"), "not_text"),
            ("people.csv", f"{NEW}\n{SAMPLES}".encode("utf-16"), "not_text"),
            ("people.csv", f"{NEW}\na\x00".encode(), "not_text"),
        ],
    )
    def test_what_is_no_such_file_is_rejected_as_a_whole(self, name: str, content: bytes, code: str) -> None:
        assert refusal(name, content) == f"user_import.{code}"

    def test_one_megabyte_is_taken_and_one_byte_more_is_not(self) -> None:
        content = f"{NEW}\n".encode()
        content += b"x" * (LIMIT - len(content))
        assert len(read_rows("people.csv", content)) == 1
        assert refusal("people.csv", content + b"x") == "user_import.too_large"


class TestRows:
    def test_the_legacy_header_has_nine_values_a_row(self) -> None:
        """AC-105."""
        assert row("A@Example.com,CREATE,,Ann,,,,,", header=OLD).facts == {"first_name": "Ann"}
        assert fault("a@example.com,CREATE,,Ann,,,,,,,", header=OLD) == "user_import.value_count"

    @pytest.mark.parametrize("count", [1, 9, 10, 12])
    def test_a_wrong_number_of_values_tells_both_numbers(self, count: int) -> None:
        (found,) = rows(",".join(["x"] * count))
        assert isinstance(found, RowFault)
        assert dict(found.error.facts) == {"found": count, "expected": 11}

    def test_a_bad_row_stops_no_other_and_lines_are_counted_as_editors_do(self) -> None:
        found = rows('a@b.se,CREATE,,"Two', 'lines",,,,,,,', "", "nonsense", "c@b.se,DELETE,,,,,,,,,")
        assert [(one.number, type(one)) for one in found] == [(2, RowFault), (5, RowFault), (6, ImportRow)]

    @pytest.mark.parametrize(
        ("line", "code"),
        [
            (",CREATE,,,,,,,,,", "user_import.no_email"),
            ("a@example.com,,,,,,,,,,", "user_import.operation"),
            ("a@example.com,create,,,,,,,,,", "user_import.operation"),
            ("a@example.com,REMOVE,,,,,,,,,", "user_import.operation"),
            ("nobody,CREATE,,,,,,,,,", "person.no_address"),
            (f"a@example.com,CREATE,,{'x' * 101},,,,,,,", "person.too_long"),
            ('a@example.com,CREATE,,"a"b,,,,,,,', "user_import.quotes"),
            ('a@example.com,CREATE,,"open,,,,,,,', "user_import.quotes"),
            (f"a@example.com,CREATE,,,,,,{'x' * 101},,,", "group.name_long"),
            ("a@example.com,CREATE,,,,,,,nonsense,,", "user_import.attributes"),
        ],
    )
    def test_what_is_wrong_with_a_row(self, line: str, code: str) -> None:
        assert fault(line) == code

    def test_upper_case_addresses_become_lower_case(self) -> None:
        assert row("JDOE@Example.COM,DELETE,,,,,,,,,").email == "jdoe@example.com"

    def test_deletion_ignores_all_other_columns(self) -> None:
        """AC-101."""
        line = f"a@example.com,DELETE,x,{'y' * 500},,,,!!!,nonsense,,"
        assert row(line) == ImportRow(2, "a@example.com", Operation.DELETE)

    def test_delete_clears_four_fields_of_an_update_only(self) -> None:
        """AC-100, AC-103."""
        clear = "[delete]"
        line = f"a@example.com,{{}},,{clear},{clear},{clear},{clear},,,{clear},{clear}"
        cleared = dict.fromkeys(("first_name", "last_name", "name", "short_name"), "")
        assert row(line.format("UPDATE")).facts == {**cleared, "cost_center": clear, "department": clear}
        created = row(line.format("CREATE")).facts
        assert created is not None
        assert set(created.values()) == {clear}

    def test_groups_are_separated_by_commas_and_get_names_that_groups_can_have(self) -> None:
        """AC-69."""
        found = row('a@example.com,CREATE,,,,,,"A/B, Group 2 ,,A_B,R&D",,,')
        assert found.groups == ("A_B", "Group 2", "R_D")
        assert found.replaced == (("A/B", "A_B"), ("R&D", "R_D"))

    def test_a_password_is_taken_as_it_is(self) -> None:
        assert row('a@example.com,CREATE,"\'=Secret, 1",,,,,,,,').password == "'=Secret, 1"


class TestAttributes:
    """AC-104."""

    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ("{'key1':'value1','key2':'value2'}", {"key1": "value1", "key2": "value2"}),
            (" { 'a' : 'b' , 'c' : '' } ", {"a": "b", "c": ""}),
            ('{"a":"b","c":"it\'s"}', {"a": "b", "c": "it's"}),
            (r"{'a':'it\'s \\ here'}", {"a": "it's \\ here"}),
            ("{'a':'{1,2:3}'}", {"a": "{1,2:3}"}),
            ("{}", {}),
            ('{"\\u00e5": "\\u00e4"}', {"å": "ä"}),
        ],
    )
    def test_both_notations_are_read(self, text: str, found: dict[str, str]) -> None:
        assert read_attributes(text) == found
        assert not found or read_attributes(write_attributes(found)) == found

    @pytest.mark.parametrize(
        "text",
        [
            "key=value",
            "{'a':'b'",
            "{'a':'b',}",
            "{'a':1}",
            "{'a':'b' 'c':'d'}",
            "{a:b}",
            "{'a':'b','a':'c'}",
            "{'':'b'}",
            '{"a":1}',
            '{"a":null}',
            '{"a":["b"]}',
            '{"a":{"b":"c"}}',
            '{"a":"b","a":"c"}',
            '["a","b"]',
            '"a"',
            '{"a":"b"} x',
            "__import__('os').system('true')",
            "{'a':__import__('os').getcwd()}",
            "{" + "".join(f"'k{number}':'v'," for number in range(51))[:-1] + "}",
            "{'k':'" + "v" * 1001 + "'}",
            '{"a":' * 5000 + '"b"' + "}" * 5000,
        ],
    )
    def test_anything_else_is_refused_and_nothing_is_evaluated(self, text: str) -> None:
        with pytest.raises(PressroomError) as caught:
            read_attributes(text)
        assert caught.value.code == "user_import.attributes"


@pytest.mark.parametrize(
    "value", ["=1+1", "+46 8", "-", "@SUM(A1)", "\tx", "'=x", "''+x", "it's", "'quoted'", "x=1", ""]
)
def test_what_a_spreadsheet_would_calculate_is_guarded_and_read_back_as_it_was(value: str) -> None:
    written = guarded(value)
    assert not written.startswith(("=", "+", "-", "@", "\t", "\r"))
    line = f'a@example.com,CREATE,,,,,,,,"{written}",'
    (found,) = rows(line)
    if value.startswith(("\t", "'\t")):
        assert isinstance(found, RowFault), "not printable"
        return
    assert isinstance(found, ImportRow)
    assert (found.facts or {}).get("cost_center", "") == value
