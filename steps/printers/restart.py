"""Restarting a printer and waiting for its return (F-12)."""

from pydantic import BaseModel

from connectors.messages import N_
from steps.printer_device import back_from_restart, managed_device, restarted_by
from steps.printer_work import Order, PrinterStepKind, Report, WorkFiles


class Restart(BaseModel):
    """Needs nothing."""


async def restart(order: Order, _files: WorkFiles) -> Report:
    """Restart; silence meanwhile is expected. A resumed order whose restart has happened is done.

    The facts are `identity`.
    """
    async with managed_device(order, patient=True) as printer:
        identity = printer.identity
        if not restarted_by(order, identity):
            await printer.device.restart()
            identity = await back_from_restart(printer.device, identity.restarted_at)
        return Report(facts={"identity": identity.model_dump(mode="json")})


STEPS = (PrinterStepKind("restart", N_("Restart"), Restart, restart),)
