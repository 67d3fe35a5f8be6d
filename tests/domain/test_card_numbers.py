"""Card readers' answers: every kind of setting, and what is no number under it (accounts §15)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import PressroomError
from domain.printer_login.card_numbers import CardForm, CardReader, canonical_number, card_number, other_forms

HEX_TO_DECIMAL = {"sent_as": "hex", "registered_as": "decimal"}
DECIMAL_TO_HEX = {"sent_as": "decimal", "registered_as": "hex"}


@pytest.mark.parametrize(
    ("settings", "sent", "number"),
    [
        ({}, "20171a", "20171A"),
        ({}, "  00123  ", "00123"),
        ({}, "20171a,2a,3a", "20171A,2A,3A"),
        ({"start_delimiter": ";", "end_delimiter": "?"}, ";123456?", "123456"),
        ({"start_delimiter": ";", "end_delimiter": "?"}, "123456", "123456"),
        ({"start_delimiter": "%B"}, "%B%B1", "%B1"),
        ({"removed_characters": ":- "}, "04:A1-b2 c3", "04A1B2C3"),
        ({"drop_first": 2}, "XX1234", "1234"),
        ({"drop_last": 1}, "12345", "1234"),
        ({"drop_first": 1, "drop_last": 2}, "a1234bc", "1234"),
        ({"width": 10}, "77", "0000000077"),
        (HEX_TO_DECIMAL, "04A1B2C3", "77705923"),
        (HEX_TO_DECIMAL | {"width": 10}, "04A1B2C3", "0077705923"),
        (HEX_TO_DECIMAL, "4a1b2c3", "77705923"),
        (DECIMAL_TO_HEX, "77705923", "04A1B2C3"),
        (DECIMAL_TO_HEX | {"number_bytes": 7}, "77705923", "00000004A1B2C3"),
        (DECIMAL_TO_HEX, "0", "00"),
        ({"sent_as": "hex", "reversed_bytes": True}, "04A1B2C3", "C3B2A104"),
        ({"sent_as": "hex", "reversed_bytes": True}, "4A1B2C3", "C3B2A104"),
        (HEX_TO_DECIMAL | {"reversed_bytes": True}, "C3B2A104", "77705923"),
        ({"sent_as": "decimal", "reversed_bytes": True}, "3283263748", "77705923"),
        (DECIMAL_TO_HEX | {"reversed_bytes": True, "number_bytes": 4}, "11706628", "04A1B200"),
        (HEX_TO_DECIMAL | {"start_delimiter": "<", "end_delimiter": ">", "removed_characters": ":"}, "<00:FF>", "255"),
    ],
)
def test_what_a_reader_sends_becomes_the_registered_number(settings: dict[str, object], sent: str, number: str) -> None:
    assert card_number(CardReader.model_validate(settings), sent) == number


@pytest.mark.parametrize(
    ("settings", "sent"),
    [
        ({}, ""),
        ({}, "   "),
        ({"drop_first": 3, "drop_last": 3}, "12345"),
        ({"removed_characters": "1"}, "111"),
        ({"start_delimiter": ";"}, ";"),
        ({"sent_as": "hex"}, "04G1"),
        ({"sent_as": "decimal"}, "04A1"),
        ({"sent_as": "decimal"}, "١٢٣"),
        ({"sent_as": "hex", "number_bytes": 2}, "04A1B2"),
        ({}, "1" * 256),
        ({"sent_as": "decimal"}, "9" * 5000),
    ],
)
def test_what_fits_no_number_is_refused(settings: dict[str, object], sent: str) -> None:
    with pytest.raises(PressroomError) as caught:
        card_number(CardReader.model_validate(settings), sent)
    assert caught.value.code == "badge.unreadable"


@given(st.binary(min_size=1, max_size=10))
def test_two_readers_of_one_card_agree(uid: bytes) -> None:
    """One sends hexadecimal, another the same bytes backwards, a third the decimal number."""
    forward = CardReader(sent_as=CardForm.HEX, registered_as=CardForm.HEX)
    backward = CardReader(sent_as=CardForm.HEX, reversed_bytes=True)
    decimal = CardReader(sent_as=CardForm.DECIMAL, registered_as=CardForm.HEX, number_bytes=len(uid))
    number = uid.hex().upper()
    assert card_number(forward, uid.hex()) == number
    assert card_number(backward, uid[::-1].hex()) == number
    assert card_number(decimal, str(int.from_bytes(uid))) == number


@given(st.text(max_size=40))
def test_numbers_are_compared_without_regard_to_case_and_spaces_around(text: str) -> None:
    assert canonical_number(f" {text.upper()} ") == canonical_number(canonical_number(text))


@pytest.mark.parametrize(
    ("number", "forms"),
    [
        ("FF", {CardForm.DECIMAL: "255"}),
        ("255", {CardForm.HEX: "FF", CardForm.DECIMAL: "597"}),
        ("20171a,2a", {}),
        ("", {}),
    ],
)
def test_other_readings_of_a_number_help_to_find_the_setting(number: str, forms: dict[CardForm, str]) -> None:
    assert other_forms(number) == forms
