"""Scans on the agent's disk: the order, the pages that the cloud has not taken yet, and how the scanner ended."""

import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from pydantic import TypeAdapter, ValidationError

from steps.scan_pages import NetworkScan

ORDER, ENDING, PAGE, PART = "order.json", "ending.json", ".page", ".part"


@dataclass(frozen=True, slots=True)
class ScanOrder:
    """What is to be scanned now: one batch of a scan, whose pages are numbered from `first_page`."""

    scan_id: str
    batch: int
    first_page: int
    bytes_left: int
    scan: NetworkScan


@dataclass(frozen=True, slots=True)
class ScanEnding:
    """How the scanner ended a batch: `code` and `facts` of the fault, if there was one; what it could not do."""

    code: str
    facts: dict[str, str | int]
    ignored: Sequence[str] = ()


INTERRUPTED = ScanEnding("scan.printer_lost", {})
"""The agent was ended in the middle."""
_orders = TypeAdapter(ScanOrder)
_endings = TypeAdapter(ScanEnding)


def scan_order(told: Any) -> ScanOrder:
    """The order as the cloud tells it; raises `ValidationError`."""
    return _orders.validate_python(told)


def kept_scans(folder: Path) -> Iterator["KeptScan"]:
    """What a former process has left; what it had only begun to write down is removed."""
    for place in sorted(folder.iterdir()) if folder.is_dir() else ():
        try:
            order = _orders.validate_json((place / ORDER).read_bytes())
        except (OSError, ValidationError):
            shutil.rmtree(place)
            continue
        yield KeptScan(place, order)


class KeptScan:
    """A scan in its folder. Files appear at once and whole, whatever becomes of the process."""

    def __init__(self, folder: Path, order: ScanOrder) -> None:
        self._folder, self.order = folder, order
        self.scratch = folder / "scratch"
        self.scratch.mkdir(exist_ok=True)

    @classmethod
    def made(cls, root: Path, order: ScanOrder) -> Self:
        """A new one; an older batch of the same scan that nobody wants any more makes place."""
        folder = root / order.scan_id
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700, parents=True)
        _write(folder / ORDER, _orders.dump_json(order))
        return cls(folder, order)

    def keep(self, number: int, path: Path) -> None:
        """The scanner's page `number`, which was written to `path`."""
        path.replace(self._folder / f"{number:06}{PAGE}")

    def pages(self) -> list[tuple[int, Path]]:
        """The pages that the cloud has not taken, in order."""
        return [(int(path.stem), path) for path in sorted(self._folder.glob(f"*{PAGE}"))]

    def sent(self, path: Path) -> None:
        """The cloud has the page."""
        path.unlink(missing_ok=True)

    def end(self, ending: ScanEnding) -> None:
        """The scanner is done."""
        _write(self._folder / ENDING, _endings.dump_json(ending))

    def ending(self) -> ScanEnding | None:
        """How the scanner ended; None while it scans."""
        path = self._folder / ENDING
        return _endings.validate_python(json.loads(path.read_bytes())) if path.exists() else None

    def forget(self) -> None:
        """The cloud has everything, or wants nothing more."""
        shutil.rmtree(self._folder, ignore_errors=True)


def _write(target: Path, content: bytes) -> None:
    part = target.with_suffix(PART)
    part.write_bytes(content)
    part.replace(target)
