"""The web application of all printers: the address that was called says which printer answers."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount
from starlette.types import ASGIApp, Receive, Scope, Send

from printers_sim.device.account import CHALLENGE
from printers_sim.device.refusal import Refusal
from printers_sim.escl import endpoint as escl_endpoint
from printers_sim.fleet import Fleet
from printers_sim.ipp import endpoint
from printers_sim.ipp.queues import PrintQueues
from printers_sim.knobs import Behaviour
from printers_sim.scanner.apps import ScanApps
from printers_sim.web import (
    control_api,
    device_api,
    forms,
    pages,
    panel_api,
    phone_panel,
    release_panel,
    scanner_pages,
    touch_panel,
)
from printers_sim.web.ports import Ports
from printers_sim.web.requests import Timing
from printers_sim.web.server import CONTROL_ADDRESS


@dataclass(frozen=True, slots=True)
class Served:
    """What routes reach by the application's state."""

    fleet: Fleet
    queues: PrintQueues
    scans: ScanApps
    timing: Timing
    ports: Ports


class Site:
    """ASGI: finds the printer, lets slow ones take their time, and keeps the state before it is told of."""

    def __init__(self, fleet: Fleet, queues: PrintQueues, scans: ScanApps, timing: Timing, ports: Ports) -> None:
        self._fleet = fleet
        self._timing = timing
        served = Served(fleet, queues, scans, timing, ports)
        device_routes = Mount("/device/v1", routes=[*device_api.ROUTES, *panel_api.ROUTES])
        shown = (pages, forms, touch_panel, release_panel, phone_panel, scanner_pages, escl_endpoint)
        routes = [device_routes, *endpoint.ROUTES, *(route for module in shown for route in module.ROUTES)]
        self._printers = _application(routes, served)
        self._control = _application([Mount("/sim/v1", routes=control_api.ROUTES)], served)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        if is_foreign(scope):
            await Response("Another site must not do this.", 403)(scope, receive, send)
        elif scope["server"][0] == CONTROL_ADDRESS:
            await self._control(scope, receive, send)
        else:
            await self._ask_printer(scope, receive, send)

    async def _ask_printer(self, scope: Scope, receive: Receive, send: Send) -> None:
        printer = self._fleet.by_address[scope["server"][0]]
        if printer.behaviour is Behaviour.SLOW:
            await asyncio.sleep(self._timing.slow_answer)
        scope["printer"] = printer

        async def send_kept(message: Mapping[str, object]) -> None:
            if message["type"] == "http.response.start":
                self._fleet.keep(printer)
            await send(dict(message))

        await self._printers(scope, receive, send_kept)


def is_foreign(scope: Scope) -> bool:
    """Whether a browser sends this from a page of another site, and not only to read."""
    headers = dict(scope["headers"])
    origin = headers.get(b"origin", b"").decode("latin-1")
    host = headers.get(b"host", b"").decode("latin-1")
    return bool(origin) and scope["method"] not in ("GET", "HEAD") and urlsplit(origin).netloc != host


def _application(routes: list[BaseRoute], served: Served) -> ASGIApp:
    app = Starlette(routes=routes, exception_handlers={Refusal: _refused, HTTPException: _not_served})
    app.state.fleet, app.state.queues, app.state.scans = served.fleet, served.queues, served.scans
    app.state.timing, app.state.ports = served.timing, served.ports
    return app


def _refused(_request: Request, error: Exception) -> Response:
    if not isinstance(error, Refusal):
        raise error
    headers = {"WWW-Authenticate": CHALLENGE} if error.status == 401 else None
    return JSONResponse({"code": error.code, "reason": error.reason}, error.status, headers)


def _not_served(_request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    code = "method_not_allowed" if error.status_code == 405 else "not_found"
    return JSONResponse({"code": code, "reason": error.detail}, error.status_code, error.headers)
