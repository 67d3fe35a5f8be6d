"""Checking a printer against its assigned configuration: everything is read, nothing is changed (F-24)."""

from collections.abc import Sequence
from typing import Any

from connectors.messages import N_, Message
from steps.configuration_reading import read_files, read_state
from steps.printer_configuration import Difference, PrinterConfiguration, differences
from steps.printer_device import ManagedDevice, managed_device
from steps.printer_work import ComponentResult, Order, Outcome, PrinterStepKind, Report, WorkFiles

COMPLIANT, NOT_COMPLIANT = "compliant", "not_compliant"
DIFFERS = N_("The printer is not compliant: {count} parts differ.")
ONE_PART = N_("The printer is not compliant: {item} differs.")
ONE_DIFFERS = N_("Expected: {expected}. Found: {found}.")


async def check_compliance(order: Order, files: WorkFiles) -> Report:
    """Completed means compliant, Failed not compliant, with every difference (FL-424, A-27).

    The facts are `result`, `differences` and `identity`; without a result it could not be checked.
    """
    wanted = PrinterConfiguration.model_validate(order.parameters)
    async with managed_device(order) as printer:
        found = await compared(printer, wanted, files)
        facts = {"title": wanted.title, "identity": printer.identity.model_dump(mode="json")}
        return compliance_report(found, warnings=wanted.warnings, facts=facts)


async def compared(printer: ManagedDevice, wanted: PrinterConfiguration, files: WorkFiles) -> list[Difference]:
    """How the printer differs from what is wanted, as it is now."""
    state = await read_state(printer.device, printer.identity, wanted)
    return differences(wanted, await read_files(wanted, files), state)


def compliance_report(
    found: Sequence[Difference],
    *,
    warnings: tuple[Message, ...] = (),
    remarks: tuple[Message, ...] = (),
    facts: dict[str, Any],
) -> Report:
    """The report that tells the result, with a component for each difference."""
    told = {"result": NOT_COMPLIANT if found else COMPLIANT, "differences": [one.model_dump() for one in found]}
    return Report(
        outcome=Outcome.FAILED if found else Outcome.COMPLETED,
        reason=_reason(found),
        warnings=warnings,
        remarks=remarks,
        components=tuple(_component(one) for one in found),
        facts=facts | told,
    )


def _reason(found: Sequence[Difference]) -> Message | None:
    if len(found) == 1:
        return Message.of(ONE_PART, item=found[0].item)
    return Message.of(DIFFERS, count=len(found)) if found else None


def _component(one: Difference) -> ComponentResult:
    message = Message.of(ONE_DIFFERS, expected=one.expected, found=one.found)
    return ComponentResult(kind=one.component, name=one.item, outcome=Outcome.FAILED, message=message)


STEPS = (PrinterStepKind("check_compliance", N_("Check compliance"), PrinterConfiguration, check_compliance),)
