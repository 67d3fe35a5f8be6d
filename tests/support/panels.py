"""A printer's panel as its browser and its card reader use it, over HTTP."""

import json
import queue
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
from sqlalchemy import delete

from domain.tenancy import tenant_session
from fleet.panels.identity import panel_key
from fleet.printers.models import Printer, PrinterApp
from printers_sim.device.state import InstalledApp
from printers_sim.panel.touch import CARD_APP, DOMAIN, KEY, PORTAL
from printers_sim.printer import SimulatedPrinter

EVENT_SECONDS = 30
PAGE = {"Pressroom-Panel": "1", "Sec-Fetch-Site": "same-origin"}
"""What the page of the panel sends with everything that changes something."""
APPS = {"print-release": "5.10.21", "card-authentication": "5.6.31", "device-usage": "2.4.32"}


def key_of(organization_id: str, printer_id: str) -> str:
    """The key that the printer was given."""
    with tenant_session(organization_id, read_only=True) as session:
        return panel_key(session.get_one(Printer, printer_id))


def identity_of(organization_id: str, printer_id: str) -> dict[str, str]:
    """The six values that the printer tells of itself."""
    with tenant_session(organization_id, read_only=True) as session:
        printer = session.get_one(Printer, printer_id)
        return {
            "serial_number": printer.serial_number,
            "address": printer.address,
            "mac": printer.mac or "02:50:58:00:00:01",
            "model": printer.model,
            "host_name": printer.host_name or "printer",
            "domain_name": "one.example",
        }


def connect_touch_screen(simulated: SimulatedPrinter, key: str, portal: str) -> None:
    """What a configuration with the panel apps brings to a simulated printer, besides the apps in our records."""
    for app_id, version in APPS.items():
        simulated.device.apps[app_id] = InstalledApp(app_id, app_id, version)
    simulated.device.apps[CARD_APP].settings = {PORTAL: portal, KEY: key}
    simulated.device.settings[DOMAIN] = "printers.example"


def install_panel_apps(organization_id: str, printer_id: str, **versions: str) -> None:
    """Panel apps, as the printer's last reading told them."""
    with tenant_session(organization_id) as session:
        for app_id, version in ({one.replace("_", "-"): two for one, two in versions.items()} or APPS).items():
            row = PrinterApp(printer_id=printer_id, app_id=app_id, name=app_id, version=version)
            row.organization_id = organization_id
            session.merge(row)


def remove_panel_apps(organization_id: str, printer_id: str) -> None:
    """No panel app at all, whatever a test before has installed."""
    with tenant_session(organization_id) as session:
        session.execute(delete(PrinterApp).where(PrinterApp.printer_id == printer_id))


@dataclass
class PanelBrowser:
    """The panel of one printer; `client` is its browser, with a cookie of its own."""

    client: httpx.Client
    organization_id: str
    printer_id: str
    width: int = 1024
    height: int = 600
    start: dict[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return key_of(self.organization_id, self.printer_id)

    def device(self, method: str, path: str, content: object = None, key: str = "") -> httpx.Response:
        """What the printer itself asks."""
        headers = {"Authorization": f"Bearer {key or self.key}"}
        return self.client.request(method, f"/device/v1/panel/{path}", json=content, headers=headers)

    def visit(self, **changes: object) -> httpx.Response:
        """Ask for the address of the panel."""
        identity = identity_of(self.organization_id, self.printer_id)
        return self.device(
            "POST", "visits", {"identity": identity, "width": self.width, "height": self.height, **changes}
        )

    def open(self, **changes: object) -> str:
        """Open the panel in the browser; returns the address, which is used up."""
        asked = self.visit(**changes)
        assert asked.status_code == 201, asked.text
        path = str(asked.json()["url"]).partition("/panel/")[2]
        shown = self.client.get(f"/panel/{path}", follow_redirects=True)
        assert shown.status_code == 200, shown.text
        self.start = start_in(shown.text)
        return f"/panel/{path}"

    def api(self, method: str, path: str, content: object = None) -> httpx.Response:
        """What the page asks."""
        return self.client.request(method, f"/panel/api/{path}", json=content, headers=PAGE)

    def ask(self, method: str, path: str, content: object = None) -> Any:
        """The same where it has to succeed; the answer's JSON."""
        answer = self.api(method, path, content)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None


@contextmanager
def heard(panel: PanelBrowser) -> Iterator[Callable[[], tuple[str, Any]]]:
    """The stream of events of a panel on a real socket; what it gives waits for the next event: name and news."""
    told: queue.Queue[tuple[str, Any]] = queue.Queue()
    over = threading.Event()

    def read(answer: httpx.Response) -> None:
        name = ""
        try:
            for line in answer.iter_lines():
                if line.startswith("event: "):
                    name = line.removeprefix("event: ")
                elif line.startswith("data: "):
                    told.put((name, json.loads(line.removeprefix("data: "))))
        except httpx.HTTPError:
            assert over.is_set(), "the stream broke off"

    with panel.client.stream("GET", "/panel/api/events", timeout=EVENT_SECONDS) as answer:
        assert answer.status_code == 200
        reader = threading.Thread(target=read, args=(answer,), daemon=True)
        reader.start()
        assert told.get(timeout=EVENT_SECONDS)[0] == "hello"
        try:
            yield lambda: told.get(timeout=EVENT_SECONDS)
        finally:
            over.set()


def start_in(page: str) -> dict[str, Any]:
    """What the page was given to begin with."""
    found = re.search(r'<script type="application/json" id="start">(.*?)</script>', page, re.DOTALL)
    assert found is not None, page
    start: dict[str, Any] = json.loads(found[1])
    return start
