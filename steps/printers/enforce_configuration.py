"""Enforcing a printer's assigned configuration: what differs is deployed, then everything is checked again (F-25)."""

from dataclasses import replace
from typing import Any

from connectors.messages import N_, Message
from steps.configuration_deployment import Deployment
from steps.printer_configuration import Difference, PrinterConfiguration
from steps.printer_device import ManagedDevice, back_from_restart, managed_device
from steps.printer_work import Order, PrinterStepKind, Report, WorkFiles
from steps.printers.check_compliance import compared, compliance_report

ALREADY = N_("The printer is compliant already: nothing was changed.")
RESTARTED = N_("The second check was made after a restart.")


class EnforcedConfiguration(PrinterConfiguration):
    """`restart`: the printer is restarted before the second check, which then shows that what was set has stayed."""

    restart: bool = True


async def enforce_configuration(order: Order, files: WorkFiles) -> Report:
    """The result is that of the second check (FL-425, A-28).

    The facts are `result`, the `differences` that are left, `found`, those of the first check, `changes` with values
    before and after, `identity`, and `restarted_at` where there was a restart before the second check.
    """
    wanted = EnforcedConfiguration.model_validate(order.parameters)
    async with managed_device(order, patient=True) as printer:
        found = await compared(printer, wanted, files)
        if not found:
            identity = printer.identity.model_dump(mode="json")
            facts = {"title": wanted.title, "found": [], "changes": [], "identity": identity}
            return compliance_report([], warnings=wanted.warnings, remarks=(Message.of(ALREADY),), facts=facts)
        return await _enforced(order, printer, wanted, found, files)


async def _enforced(
    order: Order, printer: ManagedDevice, wanted: EnforcedConfiguration, found: list[Difference], files: WorkFiles
) -> Report:
    deployment = Deployment(order, printer, wanted, files)
    first = {"found": [one.model_dump() for one in found]}
    failure = await deployment.deploy(found)
    if failure is not None:
        return failure.model_copy(update={"facts": failure.facts | first})
    record = deployment.record
    if record.is_over:
        return deployment.report(**first)
    facts: dict[str, Any] = dict(first)
    if wanted.restart:
        await printer.device.restart()
        record.identity = await back_from_restart(printer.device, record.identity.restarted_at)
        record.remarks.append(Message.of(RESTARTED))
        facts["restarted_at"] = record.identity.restarted_at.isoformat()
    left = await compared(replace(printer, identity=record.identity), wanted, files)
    second = compliance_report(
        left,
        warnings=tuple(record.warnings),
        remarks=tuple(record.remarks),
        facts=deployment.facts() | facts,
    )
    return second.model_copy(update={"components": (*record.components, *second.components)})


STEPS = (
    PrinterStepKind(
        "enforce_configuration", N_("Enforce assigned configuration"), EnforcedConfiguration, enforce_configuration
    ),
)
