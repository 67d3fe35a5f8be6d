"""Page quotas in the browser: a partner gives pages, a customer's people see and use them, reports tell of it."""

import csv
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import delete, select

from domain.organizations.actor import Actor
from domain.organizations.models import Group, Organization, User, now
from domain.organizations.roles import Role
from domain.organizations.service import local_administrator
from domain.quotas.models import LedgerEntry, QuotaKind, QuotaUse, UserQuota
from domain.quotas.user_quotas import create_custom_quota, set_default_quota
from domain.runs.models import Run
from domain.tenancy import new_id, system_session
from steps.contract import Service
from tests.browser.conftest import ADMINISTRATOR, COLLEAGUE, Open, Visitor, choose
from tests.browser.test_composer import new, save
from tests.browser.test_portal import NAMELESS
from tests.support.quotas import customer_of, give, partner_of, person_of, set_limits, use

PATHS = (
    "/quotas",
    "/quotas/custom",
    "/quotas/usage",
    "/quotas/distributions",
    "/quotas/distributions/new",
    "/quotas/reports",
)
TODAY = now().date()


@pytest.fixture
def partner(portal: str) -> Iterator[Actor]:
    """The administrator as a partner, for one test; afterwards nothing of the quotas is left."""
    actor = partner_of(
        local_administrator(), Role.PARTNER_ADMINISTRATOR, Role.QUOTA_ADMINISTRATOR, Role.SOLUTIONS_ADMINISTRATOR
    )
    yield actor
    with system_session() as session:
        for table in (UserQuota, LedgerEntry, QuotaUse):
            session.execute(delete(table))
        customers = select(Organization.id).where(Organization.parent_id == actor.organization_id)
        session.execute(delete(Run).where(Run.organization_id.in_(customers)))
        session.execute(delete(Organization).where(Organization.parent_id == actor.organization_id))
        session.execute(delete(Group).where(Group.name == "Customers"))
    set_limits(actor, ocr=None, translation=None, redaction=None)


@pytest.fixture
def customer(partner: Actor) -> Actor:
    """A customer with a name of its own."""
    return customer_of(partner, f"Customer{new_id()[:6]}")


def name_of(actor: Actor) -> str:
    with system_session(read_only=True) as session:
        return session.get_one(Organization, actor.organization_id).name


def row(page: Page, words: str) -> Locator:
    return page.get_by_role("listitem").filter(has_text=words)


def notice(page: Page, words: str) -> None:
    expect(page.locator(".q-notification").filter(has_text=words).last).to_be_visible()


def test_a_partner_makes_edits_suspends_resumes_and_revokes_a_distribution(
    partner: Actor, customer: Actor, visitor: Visitor
) -> None:
    """SQ-3, SQ-21, SQ-26, SQ-30, SQ-31, SQ-34, SQ-35, SQ-36, SQ-37: perpetual unless custom is chosen and confirmed."""
    name, page = name_of(customer), visitor.page
    visitor.go("/quotas/distributions")
    expect(row(page, name)).to_contain_text("No distribution yet")
    row(page, name).get_by_role("link", name=f"Create a distribution for “{name}”").click()
    page.wait_for_url("**/quotas/distributions/new?organization=*")
    expect(page.get_by_role("combobox", name="Organization")).to_have_value(name)
    create = page.get_by_role("button", name="Create distribution")
    create.click()
    notice(page, "The distribution holds no pages of any service.")
    page.get_by_label("Text recognition (OCR): pages").fill("100")
    page.get_by_role("checkbox", name="Send a notification").click()
    page.get_by_label("E-mail address").fill("nobody")
    page.get_by_role("button", name="Add", exact=True).click()
    notice(page, "“nobody” is no e-mail address.")
    page.get_by_label("E-mail address").fill("ann@example.com")
    page.get_by_label("E-mail address").press("Enter")
    expect(page.get_by_role("button", name="Remove ann@example.com")).to_be_visible()
    create.click()
    page.wait_for_url("**/quotas/distributions")
    expect(row(page, name)).to_contain_text("Perpetual")
    expect(row(page, name)).to_contain_text("Text recognition (OCR): 100 of 100 left")
    expect(row(page, name)).to_contain_text("Changed")
    kept = visitor.api(f"/distributions/{customer.organization_id}")["distribution"]
    assert (kept["notify"], kept["expires_on"]) == (["ann@example.com"], None)

    row(page, name).get_by_role("link", name=f"Edit the distribution of “{name}”").click()
    choose(page, "Duration", "Custom")
    expect(page.get_by_label("Expiry date")).to_have_count(0)
    page.get_by_role("button", name="Confirm change").click()
    last = TODAY + timedelta(days=40)
    page.get_by_label("Expiry date").fill(last.isoformat())
    choose(page, "Redaction: how much", "Unlimited")
    page.get_by_role("button", name="Save changes").click()
    page.wait_for_url("**/quotas/distributions")
    expect(row(page, name)).to_contain_text(f"Until {last:%b} {last.day}, {last.year}")
    expect(row(page, name)).to_contain_text("Redaction: no limit")

    row(page, name).get_by_role("button", name=f"Suspend the distribution of “{name}”").click()
    page.get_by_role("checkbox", name="Redaction").click()
    page.get_by_role("button", name="Suspend", exact=True).click()
    expect(row(page, name)).to_contain_text("100 of 100 left · Suspended")
    row(page, name).get_by_role("button", name=f"Resume the distribution of “{name}”").click()
    expect(row(page, name)).not_to_contain_text("Suspended")

    row(page, name).get_by_role("button", name=f"Revoke the distribution of “{name}”").click()
    page.get_by_role("button", name="Continue").click()
    revoke = page.get_by_role("button", name="Revoke", exact=True)
    expect(revoke).to_be_disabled()
    page.get_by_label("Name of the organization").fill(name.upper())
    expect(revoke).to_be_disabled()
    page.get_by_label("Name of the organization").fill(name)
    revoke.click()
    expect(row(page, name)).to_contain_text("Revoked")


def test_a_distribution_that_the_partner_cannot_afford_is_refused(
    partner: Actor, customer: Actor, visitor: Visitor
) -> None:
    set_limits(partner, ocr=50)
    page = visitor.page
    visitor.go(f"/quotas/distributions/new?organization={customer.organization_id}")
    page.get_by_label("Text recognition (OCR): pages").fill("51")
    page.get_by_role("button", name="Create distribution").click()
    notice(page, "51 pages of “Text recognition (OCR)” are more than your organization has left to hand out: 50.")
    page.get_by_label("Text recognition (OCR): pages").fill("50")
    page.get_by_role("button", name="Create distribution").click()
    page.wait_for_url("**/quotas/distributions")


def test_the_cards_tell_one_s_own_the_organization_s_and_the_customers_pages(
    partner: Actor, customer: Actor, visitor: Visitor
) -> None:
    """SQ-33, SQ-82…SQ-84; each card asks again when its button is pressed."""
    give(partner, customer, ocr=100)
    use(customer, 25)
    use(partner, 3)
    set_default_quota(partner, {Service.OCR: 10})
    page = visitor.page
    visitor.go("/quotas")
    own = page.get_by_role("region", name="My quota pages used")
    expect(own).to_contain_text("3 of 10 pages used")
    expect(own.get_by_role("meter", name="Text recognition (OCR): 70 % left")).to_be_visible()
    expect(own).to_contain_text("Billed by use")
    organization = page.get_by_role("region", name="Organization distribution status")
    expect(organization).to_contain_text("Handed out to customers: 100.")
    organization.get_by_role("combobox", name="Organization").click()
    page.get_by_role("option", name=name_of(customer)).click()
    expect(organization).to_contain_text("25 of 100 pages used")
    expect(organization).to_contain_text("Perpetual")
    expect(organization).to_contain_text("Your own organization's total")
    billing = page.get_by_role("region", name="Organization quota status")
    expect(billing).to_contain_text("25 pages")
    expect(billing).to_contain_text("Upcoming billing cycle")
    use(customer, 5)
    billing.get_by_role("button", name="Refresh “Organization quota status”").click()
    expect(billing).to_contain_text("30 pages")


def test_the_billing_cycle_is_set_by_the_partner(partner: Actor, customer: Actor, visitor: Visitor) -> None:
    page = visitor.page
    visitor.go("/quotas/distributions")
    page.get_by_role("button", name="Billing cycle").click()
    expect(page.get_by_role("combobox", name="One cycle begins in")).to_be_hidden()
    choose(page, "Length", "3 months")
    choose(page, "One cycle begins in", "February")
    choose(page, "First day of a cycle", "15")
    with page.expect_navigation():
        page.get_by_role("button", name="Save", exact=True).click()
    assert visitor.api("/quotas/billing-cycle") == {"months": 3, "first_month": 2, "day": 15}
    reset = {"months": 1, "first_month": 1, "day": 1}
    answer = page.request.put(f"{visitor.url}/api/v1/quotas/billing-cycle", data=reset, headers={"origin": visitor.url})
    assert answer.ok


def test_default_and_custom_quotas_are_set_changed_and_deleted(partner: Actor, visitor: Visitor) -> None:
    person_of(partner, f"{new_id()[:6]}@pressroom.example", department="Sales")
    page = visitor.page
    visitor.go("/quotas")
    expect(page.get_by_role("region", name="Default quota")).to_contain_text("not set: everybody shares")
    page.get_by_role("button", name="Edit the default quota").click()
    choose(page, "Text recognition (OCR): how much", "Limited")
    page.get_by_label("Text recognition (OCR): pages").fill("40")
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_role("region", name="Default quota")).to_contain_text("40 pages for each person")

    visitor.go("/quotas/custom")
    page.get_by_role("button", name="Create", exact=True).click()
    page.get_by_label("E-mail address").fill("nobody@example.com")
    choose(page, "Redaction: how much", "Unlimited")
    page.get_by_role("button", name="Create quota").click()
    notice(page, "“nobody@example.com” is nobody of this organization.")
    page.get_by_label("E-mail address").fill(COLLEAGUE)
    page.get_by_role("button", name="Create quota").click()
    expect(row(page, COLLEAGUE)).to_contain_text("Redaction: unlimited")

    page.get_by_role("button", name="Create", exact=True).click()
    choose(page, "Type", "Department")
    page.get_by_label("Exact name of the department").fill("Sales")
    choose(page, "Text recognition (OCR): how much", "Limited")
    page.get_by_label("Text recognition (OCR): pages").fill("7")
    page.get_by_role("switch", name="All members share these pages").click()
    page.get_by_role("button", name="Create quota").click()
    expect(row(page, "Sales")).to_contain_text("Shared by its members: 1.")

    page.get_by_role("button", name="Create", exact=True).click()
    page.get_by_role("combobox", name="Type").click()
    expect(page.get_by_role("option", name="Cost centre")).to_have_count(0)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Cancel").click()

    page.get_by_role("button", name="Edit the quota of “Sales”").click()
    page.get_by_label("Text recognition (OCR): pages").fill("9")
    page.get_by_role("button", name="Save changes").click()
    expect(row(page, "Sales")).to_contain_text("Text recognition (OCR): 9")
    page.get_by_role("button", name="Delete the quota of “Sales”").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(row(page, "Sales")).to_have_count(0)


def test_usage_is_filtered_by_what_is_left_and_by_the_kind_of_quota(partner: Actor, visitor: Visitor) -> None:
    low, idle = (person_of(partner, f"{word}{new_id()[:6]}@pressroom.example") for word in ("low", "idle"))
    set_default_quota(partner, {Service.OCR: 100})
    create_custom_quota(partner, QuotaKind.PERSONAL, low.email, {Service.OCR: 10})
    use(low, 9)
    page = visitor.page
    visitor.go("/quotas/usage")
    expect(row(page, low.email)).to_contain_text("9 of 10")
    expect(row(page, low.email)).to_contain_text("1 left (10 %)")
    expect(row(page, idle.email)).to_contain_text("0 of 100")
    choose(page, "Remaining", "10 % or less left")
    expect(row(page, idle.email)).to_have_count(0)
    expect(row(page, low.email)).to_be_visible()
    choose(page, "Remaining", "Any amount left")
    choose(page, "Quota", "Default")
    expect(row(page, idle.email)).to_be_visible()
    expect(row(page, low.email)).to_have_count(0)


def test_reports_are_made_searched_opened_and_exported(
    partner: Actor, customer: Actor, visitor: Visitor, tmp_path: Path
) -> None:
    give(partner, customer)
    ann = person_of(customer, f"ann{new_id()[:6]}@customer.example", department="Sales")
    use(ann, 4, client_type="printer", printer_address="ipp://one")
    use(partner, 2)
    name, page = name_of(customer), visitor.page
    visitor.go("/quotas/reports")
    page.get_by_role("button", name="Generate report").click()
    table = page.get_by_role("table")
    expect(table.get_by_role("row").filter(has_text=name)).to_contain_text("4")
    page.get_by_label("Organization name").fill(name)
    expect(table.get_by_role("row")).to_have_count(2)
    table.get_by_role("link", name=name).click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    expect(page.get_by_role("table").get_by_role("row").filter(has_text=ann.email)).to_contain_text("4")
    with page.expect_download() as download:
        page.get_by_role("link", name="Export as CSV").click()
    file = tmp_path / "report.csv"
    download.value.save_as(file)
    (line,) = csv.DictReader(file.read_text(encoding="utf-8-sig").splitlines())
    assert (line["operation"], line["page count"], line["user e-mail"]) == ("OCR", "4", ann.email)
    assert (line["department"], line["client type"]) == ("Sales", "printer")


def test_a_solution_whose_quota_is_used_up_says_so_and_cannot_be_run(partner: Actor, visitor: Visitor) -> None:
    page = new(visitor, "Used up", "Extract text with OCR", "Download")
    save(visitor)
    visitor.go("/solutions")
    expect(page.get_by_role("link", name="Run “Used up”")).to_be_visible()
    set_default_quota(partner, {Service.OCR: 0})
    visitor.go("/solutions")
    card = page.locator("article.solution").filter(has_text="Used up")
    expect(card).to_contain_text("You have too few pages left for “Text recognition (OCR)”: 0.")
    expect(card).to_contain_text("Ask your organization's administrator for a larger quota.")
    expect(card.get_by_role("button", name="Run “Used up”")).to_be_disabled()
    page.get_by_role("button", name="Quotas").click()
    expect(page.locator(".menu-fact").filter(has_text="Text recognition (OCR)")).to_contain_text("0 pages")


def test_who_only_runs_solutions_sees_their_own_quota_and_no_more(open_window: Open) -> None:
    """SQ-13."""
    window = open_window()
    window.sign_in(COLLEAGUE)
    window.go("/quotas")
    expect(window.page.get_by_role("region", name="My quota pages used")).to_be_visible()
    expect(window.page.get_by_role("region")).to_have_count(1)
    navigation = window.page.get_by_role("navigation", name="Main navigation")
    expect(navigation.get_by_role("link")).to_have_count(1)
    window.expected = ("403",)
    for path in PATHS[1:]:
        answer = window.page.goto(window.url + path)
        assert answer is not None
        assert (path, answer.status) == (path, 403)
        expect(window.page.get_by_role("alert")).to_contain_text("You need the role")


@pytest.mark.parametrize(("width", "look", "locale"), [(390, "light", "sv"), (390, "dark", "en"), (1280, "dark", "sv")])
def test_every_page_fits_the_screen_and_names_every_control(
    partner: Actor, customer: Actor, open_window: Open, width: int, look: str, locale: str
) -> None:
    give(partner, customer)
    create_custom_quota(partner, QuotaKind.PERSONAL, ADMINISTRATOR, {Service.OCR: 10})
    window = open_window(width=width, look=look)
    window.sign_in()
    _speak(locale)
    try:
        for path in (*PATHS, f"/quotas/distributions/{customer.organization_id}"):
            window.go(path)
            expect(window.page.get_by_role("heading", level=1)).to_be_visible()
            assert (path, window.page.evaluate("document.documentElement.scrollWidth")) == (path, width)
            assert (path, window.page.evaluate(NAMELESS)) == (path, [])
    finally:
        _speak("en")


def test_a_distribution_is_made_by_keyboard_alone(partner: Actor, customer: Actor, visitor: Visitor) -> None:
    page = visitor.page
    visitor.go(f"/quotas/distributions/new?organization={customer.organization_id}")
    field = page.get_by_label("Text recognition (OCR): pages")
    _tab_to(page, field)
    page.keyboard.type("12")
    _tab_to(page, page.get_by_role("button", name="Create distribution"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/quotas/distributions")
    expect(row(page, name_of(customer))).to_contain_text("12 of 12 left")


def _tab_to(page: Page, wanted: Locator) -> None:
    for _ in range(60):
        if wanted.evaluate("one => one === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError("the keyboard does not get there")


def _speak(locale: str) -> None:
    with system_session() as session:
        session.scalars(select(User).where(User.email == ADMINISTRATOR)).one().locale = locale
