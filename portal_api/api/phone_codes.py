"""The QR code by which a phone stands in for a printer's panel, for panels to show (MOB-1, MOB-4)."""

import base64
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from domain.tenancy import NOT_FOUND
from fleet.phones.codes import NO_PHONE_HERE, PhoneCode, panel_code
from portal_api.api.printer_sign_in import Device, PrinterId
from portal_api.problems import documented

router = APIRouter(prefix="/phone-codes", tags=["signing in at printers"])
AskedFor = Annotated[PrinterId, Query(description="Id or serial number of the printer.")]


class PanelCode(BaseModel):
    """The code that a panel shows now."""

    printer_name: str
    address: str = Field(description="What the code says.")
    picture: str = Field(description="The QR code as PNG, in Base64.")
    seconds: int = Field(ge=1, le=60, description="After so many seconds the panel asks for the next one.")

    @classmethod
    def of(cls, code: PhoneCode) -> "PanelCode":
        picture = base64.b64encode(code.png()).decode()
        return cls(printer_name=code.printer.name, address=code.address, picture=picture, seconds=code.seconds or 1)


@router.get("/panel", operation_id="get_panel_code", responses=documented(NOT_FOUND, NO_PHONE_HERE))
def get_panel_code(device: Device, printer_id: AskedFor) -> PanelCode:
    """The code for the panel of a printer; it changes every minute, so that a photograph of it does not serve later."""
    return PanelCode.of(panel_code(device, printer_id))
