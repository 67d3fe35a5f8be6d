"""Administering printing in the browser: settings, a policy, a quota definition, whom they are for, and the status."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import delete

from domain.organizations.actor import Actor
from domain.organizations.models import User
from domain.organizations.service import local_administrator
from domain.print_definitions.models import DefinitionAssignment, PrintDefinition
from domain.print_quotas.models import PrintCharge, PrintQuotaMonth
from domain.print_settings.models import PrintMailAddress, SettingsEffect
from domain.printing.models import PrintSettingsRow
from domain.tenancy import system_session
from tests.browser.conftest import ADMINISTRATOR, Open, Visitor, choose
from tests.browser.test_portal import NAMELESS
from tests.support.print_settings import set_print_settings

PATHS = (
    "/print/settings",
    "/print/policies",
    "/print/policy-assignments",
    "/print/quotas",
    "/print/quota-assignments",
    "/print/quota-status",
)


@pytest.fixture
def printing(portal: str) -> Iterator[Actor]:
    """The administrator, in a cost centre; afterwards nothing of it is left."""
    actor = local_administrator()
    with actor.session() as session:
        session.get_one(User, actor.user_id).cost_center = "CC7"
    yield actor
    with system_session() as session:
        for table in (
            *(DefinitionAssignment, PrintDefinition, PrintCharge, PrintQuotaMonth),
            *(SettingsEffect, PrintMailAddress, PrintSettingsRow),
        ):
            session.execute(delete(table))
        session.get_one(User, actor.user_id).cost_center = ""


@pytest.fixture
def switched_on(printing: Actor) -> Actor:
    set_print_settings(
        printing,
        quotas={"enabled": True, "assignment_mode": "cost_center"},
        policies={"print_enabled": True, "print_assignment_mode": "cost_center"},
    )
    return printing


def row(page: Page, words: str) -> Locator:
    return page.get_by_role("listitem").filter(has_text=words)


def notice(page: Page, words: str) -> None:
    expect(page.locator(".q-notification").filter(has_text=words).last).to_be_visible()


def unfold(page: Page, section: str) -> Locator:
    """The section of that name, open."""
    region = page.get_by_role("region", name=section, exact=True)
    region.locator(".q-expansion-item > div > .q-item").click()
    return region


def test_settings_are_marked_refused_and_saved(printing: Actor, visitor: Visitor) -> None:
    """PR-16, PR-17: sections that fold, marked beside what was changed or is wrong."""
    page = visitor.page
    visitor.go("/print/settings")
    save = page.get_by_role("button", name="Save changes")
    expect(save).to_be_disabled()
    expect(page.get_by_role("link", name="Quota definitions")).to_have_count(0)
    email = unfold(page, "E-mail submission")
    email.get_by_role("switch", name="Print the text of the mail too").click()
    expect(email.get_by_text("Changed", exact=True)).to_have_count(2)
    save.click()
    expect(email.get_by_text("Switch printing by e-mail on first.")).to_be_visible()
    expect(email.get_by_text("Not valid", exact=True)).to_have_count(2)
    email.get_by_role("switch", name="Printing by e-mail", exact=True).click()
    email.get_by_label("First part of the address").fill("pressroom.print")
    quotas = unfold(page, "Quotas")
    quotas.get_by_role("switch", name="Print quotas").click()
    save.click()
    notice(page, "The changes are saved.")
    expect(page.get_by_text("Changed", exact=True)).to_have_count(0)
    saved = visitor.api("/print-settings")
    assert (saved["settings"]["email"]["local_part"], saved["settings"]["quotas"]["enabled"]) == (
        "pressroom.print",
        True,
    )
    visitor.go("/print/settings")
    expect(page.get_by_role("link", name="Quota definitions")).to_be_visible()
    expect(page.get_by_text("Quota status of everybody")).to_be_visible()


def test_a_policy_is_made_assigned_and_cannot_be_deleted_then(switched_on: Actor, visitor: Visitor) -> None:
    """PR-87, PR-97."""
    page = visitor.page
    visitor.go("/print/policies")
    expect(row(page, "Default print policy")).to_contain_text("Restricts nothing")
    page.get_by_role("button", name="Create a print policy").first.click()
    page.get_by_label("Name").fill("Sparing")
    page.get_by_role("switch", name="Force colour to black and white").click()
    page.get_by_label("Only jobs with at least so many pages").fill("3")
    page.get_by_role("switch", name="Restrict to days and times").click()
    page.get_by_role("radio", name="Monday to Friday").click()
    page.get_by_label("From").fill("22:00")
    page.get_by_label("Until").fill("06:00")
    page.get_by_role("button", name="Save").click()
    expect(row(page, "Sparing")).to_contain_text("Black and white only, from 3 pages on")
    expect(row(page, "Sparing")).to_contain_text("Monday to Friday: 22:00–06:00 (the day after)")
    (made,) = visitor.api("/print-policies")
    assert made["rules"]["schedule"]["window"] == {"start": "22:00:00", "end": "06:00:00"}

    visitor.go("/print/policy-assignments")
    page.get_by_role("tab", name="Cost centre").click()
    expect(page.get_by_label("What “Sparing” says")).to_contain_text("Black and white only, from 3 pages on")
    page.get_by_label("Name of the cost centre").fill("nowhere")
    page.get_by_role("button", name="Assign", exact=True).click()
    notice(page, "There is no such person, cost centre or department here")
    page.get_by_label("Name of the cost centre").fill("CC7")
    page.get_by_role("button", name="Assign", exact=True).click()
    expect(row(page, "CC7")).to_contain_text("People: 1")

    visitor.go("/print/policies")
    row(page, "Sparing").get_by_role("button", name="Delete “Sparing”").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    notice(page, "“Sparing” is assigned: CC7.")
    visitor.go("/print/policy-assignments")
    page.get_by_role("tab", name="Cost centre").click()
    page.get_by_role("checkbox", name="Select “CC7”").click()
    page.get_by_role("button", name="Remove policy").click()
    page.get_by_role("button", name="Remove", exact=True).click()
    expect(page.get_by_text("Nothing is assigned here: the default counts.")).to_be_visible()


def test_a_quota_is_defined_month_by_month_assigned_and_seen_in_the_status(
    switched_on: Actor, visitor: Visitor
) -> None:
    page = visitor.page
    visitor.go("/print/quotas")
    page.get_by_role("button", name="Create a quota definition").first.click()
    page.get_by_label("Name").fill("Year")
    page.get_by_role("radio", name="Limits for each month").click()
    choose(page, "Total", "Limited")
    page.get_by_label("Impressions a month").fill("500")
    page.get_by_role("combobox", name="Months").click()
    for month in ("July", "August"):
        page.get_by_role("option", name=month).click()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Set for these months").click()
    expect(page.get_by_role("listitem").filter(has_text="July: 500 impressions")).to_be_visible()
    page.get_by_role("button", name="Save").click()
    expect(row(page, "Year")).to_contain_text("July – August: 500 impressions")
    (made,) = visitor.api("/print-quotas/definitions")
    assert [month["total_limit"] for month in made["limits"]["months"]] == [None] * 6 + [500] * 2 + [None] * 4

    row(page, "Default print quota").get_by_role("button", name="Change “Default print quota”").click()
    choose(page, "Total", "Printing not allowed")
    page.get_by_role("button", name="Save").click()
    expect(row(page, "Default print quota")).to_contain_text("Printing not allowed")
    visitor.go("/print/quota-assignments")
    page.get_by_label("E-mail address").fill(ADMINISTRATOR)
    page.get_by_role("button", name="Assign", exact=True).click()
    expect(row(page, ADMINISTRATOR)).to_contain_text("Year")

    visitor.go("/print/quota-status")
    expect(row(page, ADMINISTRATOR)).to_contain_text("Year · Personal")
    expect(row(page, ADMINISTRATOR)).to_contain_text("Enough left")
    choose(page, "Quota status", "Used up")
    expect(row(page, ADMINISTRATOR)).to_have_count(0)
    expect(row(page, "colleague@")).to_contain_text("Default print quota · Default")
    with page.expect_download() as download:
        page.get_by_role("link", name="Export as CSV").click()
    lines = download.value.path().read_text(encoding="utf-8-sig").splitlines()
    assert ADMINISTRATOR not in "".join(lines)
    assert any("colleague@" in line for line in lines)


@pytest.mark.parametrize("path", PATHS)
def test_pages_fit_small_screens_and_dark_ones(switched_on: Actor, open_window: Open, path: str) -> None:
    window = open_window(width=390, height=844, look="dark")
    window.sign_in()
    window.go(path)
    expect(window.page.get_by_role("heading", level=1)).to_be_visible()
    assert window.page.evaluate("document.documentElement.scrollWidth") <= 390
    assert window.page.evaluate(NAMELESS) == []
