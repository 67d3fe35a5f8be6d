"""The printer's touch screen in a browser: the portal's panel in a frame of its size, and badges for its reader."""

from pathlib import Path
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from printers_sim.device.refusal import Refusal
from printers_sim.panel.badges import SAMPLE_BADGES
from printers_sim.panel.touch import hold_badge, open_panel, portal_access, screen_size
from printers_sim.printer import SimulatedPrinter
from printers_sim.web.pages import page, readable
from printers_sim.web.requests import json_object, managed_printer, text_member

TEMPLATES = Path(__file__).parent / "templates"


@readable
async def shown(request: Request) -> Response:
    """The touch screen and the badges."""
    printer = managed_printer(request)
    width, height = screen_size(printer)
    answer = page(request, "touch.html", "Touch screen", width=width, height=height, badges=SAMPLE_BADGES)
    if portal := _portal(printer):
        policy = f"default-src 'self'; frame-src {portal}; form-action 'self'; frame-ancestors 'none'"
        answer.headers["Content-Security-Policy"] = policy
    return answer


async def visits(request: Request) -> JSONResponse:
    """POST visits: the address at which the frame opens the panel."""
    origin = f"{request.url.scheme}://{request.headers['host']}"
    return JSONResponse({"url": await open_panel(managed_printer(request), origin)}, 201)


async def badges(request: Request) -> JSONResponse:
    """POST badges: hold the badge of that number to the reader."""
    content = await json_object(request)
    return JSONResponse({"effect": await hold_badge(managed_printer(request), text_member(content, "badge"))})


async def script(_request: Request) -> Response:
    """What opens the frame and holds badges to the reader."""
    return FileResponse(TEMPLATES / "touch.js")


def _portal(printer: SimulatedPrinter) -> str:
    """The origin of the portal; empty where the printer does not know it yet."""
    try:
        address = urlsplit(portal_access(printer).address)
    except Refusal:
        return ""
    return f"{address.scheme}://{address.netloc}"


ROUTES = [
    Route("/touch", shown),
    Route("/touch.js", script),
    Route("/panel/v1/visits", visits, methods=["POST"]),
    Route("/panel/v1/badges", badges, methods=["POST"]),
]
