"""The printer's embedded web server for people: plain pages rendered here (FL-579, FL-102, FL-147…FL-151).

Everybody may look at state and supplies; everything else asks for the administrator's credentials.
"""

import io
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from PIL import Image, ImageDraw
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.templating import Jinja2Templates

from printers_sim.device.account import CHALLENGE, AuthenticationType
from printers_sim.device.catalogue import Kind
from printers_sim.device.enrolment import has_agent, is_iot_capable, require_capable
from printers_sim.device.logs import KINDS
from printers_sim.device.panel import current_message, home_screen, offered_items
from printers_sim.device.phones import phones_switch
from printers_sim.device.refusal import Refusal
from printers_sim.device.settings import COMMUNICATION, offered_settings, setting
from printers_sim.device.state import PRINTER_AGENT
from printers_sim.printer import SimulatedPrinter
from printers_sim.web.requests import administered_printer, printer_of

IDENTIFY_SECONDS = 30
TEMPLATES = Jinja2Templates(Path(__file__).parent / "templates")
OPEN_PAGES = (("/", "Status"), ("/supplies", "Supplies"), ("/jobs", "Jobs"), ("/panel", "Panel"))
MANAGED_PAGES = (
    *OPEN_PAGES,
    ("/touch", "Touch screen"),
    ("/settings", "Settings"),
    ("/apps", "Apps"),
    ("/apps/printer-agent", "Printer agent"),
    ("/firmware", "Firmware"),
    ("/cloud", "Cloud services"),
)
SCANNER_PAGES = (("/scanner", "Scanner"),)
Page = Callable[[Request], Awaitable[Response]]


def page(request: Request, template: str, title: str, status: int = 200, **more: object) -> Response:
    """A page of the printer; `problem` or `done` may tell what became of a request."""
    printer = printer_of(request)
    context: dict[str, object] = {
        "printer": printer,
        "title": title,
        "here": request.url.path,
        "pages": (MANAGED_PAGES if printer.profile.is_manageable else OPEN_PAGES)
        + (SCANNER_PAGES if printer.profile.scan else ()),
        "done": request.query_params.get("done"),
    }
    headers = {"Content-Security-Policy": "default-src 'self'; form-action 'self'; frame-ancestors 'none'"}
    return TEMPLATES.TemplateResponse(request, template, context | more, status, headers)


def readable(shown: Page) -> Page:
    """A page on which a refusal is a sentence instead of JSON."""

    async def shown_readably(request: Request) -> Response:
        try:
            return await shown(request)
        except Refusal as refusal:
            answer = page(request, "base.html", "That did not work", refusal.status, problem=refusal.reason)
            if refusal.status == 401:
                answer.headers["WWW-Authenticate"] = CHALLENGE
            return answer

    return shown_readably


def done(path: str, text: str) -> Response:
    """Back to the page, which says what was done."""
    return RedirectResponse(f"{path}?{urlencode({'done': text})}", 303)


def state_text(printer: SimulatedPrinter) -> str:
    """What the display says; for a while that it is this one that was looked for (Identify-Printer)."""
    if time.time() - printer.identified_at < IDENTIFY_SECONDS:
        return "This is the printer you are looking for"
    if printer.unresolved_errors:
        return printer.unresolved_errors[0]
    return "Printing" if printer.is_printing else "In use" if printer.is_busy else "Ready"


async def status(request: Request) -> Response:
    """How the printer is."""
    printer = printer_of(request)
    return page(request, "status.html", "Status", state=state_text(printer), message=current_message(printer))


async def supplies(request: Request) -> Response:
    """Toner and paper."""
    return page(request, "supplies.html", "Supplies")


async def jobs(request: Request) -> Response:
    """The jobs since it was switched on."""
    queue = request.app.state.queues.of(printer_of(request))
    return page(request, "jobs.html", "Jobs", jobs=sorted(queue.jobs.values(), key=lambda job: -job.id))


async def panel(request: Request) -> Response:
    """What the panel shows."""
    printer = printer_of(request)
    return page(
        request,
        "panel.html",
        "Panel",
        state=state_text(printer),
        message=current_message(printer),
        layout=home_screen(printer) if printer.profile.panel else [],
        phones=phones_switch(printer),
        names=offered_items(printer),
    )


@readable
async def settings(request: Request) -> Response:
    """One category of the tree of settings."""
    return settings_page(request, administered_printer(request), request.query_params.get("category", ""))


def settings_page(request: Request, printer: SimulatedPrinter, category: str, **more: Any) -> Response:
    """The page of a category; of the first where there is no such category."""
    known = offered_settings(printer)
    categories = list(dict.fromkeys(" › ".join(facts.path) for facts in known.values()))
    chosen = category if category in categories else categories[0]
    rows = [
        (facts, "" if facts.type is Kind.PASSWORD else setting(printer, facts.name))
        for facts in known.values()
        if " › ".join(facts.path) == chosen
    ]
    return page(request, "settings.html", "Settings", categories=categories, category=chosen, rows=rows, **more)


@readable
async def apps(request: Request) -> Response:
    """The apps."""
    administered_printer(request)
    return page(request, "apps.html", "Apps")


@readable
async def agent(request: Request) -> Response:
    """The agent on the printer: what it is about, and what one can have it do (FL-102)."""
    return agent_page(request, administered_printer(request))


def agent_page(request: Request, printer: SimulatedPrinter, **more: Any) -> Response:
    """The page of the agent, with what came of a test."""
    program, app = printer.agent, printer.device.apps.get(PRINTER_AGENT)
    contact = program.last_contact() if program is not None else None
    return page(
        request,
        "agent.html",
        "Printer agent",
        app=app,
        is_native=is_iot_capable(printer),
        state=agent_state(printer),
        program=program,
        contact=datetime.fromtimestamp(contact, UTC).isoformat(timespec="seconds") if contact else "never",
        enrolment=printer.device.enrolment,
        types=list(AuthenticationType),
        **more,
    )


def agent_state(printer: SimulatedPrinter) -> str:
    """How it stands with the agent (TS-18)."""
    app = printer.device.apps.get(PRINTER_AGENT)
    if not is_iot_capable(printer) and app is None:
        return "not installed"
    if not has_agent(printer):
        return "stopped"
    if setting(printer, COMMUNICATION) is not True:
        return "disabled: communication with the cloud is off"
    return "running" if printer.agent is not None else "not enrolled"


@readable
async def firmware(request: Request) -> Response:
    """Firmware, restart and logs."""
    administered_printer(request)
    return page(request, "firmware.html", "Firmware", logs=KINDS)


@readable
async def cloud(request: Request) -> Response:
    """Cloud services enrolment (FL-147, FL-151)."""
    printer = administered_printer(request)
    require_capable(printer)
    communication = setting(printer, COMMUNICATION)
    return page(
        request,
        "cloud.html",
        "Cloud services",
        enrolment=printer.device.enrolment,
        communication=communication,
        phones=phones_switch(printer),
    )


async def style(_request: Request) -> Response:
    """The style of all pages."""
    return FileResponse(Path(__file__).parent / "templates" / "style.css")


async def icon(_request: Request) -> Response:
    """A picture of a printer, as IPP clients show it."""
    return Response(_icon(), media_type="image/png")


@lru_cache(maxsize=1)
def _icon() -> bytes:
    picture = Image.new("RGBA", (128, 128), (0, 0, 0, 0))
    draw = ImageDraw.Draw(picture)
    draw.rounded_rectangle((12, 44, 116, 100), 10, fill="#20415f")
    draw.rectangle((32, 14, 96, 44), fill="#ffffff", outline="#20415f", width=4)
    draw.rectangle((32, 78, 96, 116), fill="#ffffff", outline="#20415f", width=4)
    draw.ellipse((98, 54, 106, 62), fill="#6fd08c")
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


ROUTES = [
    Route("/", status),
    Route("/supplies", supplies),
    Route("/jobs", jobs),
    Route("/panel", panel),
    Route("/settings", settings),
    Route("/apps", apps),
    Route("/apps/printer-agent", agent),
    Route("/firmware", firmware),
    Route("/cloud", cloud),
    Route("/style.css", style),
    Route("/icon.png", icon),
]
