"""The code for phones on the panel: a picture that the print server makes anew every minute (MOB-1, MOB-4)."""

import base64
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from printers_sim.device.phones import require_phones
from printers_sim.web.pages import page, readable
from printers_sim.web.release_panel import apps_of
from printers_sim.web.requests import printer_of

UNKEPT = {"Cache-Control": "no-store"}


@readable
async def shown(request: Request) -> Response:
    """The panel with the code."""
    require_phones(printer_of(request))
    return page(request, "phone.html", "Mobile solutions")


async def code(request: Request) -> JSONResponse:
    """GET phone-code: what the code says, and for how many seconds it is to be shown."""
    require_phones(printer_of(request))
    found = await apps_of(request).phone_code()
    return JSONResponse({"address": found["address"], "seconds": found["seconds"]}, headers=UNKEPT)


async def picture(request: Request) -> Response:
    """The code as the panel draws it."""
    require_phones(printer_of(request))
    found = await apps_of(request).phone_code()
    return Response(base64.b64decode(found["picture"]), media_type="image/png", headers=UNKEPT)


async def script(_request: Request) -> Response:
    """What changes the picture."""
    return FileResponse(Path(__file__).parent / "templates" / "phone.js")


ROUTES = [
    Route("/phone", shown),
    Route("/phone.js", script),
    Route("/phone-code.png", picture),
    Route("/panel/v1/phone-code", code),
]
