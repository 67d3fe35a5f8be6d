"""The operator's control over the simulation, `/sim/v1/` at 127.0.0.1: what goes wrong, and the way back (FL-580)."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from printers_sim.device.refusal import Refusal
from printers_sim.device.state import PRINTER_AGENT, InstalledApp
from printers_sim.fleet import Fleet
from printers_sim.knobs import Behaviour, FailingStep, UsageApp
from printers_sim.printer import Condition, SimulatedPrinter
from printers_sim.web.requests import json_object, text_member

SWITCHES = ("offline", "busy", "wrong_credentials")


def described(printer: SimulatedPrinter) -> dict[str, object]:
    """A printer with everything that can be turned."""
    knobs = printer.knobs
    return {
        "address": printer.address,
        "profile": printer.profile.name,
        "model": printer.model,
        "serial_number": printer.serial,
        "firmware": printer.firmware,
        "behaviour": printer.behaviour,
        "offline": knobs.offline,
        "busy": knobs.busy,
        "wrong_credentials": knobs.wrong_credentials,
        "unresolved_error": knobs.unresolved_error,
        "fail_at": sorted(knobs.fail_at),
        "usage_app": knobs.usage_app,
        "printer_agent": printer.device.printer_agent,
        "printing": printer.is_printing,
        "away": printer.is_away,
        "firmware_updates": printer.device.firmware_updates,
        "sides": printer.life_count,
        "supplies": [{"name": one.facts.description, "percent": one.percent} for one in printer.supplies],
        "trays": [{"name": one.facts.name, "sheets": one.sheets} for one in printer.trays],
        "alerts": [
            {"condition": alert.condition, "place": alert.place, "text": alert.text, "critical": alert.is_critical}
            for alert in printer.alerts
        ],
    }


async def printers(request: Request) -> JSONResponse:
    """GET printers: all of them."""
    return JSONResponse([described(printer) for printer in fleet_of(request).printers])


async def printer_state(request: Request) -> JSONResponse:
    """GET and PATCH printers/{address}."""
    printer = _printer(request)
    if request.method == "PATCH":
        _turn(printer, await json_object(request))
    return _answer(request, printer)


async def conditions(request: Request) -> JSONResponse:
    """POST printers/{address}/conditions lets something go wrong."""
    printer, content = _printer(request), await json_object(request)
    condition = _condition(text_member(content, "condition"))
    place = _whole(content, "place", 0)
    _require_place(printer, condition, place)
    printer.raise_condition(condition, place)
    return _answer(request, printer)


async def condition(request: Request) -> JSONResponse:
    """DELETE printers/{address}/conditions/{condition}?place=1 puts it right."""
    printer, which = _printer(request), _condition(request.path_params["condition"])
    place = request.query_params.get("place", "0")
    number = int(place) if place.isdecimal() else -1
    _require_place(printer, which, number)
    printer.clear_condition(which, number)
    return _answer(request, printer)


async def wear(request: Request) -> JSONResponse:
    """POST printers/{address}/wear: as if so many sides had been printed."""
    printer, content = _printer(request), await json_object(request)
    mono, color = _whole(content, "mono", 0), _whole(content, "color", 0)
    printer.wear(mono, color, _whole(content, "sheets", mono + color))
    return _answer(request, printer)


async def power_off(request: Request) -> JSONResponse:
    """POST printers/{address}/power-off: for so many seconds; its jobs are gone afterwards (PR-337)."""
    printer, content = _printer(request), await json_object(request)
    printer.power_off(_whole(content, "seconds", 0))
    return _answer(request, printer)


async def reset(request: Request) -> Response:
    """POST printers/{address}/reset, or reset for all: as new."""
    fleet = fleet_of(request)
    address = request.path_params.get("address")
    for printer in [_printer(request)] if address else list(fleet.printers):
        fleet.reset(printer)
    return Response(status_code=204)


def fleet_of(request: Request) -> Fleet:
    """The printers of this simulation."""
    fleet: Fleet = request.app.state.fleet
    return fleet


def _answer(request: Request, printer: SimulatedPrinter) -> JSONResponse:
    printer.changes += 1
    fleet_of(request).keep(printer)
    return JSONResponse(described(printer))


def _printer(request: Request) -> SimulatedPrinter:
    printer = fleet_of(request).by_address.get(request.path_params["address"])
    if printer is None:
        raise Refusal(404, "not_found", "No printer has this address.")
    return printer


def _turn(printer: SimulatedPrinter, content: dict[str, Any]) -> None:
    """Look at everything first: it is all or nothing."""
    known = {*SWITCHES, "behaviour", "unresolved_error", "fail_at", "firmware", "printer_agent", "usage_app"}
    if unknown := sorted(set(content) - known):
        raise Refusal(422, "invalid_value", f"There is no {', '.join(unknown)} to turn.")
    if not all(isinstance(content[name], bool) for name in SWITCHES if name in content):
        raise Refusal(422, "invalid_value", f"{', '.join(SWITCHES)} are true or false.")
    behaviour = _behaviour(text_member(content, "behaviour", printer.behaviour))
    error = text_member(content, "unresolved_error", printer.knobs.unresolved_error)
    firmware = text_member(content, "firmware", printer.firmware)
    steps = _steps(content.get("fail_at", list(printer.knobs.fail_at)))
    usage = _usage_app(text_member(content, "usage_app", printer.knobs.usage_app))
    agent = content.get("printer_agent", printer.device.printer_agent)
    if agent is not None and not isinstance(agent, str):
        raise Refusal(422, "invalid_value", "“printer_agent” is a version, or null.")
    printer.behaviour, printer.firmware = behaviour, firmware
    printer.knobs.unresolved_error, printer.knobs.fail_at, printer.knobs.usage_app = error, steps, usage
    for name in SWITCHES:
        setattr(printer.knobs, name, content.get(name, getattr(printer.knobs, name)))
    if agent != printer.device.printer_agent:
        printer.device.apps.pop(PRINTER_AGENT, None)
        if agent is not None:
            printer.device.apps[PRINTER_AGENT] = InstalledApp(PRINTER_AGENT, "Printer agent", agent)


def _behaviour(name: str) -> Behaviour:
    try:
        return Behaviour(name)
    except ValueError as error:
        raise Refusal(422, "invalid_value", f"Behaviours are {', '.join(map(repr, map(str, Behaviour)))}.") from error


def _usage_app(name: str) -> UsageApp:
    try:
        return UsageApp(name)
    except ValueError as error:
        raise Refusal(422, "invalid_value", f"Usage apps are {', '.join(map(repr, map(str, UsageApp)))}.") from error


def _condition(name: str) -> Condition:
    try:
        return Condition(name)
    except ValueError as error:
        raise Refusal(422, "invalid_value", f"Conditions are {', '.join(Condition)}.") from error


def _steps(names: object) -> set[FailingStep]:
    try:
        return {FailingStep(name) for name in names} if isinstance(names, list) else set()
    except ValueError as error:
        raise Refusal(422, "invalid_value", f"Steps that can fail are {', '.join(FailingStep)}.") from error


def _whole(content: dict[str, Any], name: str, default: int) -> int:
    value = content.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise Refusal(422, "invalid_value", f"“{name}” has to be a whole number from 0.")
    return value


def _require_place(printer: SimulatedPrinter, condition: Condition, place: int) -> None:
    places = {
        Condition.TRAY_EMPTY: len(printer.trays),
        Condition.SUPPLY_LOW: len(printer.supplies),
        Condition.SUPPLY_EMPTY: len(printer.supplies),
    }
    if not 0 <= place <= places.get(condition, 0):
        raise Refusal(422, "invalid_value", "The printer has no such tray or supply.")


ROUTES = [
    Route("/printers", printers),
    Route("/printers/{address}", printer_state, methods=["GET", "PATCH"]),
    Route("/printers/{address}/conditions", conditions, methods=["POST"]),
    Route("/printers/{address}/conditions/{condition}", condition, methods=["DELETE"]),
    Route("/printers/{address}/wear", wear, methods=["POST"]),
    Route("/printers/{address}/power-off", power_off, methods=["POST"]),
    Route("/printers/{address}/reset", reset, methods=["POST"]),
    Route("/reset", reset, methods=["POST"]),
]
