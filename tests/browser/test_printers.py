"""The printers of the fleet in a browser: found, shown by views, tagged, sent commands, followed, unenrolled."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

from playwright.sync_api import Page, expect

from benchmarks.installation import PASSWORD
from connectors.printers.device_answers import DeviceApp, HomeScreen, OfferedItem
from connectors.printers.reading import (
    Condition,
    CounterName,
    Counters,
    DeviceState,
    Identity,
    PrinterReading,
    PrinterState,
    Status,
    Supply,
    SupplyKind,
)
from domain.organizations.models import User, now
from domain.organizations.roles import Role
from domain.organizations.service import local_administrator
from domain.tenancy import system_session, tenant_session
from fleet.diagnostics.models import DiagnosticEvent
from fleet.printers.details import get_printer
from fleet.printers.filters import PrinterFilter
from fleet.printers.listing import matching_ids
from fleet.printers.models import Communication, Printer, PrinterForecast, Severity
from fleet.printers.readings import Observation, store_readings
from flows.fleet_task import work_on_printers
from tests.browser.conftest import COLLEAGUE, Open, Visitor, another_page, press
from tests.support.fleet import add_printers


def home() -> str:
    return local_administrator().organization_id


def row(page: Page, text: str):  # type: ignore[no-untyped-def]
    return page.get_by_role("row").filter(has_text=text)


def choose_all(page: Page) -> None:
    page.get_by_role("checkbox", name="Choose all printers shown").click()
    expect(page.get_by_text(re.compile(r"^\d+ chosen$"))).to_be_visible()


def command(page: Page, menu: str, title: str) -> None:
    page.get_by_role("navigation", name="Commands").get_by_role("button", name=menu, exact=True).click()
    page.get_by_role("menuitem", name=title).click()


def search(page: Page, words: str, rows: int) -> None:
    page.get_by_placeholder("Address, serial number, name, place …").fill(words)
    expect(page.get_by_role("row")).to_have_count(rows + 1)


def test_without_printers_the_ways_to_begin_are_offered(visitor: Visitor) -> None:
    """FL-48; the first test of this module: the others add printers."""
    visitor.go("/printers")
    begin = visitor.page.get_by_role("region", name="How to begin")
    for way in ("Printer agent", "Fleet agent", "Native agent", "Local agent"):
        expect(begin.get_by_role("heading", name=way)).to_be_visible()
    begin.get_by_role("button", name="Native agent: Register printer").click()
    expect(visitor.page.get_by_role("dialog").get_by_label("Code of the printer")).to_be_visible()


def test_printers_are_filtered_and_the_filters_are_kept(visitor: Visitor) -> None:
    """FL-178…FL-184; the card of who does not communicate leads to the list with its filter (FL-249)."""
    add_printers(home(), 2, name="filter loud")
    add_printers(home(), 1, name="filter silent", communication=Communication.SILENT)
    page = visitor.page
    visitor.go("/printers")
    search(page, "filter", 3)
    pane = page.get_by_role("complementary", name="Filters")
    pane.get_by_label("Communication").click()
    page.get_by_role("option", name="Not communicating").click()
    expect(page.get_by_role("row")).to_have_count(2)
    page.keyboard.press("Escape")
    pane.get_by_role("button", name="Save").click()
    page.get_by_label("Name of the filter group").fill("Silent ones")
    page.get_by_role("dialog").get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("The filter group is saved.")).to_be_visible()
    visitor.go("/printers")
    pane.get_by_label("Filter group").click()
    page.get_by_role("option", name="Silent ones").click()
    search(page, "filter", 1)
    visitor.go("/printers")
    card = page.get_by_role("region", name="Printer communication status")
    with another_page(page):
        card.get_by_role("link", name="Printers not communicating").click()
    search(page, "filter", 1)
    with another_page(page):
        card.get_by_role("link", name="Agents not communicating").click()
    expect(page.get_by_role("search")).to_contain_text("Not communicating")


def test_a_view_is_made_used_and_remembered(visitor: Visitor) -> None:
    """FL-195…FL-200, FL-210."""
    add_printers(home(), 1, name="view me", scans=4711)
    page = visitor.page
    visitor.go("/printers")
    page.get_by_role("button", name="View: Standard").click()
    for title in ("Quick view", "Manage views"):
        expect(page.get_by_role("menuitem", name=title)).to_be_visible()
    page.get_by_role("menuitem", name="Create view").click()
    page.get_by_label("Name of the view").fill("Scans only")
    page.get_by_role("button", name="Remove Model").click()
    expect(page.get_by_role("button", name="Remove Model")).to_have_count(0)
    page.get_by_role("button", name="Add Scans").click()
    expect(page.get_by_role("button", name="Remove Scans")).to_be_visible()
    page.get_by_role("dialog").get_by_role("button", name="Create view").click()
    expect(page.get_by_role("columnheader", name="Scans")).to_be_visible()
    visitor.go("/printers")
    expect(page.get_by_role("columnheader")).to_have_count(3)
    search(page, "view me", 1)
    expect(row(page, "4711")).to_be_visible()
    visitor.go("/printer-views")
    page.get_by_role("checkbox", name="Choose Scans only").click()
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("Deleted: 1")).to_be_visible()
    visitor.go("/printers")
    expect(page.get_by_role("button", name="View: Standard")).to_be_visible()


def test_printers_are_enrolled_from_the_list_with_each_agent(visitor: Visitor) -> None:
    """FL-74, FL-206: the menu offers the four agents, and what each begins with opens."""
    add_printers(home(), 2, name="already here")
    page = visitor.page
    visitor.go("/printers")
    search(page, "already here", 2)
    menu = page.get_by_role("navigation", name="Commands").get_by_role("button", name="Printers", exact=True)
    entry = page.get_by_role("menuitem", name="Enrol printers with …")
    for beginning, opened in (
        ("Printer agent: Download enrolment tool", "Enrolment tool"),
        ("Native agent: Register printer", "Register printer"),
        ("Fleet agent: Create fleet agent", "Create fleet agent"),
        ("Local agent: Download agent", "Installation package"),
    ):
        press(menu, entry)
        entry.click()
        page.get_by_role("dialog").get_by_role("button", name=beginning).click()
        expect(page.get_by_role("dialog").get_by_role("heading", name=opened)).to_be_visible()
        page.get_by_role("dialog").get_by_role("button", name=re.compile("Cancel|Close")).click()
        expect(page.get_by_role("dialog")).to_have_count(0)
    command(page, "Printers", "Remove pre-registered printers")
    expect(page.get_by_role("dialog").get_by_label("Pre-registered serial numbers")).to_be_visible()


def test_several_printers_are_tagged_and_a_file_tags_more(visitor: Visitor, tmp_path: Path) -> None:
    """FL-256…FL-266."""
    add_printers(home(), 2, name="tag me")
    address = add_printers(home(), 1, address="127.44.0.1") and "127.44.0.1"
    page = visitor.page
    visitor.go("/printer-tags")
    page.get_by_role("button", name="Create tag").click()
    page.get_by_label("Name of the tag").fill("North wing")
    page.get_by_role("dialog").get_by_role("button", name="Create tag").click()
    expect(page.get_by_role("list").get_by_text("North wing")).to_be_visible()
    visitor.go("/printers")
    search(page, "tag me", 2)
    choose_all(page)
    command(page, "Tags", "Choose tags")
    page.get_by_role("checkbox", name="North wing").click()
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_text("The tags are changed.")).to_be_visible()
    expect(row(page, "North wing")).to_have_count(2)
    listed = tmp_path / "printers.csv"
    listed.write_text(f"IP Address\n{address}\n127.44.0.2\n")
    command(page, "Tags", "Tag printers by file")
    page.get_by_role("dialog").get_by_label("Tags").click()
    page.get_by_role("option", name="North wing").click()
    page.keyboard.press("Escape")
    page.locator("input[type=file]").set_input_files(listed)
    expect(page.get_by_text("Printers tagged: 1. Not in this organization, and not tagged: 1.")).to_be_visible()


def test_a_change_shows_by_itself(visitor: Visitor) -> None:
    (printer,) = add_printers(home(), 1, name="watched")
    page = visitor.page
    visitor.go("/printers")
    search(page, "watched", 1)
    with tenant_session(home()) as session:
        session.get_one(Printer, printer).alert_severity = Severity.ERROR
    expect(page.get_by_role("row").nth(1)).to_contain_text("Error", timeout=20_000)


def test_unenrolling_all_that_the_filters_let_through_is_followed_to_its_end(visitor: Visitor) -> None:
    """FL-323…FL-329: more than a page of them; the task page moves by itself, and cannot be stopped."""
    add_printers(home(), 60, location="Leaving soon")
    page = visitor.page
    visitor.go("/printers")
    search(page, "leaving soon", 50)
    expect(page.get_by_text("60 printers")).to_be_visible()
    choose_all(page)
    page.get_by_role("button", name="Choose all that the filters let through").click()
    expect(page.get_by_text("60 chosen")).to_be_visible()
    command(page, "Printers", "Unenrol printers")
    page.get_by_role("dialog").get_by_role("button", name="Unenrol", exact=True).click()
    expect(page.get_by_text("Started: Unenrol printers. Follow it under Tasks.")).to_be_visible()
    visitor.go("/fleet-tasks")
    page.get_by_role("listitem").filter(has_text="Unenrol printers").first.click()
    expect(page.get_by_role("status").filter(has_text="0 of 60")).to_be_visible()
    expect(page.get_by_role("button", name="Stop", exact=True)).to_have_count(0)
    task_id = page.url.rsplit("/", 1)[1]
    with ThreadPoolExecutor(1) as apart:  # the browser's own loop runs in this thread
        while apart.submit(work_on_printers.fn, home(), task_id, resumes=True).result():
            pass
    expect(page.get_by_role("status").filter(has_text="60 of 60")).to_contain_text("Completed")
    assert matching_ids(local_administrator(), PrinterFilter(search="leaving soon")) == []


def test_what_is_written_on_a_printers_page_is_kept(visitor: Visitor) -> None:
    """FL-217, FL-221."""
    (printer,) = add_printers(home(), 1, name="page of mine")
    page = visitor.page
    visitor.go("/printers")
    search(page, "page of mine", 1)
    page.get_by_role("row").nth(1).get_by_role("link").click()
    expect(page.get_by_role("heading", name="page of mine")).to_be_visible()
    expect(page.get_by_role("region", name="Agent")).to_contain_text("Built-in agent")
    page.get_by_role("textbox", name="Asset tag").fill("INV-77")
    page.get_by_role("region", name="Identification").get_by_role("button", name="Save").click()
    expect(page.get_by_text("The changes are saved.")).to_be_visible()
    assert get_printer(local_administrator(), printer).view.asset_tag == "INV-77"


def read_printer() -> str:
    """A printer that has told much of itself; returns its id."""
    moment = now()
    (printer,) = add_printers(home(), 1, name="told much", last_restart=moment, offered_firmware="081.300")
    counts = {CounterName.LIFE: 1200, CounterName.COPY_SIDES: 345, CounterName.SCANS: 67, CounterName.FAX_SIDES: 8}
    toner = Supply("1.1", SupplyKind.TONER, "Black", "black", percent=40, condition=Condition.OK, is_authentic=True)
    status = Status(PrinterState.IDLE, DeviceState.RUNNING)
    identity = Identity(manufacturer="Pressroom", model="PX C4150", firmware_level="081.223")
    reading = PrinterReading(identity, status, Counters(counts), (toner,), (), (), moment)
    screen = HomeScreen(pages=[["copy"]], items_per_page=15, offered=[OfferedItem(id="copy", name="Copy")])
    apps = [DeviceApp(id="scan", name="Scan app", version="1.2.0", state="started")]
    with tenant_session(home()) as session:
        store_readings(session, [Observation(printer, reading, apps=apps, home_screen=screen)])
        facts = {"organization_id": home(), "printer_id": printer}
        session.add(PrinterForecast(at=moment, days={"1.1": 9}, least_days=9, **facts))
        event = {"source_id": 1, "severity": "error", "is_of_supply": False, "text": "The door was open."}
        session.add(DiagnosticEvent(made=moment, expires=moment + timedelta(days=3), **event, **facts))
    return printer


def test_a_printers_page_shows_what_it_has_told(visitor: Visitor) -> None:
    """FL-214, FL-215, FL-216, FL-218, FL-219, FL-220, FL-222, FL-223, FL-225; the list leads to it (FL-204, FL-246)."""
    printer, page = read_printer(), visitor.page
    visitor.go("/printers")
    search(page, "told much", 1)
    address = get_printer(local_administrator(), printer).view.address
    expect(row(page, address).get_by_role("link", name=address)).to_have_attribute("href", f"/printers/{printer}")
    page.get_by_role("navigation", name="Commands").get_by_role("button", name=re.compile("^View: ")).click()
    page.get_by_role("menuitem", name="Quick view").click()
    page.get_by_role("dialog").get_by_role("button", name="Add Diagnostic events").click()
    page.get_by_role("dialog").get_by_role("button", name="Apply").click()
    row(page, address).get_by_role("link", name="1 event").click()
    page.wait_for_url(f"**/printers/{printer}#diagnostics")
    shown = {
        "Status": ("Communicating", "Ready", "Last communication", "Last restart", "The door was open."),
        "Meters": ("Life page count", "1\u202f200", "345", "67", "8", "The fleet agent may count blank pages"),
        "Supplies": ("Toner, black", "OK · Genuine", "9", "The days left were computed on"),
        "Firmware": ("081.223", "081.300"),
        "Installed apps": ("Scan app", "1.2.0", "Started"),
        "Home screen": ("The model's own layout", "Copy"),
        "Log files": ("No logs have been collected from this printer.",),
    }
    for section, texts in shown.items():
        for text in texts:
            expect(page.get_by_role("region", name=section, exact=True)).to_contain_text(text)
    apps = page.get_by_role("region", name="Installed apps")
    apps.get_by_role("checkbox", name="Choose Scan app").click()
    for title in ("Start apps", "Stop apps", "Update apps", "Uninstall apps"):
        expect(apps.get_by_role("button", name=title, exact=True)).to_be_visible()
    firmware = page.get_by_role("region", name="Firmware")
    expect(firmware.get_by_role("button", name="Update firmware")).to_be_visible()
    page.get_by_role("navigation", name="Commands").get_by_role("button", name="Configure").click()
    for title in ("Customise home screen", "Reset home screen"):
        expect(page.get_by_role("menuitem", name=title)).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("region", name="Log files").get_by_role("button", name="Request").click()
    expect(page.get_by_text("Requested.")).to_be_visible()
    with tenant_session(home()) as session:
        session.get_one(Printer, printer).offered_firmware = ""
    expect(firmware.get_by_role("button", name="Update firmware")).to_have_count(0, timeout=20_000)


def test_viewers_look_and_do_nothing(open_window: Open) -> None:
    """FL-202, FL-519, FL-528."""
    add_printers(home(), 1, name="looked at")
    with system_session() as session:
        colleague = session.query(User).filter(User.email == COLLEAGUE).one()
        colleague.roles = [Role.FLEET_VIEWER.value]
    window = open_window()
    window.page.goto(f"{window.url}/sign-in?next=%2Fprinters")
    window.page.get_by_label("E-mail address").fill(COLLEAGUE)
    window.page.get_by_role("button", name="Next").click()
    window.page.get_by_label("Password").fill(PASSWORD)
    window.page.get_by_role("button", name="Sign in").click()
    page = window.page
    expect(page.get_by_role("heading", name="Printers")).to_be_visible()
    commands = page.get_by_role("navigation", name="Commands")
    expect(commands.get_by_role("button")).to_have_count(1)
    expect(page.get_by_role("table").get_by_role("checkbox")).to_have_count(0)
    commands.get_by_role("button").click()
    expect(page.get_by_role("menuitemradio")).to_have_count(1)
    expect(page.get_by_role("menuitem", name="Quick view")).to_be_visible()


def test_a_phone_shows_up_to_eight_columns_and_never_scrolls_sideways(open_window: Open) -> None:
    """FL-334, FL-591."""
    (printer,) = add_printers(home(), 1, name="on a phone", location="A place with a rather long name, third floor")
    window = open_window(width=390, height=844)
    window.sign_in()
    for path in (
        "/printers",
        f"/printers/{printer}",
        f"/printers/{printer}/report",
        "/panel-apps",
        "/printer-tags",
        "/printer-views",
        "/fleet-tasks",
    ):
        window.go(path)
        assert window.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path
    window.go("/printers")
    cells = window.page.get_by_role("row").nth(1).locator("td:not(.choice)")
    expect(cells.locator("visible=true").first).to_be_visible()
    assert sum(cells.nth(number).is_visible() for number in range(cells.count())) <= 8
    expect(window.page.get_by_label("Agent kind")).to_be_hidden()
    window.page.get_by_role("button", name="Filters").click()
    expect(window.page.get_by_label("Agent kind")).to_be_visible()
    window.page.get_by_role("button", name="Communication faults").click()
    expect(window.page.get_by_label("Communication", exact=True)).to_be_visible()
    expect(window.page.get_by_text("on a phone")).to_have_count(0)
