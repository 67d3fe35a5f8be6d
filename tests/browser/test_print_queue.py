"""The print queue in a browser: uploading by drag and by choice, settings, deletion, queues of others, delegates."""

import base64
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import delete, select, update

from domain.organizations.actor import Actor, actor_for
from domain.organizations.models import User
from domain.organizations.service import local_administrator
from domain.printing.models import PrintJob
from domain.printing.states import JobState
from domain.tenancy import system_session, tenant_session
from flows.prepare_print_jobs import prepare_batch
from steps.samples import letter_pdf, letter_txt, scan_png
from tests.browser.conftest import COLLEAGUE, Open, Visitor
from tests.browser.test_portal import NAMELESS
from tests.support.print_mail import open_address
from tests.support.print_queues import add_held
from tests.support.print_settings import set_print_settings

PATHS = ("/print-queue", "/print-queue/history", "/print-queue/delegates", "/print-queues")


@pytest.fixture(autouse=True)
def _empty_queues(portal: str) -> None:
    with system_session() as session:
        session.execute(delete(PrintJob))
    set_print_settings(local_administrator(), jobs={"delegation_enabled": True})


def colleague() -> Actor:
    with system_session() as session:
        return actor_for(session, session.scalars(select(User).where(User.email == COLLEAGUE)).one())


def notice(page: Page, words: str) -> None:
    expect(page.locator(".q-notification").filter(has_text=words).last).to_be_visible()


def test_files_are_chosen_and_dropped_and_what_cannot_be_printed_is_told(visitor: Visitor, tmp_path: Path) -> None:
    """PR-108, PR-119."""
    visitor.expected = ("415",)
    page = visitor.page
    visitor.go("/print-queue")
    expect(page.get_by_text("Nothing waits to be printed.")).to_be_visible()
    noise = tmp_path / "noise.pdf"
    noise.write_bytes(b"\x00\x01\x02")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choose files").click()
    chooser.value.set_files([letter_pdf(tmp_path), letter_txt(tmp_path), noise])
    expect(page.get_by_text("letter.pdf", exact=True)).to_be_visible()
    expect(page.get_by_text("letter.txt", exact=True)).to_be_visible()
    expect(page.get_by_role("alert")).to_contain_text("noise.pdf")
    drop(page, scan_png(tmp_path), "image/png")
    expect(page.get_by_role("listitem").filter(has_text="Being prepared")).to_have_count(3)
    prepare_batch.fn(local_administrator().organization_id)
    expect(page.get_by_text("Ready to be released")).to_have_count(3)
    expect(page.locator(".print-thumb img")).to_have_count(3)
    assert {job["name"] for job in visitor.api("/print-jobs")["items"]} == {"letter.pdf", "letter.txt", "scan.png"}


def drop(page: Page, path: Path, media_type: str) -> None:
    """Drag a file from the desktop onto the place for it."""
    content = base64.b64encode(path.read_bytes()).decode()
    transfer = page.evaluate_handle(
        """([content, name, type]) => {
            const bytes = Uint8Array.from(atob(content), char => char.charCodeAt(0));
            const transfer = new DataTransfer();
            transfer.items.add(new File([bytes], name, {type}));
            return transfer;
        }""",
        [content, path.name, media_type],
    )
    page.locator(".queue-uploader").dispatch_event("dragover", {"dataTransfer": transfer})
    page.locator(".q-uploader__dnd").dispatch_event("drop", {"dataTransfer": transfer})


def test_settings_are_changed_and_those_that_cannot_be_are_disabled(visitor: Visitor) -> None:
    """PR-27, PR-109, PR-110, PR-113."""
    page = visitor.page
    job = add_held(local_administrator(), "Report.pwg", media_type="image/pwg-raster")
    visitor.go("/print-queue")
    page.get_by_role("button", name="Settings of “Report.pwg”").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator(".q-field--disabled").filter(has_text="Orientation")).to_be_visible()
    expect(dialog.locator(".q-field--disabled").filter(has_text="Paper size")).to_have_count(0)
    dialog.get_by_label("Description").fill("For the board")
    dialog.get_by_role("spinbutton", name="Copies").fill("4")
    dialog.get_by_label("Sides").click()
    page.get_by_role("option", name="Both sides, turned over the long edge").click()
    dialog.get_by_label("Staple").click()
    page.get_by_role("option", name="Top left").click()
    dialog.get_by_role("button", name="Save").click()
    notice(page, "The settings are saved.")
    expect(page.get_by_text("For the board")).to_be_visible()
    kept = visitor.api(f"/print-jobs/{job}")
    assert kept["description"] == "For the board"
    expected = {"copies": 4, "sides": "two-sided-long-edge", "finishings": ["staple-top-left"]}
    assert {name: value for name, value in kept["ticket"].items() if value is not None} == expected
    set_print_settings(local_administrator(), jobs={"change_copies_enabled": False})
    page.get_by_role("button", name="Settings of “Report.pwg”").click()
    expect(dialog.get_by_role("spinbutton", name="Copies")).to_be_disabled()
    expect(dialog.get_by_role("spinbutton", name="Copies")).to_have_value("4")


def test_pages_that_are_none_are_refused_in_the_dialog(visitor: Visitor) -> None:
    page = visitor.page
    add_held(local_administrator(), "Report.pdf")
    visitor.go("/print-queue")
    page.get_by_role("button", name="Settings of “Report.pdf”").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Pages (empty: all)").fill("5-3")
    dialog.get_by_role("button", name="Save").click()
    notice(page, "“5-3” names no pages.")
    dialog.get_by_label("Pages (empty: all)").fill("1-3, 5")
    dialog.get_by_role("button", name="Save").click()
    notice(page, "The settings are saved.")


def test_one_and_several_jobs_are_deleted_after_a_question(visitor: Visitor) -> None:
    """PR-107."""
    page = visitor.page
    for name in ("one.pdf", "two.pdf", "three.pdf"):
        add_held(local_administrator(), name)
    visitor.go("/print-queue")
    page.get_by_role("button", name="Delete “one.pdf”").click()
    expect(page.get_by_role("dialog")).to_contain_text("Delete this job?")
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("one.pdf")).to_have_count(0)
    page.get_by_role("checkbox", name="Choose “two.pdf”").click()
    page.get_by_role("checkbox", name="Choose “three.pdf”").click()
    page.get_by_role("status").get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("Nothing waits to be printed.")).to_be_visible()
    assert visitor.api("/print-jobs")["items"] == []


def test_what_is_being_used_stays_as_it_is_while_the_queue_changes(visitor: Visitor) -> None:
    """Rows are not made anew: what is ticked, open or about to be pressed is still the same when others change."""
    page = visitor.page
    used, other = (add_held(local_administrator(), name) for name in ("used.pdf", "other.pdf"))
    visitor.go("/print-queue")
    page.get_by_role("checkbox", name="Choose “used.pdf”").click()
    expect(page.get_by_text("1 chosen")).to_be_visible()
    names = ("Settings of “used.pdf”", "Settings of “other.pdf”", "Choose none")
    buttons = [page.get_by_role("button", name=name).element_handle() for name in names]
    page.get_by_role("button", name="Settings of “used.pdf”").click()
    description = page.get_by_role("dialog").get_by_label("Description")
    description.fill("half a sent")
    with tenant_session(local_administrator().organization_id) as session:
        session.execute(update(PrintJob).where(PrintJob.id == other).values(state=JobState.PRINTING))
    add_held(local_administrator(), "new.pdf")
    expect(page.get_by_text("new.pdf")).to_be_visible()
    expect(page.get_by_role("listitem").filter(has_text="other.pdf")).to_contain_text("Printing")
    expect(description).to_have_value("half a sent")
    assert all(button.evaluate("node => node.isConnected") for button in buttons)
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(page.get_by_text("half a sent")).to_be_visible()
    expect(page.get_by_role("checkbox", name="Choose “used.pdf”")).to_be_checked()
    with tenant_session(local_administrator().organization_id) as session:
        session.execute(delete(PrintJob).where(PrintJob.id == used))
    expect(page.get_by_text("used.pdf")).to_have_count(0)
    expect(page.get_by_text("1 chosen")).to_be_hidden()
    assert buttons[1].evaluate("node => node.isConnected")


def test_a_long_queue_is_searched_and_read_on(visitor: Visitor) -> None:
    page = visitor.page
    for number in range(30):
        add_held(local_administrator(), f"Document {number:02}.pdf")
    visitor.go("/print-queue")
    expect(page.get_by_role("listitem")).to_have_count(25)
    page.get_by_role("button", name="Show more").click()
    expect(page.get_by_role("listitem")).to_have_count(30)
    page.get_by_label("Search").fill("07")
    expect(page.get_by_role("listitem")).to_have_count(1)


def test_an_administrator_works_in_the_queue_of_another(visitor: Visitor) -> None:
    """PR-106."""
    page = visitor.page
    add_held(colleague(), "Carl's.pdf")
    visitor.go("/print-queue")
    page.get_by_role("link", name="Other people’s queues").click()
    page.get_by_text("Carl Colleague").click()
    expect(page.get_by_role("heading", name="Print queue of Carl Colleague")).to_be_visible()
    page.get_by_role("button", name="Delete “Carl's.pdf”").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("Nothing waits to be printed.")).to_be_visible()


def test_defaults_are_set(visitor: Visitor) -> None:
    """PR-111."""
    page = visitor.page
    visitor.go("/print-queue")
    page.get_by_role("button", name="Default settings").click()
    page.get_by_role("dialog").get_by_label("Colour").click()
    page.get_by_role("option", name="Black and white").click()
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    notice(page, "The defaults are saved.")
    assert visitor.api("/print-jobs/defaults")["color_mode"] == "monochrome"


def test_a_delegate_is_added_and_removed(visitor: Visitor) -> None:
    """PR-165."""
    page = visitor.page
    visitor.go("/print-queue/delegates")
    page.get_by_role("button", name="Add a delegate").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Person").click()
    dialog.get_by_label("Person").type("carl")
    page.get_by_role("option", name="Carl Colleague").click()
    dialog.get_by_role("button", name="Add").click()
    notice(page, "The delegate is added.")
    expect(page.get_by_role("listitem")).to_contain_text("until")
    page.get_by_role("button", name="Remove Carl Colleague").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(page.get_by_text("Nobody else may release these print jobs.")).to_be_visible()


def test_the_mail_address_is_a_banner(visitor: Visitor) -> None:
    """PR-115."""
    open_address(local_administrator(), "northwind")
    visitor.go("/print-queue")
    expect(visitor.page.get_by_role("note")).to_contain_text("northwind@print.127.0.0.1")


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("look", ["light", "dark"])
def test_the_pages_fit_and_name_everything(open_window: Open, width: int, look: str, tmp_path: Path) -> None:
    window = open_window(width, 860, look)
    window.sign_in()
    for number in range(3):
        add_held(local_administrator(), f"A document with a rather long name, number {number}.pdf", description="Notes")
    for path in PATHS:
        window.go(path)
        page = window.page
        expect(page.locator("#main")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path
        assert page.evaluate(NAMELESS) == [], path
