"""Managed supplies as people meet them: a customer's contacts and printers, then the partner's desk (FL-455…FL-474)."""

from dataclasses import dataclass

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from domain.organizations.actor import actor_of_user
from domain.organizations.children import create_child
from domain.organizations.entitlements import Entitlement
from domain.organizations.models import GroupKind, GroupMember, Organization, User, now
from domain.organizations.roles import Role
from domain.organizations.service import local_administrator
from domain.tenancy import system_session, tenant_session
from fleet.managed_supplies.models import MembershipRequestRow, RequestState
from fleet.managed_supplies.programme import ProgrammeSettings, change_programme
from tests.browser.conftest import Open
from tests.support.fleet import add_printers
from tests.support.people import group


@dataclass(frozen=True)
class Customer:
    """A customer in the programme; its administrator has the password of all visitors."""

    id: str
    email: str


@pytest.fixture(scope="module")
def customer(portal: str) -> Customer:
    partner = local_administrator()
    roles = (Role.PARTNER_ADMINISTRATOR, Role.ORGANIZATION_ADMINISTRATOR, Role.FLEET_ADMINISTRATOR)
    with system_session() as session:
        session.get_one(Organization, partner.organization_id).may_have_children = True
    group_id = group(partner, "Desk", *(role.value for role in roles), kind=GroupKind.CHILD_ACCESS)
    with partner.session() as session:
        session.add(GroupMember(group_id=group_id, user_id=partner.user_id))
    partner = actor_of_user(partner.user_id)
    child = create_child(partner, "Lind AB", [Entitlement.FLEET, Entitlement.MANAGED_PRINT, Entitlement.SOLUTIONS])
    email = "fleet@lind.example"
    with system_session() as session:
        secret = session.get_one(User, partner.user_id).password_hash
        session.add(
            User(
                organization_id=child.id,
                email=email,
                name="Åsa Lind",
                password_hash=secret,
                roles=[Role.FLEET_ADMINISTRATOR.value, Role.SOLUTIONS_USER.value],
            )
        )
    change_programme(partner, ProgrammeSettings(options={"email": "desk@partner.example"}), {})
    return Customer(child.id, email)


def test_a_customer_adds_a_printer_and_the_partner_accepts_it(customer: Customer, open_window: Open) -> None:
    (printer,) = add_printers(customer.id, 1, life_pages=1200, last_refresh=now(), address="127.30.9.1")
    window = open_window()
    window.sign_in(customer.email)
    window.go("/delivery-contacts")
    page = window.page
    page.get_by_role("button", name="New contact").click()
    dialog = page.get_by_role("dialog")
    for label, value in {
        "First name": "Astrid",
        "Last name": "Lind",
        "Company": "Lind & Co",
        "E-mail address": "astrid@example.com",
        "Country code": "46",
        "Phone number": "8 123 45 67",
        "Street address": "Storgatan 1",
        "Postal code": "1112",
        "City": "Stockholm",
    }.items():
        dialog.get_by_label(label, exact=True).fill(value)
    dialog.get_by_label("Country", exact=True).fill("Swed")
    page.get_by_role("option", name="Sweden", exact=True).click()
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_text("“Postal code” looks different in this country, such as 111 22.")).to_be_visible()
    dialog.get_by_label("Postal code", exact=True).fill("111 22")
    dialog.get_by_role("button", name="Save").click()
    row = page.get_by_role("listitem").filter(has_text="Astrid Lind")
    expect(row).to_contain_text("Storgatan 1, 111 22 Stockholm, SE")
    expect(row).to_contain_text("Default")

    window.go(f"/printers/{printer}")
    page.get_by_role("button", name="Printers", exact=True).click()
    page.get_by_role("menuitem", name="Add to managed supplies").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("No delivery contact: 1")
    expect(dialog).to_contain_text("Eligible: 0")
    dialog.get_by_role("button", name="Cancel").click()
    expect(dialog).to_have_count(0)
    page.get_by_role("button", name="Printers", exact=True).click()
    page.get_by_role("menuitem", name="Assign delivery contact", exact=True).click()
    dialog.get_by_role("button", name="Assign").click()
    expect(page.get_by_text("Printers with this contact now: 1")).to_be_visible()
    expect(dialog).to_have_count(0)
    page.get_by_role("button", name="Printers", exact=True).click()
    page.get_by_role("menuitem", name="Add to managed supplies").click()
    expect(dialog).to_contain_text("Eligible: 1")
    expect(dialog.get_by_role("button", name="Add", exact=True)).to_be_disabled()
    dialog.get_by_role("checkbox", name="I accept the terms of the programme").click()
    dialog.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text("Printers that wait for the programme's answer now: 1")).to_be_visible()
    window.go("/managed-supplies")
    expect(page.get_by_role("listitem").filter(has_text="127.30.9.1")).to_contain_text("MSP (pending)")
    window.go(f"/printers/{printer}")
    section = page.get_by_role("region", name="Managed supplies")
    expect(section).to_contain_text("MSP (pending)")
    page.get_by_role("button", name="Printers", exact=True).click()
    expect(page.get_by_role("menuitem", name="Refresh information")).to_be_visible()
    expect(page.get_by_role("menuitem", name="Unenrol printers")).to_have_count(0)

    with tenant_session(customer.id) as session:  # as the flow does, once the desk has its letter
        request = session.scalars(select(MembershipRequestRow)).one()
        request.state, request.programme, request.reference = RequestState.PENDING, "desk", request.id
    partner = open_window()
    partner.sign_in()
    partner.go("/supplies-desk")
    desk = partner.page
    waiting = desk.get_by_role("listitem").filter(has_text="Lind AB")
    waiting.get_by_role("checkbox").click()
    desk.get_by_role("button", name="Accept", exact=True).click()
    desk.get_by_role("dialog").get_by_role("button", name="Accept").click()
    expect(waiting).to_contain_text("Accepted")
    window.go("/managed-supplies")
    expect(page.get_by_role("listitem").filter(has_text="127.30.9.1").get_by_text("MSP", exact=True)).to_be_visible()


def test_what_is_set_at_the_desk_holds(customer: Customer, open_window: Open) -> None:
    partner = open_window()
    partner.sign_in()
    partner.go("/supplies-desk?tab=programme")
    page = partner.page
    page.get_by_label("E-mail address of the desk").fill("nobody")
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_text("“nobody” is no e-mail address.")).to_be_visible()
    page.get_by_label("E-mail address of the desk").fill("orders@partner.example")
    page.get_by_label("Order at this percentage or less").fill("15")
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_text("The changes are saved.")).to_be_visible()
    partner.go("/supplies-desk?tab=programme")
    expect(page.get_by_label("E-mail address of the desk")).to_have_value("orders@partner.example")
    expect(page.get_by_label("Order at this percentage or less")).to_have_value("15")


@pytest.mark.parametrize("path", ["/managed-supplies", "/delivery-contacts", "/supplies-desk"])
def test_the_pages_fit_a_telephone(customer: Customer, open_window: Open, path: str) -> None:
    window = open_window(width=390)
    window.sign_in()
    window.go(path)
    assert window.page.evaluate("document.documentElement.scrollWidth") <= 390
