"""What differs between vendors, as data: `vendors/*.yaml`. A new vendor or a new quirk is no code.

Only what no standard gives stands there: where serial number, firmware level and counters are found in private
branches, how descriptions are worded, and what an agent must not be asked.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Annotated, Self

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from connectors.printers.reading import CounterName

FOLDER = Path(__file__).parent / "vendors"
OidText = Annotated[str, Field(pattern=r"^\d+(\.\d+)+$")]
Pattern = Annotated[str, Field(min_length=1)]


def _listed(value: object) -> object:
    return (value,) if isinstance(value, str) else value


CounterNames = Annotated[tuple[CounterName, ...], BeforeValidator(_listed)]


class CounterTable(BaseModel):
    """A private table of counters: rows are told apart by the values of the `keys` columns, counts are in `value`.

    `names` maps these values, joined by dots, to all that they count; several rows of one name are added up. Without
    `keys` the row's own index is the key. Text keys are compared as they are.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    table: OidText
    keys: tuple[int, ...] = ()
    value: int
    names: Mapping[str, CounterNames]


class CounterRecords(BaseModel):
    """Counters in one octet string: records of an octet that `names` knows, two octets, and a number of four."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    object: OidText
    names: Mapping[int, CounterName]


class SupplyTable(BaseModel):
    """A private table of supplies with levels in percent, read where the standard table is missing."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    table: OidText
    description: int
    level: int


class PaperTable(BaseModel):
    """A private table of counts by paper size and type (FL-236): columns, and what sizes and types are called."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    table: OidText
    size: int
    type: int
    picked: tuple[int, ...]
    delivered_mono: int
    delivered_colour: int
    sizes: Mapping[int, str]
    types: Mapping[int, str]


class SupplyDetails(BaseModel):
    """A private table that knows more of the supplies than the standard one, told apart by description (FL-237).

    `count_at_install` is the column with the printer's life count when the supply was put in.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    table: OidText
    description: int
    serial: int
    part: int
    installed: int
    count_at_install: int


class Quirks(BaseModel):
    """What an agent must not be asked, and what its numbers mean where they mean something else.

    `bulk`: whether GETBULK may be used. `levels`: supply levels that stand for others. `receptacles_show_content`:
    waste boxes report how full they are instead of the room that is left (against RFC 3805).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    bulk: bool = True
    levels: Mapping[int, int] = {}
    receptacles_show_content: bool = False


class Vendor(BaseModel):
    """One vendor. `object_ids` are prefixes of sysObjectID; `words` begin its printers' names and are not part of a
    model (PM-4), the first is how people write it. Lists of objects are tried in their order.

    `description` takes model, firmware and serial number out of sysDescr by its named groups; `firmware_pattern` takes
    the level out of the text of `firmware`. `counters` are objects that are added up.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    object_ids: tuple[OidText, ...] = ()
    words: tuple[str, ...]
    model: tuple[OidText, ...] = ()
    serial: tuple[OidText, ...] = ()
    firmware: tuple[OidText, ...] = ()
    framework: tuple[OidText, ...] = ()
    asset_tag: tuple[OidText, ...] = ()
    host_name: tuple[OidText, ...] = ()
    device_id: tuple[OidText, ...] = ()
    firmware_pattern: Pattern = "(.+)"
    description: tuple[Pattern, ...] = ()
    counters: Mapping[CounterName, tuple[OidText, ...]] = {}
    counter_tables: tuple[CounterTable, ...] = ()
    counter_records: CounterRecords | None = None
    supply_table: SupplyTable | None = None
    supply_details: SupplyDetails | None = None
    paper_table: PaperTable | None = None
    quirks: Quirks = Quirks()

    @model_validator(mode="after")
    def _patterns_are_sound(self) -> Self:
        for pattern in (self.firmware_pattern, *self.description):
            re.compile(pattern)
        return self

    @cached_property
    def objects(self) -> tuple[str, ...]:
        """All single objects that are asked of this vendor's printers."""
        lists = (self.model, self.serial, self.firmware, self.framework, self.asset_tag, self.host_name, self.device_id)
        records = (self.counter_records.object,) if self.counter_records else ()
        return tuple(dict.fromkeys(oid for oids in (*lists, *self.counters.values(), records) for oid in oids))


NO_VENDOR = Vendor(
    name="",
    words=(),
    description=(
        r"(?i)\bfirmware[ :]+(?:ver(?:sion)?[. ]*)?(?P<firmware>[\w.-]*\d[\w.-]*)",
        r"(?i)\bversion[ :]+(?P<firmware>[\w.-]*\d[\w.-]*)",
        r"(?i)\b(?:serial(?: number)?|s/?n)[ :]+(?P<serial>\w{5,})",
    ),
)
"""What can be read out of the description of printers of any make."""


_folder = FOLDER


@lru_cache(maxsize=1)
def vendors() -> tuple[Vendor, ...]:
    """All vendors."""
    return read_vendors(_folder)


def read_vendors(folder: Path) -> tuple[Vendor, ...]:
    """The vendors that the files of a folder describe; raises `ValueError` for a file that is none."""
    try:
        return tuple(
            Vendor.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
            for path in sorted(folder.glob("*.yaml"))
        )
    except (OSError, yaml.YAMLError) as error:
        raise ValueError(str(error)) from error


def use_vendors(folder: Path) -> None:
    """Know the vendors of another folder from now on: a newer printer support library (FL-55, FL-139)."""
    global _folder
    _folder = folder
    for known in (vendors, vendor_of_object_id, _vendor_of_start, _model):
        known.cache_clear()


@lru_cache(maxsize=1024)
def vendor_of_object_id(object_id: str) -> Vendor | None:
    """Whose agent it is: the vendor with the longest prefix of that sysObjectID."""
    found: list[tuple[int, Vendor]] = [
        (len(prefix), vendor)
        for vendor in vendors()
        for prefix in vendor.object_ids
        if object_id == prefix or object_id.startswith(f"{prefix}.")
    ]
    return max(found, key=lambda one: one[0], default=(0, None))[1]


def vendor_of_name(*texts: str) -> Vendor | None:
    """Whose name begins the first of these texts that begins with one."""
    return next((vendor for vendor in map(_vendor_of_start, texts) if vendor is not None), None)


@lru_cache(maxsize=4096)
def _vendor_of_start(text: str) -> Vendor | None:
    return next((vendor for vendor in vendors() if _without_words(text, vendor.words) != text), None)


def model_name(text: str, vendor: Vendor | None) -> str:
    """A model without the vendor's words and without “series” (PM-4): “Lexmark CX825” is “CX825”."""
    return _model(text, vendor.words if vendor is not None else ())


@lru_cache(maxsize=4096)
def _model(text: str, words: tuple[str, ...]) -> str:
    model = text
    while (shorter := _without_words(model, words)) != model:
        model = shorter
    return re.sub(r"(?i)[ _-]+series\b", "", model).strip()


def _without_words(text: str, words: Sequence[str]) -> str:
    for word in words:
        if text.casefold().startswith(word.casefold()) and not text[len(word) : len(word) + 1].isalnum():
            return text[len(word) :].lstrip(" -_,")
    return text
