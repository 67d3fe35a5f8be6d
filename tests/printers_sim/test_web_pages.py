"""The printer's own web pages: open ones, the administrator's, and what their forms do (FL-579)."""

import re
from collections.abc import Iterator

import httpx
import pytest

from printers_sim.device.state import InstalledApp
from printers_sim.knobs import FailingStep
from printers_sim.packages import app_package, firmware_image, settings_bundle
from printers_sim.panel.touch import CARD_APP, KEY, PORTAL
from printers_sim.printer import Condition, SimulatedPrinter
from printers_sim.simulation import Simulation
from printers_sim.web.pages import MANAGED_PAGES, OPEN_PAGES
from tests.printers_sim.conftest import ADMINISTRATOR, printer_of, wait_until
from tests.printers_sim.ipp_client import IDENTIFY_PRINTER, IppClient
from tests.support.simulation import device_address


@pytest.fixture
def printer(simulation: Simulation) -> Iterator[SimulatedPrinter]:
    """A printer, as new again afterwards."""
    found = printer_of(simulation, "color-mfp")
    yield found
    wait_until(lambda: not found.is_away)
    simulation.fleet.reset(found)


PANEL = "/touch"
"""What people touch at the printer itself: it has a program, and needs no administrator."""


@pytest.fixture
def browser(simulation: Simulation, printer: SimulatedPrinter) -> Iterator[httpx.Client]:
    """The administrator at the printer's web pages."""
    with httpx.Client(
        base_url=device_address(simulation, printer), auth=ADMINISTRATOR, follow_redirects=True, timeout=10
    ) as client:
        yield client


def upload(browser: httpx.Client, path: str, name: str, content: bytes) -> httpx.Response:
    """Send a file by a form."""
    return browser.post(path, files={"file": (name, content)})


@pytest.mark.parametrize(("path", "name"), MANAGED_PAGES)
def test_every_page_shows_itself_and_the_way_to_the_others(browser: httpx.Client, path: str, name: str) -> None:
    shown = browser.get(path)
    assert shown.status_code == 200
    assert f"<h2>{name}</h2>" in shown.text
    assert all(f'href="{other}"' in shown.text for other, _ in MANAGED_PAGES)
    assert re.findall("<script[^>]*>", shown.text) == ([f'<script src="{path}.js">'] if path == PANEL else [])
    assert "default-src 'self'" in shown.headers["content-security-policy"]


def test_only_state_and_supplies_are_open_to_everybody(browser: httpx.Client) -> None:
    for path, _ in MANAGED_PAGES:
        shown = httpx.get(browser.base_url.join(path))
        assert shown.status_code == (200 if (path, _) in OPEN_PAGES or path == PANEL else 401), path
    refused = httpx.post(browser.base_url.join("/restart"))
    assert (refused.status_code, refused.headers["www-authenticate"][:5]) == (401, "Basic")


def test_a_touch_screen_without_panel_apps_says_what_it_needs(browser: httpx.Client, printer: SimulatedPrinter) -> None:
    """SC-24: nothing is offered before a configuration has brought the apps and the printer's key."""
    refused = browser.post("/panel/v1/visits", json={})
    assert (refused.status_code, refused.json()["code"]) == (409, "no_panel_apps")
    printer.device.apps[CARD_APP] = InstalledApp(CARD_APP, CARD_APP, "5.6.31", defaults={PORTAL: "", KEY: ""})
    assert browser.post("/panel/v1/badges", json={"badge": "1"}).json()["code"] == "no_portal"


def test_printers_of_other_makes_have_only_the_open_pages(simulation: Simulation) -> None:
    base = device_address(simulation, printer_of(simulation, "third-party-color"))
    assert "Settings" not in httpx.get(base).text
    assert httpx.get(f"{base}/settings").status_code == 404


def test_the_status_tells_what_is_wrong_and_what_the_portal_says(
    browser: httpx.Client, printer: SimulatedPrinter
) -> None:
    printer.raise_condition(Condition.JAM)
    browser.put("/device/v1/panel-message", json={"text": "Toner <is> on its way"})
    for path in ("/", "/panel"):
        shown = browser.get(path).text
        assert "Paper jam" in shown
        assert "Toner &lt;is&gt; on its way" in shown


def test_a_printer_that_is_looked_for_shows_itself(
    simulation: Simulation, browser: httpx.Client, printer: SimulatedPrinter
) -> None:
    assert "looking for" not in browser.get("/panel").text
    assert IppClient(simulation, printer).ask(IDENTIFY_PRINTER).code == 0
    assert "This is the printer you are looking for" in browser.get("/panel").text


def test_settings_are_changed_by_category_and_passwords_stay(browser: httpx.Client, printer: SimulatedPrinter) -> None:
    printer.device.settings["email.password"] = "hush hush"
    form = {"category": "E-mail › Server", "email.smtp_port": "2525", "email.password": "", "email.use_tls": "required"}
    shown = browser.post("/settings", data=form)
    assert "Saved." in shown.text
    assert 'value="2525"' in shown.text
    assert "hush hush" not in shown.text
    assert printer.device.settings["email.password"] == "hush hush"
    assert printer.device.settings["email.use_tls"] == "required"
    wrong = browser.post("/settings", data=form | {"email.smtp_port": "99999"})
    assert "SMTP port: Has to be from 1 to 65535." in wrong.text
    assert printer.device.settings["email.smtp_port"] == 2525


def test_bundles_and_files_are_imported_with_a_result_for_each_item(
    browser: httpx.Client, printer: SimulatedPrinter
) -> None:
    bundle = settings_bundle(["PX C4150"], {"copy.copies": 4, "copy.scale_percent": 1})
    shown = upload(browser, "/settings/import", "Office.ZIP", bundle).text
    assert "Has to be from 25 to 400." in shown
    assert printer.device.settings["copy.copies"] == 4
    assert "fax.rings" in upload(browser, "/settings/import", "fax.ucf", b"fax.rings=9\n").text
    wrong = upload(browser, "/settings/import", "other.zip", settings_bundle(["PX M2250"]))
    assert (wrong.status_code, "It was made for PX M2250" in wrong.text) == (422, True)


def test_apps_are_installed_turned_and_removed(browser: httpx.Client, printer: SimulatedPrinter) -> None:
    assert (
        "Quote 1.0 is installed."
        in upload(browser, "/apps/install", "q.fls", app_package("quote", "Quote", "1.0")).text
    )
    for what, state in (("stop", False), ("start", True)):
        browser.post("/apps", data={"app": "quote", "what": what})
        assert printer.device.apps["quote"].is_started is state
    again = browser.post("/apps", data={"app": "quote", "what": "start"})
    assert (again.status_code, "Quote is started already." in again.text) == (409, True)
    browser.post("/apps", data={"app": "quote", "what": "uninstall"})
    assert "quote" not in printer.device.apps
    assert browser.post("/apps", data={"app": "scan-center", "what": "uninstall"}).status_code == 409
    assert browser.post("/apps", data={"app": "scan-center", "what": "admire"}).status_code == 422


def test_firmware_is_taken_and_the_printer_restarts(browser: httpx.Client, printer: SimulatedPrinter) -> None:
    wrong = upload(browser, "/firmware", "f.fls", firmware_image("300.001", ["PX M2250"]))
    assert (wrong.status_code, printer.firmware != "300.001") == (422, True)
    taken = upload(browser, "/firmware", "f.fls", firmware_image("300.001", ["PX C4150"]))
    assert (taken.status_code, "The printer restarts." in taken.text) == (202, True)
    assert printer.firmware == "300.001"
    with pytest.raises(httpx.TransportError):
        browser.get("/")
    wait_until(lambda: not printer.is_away)
    assert browser.post("/restart").status_code == 202


def test_cloud_enrolment_by_the_page(browser: httpx.Client, printer: SimulatedPrinter) -> None:
    assert "is <strong>off</strong>" in browser.get("/cloud").text
    browser.post("/cloud", data={"what": "on"})
    shown = browser.post("/cloud", data={"what": "code", "server": "https://cloud.example.com"}).text
    assert printer.device.enrolment.printer_code in shown
    browser.post("/cloud", data={"what": "enrol", "server": "https://cloud.example.com", "code": "ORG-1"})
    assert printer.device.enrolment.organization_code == "ORG-1"
    browser.post("/cloud", data={"what": "leave"})
    assert printer.device.enrolment.state == "none"
    printer.knobs.fail_at = {FailingStep.ENROLMENT}
    assert browser.post("/cloud", data={"what": "code", "server": "https://cloud.example.com"}).status_code == 500


def test_the_account_is_changed_on_the_page_of_the_printer_agent(
    browser: httpx.Client, printer: SimulatedPrinter
) -> None:
    wrong = browser.post("/credentials", data={"authentication_type": "pin", "password": "abc"})
    assert wrong.status_code == 422
    moved = httpx.post(
        browser.base_url.join("/credentials"),
        data={"authentication_type": "pin", "password": "482913"},
        auth=ADMINISTRATOR,
    )
    assert moved.status_code == 303
    assert browser.get("/settings").status_code == 401
    assert browser.get("/settings", auth=("", "482913")).status_code == 200
    assert printer.device.account.type == "pin"


def test_the_icon_is_a_picture(browser: httpx.Client) -> None:
    assert browser.get("/icon.png").content.startswith(b"\x89PNG")
    assert browser.get("/style.css").headers["content-type"].startswith("text/css")
