"""The scan app of the panel: a whole visit with a printer that really scans, and every way in which it can go wrong."""

import time
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from sqlalchemy import select, update

from domain.mail.models import OutgoingMail
from domain.organizations.roles import Role
from domain.printer_login.badges import NewBadge, register_badge
from domain.printer_login.configuration import change_settings
from domain.printer_login.rules import PrinterLoginSettings
from domain.runs.models import Run, RunState
from domain.scan_destinations.definition import DestinationDefinition
from domain.scan_destinations.service import Scope, create_destination
from domain.scan_settings.service import change_scan_settings
from domain.scan_settings.settings import ScanSettings
from domain.tenancy import tenant_session
from fleet.printers.models import Printer
from tests.support.panels import PanelBrowser, install_panel_apps, remove_panel_apps
from tests.support.scanning import ScanOffice, scan_office

BADGE = "04A1B2C3"
ON = ScanSettings(enabled=True, families=("microsoft", "folder", "email"), folder_choice=True)
SECONDS = 60.0
FAR_EAST = "Pacific/Kiritimati"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ScanOffice]:
    with scan_office(tmp_path_factory.mktemp("office")) as one:
        change_settings(one.installation.administrator, PrinterLoginSettings(methods=("badge",)))
        register_badge(one.installation.administrator, one.ann.email, NewBadge(BADGE))
        one.connect()
        yield one


@pytest.fixture
def panel(office: ScanOffice) -> Iterator[PanelBrowser]:
    """The panel of the printer, where Ann has signed in."""
    change_scan_settings(office.installation.administrator, ON)
    office.fresh()
    with httpx.Client(base_url=office.address, trust_env=False, timeout=30) as client:
        remove_panel_apps(office.organization_id, office.printer_id)
        install_panel_apps(office.organization_id, office.printer_id, scan="1.0")
        browser = PanelBrowser(client, office.organization_id, office.printer_id)
        browser.open()
        assert browser.device("POST", "badges", {"badge": BADGE}).is_success
        yield browser


def made(office: ScanOffice, name: str, service: str = "folder", **values: Any) -> str:
    definition = DestinationDefinition.model_validate({"name": name, "service": service, **values})
    return create_destination(office.installation.administrator, Scope.ORGANIZATIONAL, definition).id


def until(look: Callable[[], Any], condition: Callable[[Any], bool]) -> Any:
    deadline = time.monotonic() + SECONDS
    while not condition(found := look()):
        assert time.monotonic() < deadline, found
        time.sleep(0.1)
    return found


def scanned(panel: PanelBrowser, scan: dict[str, Any]) -> dict[str, Any]:
    found = until(lambda: panel.ask("GET", f"scan/scans/{scan['id']}"), lambda now: not now["is_busy"])
    assert found["problem"] is None
    return dict(found)


def refused(answer: httpx.Response) -> tuple[str, str | None]:
    assert answer.is_error, answer.text
    return answer.json()["code"], answer.json().get("spec")


def test_a_visit_from_the_tile_to_the_delivery(office: ScanOffice, panel: PanelBrowser) -> None:
    """SCAN-52, SCAN-53, SCAN-54: what the destination leaves open is chosen at the printer."""
    destination = made(
        office, "Invoices", allow_file_name=True, allow_folder=True, show_settings=True, append_time=False
    )
    home = panel.ask("GET", "home")
    assert [tile["id"] for tile in home["tiles"]] == ["scan"]
    (offered,) = panel.ask("GET", "scan")["destinations"]
    assert (offered["name"], offered["is_ready"], offered["may_choose_folder"]) == ("Invoices", True, True)
    resolution = next(field for field in offered["settings"] if field["name"] == "resolution")
    assert [choice["value"] for choice in resolution["choices"]] == [75, 150, 200, 300, 400, 600]
    assert panel.ask("POST", f"scan/destinations/{destination}/folders", {"path": ""}) == []
    panel.ask("POST", f"scan/destinations/{destination}/new-folder", {"path": "2026"})
    settings = {"resolution": 75, "file_format": "TIFF"}
    scan = scanned(panel, panel.ask("POST", f"scan/destinations/{destination}/scans", {"settings": settings}))
    first = len(scan["pages"])
    office.fresh()
    scan = scanned(panel, panel.ask("POST", f"scan/scans/{scan['id']}/next", {}))
    assert len(scan["pages"]) > first
    preview = panel.api("GET", f"scan/scans/{scan['id']}/pages/1/preview")
    assert preview.headers["content-type"] == "image/jpeg"
    assert panel.ask("GET", "scan")["scan"]["id"] == scan["id"]
    sending = {"file_name": "March", "folder": "2026"}
    delivery = panel.ask("POST", f"scan/scans/{scan['id']}/send", sending)
    assert (delivery["name"], delivery["state"], delivery["problem"]) == ("March.tif", "QUEUED", None)
    with tenant_session(office.organization_id, read_only=True) as session:
        run = session.get_one(Run, delivery["id"])
        assert (run.client_type, run.scan_destination_id) == ("printer", destination)
        assert run.plan[0]["parameters"]["path"] == "2026"
        assert run.original["pages"] == len(scan["pages"])
    assert panel.ask("GET", "scan")["scan"] is None


def test_what_the_destination_does_not_allow_is_refused_and_the_scan_is_kept(
    office: ScanOffice, panel: PanelBrowser
) -> None:
    """SCAN-53, SCAN-54, SCAN-116; the file's time stamp is that of the printer's local time (SCAN-43)."""
    destination = made(office, "Fixed")
    begin = f"scan/destinations/{destination}/scans"
    assert refused(panel.api("POST", begin, {"settings": {"resolution": 75}})) == (
        "scan_destination.settings_hidden",
        "SCAN-91",
    )
    assert refused(panel.api("POST", f"scan/destinations/{destination}/folders", {"path": ""}))[1] == "SCAN-19"
    scan = scanned(panel, panel.ask("POST", begin, {}))
    send = f"scan/scans/{scan['id']}/send"
    assert refused(panel.api("POST", send, {"folder": "Elsewhere"}))[1] == "SCAN-19"
    change_scan_settings(office.installation.administrator, ON.model_copy(update={"families": ("email",)}))
    assert refused(panel.api("POST", send, {})) == ("scan_destination.service_off", "SCAN-E11")
    assert panel.ask("GET", "scan")["destinations"] == []
    change_scan_settings(office.installation.administrator, ON)
    with tenant_session(office.organization_id) as session:
        session.get_one(Printer, office.printer_id).time_zone = FAR_EAST
    before = f"scan_{datetime.now(ZoneInfo(FAR_EAST)):%Y%m%d_%H%M%S}.pdf"
    name = panel.ask("POST", send, {"file_name": "ignored: it may not be typed"})["name"]
    assert before <= name <= f"scan_{datetime.now(ZoneInfo(FAR_EAST)):%Y%m%d_%H%M%S}.pdf"


def test_a_scan_that_nobody_wants_is_thrown_away(office: ScanOffice, panel: PanelBrowser) -> None:
    destination = made(office, "Thrown away")
    scan = scanned(panel, panel.ask("POST", f"scan/destinations/{destination}/scans", {}))
    panel.ask("DELETE", f"scan/scans/{scan['id']}")
    assert refused(panel.api("POST", f"scan/scans/{scan['id']}/send", {}))[0] == "scan.ended"


def test_who_is_not_signed_in_to_the_provider_gets_instructions_by_mail(
    office: ScanOffice, panel: PanelBrowser
) -> None:
    destination = made(office, "Drive", "onedrive", path="Scans", allow_folder=True)
    (offered,) = (one for one in panel.ask("GET", "scan")["destinations"] if one["id"] == destination)
    assert (offered["account"], offered["is_ready"]) == ("signed_out", False)
    assert refused(panel.api("POST", f"scan/destinations/{destination}/scans", {}))[0] == "storage.signed_out"
    assert refused(panel.api("POST", f"scan/destinations/{destination}/folders", {})) == (
        "scan_destination.template_folder",
        "SCAN-E08",
    )
    for _ in range(2):
        panel.ask("POST", f"scan/destinations/{destination}/instructions")
    with tenant_session(office.organization_id, read_only=True) as session:
        mails = session.scalars(select(OutgoingMail).where(OutgoingMail.key.like("scan-sign-in/%"))).all()
    assert [list(mail.recipients) for mail in mails] == [[office.ann.email]]


def test_where_scanning_is_off_or_the_quotas_app_is_present_people_read_why(
    office: ScanOffice, panel: PanelBrowser
) -> None:
    """TS-52, TS-55."""
    change_scan_settings(office.installation.administrator, ON.model_copy(update={"enabled": False}))
    assert refused(panel.api("GET", "scan")) == ("scan.not_enabled", "SCAN-E06")
    change_scan_settings(office.installation.administrator, ON)
    install_panel_apps(office.organization_id, office.printer_id, device_quotas="1.0")
    assert refused(panel.api("GET", "scan")) == ("scan.quotas_app", "SCAN-E09")


@pytest.mark.parametrize(
    ("model", "code"),
    [("B2338", "scan.model_unsupported"), ("CX860", ""), ("A model that no table lists", "")],
    ids=["cannot", "can", "unknown"],
)
def test_which_models_scan_is_data(office: ScanOffice, panel: PanelBrowser, model: str, code: str) -> None:
    """SCAN-3, SC-160: the table of models decides; what it does not know it does not refuse."""
    destination = made(office, f"From {model}")
    before = model_of(office, model)
    try:
        answers = [
            panel.api("GET", "scan"),
            panel.api("POST", f"scan/destinations/{destination}/scans", {}),
        ]
        assert [one.json().get("code", "") for one in answers] == [code, code]
        if not code:
            scan = scanned(panel, answers[1].json())
            panel.ask("DELETE", f"scan/scans/{scan['id']}")
    finally:
        model_of(office, before)


def model_of(office: ScanOffice, model: str) -> str:
    """Let the printer be of a model; returns of which it was."""
    with tenant_session(office.organization_id) as session:
        printer = session.get_one(Printer, office.printer_id)
        before, printer.model = printer.model, model
    return before


def test_the_page_is_told_what_becomes_of_a_delivery(office: ScanOffice, panel: PanelBrowser) -> None:
    from portal_api.panel.events import Subject
    from portal_api.panel.scan import DELIVERIES

    with tenant_session(office.organization_id) as session:
        run_id = session.scalars(select(Run.id).limit(1)).one()
        error = {
            "code": "storage.busy",
            "message": "{provider} is busy.",
            "remedy": "Wait.",
            "facts": {"provider": "Box"},
        }
        values = {"state": RunState.COMPLETED_WITH_ERRORS, "error": error}
        session.execute(update(Run).where(Run.id == run_id).values(**values))
    subject = Subject(office.organization_id, run_id, "sv")
    news = DELIVERIES.read([subject])[subject]
    assert news is not None
    assert (news["ended"], news["problem"]["message"]) == (True, "Box is busy.")
    gone = Subject(office.organization_id, "gone", "en")
    assert DELIVERIES.read([gone]) == {gone: None}


def test_without_the_role_there_is_no_tile(office: ScanOffice) -> None:
    administrator = office.installation.administrator
    register_badge(
        administrator, office.installation.add_person("bo@one.example", Role.OCR_USER).email, NewBadge("77AA")
    )
    with httpx.Client(base_url=office.address, trust_env=False, timeout=30) as client:
        browser = PanelBrowser(client, office.organization_id, office.printer_id)
        browser.open()
        assert browser.device("POST", "badges", {"badge": "77AA"}).is_success
        assert "scan" not in [tile["id"] for tile in browser.ask("GET", "home")["tiles"]]
        assert refused(browser.api("GET", "scan"))[0] == "role.missing"
