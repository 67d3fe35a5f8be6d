"""The scanner as JSON: what is in it and what is wrong with it, to be read and changed by people and tests."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from pydantic import TypeAdapter, ValidationError

from printers_sim.device.refusal import Refusal
from printers_sim.scanner.originals import SIZES, Original, languages
from printers_sim.scanner.scanner import MOST_ORIGINALS, Scanner

ORIGINALS = TypeAdapter(list[Original])
GLASS = TypeAdapter(Original | None)
SWITCHES = ("refill", "cover_open")
NUMBERS: Mapping[str, float] = {"skew": 15, "noise": 1, "slow": 60}
COUNTS: Mapping[str, int] = {"jam_at": MOST_ORIGINALS, "upload_breaks": 1000}
"""What may be turned, and how far."""


def described(scanner: Scanner) -> dict[str, Any]:
    """All of it."""
    return {name: value for name, value in asdict(scanner).items() if name != "loaded"}


def change(scanner: Scanner, content: Mapping[str, Any]) -> None:
    """Put originals in (`feeder`, `glass`), take a jam out (`is_jammed` false), turn the rest. All or nothing."""
    known = {*SWITCHES, *NUMBERS, *COUNTS, "feeder", "glass", "is_jammed"}
    if unknown := sorted(set(content) - known):
        raise Refusal(422, "invalid_value", f"The scanner has no {', '.join(unknown)}.")
    feeder = _originals(content["feeder"]) if "feeder" in content else None
    glass = _glass(content["glass"]) if "glass" in content else scanner.glass
    values = {name: _checked(name, content[name]) for name in content if name not in ("feeder", "glass")}
    for name, value in values.items():
        setattr(scanner, name, value)
    scanner.glass = glass
    if feeder is not None:
        scanner.load(feeder)


def _checked(name: str, value: Any) -> Any:
    if name in (*SWITCHES, "is_jammed"):
        if not isinstance(value, bool):
            raise Refusal(422, "invalid_value", f"“{name}” is true or false.")
        return value
    most = NUMBERS.get(name, COUNTS.get(name, 0))
    right = int if name in COUNTS else (int, float)
    if isinstance(value, bool) or not isinstance(value, right) or not 0 <= value <= most:
        raise Refusal(422, "invalid_value", f"“{name}” is a number from 0 to {most}.")
    return value


def _originals(value: Any) -> list[Original]:
    try:
        originals = ORIGINALS.validate_python(value)
    except ValidationError as error:
        raise Refusal(422, "invalid_value", "“feeder” is a list of originals: kind, language, seed, size.") from error
    if len(originals) > MOST_ORIGINALS:
        raise Refusal(422, "invalid_value", f"The feeder holds {MOST_ORIGINALS} originals.")
    for original in originals:
        _check(original)
    return originals


def _glass(value: Any) -> Original | None:
    try:
        original = GLASS.validate_python(value)
    except ValidationError as error:
        raise Refusal(422, "invalid_value", "“glass” is an original, or null.") from error
    if original is not None:
        _check(original)
    return original


def _check(original: Original) -> None:
    if original.language not in languages() or original.size not in SIZES:
        raise Refusal(
            422, "invalid_value", f"Originals are in {', '.join(languages())}, their sizes {', '.join(SIZES)}."
        )
