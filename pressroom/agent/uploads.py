"""When a reading goes to the cloud unasked (FL-15): an alert changed, a toner level fell, or a day has passed."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from steps.printer_work import Outcome, Report

EVERY_SECONDS = 24 * 3600.0


@dataclass(frozen=True, slots=True)
class _Uploaded:
    at: float
    alerts: frozenset[tuple[Any, ...]]
    toner: Mapping[str, int]
    outcome: Outcome


class UploadRule:
    """What was last uploaded of each printer, and whether there is news. A changed page count alone is none."""

    def __init__(self) -> None:
        self._last: dict[str, _Uploaded] = {}

    def is_news(self, printer_id: str, report: Report, at: float | None = None) -> bool:
        """Whether the reading is to be uploaded."""
        last = self._last.get(printer_id)
        if last is None or last.outcome is not report.outcome:
            return True
        moment = time.monotonic() if at is None else at
        toner = _toner(report)
        return (
            moment - last.at >= EVERY_SECONDS
            or _alerts(report) != last.alerts
            or any(level < last.toner.get(key, level) for key, level in toner.items())
        )

    def uploaded(self, printer_id: str, report: Report, at: float | None = None) -> None:
        """The cloud has it."""
        moment = time.monotonic() if at is None else at
        self._last[printer_id] = _Uploaded(moment, _alerts(report), _toner(report), report.outcome)


def _alerts(report: Report) -> frozenset[tuple[Any, ...]]:
    alerts = report.facts.get("reading", {}).get("alerts", [])
    return frozenset((one.get("severity"), one.get("text"), one.get("group"), one.get("place")) for one in alerts)


def _toner(report: Report) -> dict[str, int]:
    supplies = report.facts.get("reading", {}).get("supplies", [])
    return {one["key"]: one["percent"] for one in supplies if one.get("kind") == "toner" and one["percent"] is not None}
