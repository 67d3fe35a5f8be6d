"""Supplies programmes: one interface, `SuppliesProgramme`, over a partner's own desk, an HTTP service, and others.

Another package adds a programme by an entry point `pressroom.supplies_programmes` that leads to a `ProgrammeKind`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import entry_points

from connectors.messages import N_
from connectors.settings import Settings
from connectors.supplies.desk import Desk, DeskProgramme
from connectors.supplies.faults import UNKNOWN_PROGRAMME
from connectors.supplies.programme import SuppliesProgramme
from connectors.supplies.web import WebProgramme

__all__ = ["DESK", "ProgrammeKind", "SuppliesProgramme", "Terms", "programme_kind", "programme_kinds"]

DESK = "desk"


@dataclass(frozen=True, slots=True)
class Terms:
    """What a programme is opened with: its own options and secrets, the partner's desk, the installation's settings."""

    options: Mapping[str, str]
    secrets: Mapping[str, str]
    desk: Desk
    settings: Settings


@dataclass(frozen=True, slots=True)
class ProgrammeKind:
    """A kind of programme as forms show it.

    `options` and `secrets` are what it has to be told. `by_people`: the partner's people give its answers in the
    portal; else it answers by itself.
    """

    name: str
    title: str
    open: Callable[[Terms], SuppliesProgramme]
    options: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    by_people: bool = False


def _desk(terms: Terms) -> SuppliesProgramme:
    return DeskProgramme(terms.desk)


def _web(terms: Terms) -> SuppliesProgramme:
    return WebProgramme(terms.options, terms.secrets, allow_private=terms.settings.allow_private_addresses)


OWN = (
    ProgrammeKind(DESK, N_("Our own supplies desk, by mail"), _desk, options=("email",), by_people=True),
    ProgrammeKind("web", N_("A service over HTTP"), _web, options=("address",), secrets=("token",)),
)


@lru_cache(maxsize=1)
def programme_kinds() -> Mapping[str, ProgrammeKind]:
    """Every installed kind by name, ours first. Two of one name raise `ValueError`."""
    points = sorted(entry_points(group="pressroom.supplies_programmes"), key=lambda point: point.name)
    found: dict[str, ProgrammeKind] = {}
    for kind in (*OWN, *(point.load() for point in points)):
        if kind.name in found:
            raise ValueError(f"two supplies programmes are named {kind.name!r}")
        found[kind.name] = kind
    return found


def programme_kind(name: str) -> ProgrammeKind:
    """The kind of that name; raises `UNKNOWN_PROGRAMME`."""
    kinds = programme_kinds()
    if name not in kinds:
        raise UNKNOWN_PROGRAMME(name=name, known=", ".join(kinds))
    return kinds[name]
