"""The web application of all printers: the address that was called says which printer answers."""

import asyncio
from collections.abc import Callable, Mapping

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount
from starlette.types import ASGIApp, Receive, Scope, Send

from printers_sim.device.account import CHALLENGE
from printers_sim.device.refusal import Refusal
from printers_sim.knobs import Behaviour
from printers_sim.printer import SimulatedPrinter
from printers_sim.web import device_api, panel_api
from printers_sim.web.requests import Timing

Changed = Callable[[SimulatedPrinter], None]


class Site:
    """ASGI: finds the printer, lets slow ones take their time, and reports a printer whose state has changed."""

    def __init__(self, printers: Mapping[str, SimulatedPrinter], timing: Timing, changed: Changed) -> None:
        self._printers = printers
        self._timing = timing
        self._changed = changed
        self._app: ASGIApp = _application(timing)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        printer = self._printers.get(scope["server"][0])
        if printer is None:
            await Response("No printer has this address.", 404)(scope, receive, send)
            return
        if printer.behaviour is Behaviour.SLOW:
            await asyncio.sleep(self._timing.slow_answer)
        scope["printer"] = printer

        async def send_kept(message: Mapping[str, object]) -> None:
            """Nothing is answered before the change that it tells of is kept."""
            if message["type"] == "http.response.start":
                self._changed(printer)
            await send(dict(message))

        await self._app(scope, receive, send_kept)


def _application(timing: Timing) -> Starlette:
    routes: list[BaseRoute] = [Mount("/device/v1", routes=[*device_api.ROUTES, *panel_api.ROUTES])]
    app = Starlette(routes=routes, exception_handlers={Refusal: _refused, HTTPException: _not_served})
    app.state.timing = timing
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
