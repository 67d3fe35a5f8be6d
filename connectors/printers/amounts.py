"""How much is left: the levels and capacities of supplies and trays, with what stands for "unknown" and "some".

RFC 3805: -1 "other" (no limit), -2 "unknown", -3 "some is left" are no amounts (prtMarkerSuppliesLevel).
"""

from dataclasses import dataclass

from connectors.printers.reading import Condition, Unit

SOME = -3
LOW_PERCENT = 10
MOST_OVERFULL = 1.5
"""A new cartridge may hold more than its nominal capacity, up to this factor; beyond it the numbers do not belong
together."""

RANKS = {Condition.UNKNOWN: 0, Condition.SOME_REMAINING: 1, Condition.OK: 2, Condition.LOW: 3, Condition.EMPTY: 4}
EMPTY_WORDS = ("empty", "full", "lifeover", "life-over")
LOW_WORDS = ("almost", "supplylow", "supply-low", "nearlimit", "low", "near-eol")


@dataclass(frozen=True, slots=True)
class Amount:
    """What is left of something, in its unit and in percent; None is unknown."""

    capacity: int | None
    level: int | None
    percent: int | None
    condition: Condition


def amount_of(level: int | None, capacity: int | None, unit: Unit = Unit.UNKNOWN) -> Amount:
    """The amount that a device's raw numbers mean."""
    size = capacity if capacity is not None and capacity > 0 else None
    if size is None and unit is Unit.PERCENT:
        size = 100
    if level is None or level < 0:
        return Amount(size, None, None, Condition.SOME_REMAINING if level == SOME else Condition.UNKNOWN)
    percent = _percent(level, size)
    return Amount(size, level, percent, _condition(percent))


def turned(amount: Amount) -> Amount:
    """The room that is left in a receptacle whose level says how much is in it."""
    if amount.level is None or amount.capacity is None:
        return amount
    return amount_of(max(0, amount.capacity - amount.level), amount.capacity)


def condition_of_code(code_name: str) -> Condition:
    """What an alert's code says about the supply or tray that it belongs to; `UNKNOWN` where it says nothing."""
    name = code_name.casefold()
    if any(word in name for word in LOW_WORDS):
        return Condition.LOW
    if any(word in name for word in EMPTY_WORDS):
        return Condition.EMPTY
    return Condition.UNKNOWN


def worse(one: Condition, other: Condition) -> Condition:
    """The condition that wants more attention."""
    return max(one, other, key=RANKS.__getitem__)


def _percent(level: int, size: int | None) -> int | None:
    if level == 0:
        return 0
    if size is None or level > size * MOST_OVERFULL:
        return None
    return min(100, max(1, round(level * 100 / size)))


def _condition(percent: int | None) -> Condition:
    if percent is None:
        return Condition.SOME_REMAINING
    if percent == 0:
        return Condition.EMPTY
    return Condition.LOW if percent <= LOW_PERCENT else Condition.OK
