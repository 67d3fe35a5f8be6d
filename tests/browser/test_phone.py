"""A phone held to a printer: the code on the panel, sign-in, my jobs, solutions, ending the session (MOB-1…MOB-9)."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright
from sqlalchemy import select

from connectors.page_photos.look import Look
from domain.camera_scans.models import CameraScan
from domain.camera_scans.service import CameraPageView, camera_scan
from domain.organizations.actor import Actor
from domain.printer_login.configuration import change_settings as change_login_settings
from domain.printer_login.rules import PrinterLoginSettings
from domain.printing.models import PrintJob
from domain.printing.states import JobState
from domain.runs.service import list_runs
from domain.solutions.definition import SolutionDefinition, StepDefinition
from domain.solutions.service import create_solution
from fleet.agents.models import AgentKind
from fleet.printers.models import Printer
from printers_sim.device.enrolment import complete
from printers_sim.device.phones import let_phones
from printers_sim.device.settings import COMMUNICATION, change_settings
from tests.browser.conftest import FLAGS, another_page, close_window, until_alive
from tests.portal_api.test_panel_release import Panel, application_access, until, worker_at
from tests.support.installation import PASSWORD
from tests.support.page_photographs import SCENES, Scene, as_jpeg, page_of_text, photograph
from tests.support.portal_server import serving_pages
from tests.support.print_settings import set_print_settings
from tests.support.releasing import ReleaseOffice, release_office


@dataclass(frozen=True, slots=True)
class Place:
    """A small printer, and the portal's address."""

    office: ReleaseOffice
    portal: str

    def scan(self) -> str:
        """What the panel's code says now."""
        code = Panel(self.office, 0).ask("GET", "phone-code")
        return self.portal + urlsplit(code["address"]).path

    @property
    def panel(self) -> str:
        printer = self.office.simulated()
        return f"http://{printer.address}:{self.office.simulation.http_port}"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with release_office(tmp_path_factory.mktemp("office"), ["mono-printer"]) as office:
        simulated = office.simulated()
        simulated.firmware = "081.215"
        with office.ann.session() as session:
            row = session.get_one(Printer, office.printers[0])
            row.agent_kind, row.firmware_level, row.name = AgentKind.NATIVE, "081.215", "By the stairs"
        change_settings(simulated, {COMMUNICATION: True})
        complete(simulated)
        let_phones(simulated, is_on=True)
        chief = office.installation.administrator
        steps = (StepDefinition(kind="print_document", parameters={"copies": 2}),)
        create_solution(chief, SolutionDefinition(name="Two copies", share_with_organization=True, steps=steps))
        with serving_pages() as address, worker_at(office):
            Panel(office, 0).ask("PUT", "server", application_access(chief.email) | {"address": address})
            yield Place(office, address)


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Chromium with a camera, which sees a page on a desk."""
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("no chromium on this machine: install the Debian package chromium")
    film = tmp_path_factory.mktemp("camera") / "page.mjpeg"
    scene = replace(SCENES["turned"], size=(960, 1280))
    film.write_bytes(as_jpeg(photograph(page_of_text(), scene)))
    camera = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
    with sync_playwright() as playwright:
        flags = [*FLAGS, *camera, f"--use-file-for-fake-video-capture={film}"]
        browser = playwright.chromium.launch(executable_path=program, args=flags)
        yield browser
        browser.close()


@pytest.fixture
def phone(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 390, "height": 844}, device_scale_factor=2, has_touch=True)
    yield context.new_page()
    close_window(context)


def scans_of(actor: Actor) -> list[str]:
    with actor.session(read_only=True) as session:
        return list(session.scalars(select(CameraScan.id).where(CameraScan.user_id == actor.user_id)))


def pages_of(actor: Actor) -> tuple[CameraPageView, ...]:
    """The pages of somebody's only scan."""
    [scan_id] = scans_of(actor)
    return camera_scan(actor, scan_id).pages


def jobs_of(actor: Actor) -> list[PrintJob]:
    with actor.session(read_only=True) as session:
        return list(session.scalars(select(PrintJob).where(PrintJob.user_id == actor.user_id)))


def sign_in(page: Page, email: str) -> None:
    page.get_by_label("E-mail address").fill(email)
    page.get_by_role("button", name="Next").click()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(re.compile("/phone(/scan)?$"))
    until_alive(page)


def test_guests_are_told_where_they_print(place: Place, phone: Page) -> None:
    """PR-189: a phone is no panel for guests, who have a PIN and no account; nobody else is told."""
    hint = phone.get_by_text("Guests print at the printer itself")
    address = phone.get_by_label("E-mail address")
    phone.goto(place.scan())
    expect(address).to_be_visible()
    expect(hint).to_have_count(0)
    chief = place.office.installation.administrator
    change_login_settings(chief, PrinterLoginSettings(methods=("badge", "pin", "secure_login")))
    set_print_settings(chief, email={"enabled": True, "local_part": "office", "guests_enabled": True})
    phone.goto(place.scan())
    expect(hint).to_be_visible()
    place.office.settings()


def test_my_jobs(place: Place, phone: Page, chromium: Browser) -> None:
    """MOB-4…MOB-9, PR-223, PR-224: from the code on the panel to the end of the session, which frees the printer.

    What is chosen is printed, one job gets other settings, another is deleted after a question, the rest is printed.
    """
    office = place.office
    job, other, third = (office.held(pages=count, name=f"{count}.pdf") for count in (3, 1, 2))
    phone.goto(f"{place.panel}/panel")
    phone.get_by_role("link", name="Open mobile solutions").click()
    expect(phone.get_by_alt_text("Code for phones")).to_have_js_property("complete", value=True)
    expect(phone.get_by_alt_text("Code for phones")).not_to_have_js_property("naturalWidth", value=0)
    phone.goto(place.scan())
    sign_in(phone, office.ann.email)
    expect(phone.get_by_role("heading", name="By the stairs")).to_be_visible()

    second = chromium.new_context(viewport={"width": 390, "height": 844})
    bobs = second.new_page()
    bobs.goto(place.scan())
    sign_in(bobs, office.installation.administrator.email)
    expect(bobs.get_by_text("Somebody else is using the printer By the stairs just now.")).to_be_visible()

    phone.get_by_role("checkbox", name="Choose “3.pdf”").click()
    phone.get_by_role("button", name="Print what is chosen").click()
    expect(phone.get_by_role("dialog").get_by_text("Everything was printed.")).to_be_visible()
    phone.get_by_role("button", name="Stay signed in").click()
    expect(phone.get_by_role("checkbox", name="Choose “3.pdf”")).to_have_count(0)
    phone.get_by_role("checkbox", name="Choose “1.pdf”").click()
    phone.get_by_role("button", name="Settings").click()
    phone.get_by_label("Copies").fill("2")
    phone.get_by_role("button", name="Save").click()
    expect(phone.get_by_role("dialog")).to_have_count(0)
    phone.get_by_role("checkbox", name="Choose “1.pdf”").click()
    phone.get_by_role("checkbox", name="Choose “2.pdf”").click()
    phone.get_by_role("button", name="Delete").click()
    phone.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(phone.get_by_role("checkbox", name="Choose “2.pdf”")).to_have_count(0)
    phone.get_by_role("button", name="Print all").click()
    expect(phone.get_by_text("1.pdf: 2 sides")).to_be_visible()
    expect(phone.get_by_role("dialog")).to_be_visible()
    assert [office.job(one).state for one in (job, other, third)] == [
        JobState.PRINTED,
        JobState.PRINTED,
        JobState.CANCELED,
    ]
    phone.get_by_role("dialog").get_by_role("button", name="End the session").click()
    expect(phone.get_by_text("Scan the code of a printer")).to_be_visible()
    bobs.get_by_role("button", name="Try again").click()
    expect(bobs.get_by_role("heading", name="By the stairs")).to_be_visible()
    bobs.get_by_role("button", name="End the session").click()
    expect(bobs.get_by_text("Scan the code of a printer")).to_be_visible()
    close_window(second)


def test_scanning_with_the_camera(place: Place, phone: Page, tmp_path: Path) -> None:
    """The camera in the page, pictures of the phone, corners by keyboard and finger, a solution."""
    chief = place.office.installation.administrator
    phone.goto(place.scan())
    sign_in(phone, chief.email)
    with another_page(phone):
        phone.get_by_role("link", name="Scan with the camera").click()
    phone.get_by_role("button", name="Open the camera").click()
    phone.wait_for_function("document.querySelector('video').videoWidth > 0")
    phone.get_by_role("button", name="Take the picture").click()
    expect(phone.get_by_role("img", name="Page 1")).to_be_visible()
    expect(phone.get_by_text("No page was seen")).to_have_count(0)
    phone.get_by_role("button", name="Close the camera").click()
    desk = tmp_path / "desk.jpg"
    desk.write_bytes(as_jpeg(photograph(Image.new("RGB", (20, 20)), Scene(height=2000, shift=(30, 30)))))
    phone.locator("input[type=file]").first.set_input_files(desk)
    expect(phone.get_by_text("No page was seen: the whole photograph is used.")).to_be_visible()

    phone.get_by_role("button", name="Edges and look of page 2").click()
    corner = phone.get_by_role("button", name="Corner top left")
    expect(phone.locator(".corner-editor.ready")).to_be_visible()
    corner.focus()
    for _ in range(5):
        corner.press("Shift+ArrowDown")
    box = phone.get_by_role("button", name="Corner bottom right").bounding_box()
    assert box is not None
    phone.mouse.move(box["x"] + 22, box["y"] + 22)
    phone.mouse.down()
    phone.mouse.move(box["x"] - 30, box["y"] - 60, steps=5)
    phone.mouse.up()
    phone.get_by_role("combobox", name="Look").click()
    phone.get_by_role("option", name="Black and white").click()
    phone.get_by_role("button", name="Apply").click()
    expect(phone.get_by_text("No page was seen")).to_have_count(0)
    expect(phone.get_by_role("dialog")).to_have_count(0)
    page = pages_of(chief)[1]
    assert page.corners[0][1] == pytest.approx(0.1, abs=0.01)
    assert page.corners[2][0] < 0.95
    assert page.look is Look.BLACK_AND_WHITE

    phone.get_by_role("button", name="Page 2: earlier").click()
    until(lambda: pages_of(chief)[0].id == page.id)
    phone.get_by_role("button", name="Delete page 1").click()
    phone.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(phone.get_by_role("img", name="Page 2")).to_have_count(0)
    phone.get_by_role("link", name="Use in a solution").click()
    with another_page(phone):
        phone.get_by_role("link", name="Two copies").click()
    phone.get_by_label("File name").fill("Notice")
    phone.get_by_role("button", name="Start").click()
    expect(phone.get_by_text("You may leave: the run goes on.")).to_be_visible()
    run = list_runs(chief)[0]
    assert (run.original.name, run.original.media_type, run.original.pages) == ("Notice.pdf", "application/pdf", 1)
    assert scans_of(chief) == []


def test_a_scan_goes_to_the_print_queue_without_any_printer(place: Place, phone: Page, tmp_path: Path) -> None:
    """Two pictures at once keep their order, and a phone that forgot the page goes on where it was."""
    ann = place.office.ann
    pictures = []
    for name in ("straight", "turned"):
        pictures.append(tmp_path / f"{name}.jpg")
        pictures[-1].write_bytes(as_jpeg(photograph(page_of_text(), SCENES[name])))
    phone.goto(f"{place.portal}/phone/scan")
    sign_in(phone, ann.email)
    phone.locator("input[type=file]").first.set_input_files(pictures)
    expect(phone.get_by_role("img", name="Page 2")).to_be_visible()
    expect(phone.get_by_text("Looking for the page …")).to_have_count(0)
    phone.reload()
    until_alive(phone)
    expect(phone.get_by_role("img", name="Page 2")).to_be_visible()
    phone.get_by_label("File name").fill("Two pages")
    phone.get_by_role("button", name="Into my print queue").click()
    phone.wait_for_url(re.compile("/print-queue"))
    [job] = [job for job in jobs_of(ann) if job.name == "Two pages.pdf"]
    assert (job.source, job.user_id) == ("mobile", ann.user_id)
