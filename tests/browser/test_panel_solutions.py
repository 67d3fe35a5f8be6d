"""The Solution Center at touch screens of all sizes, in a browser: the printer's page with the panel in its frame."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, FrameLocator, Page, expect
from sqlalchemy import select

from benchmarks.installation import free_port
from domain.organizations.actor import Actor
from domain.organizations.models import User
from domain.organizations.roles import Role
from domain.printer_login.badges import NewBadge, register_badge
from domain.printer_login.configuration import change_settings
from domain.printer_login.own import set_own_pin
from domain.printer_login.rules import PrinterLoginSettings
from domain.runs.execution import begin_step, claim, complete_step, finish, show_progress
from domain.runs.models import Run, RunState
from domain.scanning.orders import take_order
from domain.solutions.definition import SolutionDefinition
from domain.solutions.service import create_solution, update_solution
from domain.tenancy import tenant_session
from fleet.printers.models import Printer
from portal_api.app import create_service
from printers_sim.printer import SimulatedPrinter
from printers_sim.scanner.originals import Kind, Original
from steps.contract import StepResult
from tests.browser.conftest import close_window
from tests.browser.test_panel import (
    LARGE,
    MIDDLE,
    OWN,
    PIN,
    REFUSED,
    SMALL,
    Office,
    nothing_overflows,
    screen_of,
    shoot,
    tap,
)
from tests.domain.test_rules import EMAIL, FOOTER, OCR, PRINT, REDACT, with_values
from tests.support.panel_scans import send_pages
from tests.support.panels import connect_touch_screen, install_panel_apps, key_of
from tests.support.portal_server import serving
from tests.support.releasing import ReleaseOffice, release_office

LOCKED_EMAIL = with_values(EMAIL, ("addresses", "send_me_a_copy"))
ROLES = (Role.SOLUTIONS_USER, Role.OCR_USER, Role.REDACTION_USER, Role.TRANSLATION_USER, Role.PRINT_RELEASE_USER)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder, port = tmp_path_factory.mktemp("panel"), free_port()
    with release_office(folder, ["color-mfp", "mono-mfp", "mono-printer"], portal_port=str(port)) as here:
        chief = here.installation.administrator
        change_settings(chief, PrinterLoginSettings(methods=("badge", "pin")))
        register_badge(chief, here.ann.email, NewBadge(OWN.number))
        set_own_pin(here.ann, PIN)
        with here.ann.session() as session:
            session.get_one(User, here.ann.user_id).roles = [role.value for role in ROLES]
            session.get_one(Printer, here.printers[SMALL]).firmware_level = "081.215"  # SC-22
        with serving(create_service(here.installation.settings), port) as portal, scanner_at(here, SMALL):
            for number, printer_id in enumerate(here.printers):
                put_in_one_page(here.simulated(number))
                install_panel_apps(here.organization_id, printer_id, solution_center="1.0")
                connect_touch_screen(here.simulated(number), key_of(here.organization_id, printer_id), portal)
            yield Office(here, portal, folder)


def put_in_one_page(printer: SimulatedPrinter) -> None:
    """A letter in the feeder, that is put back when it was scanned."""
    printer.scanner.load([Original(Kind.LETTER)])


@contextmanager
def scanner_at(here: ReleaseOffice, number: int) -> Iterator[None]:
    """A page for every scan that is ordered at a printer whose model has no scanner of its own."""
    stop, printer_id = threading.Event(), here.printers[number]

    def scan() -> None:
        while not stop.wait(0.1):
            if (order := take_order(here.organization_id, printer_id)) is not None:
                send_pages(here.organization_id, printer_id, order)

    thread = threading.Thread(target=scan, name="scanner")
    thread.start()
    yield
    stop.set()
    thread.join(20)


@pytest.fixture
def page(chromium: Browser, office: Office) -> Iterator[Page]:
    """A browser whose window logs no error and leaves this machine for nothing."""
    context = chromium.new_context(viewport={"width": 1500, "height": 900}, locale="en-US", timezone_id="UTC")
    context.set_default_timeout(20_000)
    window, complaints = context.new_page(), []
    window.on("pageerror", lambda error: complaints.append(str(error)))
    window.on("request", lambda request: request.url.startswith("http://127.") or complaints.append(request.url))
    window.on("console", lambda line: line.type == "error" and complaints.append(line.text))
    yield window
    close_window(context)
    assert [line for line in complaints if not line.startswith(REFUSED)] == []


def add(office: Office, author: Actor, name: str, *steps: Any, **values: object) -> str:
    content = {"name": name, "steps": steps, "share_with_organization": True, **values}
    return create_solution(author, SolutionDefinition.model_validate(content)).id


def newest_run(office: Office) -> Run:
    with tenant_session(office.here.organization_id, read_only=True) as session:
        run = session.scalars(select(Run).order_by(Run.created.desc()).limit(1)).one()
        session.expunge(run)
        return run


def solution(screen: FrameLocator, name: str) -> None:
    screen.get_by_role("button", name=name).first.click()


def press(screen: FrameLocator, name: str) -> None:
    screen.get_by_role("button", name=name, exact=True).click()


def test_a_visit_on_a_large_screen(page: Page, office: Office) -> None:
    """SC-122, SC-123, SC-124: step by step, with checks, back and on to the summary; two pages, Send, progress."""
    chief = office.here.installation.administrator
    settings = {"show_on_panel": True, "allow_file_name": True, "file_name": "Contract"}
    add(
        office, chief, "Contract to the archive",
        OCR, REDACT, with_values(EMAIL, ("send_me_a_copy",), addresses=""), PRINT,
        description="Removes names and sends it to the archive.", scan_settings=settings,
    )  # fmt: skip
    for number in range(12):
        add(office, chief, f"Letter {number}", FOOTER, LOCKED_EMAIL)
    screen = screen_of(page, office, LARGE)
    tap(page, OWN.title)
    press(screen, "Solution Center")
    expect(screen.get_by_role("heading", name="Organizational")).to_be_visible()
    nothing_overflows(screen)
    shoot(page, office, "large-1-list")
    screen.get_by_role("button", name="View information about Contract to the archive").click()
    expect(screen.get_by_role("dialog")).to_contain_text("Removes names and sends it to the archive.")
    shoot(page, office, "large-2-information")
    press(screen, "OK")
    press(screen, "View quotas")
    expect(screen.get_by_role("dialog")).to_contain_text("Redaction")
    shoot(page, office, "large-3-quotas")
    press(screen, "OK")

    solution(screen, "Contract to the archive")
    expect(screen.get_by_role("heading", name="Extract text with OCR")).to_be_visible()
    nothing_overflows(screen)
    shoot(page, office, "large-4-ocr")
    press(screen, "Next")
    expect(screen.get_by_role("heading", name="Redact")).to_be_visible()
    screen.get_by_role("button", name="Personally identifiable information").click()
    shoot(page, office, "large-5-personal-data")
    screen.get_by_role("dialog").get_by_role("button", name="E-mail address", exact=True).click()
    press(screen, "OK")
    nothing_overflows(screen)
    shoot(page, office, "large-6-redact")
    press(screen, "Next")
    expect(screen.get_by_role("heading", name="E-mail")).to_be_visible()
    press(screen, "Next")
    expect(screen.get_by_role("alert").filter(has_text="address")).to_be_visible()
    nothing_overflows(screen)
    shoot(page, office, "large-7-no-address")
    screen.get_by_role("button", name="Addresses").click()
    screen.get_by_role("textbox", name="Addresses").fill("archive@one.example")
    shoot(page, office, "large-8-keyboard")
    screen.get_by_role("dialog").get_by_role("button", name="OK", exact=True).last.click()
    press(screen, "Next")
    press(screen, "More")
    screen.locator(".wizard-foot").get_by_role("button", name="Back").click()
    expect(screen.get_by_text("archive@one.example")).to_be_visible()
    press(screen, "Next")
    expect(screen.get_by_role("button", name="Copies")).to_have_text("2")
    press(screen, "Next")
    expect(screen.get_by_role("heading", name="File")).to_be_visible()
    nothing_overflows(screen)
    shoot(page, office, "large-9-file")
    press(screen, "Next")
    expect(screen.get_by_role("heading", name="Summary")).to_be_visible()
    shoot(page, office, "large-10-summary")
    press(screen, "Scan")
    press(screen, "Scan")
    expect(screen.get_by_role("img", name="Page 1")).to_be_visible()
    press(screen, "Scan next page")
    expect(screen.get_by_role("img", name="Page 2")).to_be_visible()
    nothing_overflows(screen)
    shoot(page, office, "large-11-pages")
    press(screen, "Send")
    expect(screen.get_by_text("You can leave: the run goes on.")).to_be_visible()
    shoot(page, office, "large-12-progress")
    run = newest_run(office)
    assert (run.printer_name, run.original["pages"], run.plan[3]["parameters"]) == (
        office.here.simulated(LARGE).serial, 2, {"copies": 2},
    )  # fmt: skip
    work = claim(run.id, "w:1")
    assert work is not None
    for step in work.plan:
        begin_step(work, step, "0", work.original)
        show_progress(work, step, "0", 1, 2, None)
        expect(screen.locator("li.running")).to_have_count(1)
        complete_step(work, step, "0", StepResult(documents=(work.original,)))
    finish(work, RunState.COMPLETED)
    expect(screen.locator(".run-end").get_by_role("heading", name="Done")).to_be_visible()
    nothing_overflows(screen)
    shoot(page, office, "large-13-done")
    press(screen, "Sign out")


def test_a_quick_run_takes_three_touches(page: Page, office: Office) -> None:
    """SC-105: the tile, the solution, Scan and send; then what a refusal says, and that the scan is kept."""
    chief = office.here.installation.administrator
    quick = add(office, chief, "Quick archive", LOCKED_EMAIL)
    screen = screen_of(page, office, MIDDLE)
    tap(page, OWN.title)
    press(screen, "Solution Center")
    nothing_overflows(screen)
    shoot(page, office, "middle-1-list")
    solution(screen, "Quick archive")
    expect(screen.get_by_role("heading", name="Put the original into the feeder or on the glass")).to_be_visible()
    nothing_overflows(screen)
    shoot(page, office, "middle-2-quick")
    press(screen, "Scan and send")
    expect(screen.get_by_text("You can leave: the run goes on.")).to_be_visible()
    nothing_overflows(screen)
    shoot(page, office, "middle-3-progress")
    assert newest_run(office).solution_name == "Quick archive"

    press(screen, "Solutions")
    solution(screen, "Quick archive")
    press(screen, "Scan")
    expect(screen.get_by_role("img", name="Page 1")).to_be_visible()
    changed = SolutionDefinition.model_validate(
        {"name": "Quick archive", "steps": [with_values(EMAIL, addresses="")], "share_with_organization": True}
    )
    update_solution(chief, quick, changed)
    press(screen, "Send")
    expect(screen.get_by_role("dialog")).to_contain_text("was changed while you were filling it in")
    shoot(page, office, "middle-4-changed")
    press(screen, "OK")
    expect(screen.get_by_role("heading", name="E-mail")).to_be_visible()
    tap(page, OWN.title)
    expect(screen.get_by_role("heading", name="Hold your badge to the reader")).to_be_visible()
    tap(page, OWN.title)
    press(screen, "Solution Center")
    screen.get_by_role("button", name="A scan was not sent").click()
    expect(screen.get_by_text("Quick archive", exact=True)).to_be_visible()
    nothing_overflows(screen)
    shoot(page, office, "middle-5-kept")
    solution(screen, "Quick archive")
    screen.get_by_role("button", name="Addresses").click()
    screen.get_by_role("textbox", name="Addresses").fill("archive@one.example")
    screen.get_by_role("dialog").get_by_role("button", name="OK", exact=True).last.click()
    press(screen, "Next")
    press(screen, "Go on")
    expect(screen.get_by_role("img", name="Page 1")).to_be_visible()
    press(screen, "Send")
    expect(screen.get_by_text("You can leave: the run goes on.")).to_be_visible()
    assert newest_run(office).plan[0]["parameters"]["addresses"] == "archive@one.example"
    press(screen, "Sign out")


def test_everything_fits_a_small_screen(page: Page, office: Office) -> None:
    """320 × 240, in Swedish: the list, a step with its keyboard, the scan, progress."""
    add(office, office.here.installation.administrator, "Smått", EMAIL)
    screen = screen_of(page, office, SMALL)
    screen.get_by_role("button", name="Language").click()
    press(screen, "Svenska")
    press(screen, "pinkod")
    for digit in PIN:
        press(screen, digit)
    press(screen, "OK")
    press(screen, "Lösningscenter")
    expect(screen.get_by_role("heading", name="Organisationens")).to_be_visible()
    nothing_overflows(screen)
    shoot(page, office, "small-1-list")
    solution(screen, "Smått")
    expect(screen.get_by_role("heading", name="E-post")).to_be_visible()
    nothing_overflows(screen)
    shoot(page, office, "small-2-step")
    screen.get_by_role("button", name="Adresser").click()
    shoot(page, office, "small-3-keyboard")
    screen.get_by_role("dialog").get_by_role("button", name="OK", exact=True).first.click()
    press(screen, "Nästa")
    expect(screen.get_by_role("heading", name="Sammanfattning")).to_be_visible()
    nothing_overflows(screen)
    shoot(page, office, "small-4-summary")
    screen.locator(".wizard-foot .next").click()
    expect(screen.get_by_role("button", name="Skanna och skicka")).to_be_visible()
    nothing_overflows(screen)
    shoot(page, office, "small-5-scan")
    press(screen, "Skanna och skicka")
    expect(screen.get_by_text("Du kan gå härifrån")).to_be_visible()
    nothing_overflows(screen)
    shoot(page, office, "small-6-progress")
