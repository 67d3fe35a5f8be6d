"""Firmware and apps in a browser: an image is added and offered, a level recommended; apps and who has them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import delete

from domain.organizations.service import local_administrator
from domain.tenancy import tenant_session
from fleet.printers.models import Printer, PrinterApp
from printers_sim.packages import app_package, firmware_image
from tests.browser.conftest import Visitor, another_page, press
from tests.support.fleet import add_printers

MODEL = "PX C4150"


@pytest.fixture
def fleet(visitor: Visitor) -> Iterator[Visitor]:
    """Two printers that have an app, one of them stopped."""
    home = local_administrator().organization_id
    ids = add_printers(home, 2)
    with tenant_session(home) as session:
        for place, printer in enumerate(ids):
            row = PrinterApp(printer_id=printer, app_id="forms", name="Forms", version="1.2", is_started=place == 0)
            row.organization_id = home
            session.add(row)
    yield visitor
    with tenant_session(home) as session:
        session.execute(delete(Printer).where(Printer.id.in_(ids)))


def test_an_image_is_added_offered_and_deleted(fleet: Visitor, tmp_path: Path) -> None:
    """F-27, FL-303."""
    page = fleet.page
    files = []
    for level in ("081.223", "230.100"):
        files.append(tmp_path / f"{level}.fls")
        files[-1].write_bytes(firmware_image(level, [MODEL], 2000))
    fleet.go("/firmware")
    models = page.get_by_role("region", name="Models of the fleet")
    expect(models.get_by_role("listitem").filter(has_text=MODEL)).to_contain_text("Nothing offered")
    for file in files:
        page.get_by_role("button", name="Add an image").click()
        with page.expect_file_chooser() as chooser:
            page.get_by_role("button", name="Choose a file").click()
        chooser.value.set_files(file)
        expect(page.get_by_role("dialog")).to_have_count(0)
    row = models.get_by_role("listitem").filter(has_text=MODEL)
    expect(row).to_contain_text("Update available: 2")
    expect(row).to_contain_text("Printers: 2 · Installed: 081.215")
    row.get_by_role("combobox").click()
    page.get_by_role("option", name="081.223").click()
    expect(page.get_by_text("Saved.").last).to_be_visible()
    fleet.go("/firmware")
    catalogue = page.get_by_role("region", name="Catalogue")
    expect(catalogue.get_by_role("listitem")).to_have_count(2)

    for level in ("230.100", "081.223"):
        delete = page.get_by_role("dialog").get_by_role("button", name="Delete")
        press(page.get_by_role("button", name=f"Delete {level}"), delete)
        delete.click()
        expect(catalogue.get_by_role("listitem").filter(has_text=level)).to_have_count(0)


def test_apps_over_the_fleet_and_who_has_one(fleet: Visitor, tmp_path: Path) -> None:
    """FL-284…FL-288; FL-316, FL-317: the list of apps and the printers of one as CSV files."""
    page = fleet.page
    package = tmp_path / "forms.fls"
    package.write_bytes(app_package("forms", "Forms", "2.0"))
    fleet.go("/panel-apps")
    row = page.get_by_role("listitem").filter(has_text="Forms")
    expect(row).to_contain_text("No update available")
    page.get_by_role("button", name="Add a version").click()
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choose a file").click()
    chooser.value.set_files(package)
    expect(row).to_contain_text("Available")
    expect(row).to_contain_text("With an update: 2")
    assert "Forms" in exported(page, "Export app version")
    with another_page(page):
        page.get_by_role("link", name="Forms").click()
    rows = page.get_by_role("listitem")
    expect(rows).to_have_count(2)
    assert len(exported(page, "Export to CSV").splitlines()) == 3
    page.get_by_label("App update").click()
    page.get_by_role("option", name="Required", exact=True).click()
    expect(page.get_by_text("No printer is due that.")).to_be_visible()
    assert len(exported(page, "Export to CSV").splitlines()) == 1
    page.get_by_label("App update").click()
    page.get_by_role("option", name="All", exact=True).click()
    expect(rows.filter(has_text="Stopped")).to_have_count(1)
    page.get_by_label("Minimum version").fill("1.5")
    page.get_by_role("button", name="Save").click()
    expect(rows.filter(has_text="Required")).to_have_count(2)
    rows.first.get_by_role("checkbox").click()
    page.get_by_role("button", name="Update apps").click()

    page.get_by_role("dialog").get_by_role("button", name="Update apps").click()
    expect(page.get_by_text("Started: Update apps. Follow it under Tasks.")).to_be_visible()


def exported(page: Page, name: str) -> str:
    """The file behind a link."""
    with page.expect_download() as download:
        page.get_by_role("link", name=name).click()
    return download.value.path().read_text(encoding="utf-8")
