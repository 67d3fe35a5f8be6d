"""How steps get at a printer of our own make: the connection, whether it is the printer that is meant, its return."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from connectors.errors import Fault, PressroomError
from connectors.messages import N_
from connectors.printers.device import Device
from connectors.printers.device_answers import DeviceIdentity
from connectors.printers.device_connection import SILENT, DeviceAddress
from connectors.settings import get_settings
from steps.printer_work import Access, Order, PrinterTarget

OTHER_PRINTER = Fault(
    "device.other_printer",
    409,
    N_("Another printer answers at {address}: its serial number is {serial_number}."),
    N_("Discover printers again, so that the address of this one becomes known."),
)
NOT_BACK = Fault(
    "device.not_back",
    504,
    N_("The printer at {address} has not come back from its restart within {seconds} seconds."),
    N_("Look at the printer, and switch it on again."),
    spec="F-12",
)
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 3.0


@dataclass(frozen=True, slots=True)
class ManagedDevice:
    """A connection to the printer that is meant, and what it said of itself when it was opened."""

    device: Device
    identity: DeviceIdentity


@asynccontextmanager
async def managed_device(order: Order, *, patient: bool = False) -> AsyncIterator[ManagedDevice]:
    """The printer of an order; raises `OTHER_PRINTER` when addresses have changed hands, and what `Device` raises.

    `patient`: the order makes the printer restart, so when a resumed one finds it silent it is waited for.
    """
    target = target_of(order)
    async with Device(device_address(target)) as device:
        identity = await (_patiently(device) if patient and order.resumed else device.identity())
        if identity.serial_number != target.serial_number:
            raise OTHER_PRINTER(address=target.address, serial_number=identity.serial_number)
        yield ManagedDevice(device, identity)


def target_of(order: Order) -> PrinterTarget:
    """The printer that an order is for; a step for printers never gets one for an agent."""
    if order.printer is None:
        raise ValueError(f"the order of job {order.job_id} names no printer")
    return order.printer


def device_address(target: PrinterTarget, access: Access | None = None) -> DeviceAddress:
    """Where the printer is managed, signed in with its own access or with `access`."""
    chosen = access or target.access
    return DeviceAddress(
        host=target.address,
        port=target.https_port or target.http_port,
        user=chosen.user,
        secret=chosen.secret.get_secret_value(),
        tls=target.https_port is not None,
        ca_file=get_settings().fleet_ca_file,
    )


def restarted_by(order: Order, identity: DeviceIdentity) -> bool:
    """Whether the printer has restarted since a resumed order was first begun: what it asked for has happened."""
    return order.resumed and order.begun is not None and identity.restarted_at >= order.begun


async def back_from_restart(device: Device, former: datetime) -> DeviceIdentity:
    """Ask until the printer answers with a newer restart time than `former`: silence meanwhile is expected (F-12).

    Raises `NOT_BACK` when it takes longer than the setting `fleet_restart_seconds`.
    """
    limit = get_settings().fleet_restart_seconds
    try:
        async with asyncio.timeout(limit):
            return await _until(device, lambda identity: identity.restarted_at > former)
    except TimeoutError as error:
        raise NOT_BACK(address=device.address.host, seconds=round(limit)) from error


async def answers_again(device: Device) -> None:
    """Wait until the printer answers after what may silence it for a while, such as a settings bundle (TS-27).

    The next order for the printer is given out only then. Raises `SILENT` after the setting `fleet_restart_seconds`.
    """
    await _patiently(device)


async def _patiently(device: Device) -> DeviceIdentity:
    try:
        async with asyncio.timeout(get_settings().fleet_restart_seconds):
            return await _until(device, lambda _identity: True)
    except TimeoutError as error:
        raise SILENT(address=device.address.host) from error


async def _until(device: Device, is_so: Callable[[DeviceIdentity], bool]) -> DeviceIdentity:
    pause = FIRST_PAUSE
    while (identity := await _answered(device)) is None or not is_so(identity):
        await asyncio.sleep(pause)
        pause = min(pause * 1.5, LONGEST_PAUSE)
    return identity


async def _answered(device: Device) -> DeviceIdentity | None:
    try:
        return await device.identity()
    except PressroomError as error:
        if error.fault is SILENT:
            return None
        raise
