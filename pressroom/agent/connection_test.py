"""*Test agent connection*: the way to the cloud, the sign-in to the printer, and the rights there (FL-103).

Where the cloud cannot be reached, it is told at which part of the way that ends (TS-21, TS-22).
"""

from connectors.errors import PressroomError
from connectors.messages import N_, Message
from connectors.printers.device import Device
from pressroom.agent.cloud import NO_ROUTE, Cloud
from steps.printer_device import device_address
from steps.printer_standards import AS_TOLD
from steps.printer_work import ComponentResult
from steps.printers.check_printer import WEB_SERVER, Checks, signed_in

CLOUD = N_("Connection to the cloud")


async def connection_checks(cloud: Cloud) -> list[ComponentResult]:
    """Each check that there was a ground for, in order; without the cloud nobody knows how to sign in."""
    checks = Checks()
    try:
        printers = await cloud.printers()
    except PressroomError as error:
        checks.failed(CLOUD, Message.of(AS_TOLD, reason=f"{error.message} {error.remedy}"))
        if error.fault is NO_ROUTE:
            for stage in await cloud.way():
                checks.judge(stage.name, stage.problem)
        return checks.parts
    checks.passed(CLOUD)
    for printer in printers:
        async with Device(device_address(printer.target)) as device:
            try:
                await signed_in(device, checks)
            except PressroomError as error:
                checks.failed(WEB_SERVER, Message.of(AS_TOLD, reason=error.message))
    return checks.parts
