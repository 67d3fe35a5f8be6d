"""Numbers of badges: how a card reader's output becomes the number that is registered.

Readers disagree about one and the same card: hexadecimal or decimal, bytes from either end, with marks around the
number or characters cut off. The organization says what its readers do, once; pure functions undo it.
"""

import re
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from connectors.errors import Fault
from connectors.messages import N_

CARD_UNREADABLE = Fault(
    "badge.unreadable",
    422,
    N_("The card reader's answer does not fit the settings for card readers."),
    N_("Hold the badge to the reader again. Administrators: try the settings on the page “Printer login”."),
)
LONGEST_NUMBER = 255
_DELIMITER_LENGTH = 16
_DIGITS = {"hex": re.compile(r"[0-9A-F]+"), "decimal": re.compile(r"[0-9]+")}


class CardForm(StrEnum):
    """In which form a number is written. `TEXT` is anything, which is compared as it is."""

    TEXT = "text"
    HEX = "hex"
    DECIMAL = "decimal"


class CardReader(BaseModel):
    """What the organization's card readers do to a badge's number; undone in the order of the fields.

    Only numbers (`sent_as` hexadecimal or decimal) are converted; `registered_as` text means: as it was sent.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    start_delimiter: str = Field(
        "",
        max_length=_DELIMITER_LENGTH,
        title=N_("Start mark"),
        description=N_("What readers put before the number, such as “;”."),
    )
    end_delimiter: str = Field(
        "",
        max_length=_DELIMITER_LENGTH,
        title=N_("End mark"),
        description=N_("What readers put after the number, such as “?”."),
    )
    removed_characters: str = Field(
        "",
        max_length=_DELIMITER_LENGTH,
        title=N_("Characters to remove"),
        description=N_("They are removed wherever they stand, such as “:-”."),
    )
    drop_first: int = Field(0, ge=0, le=64, title=N_("Characters to leave out at the beginning"))
    drop_last: int = Field(0, ge=0, le=64, title=N_("Characters to leave out at the end"))
    sent_as: CardForm = Field(
        CardForm.TEXT,
        title=N_("Readers send"),
        description=N_("Text is compared as it is; numbers can be converted."),
    )
    number_bytes: int = Field(
        0, ge=0, le=32, title=N_("Bytes of the number"), description=N_("0: as many as are sent.")
    )
    reversed_bytes: bool = Field(False, title=N_("Readers send the bytes in reverse order"))
    registered_as: CardForm = Field(
        CardForm.TEXT,
        title=N_("Badges are registered as"),
        description=N_("How the number is written in lists and on badges. Text: as it is sent."),
    )
    width: int = Field(
        0,
        ge=0,
        le=64,
        title=N_("Digits to fill up to"),
        description=N_("Zeros are put in front until there are so many digits. 0: none."),
    )


def canonical_number(number: str) -> str:
    """A badge's number as it is compared: without spaces around it and without regard to case."""
    return number.strip().upper()


def card_number(reader: CardReader, sent: str) -> str:
    """The number that `reader` means by `sent`, in the form in which numbers are compared.

    Raises `CARD_UNREADABLE` where the settings do not fit it, or nothing is left.
    """
    text = sent.strip().removeprefix(reader.start_delimiter).removesuffix(reader.end_delimiter)
    text = text.translate({ord(character): None for character in reader.removed_characters})
    text = canonical_number(text[reader.drop_first : max(len(text) - reader.drop_last, 0)])
    if not 0 < len(text) <= LONGEST_NUMBER:
        raise CARD_UNREADABLE()
    number = text if reader.sent_as is CardForm.TEXT else _converted(text, reader)
    return number.rjust(reader.width, "0")


def other_forms(number: str) -> dict[CardForm, str]:
    """What `number` would be if it were read the other way: what to compare with what is registered."""
    text = canonical_number(number)
    forms = {}
    if _DIGITS["decimal"].fullmatch(text):
        forms[CardForm.HEX] = f"{int(text):X}"
    if _DIGITS["hex"].fullmatch(text):
        forms[CardForm.DECIMAL] = str(int(text, 16))
    return forms


def _converted(text: str, reader: CardReader) -> str:
    if not _DIGITS[reader.sent_as.value].fullmatch(text):
        raise CARD_UNREADABLE()
    value = _bytes_of(text, reader)
    number = int.from_bytes(value[::-1] if reader.reversed_bytes else value)
    form = reader.sent_as if reader.registered_as is CardForm.TEXT else reader.registered_as
    if form is CardForm.DECIMAL:
        return str(number)
    return f"{number:0{2 * len(value)}X}"


def _bytes_of(text: str, reader: CardReader) -> bytes:
    """The number's bytes: as many as the settings say, else as many as were sent or are needed."""
    if reader.sent_as is CardForm.HEX:
        number, count = int(text, 16), (len(text) + 1) // 2
    else:
        number = int(text)
        count = (number.bit_length() + 7) // 8 or 1
    try:
        return number.to_bytes(reader.number_bytes or count)
    except OverflowError as error:
        raise CARD_UNREADABLE() from error
