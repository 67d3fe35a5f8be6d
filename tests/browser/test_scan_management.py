"""Scan Management in the browser: an administrator sets it up, somebody chooses an account and makes a destination."""

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from domain.printer_login.badges import NewBadge, register_badge
from domain.printer_login.configuration import change_settings
from domain.printer_login.rules import PrinterLoginSettings
from domain.scan_destinations.definition import DestinationDefinition
from domain.scan_destinations.service import Scope, create_destination
from domain.scan_settings.service import change_scan_settings
from domain.scan_settings.settings import ScanSettings
from domain.scanning.orders import end_batch, take_order
from domain.scanning.pages import Piece, receive_piece
from domain.storage_accounts.service import forget_account, link_account
from domain.storage_accounts.sign_ins import CALLBACK
from printers_sim.panel.touch import CARD_APP
from tests.browser.conftest import Open, Visitor, portal_process, windows
from tests.browser.test_portal import NAMELESS
from tests.printers_sim.conftest import wait_until
from tests.support.account_server import CLIENT_ID, CLIENT_SECRET, AccountServer, account_server
from tests.support.panel_scans import scanned_page
from tests.support.panels import PanelBrowser, install_panel_apps
from tests.support.scanning import ScanOffice, scan_office

IDLE_SECONDS = PrinterLoginSettings().session_seconds
BADGE = "04A1B2C3"


@dataclass(frozen=True)
class Scene:
    """The portal, and the server at which people sign in to their accounts."""

    portal: str
    accounts: AccountServer


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with account_server("") as accounts:
        settings = {
            "GOOGLE_CLIENT_ID": CLIENT_ID,
            "GOOGLE_CLIENT_SECRET": CLIENT_SECRET,
            "STORAGE_ADDRESSES": json.dumps({"google": accounts.addresses(is_openid=True)}),
            "ALLOW_PRIVATE_ADDRESSES": "true",
        }
        with portal_process(tmp_path_factory.mktemp("portal"), **settings) as portal:
            accounts.redirect_uri = portal + CALLBACK
            yield Scene(portal, accounts)


@pytest.fixture
def open_scan(chromium: Browser, scene: Scene) -> Iterator[Open]:
    yield from windows(chromium, scene.portal)


@pytest.fixture
def window(open_scan: Open, scene: Scene) -> Visitor:
    visitor = open_scan()
    visitor.sign_in()
    return visitor


def set_up(visitor: Visitor) -> None:
    """Switch scanning on by the API, and forget every destination and account."""
    headers = {"origin": visitor.url}
    settings = {"enabled": True, "personal_destinations": True, "families": ["google", "folder"], "folder_choice": True}
    request = visitor.page.request
    answer = request.put(f"{visitor.url}/api/v1/scan-settings", data={"settings": settings}, headers=headers)
    assert answer.ok, answer.text()
    for one in visitor.api("/scan-destinations"):
        address = f"{visitor.url}/api/v1/scan-destinations?destination_id={one['id']}"
        assert request.delete(address, headers=headers).ok


def notice(page: Page, words: str) -> None:
    expect(page.locator(".q-notification").filter(has_text=words).last).to_be_visible()


def test_an_administrator_sets_scanning_up(window: Visitor) -> None:
    """SCAN-1, acceptance of SCAN-10…SCAN-17: nothing without a provider, what cannot be used is told, then it is on."""
    page = window.page
    window.go("/scan/settings")
    page.get_by_role("switch", name="Enable Scan Management for your organization").click()
    page.get_by_role("button", name="Save settings").click()
    notice(page, "cannot be on without a storage provider")
    for name in ("Google (Google Drive)", "Box", "Folder of this installation"):
        page.get_by_role("switch", name=name, exact=True).click()
    page.get_by_role("button", name="Save settings").click()
    notice(page, "The settings are saved.")
    expect(page.get_by_text("Box takes personal destinations only")).to_be_visible()
    settings = window.api("/scan-settings")["settings"]
    assert (settings["enabled"], settings["families"]) == (True, ["google", "box", "folder"])


def test_a_destination_is_made_with_its_folder_and_deleted(window: Visitor) -> None:
    """SCAN-1, SCAN-34, SCAN-65, SCAN-88: its scan settings too; a folder that is cancelled is not taken."""
    set_up(window)
    page = window.page
    window.go("/scan")
    page.get_by_role("link", name="Create scan destination").click()
    page.get_by_label("Scan destination name").fill("Invoices")
    page.get_by_label("Cloud storage service").click()
    page.get_by_role("option", name="Folder of this installation").click()
    page.get_by_role("button", name="Select folder").click()
    dialog = page.get_by_role("dialog")
    for name in ("Bookkeeping", "2026"):
        dialog.get_by_label("New folder").fill(name)
        dialog.get_by_label("New folder").press("Enter")
        expect(dialog.locator("[aria-current=page]")).to_have_text(name)
    dialog.get_by_role("button", name="Bookkeeping").click()
    expect(dialog.get_by_role("listitem")).to_have_count(1)
    dialog.get_by_role("listitem").get_by_role("button", name="2026").click()
    expect(dialog.locator("[aria-current=page]")).to_have_text("2026")
    dialog.get_by_role("button", name="Select folder").click()
    expect(page.get_by_label("Folder", exact=True)).to_have_value("Bookkeeping/2026")
    expect(dialog).to_have_count(0)
    page.get_by_role("button", name="Select folder").click()
    dialog.get_by_role("button", name="Top folder").click()
    expect(dialog.locator("[aria-current=page]")).to_have_text("Top folder")
    dialog.get_by_role("button", name="Cancel").click()
    expect(dialog).to_have_count(0)
    expect(page.get_by_label("Folder", exact=True)).to_have_value("Bookkeeping/2026")
    page.get_by_role("switch", name="Show scan settings on the control panel").click()
    page.get_by_role("radio", name="Use custom scan settings").click()
    page.get_by_label("File format").click()
    page.get_by_role("option", name="TIFF").click()
    page.get_by_role("button", name="Create destination").click()
    page.wait_for_url("**/scan?tab=organizational")
    (made,) = window.api("/scan-destinations")
    assert made["definition"]["path"] == "Bookkeeping/2026"
    assert made["definition"]["scan"]["file_format"] == "TIFF"
    page.get_by_role("checkbox", name="Choose Invoices").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Delete destination").click()
    expect(page.get_by_text("The organization has no scan destination yet.")).to_be_visible()
    assert window.api("/scan-destinations") == []


def test_an_account_is_chosen_at_the_provider_and_forgotten(window: Visitor, scene: Scene) -> None:
    """SCAN-21, SCAN-22, SCAN-23, SCAN-24: a section for each family, with what can be done now."""
    set_up(window)
    page = window.page
    window.complaints.clear()
    window.go("/storage-accounts")
    google = page.get_by_role("region", name="Google")
    expect(google.get_by_role("button", name="Forget the account at Google")).to_have_count(0)
    expect(google.get_by_text("Choose account")).to_be_visible()
    for address in ("ann@example.com", "other@example.com"):
        google.get_by_role("link", name="Choose an account at Google").click()
        expect(page.get_by_role("heading", name="Sign in to your account")).to_be_visible()
        page.get_by_label("E-mail").fill(address)
        page.get_by_role("button", name="Allow access").click()
        page.wait_for_url(f"{scene.portal}/storage-accounts")
        expect(google).to_contain_text(address)
        expect(google).to_contain_text("Signed in")
        expect(google.get_by_text("Change account")).to_be_visible()
    google.get_by_role("button", name="Forget the account at Google").click()
    page.get_by_role("dialog").get_by_role("button", name="Forget account").click()
    expect(google).to_contain_text("Not signed in")
    assert [grant.ended for grant in scene.accounts.grants] == [True, True]
    window.expected = ("left the machine: " + scene.accounts.address,)


@pytest.mark.parametrize(("width", "look"), [(1280, "light"), (390, "dark")])
def test_the_pages_fit_every_screen_and_everything_has_a_name(
    open_scan: Open, scene: Scene, tmp_path: Path, width: int, look: str
) -> None:
    visitor = open_scan(width, 860, look)
    visitor.sign_in()
    set_up(visitor)
    page = visitor.page
    definition = {"name": "Invoices of suppliers", "service": "folder", "path": "Bookkeeping/2026"}
    address = f"{visitor.url}/api/v1/scan-destinations"
    made = page.request.post(address, data={"definition": definition}, headers={"origin": visitor.url}).json()
    paths = ("/scan", f"/scan/{made['id']}", "/scan/new?scope=personal", "/scan/settings", "/storage-accounts")
    for number, path in enumerate(paths):
        visitor.go(path)
        expect(page.locator("h1")).to_be_visible()
        page.screenshot(path=tmp_path / f"{number}-{width}.png", full_page=True)
        overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert overflow <= 0, f"{path} is {overflow} pixels too wide at {width}"
        assert page.evaluate(NAMELESS) == [], path
    visitor.go(f"/scan/{made['id']}")
    page.get_by_role("button", name="Select folder").click()
    expect(page.get_by_role("dialog").get_by_role("button", name="Top folder")).to_be_visible()
    page.screenshot(path=tmp_path / f"dialog-{width}.png")
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ScanOffice]:
    """A printer that scans, with a destination and somebody's badge."""
    with scan_office(tmp_path_factory.mktemp("office")) as one:
        administrator = one.installation.administrator
        change_settings(administrator, PrinterLoginSettings(methods=("badge",)))
        register_badge(administrator, one.ann.email, NewBadge(BADGE))
        families = ("folder", "microsoft")
        change_scan_settings(administrator, ScanSettings(enabled=True, families=families, folder_choice=True))
        switches = {"allow_file_name": True, "allow_folder": True, "show_settings": True}
        invoices = DestinationDefinition(name="Invoices of suppliers", service="folder", path="Bookkeeping", **switches)
        drive = DestinationDefinition(name="My OneDrive", service="onedrive", path="Scans")
        straight = DestinationDefinition(name="Straight on", service="folder")
        for definition in (invoices, drive, straight):
            create_destination(administrator, Scope.ORGANIZATIONAL, definition)
        install_panel_apps(one.organization_id, one.printer_id, scan="1.0")
        one.connect()
        yield one


@pytest.mark.parametrize(("width", "height"), [(800, 480), (1024, 600)])
def test_a_scan_at_the_panel(chromium: Browser, office: ScanOffice, tmp_path: Path, width: int, height: int) -> None:
    """SCAN-110…SCAN-114 by touch: tile, destination, choices, scan, send; what is off is skipped (SCAN-115). Who
    signs in to the provider meanwhile goes on at once.
    """
    office.fresh()
    with httpx.Client(base_url=office.address, trust_env=False, timeout=30) as device:
        browser = PanelBrowser(device, office.organization_id, office.printer_id, width, height)
        ticket = browser.visit().json()["url"].partition("/panel/")[2]
        context = chromium.new_context(viewport={"width": width, "height": height}, locale="en-US")
        page = context.new_page()
        complaints: list[str] = []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.goto(f"{office.address}/panel/{ticket}")
        expect(page.get_by_text("Hold your badge to the reader")).to_be_visible()
        assert browser.device("POST", "badges", {"badge": BADGE}).is_success
        page.get_by_role("button", name="Scan").click()
        expect(page.get_by_role("button", name="My OneDrive")).to_contain_text("Sign in first")
        page.screenshot(path=tmp_path / "1-destinations.png")
        page.get_by_role("button", name="Invoices of suppliers").click()
        page.get_by_role("button", name="Resolution (dpi): 300").click()
        page.get_by_role("dialog").get_by_role("button", name="150").click()
        page.screenshot(path=tmp_path / "2-choices.png")
        page.get_by_role("button", name="Next").click()
        page.get_by_role("button", name="Scan", exact=True).click()
        expect(page.get_by_role("button", name="Send")).to_be_enabled()
        expect(page.get_by_role("img", name="Page 1")).to_be_visible()
        page.screenshot(path=tmp_path / "3-scanned.png")
        page.get_by_role("button", name="Send").click()
        expect(page.get_by_role("heading", name="On its way to “Invoices of suppliers”")).to_be_visible()
        page.screenshot(path=tmp_path / "4-sent.png")
        page.get_by_role("button", name="Done").click()
        page.get_by_role("button", name="Scan").click()
        page.get_by_role("button", name="Straight on").click()
        put = page.get_by_role("heading", name="Put the original into the feeder or on the glass")
        expect(put).to_be_visible()
        page.get_by_text("Back", exact=True).click()
        link_account(office.ann, "onedrive", office.ann.email, {}, {"refresh_token": "made meanwhile, on a phone"})
        page.get_by_role("button", name="My OneDrive").click()
        expect(put).to_be_visible()
        forget_account(office.ann, "onedrive")
        assert complaints == []
        context.close()


def test_nobody_is_signed_out_while_their_pages_are_scanned(chromium: Browser, office: ScanOffice) -> None:
    """Each page that comes counts as a touch; the browser's clock is put forward, and pages come by hand."""
    office.simulated.device.apps.pop(CARD_APP)
    wait_until(lambda: office.simulation.scans.of(office.simulated).access is None)
    forward = IDLE_SECONDS * 600
    with httpx.Client(base_url=office.address, trust_env=False, timeout=30) as device:
        browser = PanelBrowser(device, office.organization_id, office.printer_id)
        ticket = browser.visit().json()["url"].partition("/panel/")[2]
        context = chromium.new_context(viewport={"width": 1024, "height": 600}, locale="en-US")
        page = context.new_page()
        page.clock.install()
        page.goto(f"{office.address}/panel/{ticket}")
        expect(page.get_by_text("Hold your badge to the reader")).to_be_visible()
        assert browser.device("POST", "badges", {"badge": BADGE}).is_success
        page.get_by_role("button", name="Scan").click()
        page.get_by_role("button", name="Straight on").click()
        page.get_by_role("button", name="Scan", exact=True).click()
        expect(page.get_by_text("Waits for the printer")).to_be_visible()
        order = take_order(office.organization_id, office.printer_id)
        assert order is not None
        page.clock.fast_forward(forward)
        content = scanned_page(1)
        piece = Piece(order.scan_id, 1, 0, len(content))
        assert receive_piece(office.organization_id, office.printer_id, piece, io.BytesIO(content)).is_complete
        expect(page.get_by_role("img", name="Page 1")).to_be_visible()
        page.clock.fast_forward(forward)
        end_batch(office.organization_id, office.printer_id, order.scan_id, order.batch)
        expect(page.get_by_role("button", name="Send")).to_be_enabled()
        page.clock.fast_forward(forward * 2)
        expect(page.get_by_text("You were signed out: nobody touched the screen.")).to_be_visible()
        context.close()
