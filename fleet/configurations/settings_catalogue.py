"""The settings of printers of our own make: a tree of categories, what each setting takes, and its default (FL-364).

The catalogue is data (`settings_catalogue.csv`): a setting of a new model is a new row.
"""

import csv
import ipaddress
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from connectors.messages import N_, Message
from connectors.printers.files import Value

TABLE = Path(__file__).parent / "settings_catalogue.csv"
SEPARATOR = " > "
TRUE, FALSE = ("true", "on", "1"), ("false", "off", "0")
NOT_A_SWITCH = N_("It is either on or off: write true or false.")
NOT_OFFERED = N_("It has to be one of: {choices}.")
NOT_A_NUMBER = N_("It has to be a whole number.")
OUT_OF_RANGE = N_("It has to be from {low} to {high}.")
NOT_A_TEXT = N_("It has to be a text without line breaks.")
TOO_LONG = N_("It has at most {high} characters.")
NOT_AN_ADDRESS = N_("It has to be an IP address.")


class SettingType(StrEnum):
    """What a setting holds."""

    TEXT = "text"
    PASSWORD = "password"  # noqa: S105 — a word, no secret
    INTEGER = "integer"
    BOOLEAN = "boolean"
    CHOICE = "choice"
    ADDRESS = "address"


@dataclass(frozen=True, slots=True)
class SettingFacts:
    """One setting. `low` and `high` bound numbers, `high` the length of texts; `needs` is what a model must have."""

    name: str
    label: str
    path: tuple[str, ...]
    type: SettingType
    default: Value
    low: int | None = None
    high: int | None = None
    choices: tuple[str, ...] = ()
    unit: str = ""
    needs: str = ""

    @property
    def is_secret(self) -> bool:
        return self.type is SettingType.PASSWORD

    def wrong(self, value: object) -> Message | None:
        """Why it does not take the value; None if it does (FL-376)."""
        match self.type:
            case SettingType.INTEGER:
                return self._wrong_number(value)
            case SettingType.BOOLEAN:
                return None if isinstance(value, bool) else Message.of(NOT_A_SWITCH)
            case SettingType.CHOICE:
                return None if value in self.choices else Message.of(NOT_OFFERED, choices=", ".join(self.choices))
        return self._wrong_text(value)

    def parsed(self, text: str) -> Value:
        """The value that a text means, of a CSV or a settings file; what cannot be read stays text and is wrong."""
        if self.type is SettingType.INTEGER and text.removeprefix("-").isdecimal() and len(text) < 12:
            return int(text)
        if self.type is SettingType.BOOLEAN and text.lower() in TRUE + FALSE:
            return text.lower() in TRUE
        return text

    def _wrong_number(self, value: object) -> Message | None:
        if isinstance(value, bool) or not isinstance(value, int):
            return Message.of(NOT_A_NUMBER)
        low, high = self.low or 0, self.high or 0
        return None if low <= value <= high else Message.of(OUT_OF_RANGE, low=low, high=high)

    def _wrong_text(self, value: object) -> Message | None:
        if not isinstance(value, str) or not (value.isprintable() or not value):
            return Message.of(NOT_A_TEXT)
        if len(value) > (self.high or 0):
            return Message.of(TOO_LONG, high=self.high or 0)
        if self.type is SettingType.ADDRESS and value and not _is_address(value):
            return Message.of(NOT_AN_ADDRESS)
        return None


@lru_cache(maxsize=1)
def settings_catalogue() -> Mapping[str, SettingFacts]:
    """Every setting by name, in the order of the tree."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return {facts.name: facts for facts in map(_facts, csv.DictReader(file))}


def find_settings(search: str, say: Callable[[str], str] = str) -> Sequence[SettingFacts]:
    """Settings with all the words in their name, label or path; every one for no words (FL-364).

    `say` puts label and path into the reader's language, in which the words are looked for too.
    """
    words = search.casefold().split()
    return [facts for facts in settings_catalogue().values() if all(word in _searched(facts, say) for word in words)]


def _searched(facts: SettingFacts, say: Callable[[str], str]) -> str:
    texts = (facts.label, *facts.path)
    return "\n".join((facts.name, *texts, *map(say, texts))).casefold()


def _facts(row: Mapping[str, str]) -> SettingFacts:
    kind = SettingType(row["type"])
    facts = SettingFacts(
        name=row["name"],
        label=row["label"],
        path=tuple(row["path"].split(SEPARATOR)),
        type=kind,
        default="",
        low=int(row["low"]) if row["low"] else None,
        high=int(row["high"]) if row["high"] else None,
        choices=tuple(row["choices"].split("|")) if row["choices"] else (),
        unit=row["unit"],
        needs=row["needs"],
    )
    return replace(facts, default=facts.parsed(row["default"]))


def _is_address(value: str) -> bool:
    try:
        ipaddress.ip_address(value)
    except ValueError:
        return False
    return True
