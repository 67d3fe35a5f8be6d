"""QR codes that let a phone stand in for a printer's panel: for panels to show, and for stickers (MOB-1, MOB-4)."""

import base64
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from domain.tenancy import NOT_FOUND
from fleet.phones.codes import NO_PHONE_HERE, STICKERS_OFF, PhoneCode, panel_code, sticker_code
from portal_api.access import needs
from portal_api.api.printer_sign_in import Device, PrinterId
from portal_api.problems import documented

panel_router = APIRouter(prefix="/phone-codes", tags=["signing in at printers"])
"""What printers' programs call, at /device/v1 too."""
router = APIRouter()
AskedFor = Annotated[PrinterId, Query(description="Id or serial number of the printer.")]
Manager = Annotated[Actor, needs(Permission.FLEET_MANAGE)]
SVG = "image/svg+xml"


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


@panel_router.get("/panel", operation_id="get_panel_code", responses=documented(NOT_FOUND, NO_PHONE_HERE))
def get_panel_code(device: Device, printer_id: AskedFor) -> PanelCode:
    """The code for the panel of a printer; it changes every minute, so that a photograph of it does not serve later."""
    return PanelCode.of(panel_code(device, printer_id))


@router.get(
    "/phone-codes/sticker",
    operation_id="get_sticker_code",
    tags=["printers"],
    response_class=Response,
    responses={200: {"content": {SVG: {"schema": {"type": "string"}}}}, **documented(NOT_FOUND, STICKERS_OFF)},
)
def get_sticker_code(actor: Manager, printer_id: AskedFor) -> Response:
    """The code for a sticker on a printer, as SVG; it never changes, and counts while the organization allows it."""
    return Response(sticker_code(actor, printer_id).svg(), media_type=SVG, headers={"Cache-Control": "no-store"})


router.include_router(panel_router)
