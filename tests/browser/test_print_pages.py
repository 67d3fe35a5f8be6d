"""The pages of printing that administer assignments, clients, policies, reports, guests and universal print.

Each is walked once through its main job; then all of them on a phone, where nothing may stick out.
"""

from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from domain.cloud_printing.models import CloudPrinter, RegistrationState
from domain.organizations.actor import Actor
from domain.organizations.children import create_child
from domain.organizations.models import User, now
from domain.organizations.service import local_administrator
from domain.print_guests.admission import admit_guest
from domain.print_mail.mailboxes import get_mailbox
from domain.print_mail.models import MessageState, PrintMessage
from domain.print_mail.senders import UNKNOWN_SENDER
from domain.print_mail.sign_in import SignIn
from domain.printing.models import PrintSubmission
from domain.printing.settings import EmailSettings
from domain.printing.states import JobKind, JobSource
from domain.recorded_errors import error_record
from domain.tenancy import tenant_session
from fleet.printers.tags.service import change_tags, create_tag
from tests.browser.conftest import Open, Visitor, choose, press
from tests.browser.test_print_administration import notice, row
from tests.support.fleet import add_printers
from tests.support.nodes import storage_node
from tests.support.people import become_partner
from tests.support.print_settings import set_print_settings

PATHS = (
    "/print/assignments",
    "/print/packages",
    "/print/client-policies",
    "/print/client-policy-assignments",
    "/print/clients",
    "/print-nodes",
    "/print/reports",
    "/print/report-schedules",
    "/print/guests",
    "/print/universal",
)
GUEST = "guest@visitors.example"
MAILBOX = {"E-mail address of the mailbox": "print@customer.example", "User": "print", "Password": "secret"}


@pytest.fixture(scope="module")
def printing(portal: str) -> Actor:
    """An organization in which all of it is switched on: printers with a tag, a guest, a refused mail, a held job."""
    actor = local_administrator()
    set_print_settings(
        actor,
        policies={"client_enabled": True},
        assignments={"enabled": True, "use_with": "direct_and_offline", "mode": "cost_center"},
        email={"enabled": True, "local_part": "print", "guests_enabled": True},
        hybrid_storage={"enabled": True, "copies": 1},
        universal={"enabled": True, "printer_name": "Follow me", "share_name": "Contoso print"},
    )
    organization_id = actor.organization_id
    change_tags(actor, add_printers(organization_id, 2), give=[create_tag(actor, "Lobby").id], take=[])
    with tenant_session(organization_id) as session:
        session.get_one(User, actor.user_id).cost_center = "CC7"
        admit_guest(session, organization_id, GUEST, EmailSettings())
        reason = error_record(UNKNOWN_SENDER())
        session.add(PrintMessage(message_key="mail", state=MessageState.REFUSED, reason=reason, refused=1))
        places = {"printer": "1", "share": "2", "definition": "3", "trigger": "4"}
        session.add(
            CloudPrinter(
                organization_id=organization_id,
                state=RegistrationState.REGISTERED,
                tenant_id="7c1e0d55-0000-4000-8000-0a2b3c4d5e6f",
                tenant_name="Contoso",
                account="printer.admin@contoso.example",
                places=places,
            )
        )
    return actor


def dialog(page: Page) -> Locator:
    return page.get_by_role("dialog")


def test_printers_are_assigned_by_tag(printing: Actor, visitor: Visitor, tmp_path: Path) -> None:
    """PR-227: made, found by its tag, changed and deleted."""
    create_tag(printing, "Elsewhere")
    page = visitor.page
    visitor.go("/print/assignments")
    expect(page.get_by_text("Which printers people print to directly, or while the portal is away.")).to_be_visible()
    page.get_by_role("button", name="Create an assignment").click()
    dialog(page).get_by_label("Name", exact=True).fill("Lobby printers")
    dialog(page).get_by_label("E-mail addresses, one a line").fill(printing.email)
    lobby = page.get_by_role("option", name="Lobby", exact=True)
    press(page.get_by_role("combobox", name="Tags", exact=True), lobby)
    lobby.click()
    expect(dialog(page).get_by_text("Printers: 2")).to_be_visible()
    page.keyboard.press("Escape")
    page.screenshot(path=tmp_path / "assignment.png")
    dialog(page).get_by_role("button", name="Save").click()
    notice(page, "The changes are saved.")
    expect(row(page, "Lobby printers")).to_contain_text("Printers: 2")
    page.get_by_role("button", name="Printers of “Lobby printers”").click()
    expect(dialog(page).get_by_role("listitem")).to_have_count(2)
    page.screenshot(path=tmp_path / "printers.png")
    dialog(page).get_by_role("button", name="Close").click()
    expect(dialog(page)).to_have_count(0)
    for tab in ("Personal", "Cost centre"):
        expect(page.get_by_role("tab", name=tab)).to_be_visible()
    expect(page.get_by_role("tab", name="Department")).to_have_count(0)
    choose(page, "Tag", "Elsewhere")
    expect(page.get_by_text("There is no assignment here.")).to_be_visible()
    choose(page, "Tag", "Lobby")
    page.get_by_role("button", name="Change “Lobby printers”").click()
    dialog(page).get_by_label("Name", exact=True).fill("Printers of the lobby")
    dialog(page).get_by_role("button", name="Save").click()
    expect(row(page, "Printers of the lobby")).to_be_visible()
    page.get_by_role("button", name="Delete “Printers of the lobby”").click()
    dialog(page).get_by_role("button", name="Delete").click()
    expect(row(page, "Printers of the lobby")).to_have_count(0)


def test_a_package_of_ones_own_choice_keeps_what_was_chosen(printing: Actor, visitor: Visitor, tmp_path: Path) -> None:
    """A look at another type does not forget the choice, and what is asked for is what the form shows.

    PR-279: devices that need no package are named, with the way to what they need.
    """
    page = visitor.page
    visitor.go("/print/packages")
    expect(page.get_by_role("link", name="Phones and Chromebooks")).to_have_attribute("href", "/account#printing")
    page.get_by_role("radio", name="Chosen by myself").click()
    page.get_by_role("checkbox", name="Cloud printing").click()
    page.get_by_label("Name of the cloud queue").fill("Follow me")
    choose(page, "Default printer", "Cloud printing")
    page.get_by_role("radio", name="Cloud printing").click()
    page.get_by_role("radio", name="Chosen by myself").click()
    expect(page.get_by_role("checkbox", name="Cloud printing")).to_be_checked()
    expect(page.get_by_label("Name of the cloud queue")).to_have_value("Follow me")
    page.get_by_role("button", name="Make the package").click()
    notice(page, "The package is being made.")
    expect(row(page, "Being made")).to_be_visible()
    page.screenshot(path=tmp_path / "packages.png")


def test_a_client_policy_is_made_and_assigned(printing: Actor, visitor: Visitor, tmp_path: Path) -> None:
    """PR-269: it is made the default, and the default is taken away again, each after a question."""
    page = visitor.page
    visitor.go("/print/client-policies")
    page.get_by_role("button", name="Create a client policy").first.click()
    dialog(page).get_by_label("Name").fill("Slowly")
    dialog(page).get_by_role("radio", name="Enable automatic updates").click()
    dialog(page).get_by_role("radio", name="Within a period").click()
    dialog(page).get_by_label("Days").fill("5")
    page.screenshot(path=tmp_path / "policy.png")
    dialog(page).get_by_role("button", name="Save").click()
    expect(row(page, "Slowly")).to_contain_text("within 5 days")
    default = row(page, "Default client policy")
    expect(page.get_by_role("button", name="Remove default")).to_have_count(0)
    page.get_by_role("button", name="Set “Slowly” as default").click()
    dialog(page).get_by_role("button", name="Set as default").click()
    expect(default).to_contain_text("within 5 days")
    page.get_by_role("button", name="Remove default").click()
    dialog(page).get_by_role("button", name="Remove default").click()
    expect(default).to_contain_text("As the organization has set")
    visitor.go("/print/client-policy-assignments")
    page.get_by_role("tab", name="Cost centre").click()
    page.get_by_label("Name of the cost centre").fill("CC7")
    page.get_by_role("button", name="Assign", exact=True).click()
    expect(row(page, "CC7")).to_contain_text("Slowly")
    page.screenshot(path=tmp_path / "policy-assignments.png")


def test_several_storage_nodes_are_deactivated_and_deleted_at_once(
    printing: Actor, visitor: Visitor, tmp_path: Path
) -> None:
    """PR-257."""
    for name in ("Cellar", "Attic", "Gone"):
        storage_node(printing.organization_id, name)
    page = visitor.page
    visitor.go("/print-nodes")
    names = ("Cellar", "Attic")
    for action, shown in (("Deactivate", "Deactivated"), ("Delete", "Being deleted")):
        for name in names:
            page.get_by_role("checkbox", name=f"Select “{name}”").click()
        bar = page.get_by_role("status").filter(has_text="2 chosen")
        page.screenshot(path=tmp_path / f"{action}.png")
        bar.get_by_role("button", name=action).click()
        expect(dialog(page)).to_contain_text("2 storage nodes?")
        dialog(page).get_by_role("button", name=action).click()
        for name in names:
            expect(row_of_node(page, name)).to_contain_text(shown)
        expect(bar).to_be_hidden()
    expect(row_of_node(page, "Gone")).to_contain_text("Active")


def row_of_node(page: Page, name: str) -> Locator:
    return page.locator(".record").filter(has_text=name)


def test_printing_is_added_up_and_a_file_is_asked_for(printing: Actor, visitor: Visitor, tmp_path: Path) -> None:
    """Who has no department is in a group of their own (AC-115)."""
    page = visitor.page
    visitor.go("/print/reports")
    choose(page, "What", "Submitted")
    page.get_by_role("button", name="Generate report").click()
    expect(page.get_by_text("Nothing in this period")).to_be_visible()
    facts = {"job_id": "1", "user_id": printing.user_id, "submitted": now(), "media_type": "application/pdf"}
    with printing.session() as session:
        session.add(
            PrintSubmission(
                **facts, source=JobSource.WEB, kind=JobKind.CLOUD, pages=7, is_color=False, sides="one-sided", size=1
            )
        )
    choose(page, "Added up by", "Department")
    page.get_by_role("button", name="Generate report").click()
    expect(page.get_by_role("row", name="No department associated")).to_contain_text("7")
    page.get_by_role("button", name="Make the file").click()
    notice(page, "The file is being made.")
    expect(row(page, "Waiting")).to_be_visible()
    page.screenshot(path=tmp_path / "reports.png")


def test_a_partner_compares_customers_and_reports_on_one(printing: Actor, visitor: Visitor, tmp_path: Path) -> None:
    """AN-13, AN-61."""
    create_child(become_partner(printing), "Contoso")
    page = visitor.page
    visitor.go("/print/reports")
    choose(page, "About", "Customer")
    page.get_by_role("button", name="Generate report").click()
    notice(page, "It is not chosen what the report is about.")
    choose(page, "Customer", "All customers")
    page.get_by_role("button", name="Generate report").click()
    expect(page.get_by_role("row", name="Contoso")).to_be_visible()
    page.screenshot(path=tmp_path / "customers.png")
    choose(page, "Customer", "Contoso")
    choose(page, "Added up by", "Department")
    page.get_by_role("button", name="Generate report").click()
    expect(page.get_by_text("Nothing in this period")).to_be_visible()


def test_a_report_comes_every_month_by_mail(printing: Actor, visitor: Visitor, tmp_path: Path) -> None:
    """Made, changed, paused and deleted; an address that nobody here has is refused."""
    page = visitor.page
    visitor.go("/print/report-schedules")
    press(page.get_by_role("button", name="New scheduled report"), dialog(page))
    dialog(page).get_by_label("Name of the schedule").fill("Every month")
    recipients = dialog(page).get_by_label("Recipients")
    expect(recipients).to_have_value(printing.email)
    recipients.fill("nobody@outside.example")
    page.screenshot(path=tmp_path / "report-schedule.png")
    dialog(page).get_by_role("button", name="Save").click()
    notice(page, "Nobody with the address nobody@outside.example can sign in to this organization.")
    recipients.fill(printing.email)
    dialog(page).get_by_role("button", name="Save").click()
    notice(page, "The schedule is saved.")
    expect(row(page, "Every month")).to_contain_text("Every month, on day 1, 07:00")
    expect(row(page, "Every month")).to_contain_text("Next run")
    page.get_by_role("button", name="Pause “Every month”").click()
    expect(row(page, "Every month")).to_contain_text("Paused")
    page.screenshot(path=tmp_path / "report-schedules.png")
    press(page.get_by_role("button", name="Delete “Every month”"), page.get_by_text("Delete “Every month”?"))
    dialog(page).get_by_role("button", name="Delete", exact=True).click()
    notice(page, "“Every month” is deleted.")
    expect(page.get_by_text("There is no scheduled report yet.")).to_be_visible()


def test_a_guest_is_blocked_and_let_in_again(printing: Actor, visitor: Visitor, tmp_path: Path) -> None:
    page = visitor.page
    visitor.go("/print/guests")
    expect(page.get_by_text(UNKNOWN_SENDER.message)).to_be_visible()
    page.screenshot(path=tmp_path / "guests.png")
    press(page.get_by_role("button", name="Block Guest"), page.get_by_text("Block this guest?"))
    dialog(page).get_by_role("button", name="Block", exact=True).click()
    page.get_by_role("button", name="Let in again").click()
    notice(page, "The guest's next mail is taken again.")


def test_a_mailbox_is_set_up_corrected_and_forgotten(printing: Actor, visitor: Visitor, tmp_path: Path) -> None:
    """What is wrong is said in the dialog, which stays; the password that is kept need not be typed again."""
    page = visitor.page
    visitor.go("/print/guests")
    press(page.get_by_role("button", name="Set up a mailbox"), page.get_by_text("Mailbox for printing"))
    for title, value in MAILBOX.items():
        dialog(page).get_by_label(title, exact=True).fill(value)
    dialog(page).get_by_label("IMAP server", exact=True).fill("https://imap")
    dialog(page).get_by_role("button", name="Save").click()
    expect(dialog(page).get_by_text("IMAP server: This is not the name of a server.")).to_be_visible()
    dialog(page).get_by_label("IMAP server", exact=True).fill("imap.customer.example")
    page.screenshot(path=tmp_path / "mailbox.png")
    dialog(page).get_by_role("button", name="Save").click()
    expect(page.get_by_text("Not looked into yet")).to_be_visible()
    press(page.get_by_role("button", name="Change the mailbox"), page.get_by_text("Mailbox for printing"))
    dialog(page).get_by_label("Folder that is looked into").fill("Scans")
    dialog(page).get_by_role("button", name="Save").click()
    expect(dialog(page)).to_have_count(0)
    view = get_mailbox(printing)
    assert view is not None
    assert (view.settings.folder, view.settings.address) == ("Scans", "print@customer.example")
    press(page.get_by_role("button", name="Change the mailbox"), page.get_by_text("Mailbox for printing"))
    choose(page, "Sign-in", "OAuth 2 for Microsoft 365")
    for title, value in {"Client ID": "program", "Client secret": "secret"}.items():
        dialog(page).get_by_label(title, exact=True).fill(value)
    expect(dialog(page).get_by_label("Password (empty: as it is)")).to_have_count(0)
    dialog(page).get_by_role("button", name="Save").click()
    expect(dialog(page).get_by_text("Directory (tenant) ID: This is needed to sign in in that way.")).to_be_visible()
    dialog(page).get_by_label("Directory (tenant) ID", exact=True).fill("contoso.example")
    page.screenshot(path=tmp_path / "microsoft.png")
    dialog(page).get_by_role("button", name="Save").click()
    expect(dialog(page)).to_have_count(0)
    view = get_mailbox(printing)
    assert view is not None
    assert (view.settings.sign_in, view.settings.tenant, view.settings.client_id) == (
        SignIn.MICROSOFT, "contoso.example", "program"
    )  # fmt: skip
    press(page.get_by_role("button", name="Forget the mailbox"), page.get_by_text("Forget the mailbox?"))
    dialog(page).get_by_role("button", name="Forget", exact=True).click()
    expect(page.get_by_role("button", name="Set up a mailbox")).to_be_visible()


def test_a_registered_printer_shows_what_is_left_to_do_and_can_be_removed(
    printing: Actor, visitor: Visitor, tmp_path: Path
) -> None:
    page = visitor.page
    visitor.go("/print/universal")
    expect(page.get_by_text("Contoso (7c1e0d55-0000-4000-8000-0a2b3c4d5e6f)")).to_be_visible()
    expect(page.get_by_text("Allow everyone in your organization, or chosen groups, and share it.")).to_be_visible()
    page.screenshot(path=tmp_path / "universal.png")
    page.get_by_role("button", name="Sign in again").click()
    notice(page, "This installation is not registered as an application at Microsoft Universal Print.")
    press(page.get_by_role("button", name="Remove the printer"), page.get_by_text("Remove the printer?"))
    dialog(page).get_by_role("button", name="Remove the printer").click()
    expect(page.get_by_text("Being removed")).to_be_visible()


def test_nothing_sticks_out_on_a_phone(printing: Actor, open_window: Open, tmp_path: Path) -> None:
    window = open_window(width=390, height=844)
    window.sign_in()
    too_wide = {}
    for path in PATHS:
        window.go(path)
        width = window.page.evaluate("document.documentElement.scrollWidth")
        window.page.screenshot(path=tmp_path / f"{path.replace('/', '-')}.png", full_page=True)
        if width > 390:
            too_wide[path] = width
    assert too_wide == {}
