"""One simulated printer: who it is, what state it is in, how it wears, and what makes it fail."""

import random
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from printers_sim.device.account import Account
from printers_sim.device.agent_program import AgentProgram
from printers_sim.device.refusal import Refusal
from printers_sim.device.state import DeviceState, built_in_apps
from printers_sim.knobs import Behaviour, FailingStep, Knobs
from printers_sim.profile import Profile, SupplyFacts, TrayFacts
from printers_sim.scanner.scanner import Scanner

LOW_PERCENT = 10
FIRST_ADDRESS = (127 << 24) + (20 << 16) + 1
"""127.20.0.1: printers have addresses of their own in the loopback range."""


class Condition(StrEnum):
    """What may be wrong with a printer; each shows as an alert (RFC 3805 §4, PrtAlertCodeTC)."""

    JAM = "jam"
    COVER_OPEN = "cover open"
    TRAY_EMPTY = "tray empty"
    SUPPLY_LOW = "supply low"
    SUPPLY_EMPTY = "supply empty"
    SERVICE = "service needed"


ASKED_FOR = frozenset({Condition.JAM, Condition.COVER_OPEN, Condition.SERVICE})
"""Conditions that nothing else tells of; the others follow from trays and supplies."""


@dataclass(slots=True)
class Supply:
    """A supply in a printer; `used` sides since it was new."""

    facts: SupplyFacts
    used: float = 0.0

    @property
    def percent(self) -> int:
        """What is left, 0…100; of a receptacle, how much room."""
        return max(0, min(100, round(100 * (1 - self.used / self.facts.yield_pages))))


@dataclass(slots=True)
class Tray:
    """A tray and its sheets."""

    facts: TrayFacts
    sheets: int


@dataclass(frozen=True, slots=True)
class Alert:
    """Something that is wrong now. `place` is the tray or supply concerned, from 1; 0 for the printer itself."""

    condition: Condition
    place: int
    text: str
    since: float
    is_critical: bool


@dataclass(slots=True)
class SimulatedPrinter:
    """A printer. `changes` counts what others could see change; counters are sides (impressions).

    `speed` is in pages per minute; `console` are the lines of the panel that somebody wrote by SNMP; until `away_until`
    (monotonic) it restarts and nobody reaches it. `agent` is the agent at work on it.
    """

    number: int
    profile: Profile
    address: str
    serial: str
    mac: bytes
    host_name: str
    firmware: str
    location: str
    contact: str = ""
    asset_tag: str = ""
    mono_sides: int = 0
    color_sides: int = 0
    sheets: int = 0
    duplex_sheets: int = 0
    supplies: list[Supply] = field(default_factory=list)
    trays: list[Tray] = field(default_factory=list)
    alerts: list[Alert] = field(default_factory=list)
    speed: int = 0
    device: DeviceState = field(default_factory=DeviceState)
    agent: AgentProgram | None = None
    knobs: Knobs = field(default_factory=Knobs)
    scanner: Scanner = field(default_factory=Scanner)
    behaviour: Behaviour = Behaviour.NONE
    console: dict[int, str] = field(default_factory=dict)
    is_printing: bool = False
    last_job: int = 0
    identified_at: float = 0.0
    away_until: float = 0.0
    started: float = field(default_factory=time.monotonic)
    power_offs: int = 0
    changes: int = 0

    @property
    def life_count(self) -> int:
        """Sides marked in the printer's life."""
        return self.mono_sides + self.color_sides

    @property
    def is_stopped(self) -> bool:
        """Whether something keeps it from printing."""
        return any(alert.is_critical for alert in self.alerts)

    @property
    def model(self) -> str:
        """The name of the model; a speed upgrade changes it (FL-410)."""
        return self.profile.speeds.get(self.speed, self.profile.model)

    @property
    def device_id(self) -> str:
        """Its IEEE 1284 device ID."""
        facts = f"MFG:{self.profile.make};MDL:{self.model};CMD:PDF,JPEG,PWGRaster,TEXT;CLS:PRINTER;SN:{self.serial};"
        return f"{facts}VER:{self.firmware};"

    @property
    def is_away(self) -> bool:
        """Whether it is switched off, unplugged or restarting: nothing answers at its address."""
        return self.knobs.offline or time.monotonic() < self.away_until

    @property
    def is_busy(self) -> bool:
        """Whether it is in use."""
        return self.is_printing or self.knobs.busy

    @property
    def unresolved_errors(self) -> list[str]:
        """What somebody has to see to before it can be enrolled or updated (FL-105, FL-571)."""
        asked_for = [self.knobs.unresolved_error] if self.knobs.unresolved_error else []
        return asked_for + [alert.text for alert in self.alerts if alert.is_critical]

    def uptime_ticks(self) -> int:
        """Hundredths of a second since it was switched on."""
        return int(max(0.0, time.monotonic() - self.started) * 100) & 0xFFFF_FFFF

    def fail_if_asked(self, step: FailingStep) -> None:
        """Raise `Refusal` if an operator has asked that this step fails (FL-580)."""
        if step in self.knobs.fail_at:
            raise Refusal(500, "internal_error", f"The printer could not do it: error in step “{step}”.")

    def wear(self, mono: int, color: int, sheets: int, tray: int = 0, toner: Mapping[str, float] | None = None) -> None:
        """Account for printed sides: counters, supplies, paper, and the alerts that follow.

        `toner` is what they took by colorant, in sides as the yield of a cartridge counts them; without it every
        side counts as one.
        """
        self.mono_sides += mono
        self.color_sides += color
        self.sheets += sheets
        self.duplex_sheets += max(0, mono + color - sheets)
        for supply in self.supplies:
            taken = self._taken(supply, mono, color, toner)
            supply.used = min(supply.used + taken, float(supply.facts.yield_pages))
        if self.trays:
            self.trays[tray].sheets = max(0, self.trays[tray].sheets - sheets)
        self.review()

    def review(self) -> None:
        """Bring the alerts that follow from supplies and trays up to date; asked-for ones stay."""
        kept: dict[tuple[Condition, int], Alert] = {
            (alert.condition, alert.place): alert for alert in self.alerts if alert.condition in ASKED_FOR
        }
        following = {**kept, **self._following()}
        before = {(alert.condition, alert.place): alert for alert in self.alerts}
        self.alerts = [before.get(key, alert) for key, alert in following.items()]
        self.changes += 1

    def raise_condition(self, condition: Condition, place: int = 0) -> None:
        """Let something go wrong now: a jam, an open cover, an empty tray or supply."""
        if condition is Condition.TRAY_EMPTY:
            self.trays[max(place, 1) - 1].sheets = 0
        elif condition in (Condition.SUPPLY_EMPTY, Condition.SUPPLY_LOW):
            supply = self.supplies[max(place, 1) - 1]
            left = 0.0 if condition is Condition.SUPPLY_EMPTY else LOW_PERCENT / 200
            supply.used = supply.facts.yield_pages * (1 - left)
        else:
            texts = {
                Condition.JAM: "Paper jam",
                Condition.COVER_OPEN: "Front cover open",
                Condition.SERVICE: "Service required",
            }
            critical = condition is not Condition.SERVICE
            self.alerts.append(Alert(condition, place, texts[condition], time.monotonic(), critical))
        self.review()

    def clear_condition(self, condition: Condition, place: int = 0) -> None:
        """Somebody takes the jam out, closes the cover, fills the tray or replaces the supply."""
        if condition is Condition.TRAY_EMPTY:
            tray = self.trays[max(place, 1) - 1]
            tray.sheets = tray.facts.capacity
        elif condition in (Condition.SUPPLY_EMPTY, Condition.SUPPLY_LOW):
            self.supplies[max(place, 1) - 1].used = 0.0
        self.alerts = [alert for alert in self.alerts if (alert.condition, alert.place) != (condition, place)]
        self.review()

    def restart(self, seconds: float = 0.0) -> None:
        """Switch it off and on: it is away for `seconds`, its uptime begins anew, a jam stays a jam."""
        self.started = self.away_until = time.monotonic() + seconds
        self.device.restarted_at = time.time() + seconds
        self.console.clear()
        self.changes += 1

    def power_off(self, seconds: float = 0.0) -> None:
        """Its power fails: what it prints stops between two sides, and its jobs are gone when it is back."""
        self.power_offs += 1
        self.restart(seconds)

    def _taken(self, supply: Supply, mono: int, color: int, toner: Mapping[str, float] | None) -> float:
        colorant = supply.facts.color
        if toner is not None and colorant:
            return toner.get(colorant, 0.0)
        return color if colorant not in ("", "black") else mono + color

    def _following(self) -> Mapping[tuple[Condition, int], Alert]:
        found: dict[tuple[Condition, int], Alert] = {}
        present = time.monotonic()
        for place, supply in enumerate(self.supplies, 1):
            if supply.percent == 0:
                state, text = Condition.SUPPLY_EMPTY, "is full" if supply.facts.receptacle else "is empty"
            elif supply.percent <= LOW_PERCENT:
                state, text = Condition.SUPPLY_LOW, "is almost full" if supply.facts.receptacle else "is low"
            else:
                continue
            critical = state is Condition.SUPPLY_EMPTY and supply.facts.kind in ("toner", "inkCartridge", "wasteToner")
            found[state, place] = Alert(state, place, f"{supply.facts.description} {text}", present, critical)
        for place, tray in enumerate(self.trays, 1):
            if tray.sheets == 0 and tray.facts.kind != "sheetFeedManual":
                key = (Condition.TRAY_EMPTY, place)
                found[key] = Alert(Condition.TRAY_EMPTY, place, f"{tray.facts.name} is empty", present, False)
        return found


def address_of(number: int) -> str:
    """The loopback address of the printer of that number (from 0), skipping .0 and .255."""
    block, place = divmod(number, 254)
    value = FIRST_ADDRESS + block * 256 + place
    return ".".join(str(value >> shift & 0xFF) for shift in (24, 16, 8, 0))


def make_printer(number: int, profile: Profile, seed: int = 0, account: Account | None = None) -> SimulatedPrinter:
    """A printer that has been in use for a while; the same number and seed give the same printer."""
    chance = random.Random(f"{seed}/{number}")  # noqa: S311 — believable, not secret
    mac = bytes.fromhex(profile.mac_prefix.replace(":", "")) + number.to_bytes(3, "big")
    printer = SimulatedPrinter(
        number=number,
        profile=profile,
        address=address_of(number),
        serial=f"{profile.serial_prefix}{seed % 100:02d}{number:06d}",
        mac=mac,
        host_name=f"{profile.serial_prefix.lower()}{number:06d}",
        firmware=chance.choice(profile.firmware),
        location=f"Building {chance.choice('ABCD')}, floor {chance.randint(1, 6)}",
        supplies=[Supply(facts, chance.random() * facts.yield_pages * 0.95) for facts in profile.supplies],
        trays=[Tray(facts, chance.randint(facts.capacity // 4, facts.capacity)) for facts in profile.trays],
        mono_sides=chance.randint(2_000, 120_000),
        color_sides=chance.randint(1_000, 60_000) if profile.color else 0,
        speed=profile.pages_per_minute,
        device=DeviceState(account=account or Account(), apps=built_in_apps(profile)),
    )
    printer.sheets = round(printer.life_count * 0.7)
    printer.duplex_sheets = printer.life_count - printer.sheets
    printer.review()
    return printer
