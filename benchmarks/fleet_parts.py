"""What a part of the fleet's benchmark is: a module `benchmarks.fleet_…` with a function `measure`.

    TARGETS = {"poll_1000_s": at_most(3.0)}

    def measure(options: FleetOptions) -> Mapping[str, float]: ...

`python -m benchmarks.fleet` finds the parts by themselves, runs them one after the other, and holds their values
against their `TARGETS`.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules

import benchmarks

PREFIX = "fleet_"


@dataclass(frozen=True, slots=True)
class FleetOptions:
    """`quick`: a tenth of the printers, to see that it runs; the values say nothing then."""

    quick: bool = False

    def count(self, printers: int) -> int:
        """How many printers to take where `printers` are meant."""
        return max(10, printers // 10) if self.quick else printers


@dataclass(frozen=True, slots=True)
class Target:
    """What a value must not exceed, or must reach."""

    limit: float
    is_least: bool = False

    def holds(self, value: float) -> bool:
        return value >= self.limit if self.is_least else value <= self.limit

    def __str__(self) -> str:
        return f"{'≥' if self.is_least else '≤'} {self.limit:g}"


def at_most(limit: float) -> Target:
    """A value that must not exceed `limit`."""
    return Target(limit)


def at_least(limit: float) -> Target:
    """A value that must reach `limit`."""
    return Target(limit, is_least=True)


@dataclass(frozen=True, slots=True)
class Part:
    """One part: its name without the prefix, what it measures, and what is expected of it."""

    name: str
    measure: Callable[[FleetOptions], Mapping[str, float]]
    targets: Mapping[str, Target]


def parts() -> Iterator[Part]:
    """Every part, by name."""
    for module in sorted(iter_modules(benchmarks.__path__), key=lambda one: one.name):
        if module.name.startswith(PREFIX):
            found = import_module(f"benchmarks.{module.name}")
            if hasattr(found, "measure"):
                targets = {name: _target(limit) for name, limit in getattr(found, "TARGETS", {}).items()}
                yield Part(module.name.removeprefix(PREFIX), found.measure, targets)


def _target(limit: Target | float) -> Target:
    """A bare number is what a value must not exceed."""
    return limit if isinstance(limit, Target) else Target(limit)
