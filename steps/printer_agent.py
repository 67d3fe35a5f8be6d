"""Updating the printer agent, an app on its printer: only while nothing is wrong there and nobody uses it (FL-105)."""

from connectors.errors import Fault
from connectors.messages import N_, Message
from connectors.printers.levels import is_at_least
from steps.printer_device import ManagedDevice, managed_device
from steps.printer_work import Order, Outcome, Report, WorkFiles
from steps.printers.agent_itself import CURRENT_ALREADY, Update
from steps.printers.apps import PRINTER_AGENT

UNRESOLVED = Fault(
    "printer_agent.unresolved_errors",
    409,
    N_("The printer has errors that nobody has resolved: {errors}."),
    N_("See to them at the printer, then update the agent again."),
    spec="FL-105",
)
PENDING_JOBS = Fault(
    "printer_agent.pending_jobs",
    409,
    N_("The printer has other work to do first."),
    N_("Wait until its other tasks are done, then update the agent again."),
    spec="FL-105",
)
IN_USE = Fault(
    "printer_agent.in_use",
    409,
    N_("The printer is in use."),
    N_("Update the agent when nobody prints, copies or scans."),
    spec="FL-105",
)
NOT_OFFERED = N_("The catalogue of apps has no printer agent that fits this printer.")
OTHER_VERSION = N_("After the update the printer reports version {version} of its agent.")


async def update_printer_agent(order: Order, files: WorkFiles, *, has_other_work: bool) -> Report:
    """Install the version that is wanted; raises `UNRESOLVED`, `PENDING_JOBS`, `IN_USE`, and what the device raises."""
    wanted = Update.model_validate(order.parameters)
    async with managed_device(order) as printer:
        present = printer.identity.printer_agent or ""
        if present and is_at_least(present, wanted.version):
            remarks = () if order.resumed else (Message.of(CURRENT_ALREADY, version=present),)
            return Report(remarks=remarks, facts={"version": present})
        if wanted.app is None:
            facts = {"version": present}
            return Report(outcome=Outcome.NOT_SUPPORTED, reason=Message.of(NOT_OFFERED), facts=facts)
        _check_ready(printer, has_other_work=has_other_work)
        await printer.device.install_app(await files.fetch(wanted.app), wanted.app.sha256)
        there = {app.id: app.version for app in await printer.device.apps()}.get(PRINTER_AGENT, "")
    if not is_at_least(there, wanted.version):
        reason = Message.of(OTHER_VERSION, version=there)
        return Report(outcome=Outcome.FAILED, reason=reason, facts={"version": there})
    return Report(facts={"version": there})


def _check_ready(printer: ManagedDevice, *, has_other_work: bool) -> None:
    if printer.identity.unresolved_errors:
        raise UNRESOLVED(errors=", ".join(printer.identity.unresolved_errors))
    if has_other_work:
        raise PENDING_JOBS()
    if printer.identity.busy:
        raise IN_USE()
