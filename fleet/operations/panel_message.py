"""Messages on panels (F-31, F-32): one of four, in the organization's language (FL-250)."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from connectors.messages import N_
from domain.organizations.models import User
from domain.texts.catalogue import locales, translate
from fleet.panel_messages.expiry import note_cleared, note_shown
from fleet.printers.models import Printer
from fleet.tasks.gates import Refusal
from fleet.tasks.kinds import TaskKind
from fleet.tasks.models import FleetTask, Job
from fleet.tasks.operations import Operation
from steps.printer_work import Report

DEFAULT_LOCALE = "en"


class PanelText(StrEnum):
    """The messages that there are; no free text."""

    SERVICE_SCHEDULED = "service_scheduled"
    TONER_DELIVERED = "toner_delivered"
    TONER_ORDERED = "toner_ordered"
    TONER_SHIPPED = "toner_shipped"


TEXTS = {
    PanelText.SERVICE_SCHEDULED: N_("Service is scheduled for this printer."),
    PanelText.TONER_DELIVERED: N_("The toner cartridge has been delivered."),
    PanelText.TONER_ORDERED: N_("A toner cartridge has been ordered."),
    PanelText.TONER_SHIPPED: N_("The toner cartridge has been shipped."),
}


class PanelNotification(BaseModel):
    """Which message, and the language of the panels; empty: the language of who sends it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    message: PanelText
    locale: str = ""


def _orders(session: Session, task: FleetTask, printers: Sequence[Printer]) -> Mapping[str, dict[str, Any] | Refusal]:
    wanted = PanelNotification.model_validate(task.parameters)
    locale = wanted.locale or _locale_of(session, task)
    text = translate(TEXTS[wanted.message], locale)
    return {printer.id: {"text": text} for printer in printers}


def _texts_to_clear(
    _session: Session, _task: FleetTask, printers: Sequence[Printer]
) -> Mapping[str, dict[str, Any] | Refusal]:
    """Printers of other makes cannot tell our messages from others: they are told what ours say in any language."""
    ours = sorted({translate(text, locale) for text in TEXTS.values() for locale in locales()})
    return {printer.id: {} if printer.is_vendor else {"texts": ours} for printer in printers}


def _shown(_session: Session, _task: FleetTask, _job: Job, printer: Printer, report: Report) -> None:
    note_shown(printer, report)


def _cleared(_session: Session, _task: FleetTask, _job: Job, printer: Printer, report: Report) -> None:
    note_cleared(printer, report)


def _locale_of(session: Session, task: FleetTask) -> str:
    issuer = session.get(User, task.issuer_id) if task.issuer_id else None
    return issuer.locale if issuer is not None else DEFAULT_LOCALE


OPERATIONS = (
    Operation(TaskKind.NOTIFY_PANEL, PanelNotification, orders=_orders, settle=_shown),
    Operation(TaskKind.CLEAR_PANEL, orders=_texts_to_clear, settle=_cleared),
)
