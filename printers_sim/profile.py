"""What a model of printer is like, read from `profiles/*.yaml`: facts only, so that a new model is no code."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent / "profiles"


class ProfileError(ValueError):
    """There is no such profile, or its file cannot be read; says why."""


@dataclass(frozen=True, slots=True)
class SupplyFacts:
    """One supply of a model. `kind` is a name of PrtMarkerSuppliesTypeTC; a full one lasts `yield_pages` sides.

    `unit` is percent or impressions; a `receptacle` (waste) fills instead of emptying.
    """

    description: str
    kind: str
    color: str
    yield_pages: int
    unit: str = "percent"
    receptacle: bool = False


@dataclass(frozen=True, slots=True)
class TrayFacts:
    """One input tray. Sizes are PWG media names (PWG 5101.1); `capacity` in sheets."""

    name: str
    media: str
    capacity: int
    kind: str = "sheetFeedAutoRemovableTray"


@dataclass(frozen=True, slots=True)
class Profile:
    """One model. `object_id` is its sysObjectID, `description` its sysDescr with `{firmware}` and `{serial}` filled in.

    `firmware` are the levels it may run, oldest first; the last is the newest. `framework` is the version of the
    platform for panel apps ("" for none); `agents` are the kinds of agents that can manage it (FL-572). `speeds` are
    the names of the model by pages per minute, where a licence can make it faster (FL-406). `snmp_console`: its panel
    can be written by SNMP; `ipp_restart` is the object that IPP restarts: "printer", "system", or "" for none.
    """

    name: str
    make: str
    model: str
    object_id: str
    description: str
    serial_prefix: str
    mac_prefix: str
    firmware: tuple[str, ...]
    framework: str
    agents: tuple[str, ...]
    color: bool
    duplex: bool
    pages_per_minute: int
    resolutions: tuple[int, ...]
    panel: str
    supplies: tuple[SupplyFacts, ...]
    trays: tuple[TrayFacts, ...]
    apps: tuple[str, ...] = ()
    home_screen_items: int = 8
    scan: bool = False
    fax: bool = False
    hard_disk: bool = False
    ocr_licence: bool = False
    speeds: Mapping[int, str] = field(default_factory=dict, hash=False)
    snmp_console: bool = False
    ipp_restart: str = ""

    @property
    def is_manageable(self) -> bool:
        """Whether configurations can be deployed to it (a printer of the system's own brand)."""
        return bool(self.framework)


@lru_cache(maxsize=1)
def profiles() -> dict[str, Profile]:
    """Every profile by name."""
    return {path.stem: _profile(path) for path in sorted(FOLDER.glob("*.yaml"))}


def find_profile(name: str) -> Profile:
    """A profile by name, or one of your own by the path of its file (`….yaml`); raises `ProfileError`."""
    if not name.endswith(".yaml"):
        if name not in profiles():
            raise ProfileError(f"There is no profile “{name}”; there are {', '.join(profiles())}.")
        return profiles()[name]
    try:
        return _profile(Path(name))
    except (OSError, UnicodeDecodeError, yaml.YAMLError, TypeError, KeyError, AttributeError) as error:
        raise ProfileError(f"The profile {name} cannot be read: {error}") from error


def _profile(path: Path) -> Profile:
    content: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    supplies = tuple(SupplyFacts(**row) for row in content.pop("supplies"))
    trays = tuple(TrayFacts(**row) for row in content.pop("trays"))
    lists = {name: tuple(value) for name, value in content.items() if isinstance(value, list)}
    return Profile(name=path.stem, supplies=supplies, trays=trays, **{**content, **lists})
