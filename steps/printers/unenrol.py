"""Unenrolling: nothing is done at the printer (FL-326…FL-328)."""

from pydantic import BaseModel

from connectors.messages import N_
from steps.printer_work import Order, PrinterStepKind, Report, WorkFiles


class Unenrol(BaseModel):
    """Needs nothing."""


async def unenrol(_order: Order, _files: WorkFiles) -> Report:
    """Report that the printer may go."""
    return Report()


STEPS = (PrinterStepKind("unenrol", N_("Unenrol"), Unenrol, unenrol),)
