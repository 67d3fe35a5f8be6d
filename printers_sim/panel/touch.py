"""The touch screen of a simulated printer: it asks the portal for the panel, and tells it what its reader reads.

Where the portal is, and the printer's own key, are settings of the app `card-authentication`, which a configuration
brings. The printer speaks HTTP to the portal as a real one does; its pages are the portal's.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from printers_sim.device.apps import app_settings
from printers_sim.device.refusal import Refusal
from printers_sim.device.settings import setting
from printers_sim.panel.server import refusal_of
from printers_sim.printer import SimulatedPrinter

CARD_APP, PORTAL, KEY = "card-authentication", "portal", "portal_key"
DOMAIN = "network.domain"
ANSWER_SECONDS = 20.0
NO_APP = "This printer has no panel apps. Deploy a configuration with the app “card-authentication” to it."
NO_PORTAL = "The panel apps do not know the portal yet: deploy the configuration again."


@dataclass(frozen=True, slots=True)
class PortalAccess:
    """The portal's address and the printer's key."""

    address: str
    key: str


def portal_access(printer: SimulatedPrinter) -> PortalAccess:
    """What the configuration brought; raises `Refusal` where there is nothing yet."""
    app = printer.device.apps.get(CARD_APP)
    if app is None or not app.is_started:
        raise Refusal(409, "no_panel_apps", NO_APP)
    found = app_settings(app)
    access = PortalAccess(str(found.get(PORTAL, "")).rstrip("/"), str(found.get(KEY, "")))
    if not access.address or not access.key:
        raise Refusal(409, "no_portal", NO_PORTAL)
    return access


def has_portal(printer: SimulatedPrinter) -> bool:
    """Whether a configuration has brought the panel apps."""
    try:
        portal_access(printer)
    except Refusal:
        return False
    return True


def screen_size(printer: SimulatedPrinter) -> tuple[int, int]:
    """Pixels of the touch screen; raises `Refusal` where the model has none."""
    width, separator, height = printer.profile.panel.partition("x")
    if not separator:
        raise Refusal(404, "no_panel", "This model has no touch screen.")
    return int(width), int(height)


def identity(printer: SimulatedPrinter) -> Mapping[str, str]:
    """The six values by which the portal knows a printer (SC-25)."""
    return {
        "serial_number": printer.serial,
        "address": printer.address,
        "mac": ":".join(f"{byte:02x}" for byte in printer.mac),
        "model": printer.model,
        "host_name": printer.host_name,
        "domain_name": str(setting(printer, DOMAIN) or ""),
    }


async def open_panel(printer: SimulatedPrinter, frame_origin: str) -> str:
    """The address at which the printer's browser opens the panel, once; `frame_origin` is that of its own page."""
    width, height = screen_size(printer)
    content = {"identity": identity(printer), "width": width, "height": height, "frame_origin": frame_origin}
    return str((await _ask(printer, "POST", "visits", content))["url"])


async def hold_badge(printer: SimulatedPrinter, number: str) -> str:
    """Hold a badge to the reader; what it has done at the panel."""
    return str((await _ask(printer, "POST", "badges", {"badge": number}))["effect"])


async def report_usage(printer: SimulatedPrinter, report: Mapping[str, object]) -> None:
    """Tell what the usage app has counted for a job that the portal released."""
    await _ask(printer, "POST", "usage", dict(report))


async def _ask(printer: SimulatedPrinter, method: str, path: str, content: object) -> Any:
    access = portal_access(printer)
    headers = {"Authorization": f"Bearer {access.key}"}
    try:
        async with httpx.AsyncClient(timeout=ANSWER_SECONDS, trust_env=False) as http:
            url = f"{access.address}/device/v1/panel/{path}"
            answer = await http.request(method, url, json=content, headers=headers)
    except httpx.HTTPError as error:
        raise Refusal(502, "server_unreachable", f"The portal does not answer: {error}") from error
    if answer.is_error:
        raise refusal_of(answer)
    return answer.json()
