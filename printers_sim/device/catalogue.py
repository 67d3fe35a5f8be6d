"""The settings of a printer: a tree of categories read from `settings.yaml`, and what value each takes (FL-364)."""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeAlias

import yaml

from printers_sim.profile import Profile

FILE = Path(__file__).parent / "settings.yaml"
SMALL_PANEL = "320x240"
"""A 2.8-inch screen."""
Value: TypeAlias = str | int | bool


class Kind(StrEnum):
    """What a setting holds."""

    TEXT = "text"
    PASSWORD = "password"  # noqa: S105 — a name
    INTEGER = "integer"
    BOOLEAN = "boolean"
    CHOICE = "choice"
    ADDRESS = "address"


@dataclass(frozen=True, slots=True)
class SettingFacts:
    """One setting. `low` and `high` bound integers, and the length of texts; `needs` names what a model must have.

    `enrolled`: there is such a setting only while the printer is enrolled and communicates with the cloud.
    """

    name: str
    label: str
    path: tuple[str, ...]
    type: Kind
    default: Value
    low: int | None = None
    high: int | None = None
    choices: tuple[str, ...] = ()
    unit: str = ""
    needs: str = ""
    enrolled: bool = False

    def wrong(self, value: object) -> str | None:
        """Why it does not take that value; None if it does."""
        match self.type:
            case Kind.INTEGER:
                return self._wrong_number(value)
            case Kind.BOOLEAN:
                return None if isinstance(value, bool) else "Has to be true or false."
            case Kind.CHOICE:
                return None if value in self.choices else f"Has to be one of: {', '.join(self.choices)}."
        if not isinstance(value, str) or not (value.isprintable() or not value):
            return "Has to be a text without line breaks."
        if len(value) > (self.high or 0):
            return f"Has at most {self.high} characters."
        if self.type is Kind.ADDRESS and value and not _is_address(value):
            return "Has to be an IP address."
        return None

    def parsed(self, text: str) -> Value:
        """The value that a line of a flat settings file means; what cannot be read stays text and is refused later."""
        if self.type is Kind.INTEGER and text.removeprefix("-").isdecimal():
            return int(text)
        if self.type is Kind.BOOLEAN and text.lower() in ("true", "false", "on", "off", "1", "0"):
            return text.lower() in ("true", "on", "1")
        return text

    def _wrong_number(self, value: object) -> str | None:
        if isinstance(value, bool) or not isinstance(value, int):
            return "Has to be a whole number."
        low, high = self.low or 0, self.high or 0
        return None if low <= value <= high else f"Has to be from {low} to {high}."


@lru_cache(maxsize=1)
def _all_settings() -> tuple[SettingFacts, ...]:
    rows: list[dict[str, Any]] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return tuple(_facts(tuple(row["path"]), row.get("needs", ""), dict(one)) for row in rows for one in row["settings"])


@lru_cache
def catalogue(profile: Profile) -> Mapping[str, SettingFacts]:
    """The settings that a model has, by name, in the order of the tree."""
    return {facts.name: facts for facts in _all_settings() if not facts.needs or facts.needs in features(profile)}


def features(profile: Profile) -> frozenset[str]:
    """What a model has that settings may need."""
    having = {
        "color": profile.color,
        "duplex": profile.duplex,
        "scan": profile.scan,
        "fax": profile.fax,
        "touch": profile.home_screen_items > 4,
        "framework": bool(profile.framework),
        "compact": profile.panel == SMALL_PANEL,
        "phone": profile.panel == SMALL_PANEL and "native" in profile.agents,
    }
    return frozenset(name for name, has in having.items() if has)


def _facts(path: tuple[str, ...], needs: str, row: dict[str, Any]) -> SettingFacts:
    kind = Kind(row.pop("type"))
    choices = tuple(row.pop("choices", ()))
    row.setdefault(
        "default", {Kind.INTEGER: row.get("low"), Kind.BOOLEAN: False}.get(kind, choices[0] if choices else "")
    )
    row.setdefault("needs", needs)
    if kind in (Kind.TEXT, Kind.PASSWORD, Kind.ADDRESS):
        row.setdefault("high", 128)
    return SettingFacts(path=path, type=kind, choices=choices, **row)


def _is_address(value: str) -> bool:
    try:
        ipaddress.ip_address(value)
    except ValueError:
        return False
    return True
