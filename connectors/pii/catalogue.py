"""The 111 kinds of personal data that can be redacted (SC-82b, SC-150…SC-156), as data of ours."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class PiiEntity:
    """One entry of the catalogue.

    `country` is an ISO 3166-1 alpha-2 code, `EU` or `GENERAL`. Where `available` is false, `reason` says why.
    """

    entity: str
    label: str
    country: str
    country_name: str
    available: bool
    reason: str = ""


@lru_cache(maxsize=1)
def catalogue() -> tuple[PiiEntity, ...]:
    """Every entry in the order in which people see them: General first, then by country."""
    with (Path(__file__).parent / "catalogue.csv").open(encoding="utf-8", newline="") as table:
        return tuple(
            PiiEntity(
                row["entity"],
                row["label"],
                row["country"],
                row["country_name"],
                available=not row["unavailable"],
                reason=row["unavailable"],
            )
            for row in csv.DictReader(table)
        )


@lru_cache(maxsize=1)
def entities() -> Mapping[str, PiiEntity]:
    """The catalogue by entity name."""
    return MappingProxyType({entry.entity: entry for entry in catalogue()})
