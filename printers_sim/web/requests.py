"""What routes ask of a request: which printer, who is asking, and the content."""

import json
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from printers_sim.device.refusal import Refusal
from printers_sim.device.settings import setting
from printers_sim.device.state import EventKind
from printers_sim.printer import SimulatedPrinter
from printers_sim.web.uploads import LARGEST_JSON, too_large

REMOTE_MANAGEMENT = "security.remote_management"
FIRMWARE_UPDATES = "security.firmware_updates"
APP_CONFIGURATION = "security.app_configuration"
"""Access controls: what agents may do with the printer."""


@dataclass(frozen=True, slots=True)
class Timing:
    """How long things take, in seconds: a restart, the answer of a slow printer, a side (None: by the model)."""

    restart: float = 20.0
    slow_answer: float = 3.0
    page: float | None = None


def printer_of(request: Request) -> SimulatedPrinter:
    """The printer at whose address the request came in."""
    printer: SimulatedPrinter = request.scope["printer"]
    return printer


def timing_of(request: Request) -> Timing:
    """How long things take in this simulation."""
    timing: Timing = request.app.state.timing
    return timing


def managed_printer(request: Request) -> SimulatedPrinter:
    """The printer, if it has the management API (third-party printers have none)."""
    printer = printer_of(request)
    if not printer.profile.is_manageable:
        raise Refusal(404, "not_found", "This printer has no management interface.")
    return printer


def administered_printer(request: Request) -> SimulatedPrinter:
    """The printer, if its administrator is asking."""
    printer = managed_printer(request)
    require_administrator(request, printer)
    return printer


def remote_printer(request: Request, control: str = "") -> SimulatedPrinter:
    """The printer, if its administrator is asking and its access controls let agents do this (FL-557)."""
    printer = administered_printer(request)
    for name in (REMOTE_MANAGEMENT, control):
        if name and setting(printer, name) is not True:
            raise Refusal(403, "access_denied", f"The printer's access controls do not allow it (setting {name}).")
    return printer


def require_administrator(request: Request, printer: SimulatedPrinter) -> None:
    """Raise `Refusal` unless the request has the administrator's credentials."""
    admitted = printer.device.account.admits(request.headers.get("authorization"))
    if not admitted or printer.knobs.wrong_credentials:
        printer.device.note(EventKind.SECURITY, "Wrong administrator credentials")
        printer.changes += 1
        raise Refusal(401, "credentials", "These are not the credentials of the printer's administrator.")


async def json_object(request: Request) -> dict[str, Any]:
    """The body, which has to be a JSON object."""
    body = bytearray()
    async for block in request.stream():
        body += block
        if len(body) > LARGEST_JSON:
            raise too_large(LARGEST_JSON)
    try:
        content = json.loads(body)
    except ValueError as error:
        raise Refusal(400, "invalid_json", "The body is no JSON.") from error
    if not isinstance(content, dict):
        raise Refusal(400, "invalid_json", "The body is no JSON object.")
    return content


def text_member(content: dict[str, Any], name: str, default: str | None = None) -> str:
    """A text of the JSON body; without a `default` it has to be there."""
    value = content.get(name, default)
    if not isinstance(value, str):
        raise Refusal(422, "invalid_value", f"“{name}” has to be a text.")
    return value


def number_member(content: dict[str, Any], name: str, default: float | None = None) -> float:
    """A number of the JSON body; without a `default` it has to be there."""
    value = content.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Refusal(422, "invalid_value", f"“{name}” has to be a number.")
    return value
