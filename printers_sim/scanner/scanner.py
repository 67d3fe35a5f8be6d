"""What is in the scanner, what somebody may ask of it, and the sides as its sensor gives them.

The feeder takes its originals one after the other; what lies on the glass stays. Where `refill` is set, a person puts
the originals back as soon as the feeder is empty, so that whoever tries the printer always finds some.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from printers_sim.scanner.originals import Kind, Original
from printers_sim.scanner.picture import Side

RESOLUTIONS = (75, 150, 200, 300, 400, 600)
MOST_ORIGINALS = 100


class Source(StrEnum):
    """Where originals lie."""

    AUTO = "auto"
    FEEDER = "feeder"
    GLASS = "glass"


class Trouble(StrEnum):
    """Why scanning ends early."""

    JAM = "jam"
    NO_ORIGINAL = "no_original"
    COVER_OPEN = "cover_open"
    BUSY = "busy"
    STOPPED = "stopped"
    TOO_LARGE = "too_large"
    FAILED = "failed"


class ScanTrouble(Exception):
    """Scanning has ended early."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble.value)
        self.trouble = trouble


def samples() -> list[Original]:
    """What lies in the feeder of a new printer: a letter, a bill, a form."""
    return [Original(Kind.LETTER, "sv", 1), Original(Kind.INVOICE, "sv", 2), Original(Kind.FORM, "sv", 3)]


@dataclass(slots=True)
class Scanner:
    """The state that is kept. `loaded` is what was last put into the feeder, `feeder` what is left of it.

    `skew` in degrees and `noise` (0…1) are how badly originals lie and how grainy the sensor is; with `jam_at` the
    original of that number of a batch is jammed, until somebody takes it out; `slow` are seconds more for each side;
    so many `upload_breaks` uploads break off in the middle. `sides` counts all that was scanned.
    """

    loaded: list[Original] = field(default_factory=samples)
    feeder: list[Original] = field(default_factory=samples)
    glass: Original | None = field(default_factory=lambda: Original(Kind.PHOTO, "sv", 4))
    refill: bool = True
    skew: float = 0.0
    noise: float = 0.0
    jam_at: int = 0
    is_jammed: bool = False
    cover_open: bool = False
    slow: float = 0.0
    upload_breaks: int = 0
    sides: int = 0

    def load(self, originals: list[Original]) -> None:
        """Put these into the feeder; a jam is taken out."""
        self.loaded, self.feeder, self.is_jammed = originals, list(originals), False

    def has_feeder_paper(self) -> bool:
        """Whether the feeder has something in it."""
        return bool(self.feeder)

    def source(self, wanted: Source) -> Source:
        """Where a scan is taken from: the feeder, if there is something in it."""
        return wanted if wanted is not Source.AUTO else Source.FEEDER if self.feeder else Source.GLASS

    def check_ready(self, source: Source) -> None:
        """Raise `ScanTrouble` where nothing can be scanned from there now."""
        if source is Source.FEEDER and self.cover_open:
            raise ScanTrouble(Trouble.COVER_OPEN)
        if source is Source.FEEDER and self.is_jammed:
            raise ScanTrouble(Trouble.JAM)
        if not self.feeder if source is Source.FEEDER else self.glass is None:
            raise ScanTrouble(Trouble.NO_ORIGINAL)

    def sides_from(self, wanted: Source, *, two_sided: bool, seed: int) -> Iterator[Side]:
        """The sides one after another, as the originals go through; raises `ScanTrouble` where they stop."""
        source = self.source(wanted)
        self.check_ready(source)
        if source is Source.GLASS:
            assert self.glass is not None
            yield self._side(self.glass, seed, is_back=False)
            return
        for number in range(1, len(self.feeder) + 1):
            if number == self.jam_at:
                self.is_jammed, self.jam_at = True, 0
            self.check_ready(source)
            original = self.feeder.pop(0)
            yield self._side(original, seed, is_back=False)
            if two_sided:
                yield self._side(original, seed, is_back=True)
        if self.refill:
            self.feeder = list(self.loaded)

    def _side(self, original: Original, seed: int, *, is_back: bool) -> Side:
        self.sides += 1
        chance = random.Random(f"{seed}/{original.kind}/{original.seed}/{is_back}")  # noqa: S311 — not secret
        skew = chance.uniform(-1, 1) * self.skew
        return Side(original, is_back, skew, self.noise, chance.randrange(1 << 30))
