"""The part of the device management API that shows at the panel: message, home screen, enrolment with codes."""

from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from printers_sim.device.enrolment import complete, enter_code, issue_code, leave, require_capable
from printers_sim.device.panel import (
    LONGEST_HOURS,
    clear_message,
    current_message,
    home_screen,
    offered_items,
    reset_home_screen,
    set_home_screen,
    show_message,
)
from printers_sim.device.refusal import Refusal
from printers_sim.device.settings import COMMUNICATION, change_settings, setting
from printers_sim.device.state import PanelMessage
from printers_sim.printer import SimulatedPrinter
from printers_sim.web.requests import json_object, number_member, remote_printer, text_member


async def panel_message(request: Request) -> Response:
    """GET, PUT and DELETE panel-message."""
    printer = remote_printer(request)
    if request.method == "PUT":
        content = await json_object(request)
        hours = number_member(content, "hours", LONGEST_HOURS)
        return JSONResponse(_message(show_message(printer, text_member(content, "text"), hours)))
    if request.method == "DELETE":
        clear_message(printer)
        return Response(status_code=204)
    message = current_message(printer)
    return JSONResponse(_message(message) if message else {"text": None, "expires": None})


async def home_screen_layout(request: Request) -> JSONResponse:
    """GET, PUT and DELETE home-screen."""
    printer = remote_printer(request)
    if request.method == "PUT":
        set_home_screen(printer, _pages(await json_object(request)))
    elif request.method == "DELETE":
        reset_home_screen(printer)
    offered = [{"id": item, "name": name} for item, name in offered_items(printer).items()]
    return JSONResponse(
        {
            "pages": home_screen(printer),
            "items_per_page": printer.profile.home_screen_items,
            "is_default": printer.device.home_screen is None,
            "offered": offered,
        }
    )


async def enrolment(request: Request) -> Response:
    """GET, PUT and DELETE enrolment: communication on or off, a code entered, or taken in by the cloud."""
    printer = remote_printer(request)
    require_capable(printer)
    if request.method == "DELETE":
        leave(printer)
        return Response(status_code=204)
    if request.method == "PUT":
        _change_enrolment(printer, await json_object(request))
    return JSONResponse(_enrolment(printer))


async def enrolment_code(request: Request) -> JSONResponse:
    """GET enrolment-code: the code that this printer has made, for the portal."""
    asked = request.query_params
    current = issue_code(remote_printer(request), asked.get("server", ""), asked.get("agent", ""))
    return JSONResponse({"code": current.printer_code, "expires": _iso(current.code_expires)})


def _change_enrolment(printer: SimulatedPrinter, content: dict[str, object]) -> None:
    unknown = sorted(set(content) - {"communication", "code", "server", "state"})
    if unknown:
        raise Refusal(422, "invalid_value", f"Enrolment has no {', '.join(unknown)}.")
    communication = content.get("communication")
    if communication is not None:
        refused = change_settings(printer, {COMMUNICATION: communication}).refused
        if refused:
            raise Refusal(422, "invalid_value", refused[COMMUNICATION])
    if "code" in content:
        enter_code(printer, text_member(content, "code"), text_member(content, "server", ""))
    if (state := content.get("state")) is not None:
        if state != "enrolled":
            raise Refusal(422, "invalid_value", "“state” can only be set to “enrolled”.")
        complete(printer)


def _enrolment(printer: SimulatedPrinter) -> dict[str, object]:
    current = printer.device.enrolment
    return {
        "communication": setting(printer, COMMUNICATION),
        "state": current.state,
        "server": current.server or None,
        "organization_code": current.organization_code or None,
        "printer_code": current.printer_code or None,
        "code_expires": _iso(current.code_expires) if current.code_expires else None,
    }


def _pages(content: dict[str, object]) -> list[list[str]]:
    pages = content.get("pages")
    if not isinstance(pages, list) or not all(isinstance(page, list) for page in pages):
        raise Refusal(422, "invalid_value", "“pages” has to be a list of pages, each a list of items.")
    if not all(isinstance(item, str) for page in pages for item in page):
        raise Refusal(422, "invalid_value", "The items of a page are ids or “blank”.")
    return pages


def _message(message: PanelMessage) -> dict[str, str]:
    return {"text": message.text, "expires": _iso(message.expires)}


def _iso(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="seconds")


ROUTES = [
    Route("/panel-message", panel_message, methods=["GET", "PUT", "DELETE"]),
    Route("/home-screen", home_screen_layout, methods=["GET", "PUT", "DELETE"]),
    Route("/enrolment", enrolment, methods=["GET", "PUT", "DELETE"]),
    Route("/enrolment-code", enrolment_code),
]
