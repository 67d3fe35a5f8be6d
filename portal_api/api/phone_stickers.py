"""The QR code for a sticker on a printer, for phones in place of its panel (MOB-1)."""

from typing import Annotated

from fastapi import APIRouter, Response

from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from domain.tenancy import NOT_FOUND
from fleet.phones.codes import STICKERS_OFF, sticker_code
from portal_api.access import needs
from portal_api.api.phone_codes import AskedFor
from portal_api.problems import documented

router = APIRouter(prefix="/phone-codes", tags=["printers"])
Manager = Annotated[Actor, needs(Permission.FLEET_MANAGE)]
SVG = "image/svg+xml"


@router.get(
    "/sticker",
    operation_id="get_sticker_code",
    response_class=Response,
    responses={200: {"content": {SVG: {"schema": {"type": "string"}}}}, **documented(NOT_FOUND, STICKERS_OFF)},
)
def get_sticker_code(actor: Manager, printer_id: AskedFor) -> Response:
    """The code as SVG; it never changes, and counts while the organization allows stickers."""
    return Response(sticker_code(actor, printer_id).svg(), media_type=SVG, headers={"Cache-Control": "no-store"})
