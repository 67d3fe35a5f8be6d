"""What the reports of printer steps say about printers, kept as readings are (`fleet.printers.readings`)."""

from collections.abc import Sequence
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy.orm import Session

from connectors.printers.device_answers import DeviceApp, DeviceIdentity, HomeScreen
from connectors.printers.device_connection import ACCESS_REFUSED
from connectors.printers.reading import READING_JSON
from fleet.printers.models import Printer
from fleet.printers.readings import Observation, store_readings
from fleet.tasks.operations import Settled
from steps.printer_work import Report

_APPS: TypeAdapter[list[DeviceApp]] = TypeAdapter(list[DeviceApp])


def store_reports(session: Session, settled: Sequence[Settled]) -> None:
    """Keep what was seen: the facts `reading`, `identity`, `apps` and `home_screen` of the reports that have any.

    What was not believed becomes a warning of the job.
    """
    seen = [observed(printer, report) for _, printer, report in settled if _tells(report)]
    doubts = store_readings(session, seen).doubts if seen else {}
    for job, printer, _ in settled:
        if (doubt := doubts.get(printer.id)) is not None:
            job.warnings, job.has_warnings = [*job.warnings, doubt.model_dump()], True


def observed(printer: Printer, report: Report) -> Observation:
    """The facts of a report as an observation; what an agent may have made up is checked by the models."""
    facts: dict[str, Any] = report.facts
    return Observation(
        printer_id=printer.id,
        reading=READING_JSON.validate_python(facts["reading"]) if "reading" in facts else None,
        identity=DeviceIdentity.model_validate(facts["identity"]) if "identity" in facts else None,
        apps=_APPS.validate_python(facts["apps"]) if "apps" in facts else None,
        home_screen=HomeScreen.model_validate(facts["home_screen"]) if "home_screen" in facts else None,
        access_refused=facts.get("code") == ACCESS_REFUSED.code,
    )


def _tells(report: Report) -> bool:
    return any(name in report.facts for name in ("reading", "identity", "apps", "home_screen"))
