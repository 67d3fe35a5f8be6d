"""Trying how the agent is to sign in to a printer (F-13, FL-268); what the printer accepts is kept by whoever asked."""

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from connectors.errors import Fault, PressroomError
from connectors.messages import N_
from connectors.printers.device import Device
from connectors.printers.device_connection import ACCESS_REFUSED
from steps.printer_device import OTHER_PRINTER, device_address, target_of
from steps.printer_work import Access, AuthenticationType, Order, PrinterStepKind, Report, WorkFiles

SECRET = "secret"  # noqa: S105 — under this name the secret travels with the order
NOT_ACCEPTED = Fault(
    "device.credentials_not_accepted",
    403,
    N_("The printer at {address} does not accept these credentials. Those that were kept before stay."),
    N_("Check authentication type, user name and password at the printer, and enter them again."),
    spec="FL-268",
)
OTHER_TYPE = Fault(
    "device.other_authentication_type",
    409,
    N_("The administrator account of the printer at {address} is of another type: {type}."),
    N_("Choose that authentication type and enter what it asks for."),
    spec="FL-97",
)


class UpdateCredentials(BaseModel):
    """How the printer's administrator signs in; the password or PIN comes with the secrets of the order."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    type: AuthenticationType
    user: str = Field("", max_length=128)


async def update_credentials(order: Order, _files: WorkFiles) -> Report:
    """Sign in with the new credentials; raises `NOT_ACCEPTED` and `OTHER_TYPE`, which leave everything as it was."""
    target, wanted = target_of(order), UpdateCredentials.model_validate(order.parameters)
    access = Access(type=wanted.type, user=wanted.user, secret=order.secrets.get(SECRET, SecretStr("")))
    async with Device(device_address(target, access)) as device:
        identity = await device.identity()
        if identity.serial_number != target.serial_number:
            raise OTHER_PRINTER(address=target.address, serial_number=identity.serial_number)
        if identity.authentication_type != wanted.type:
            raise OTHER_TYPE(address=target.address, type=identity.authentication_type)
        try:
            await device.settings()
        except PressroomError as error:
            if error.fault is ACCESS_REFUSED:
                raise NOT_ACCEPTED(address=target.address) from error
            raise
    return Report()


STEPS = (PrinterStepKind("update_credentials", N_("Update agent credentials"), UpdateCredentials, update_credentials),)
