"""Schedules and notification policies as an administrator makes them (FL-427…FL-446, FL-502…FL-516)."""

import re
from datetime import time, timedelta

import pytest
from playwright.sync_api import Page, expect

from domain.organizations.models import now
from domain.organizations.service import local_administrator
from domain.tenancy import tenant_session
from fleet.firmware.updates import FirmwareUpdate, UpdateTime, start_update
from fleet.notifications.models import Notification, PolicyKind
from fleet.printers.models import Tag
from fleet.printers.tags.service import list_tags
from fleet.schedules.service import create_schedule
from fleet.schedules.views import ScheduleForm
from tests.browser.conftest import Open, Visitor
from tests.support.fleet import add_printers


@pytest.fixture
def tagged(portal: str) -> str:
    """The name of a tag that there is."""
    home = local_administrator().organization_id
    with tenant_session(home) as session:
        session.merge(Tag(id="1" * 32, organization_id=home, name="North", name_key="north"))
    return "North"


def choose(page: Page, label: str, *options: str) -> None:
    dialog = page.get_by_role("dialog")
    dialog.get_by_label(label, exact=True).click()
    for option in options:
        page.get_by_role("option", name=option, exact=True).click()
    if len(options) > 1 or label in ("Tags", "Weekdays"):
        page.keyboard.press("Escape")


def test_a_schedule_is_made_paused_changed_and_deleted(visitor: Visitor, tagged: str) -> None:
    visitor.go("/fleet/schedules")
    page = visitor.page
    page.get_by_role("button", name="New schedule").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name of the schedule").fill("Weekend check")
    choose(page, "Run for", "Printers with tags")
    choose(page, "Tags", tagged)
    choose(page, "Recurrence", "Every week")
    choose(page, "Weekdays", "Saturday", "Sunday")
    dialog.get_by_label("Time", exact=True).fill("23:30")
    dialog.get_by_role("button", name="Save").click()
    row = page.get_by_role("listitem").filter(has_text="Weekend check")
    expect(row).to_contain_text("Check compliance")
    expect(row).to_contain_text("Every week: Saturday, Sunday, 23:30 UTC")
    expect(row).to_contain_text("Printers with tags")
    expect(row).to_contain_text("Next run")
    row.get_by_role("button", name="Pause “Weekend check”").click()
    expect(row).to_contain_text("Paused")
    row.get_by_role("button", name="Change “Weekend check”").click()
    expect(dialog.get_by_label("Name of the schedule")).to_have_value("Weekend check")
    choose(page, "Recurrence", "Every month")
    dialog.get_by_label("Day of the month").fill("31")
    dialog.get_by_role("button", name="Save").click()
    expect(row).to_contain_text("Every month, on day 31, 23:30 UTC")
    row.get_by_role("button", name="Delete “Weekend check”").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(row).to_have_count(0)


def test_what_waits_for_its_time_is_listed_with_the_schedules_and_narrowed(visitor: Visitor, tagged: str) -> None:
    """FL-309, FL-516: by type and issuer; schedules by tags name them."""
    actor = local_administrator()
    printers = add_printers(actor.organization_id, 2)
    tomorrow = {"day": (now() + timedelta(days=2)).date(), "at": time(1, 30), "zone": "UTC", "window_minutes": 60}
    start_update(actor, printers, FirmwareUpdate(when=UpdateTime(name="Sunday night", **tomorrow)))
    (tag,) = list_tags(actor)
    daily = {"name": "By tag", "kind": "check_compliance", "recurrence": "daily", "start": "2026-01-01", "at": "03:00"}
    schedule = {"time_zone": "UTC", "run_for": "tags", "tag_ids": [tag.id]}
    create_schedule(actor, ScheduleForm.model_validate(daily | schedule))
    visitor.go("/fleet/schedules")
    page = visitor.page
    once = page.get_by_role("list", name="Once, later").get_by_role("listitem")
    recurring = page.get_by_role("listitem").filter(has_text="By tag")
    expect(once).to_contain_text("Update firmware: Sunday night")
    expect(once).to_contain_text("Printers: 2")
    expect(recurring).to_contain_text(f"Printers with tags: {tagged}")
    expect(recurring).to_contain_text(actor.name)
    page.get_by_label("Type").click()
    page.get_by_role("option", name="Update firmware", exact=True).click()
    expect(recurring).to_have_count(0)
    expect(once).to_have_count(1)
    page.get_by_label("Issuer").click()
    expect(page.get_by_role("option")).to_have_text(["All", actor.name])
    page.keyboard.press("Escape")
    once.click()
    expect(page.get_by_role("heading", name="Update firmware: Sunday night")).to_be_visible()


def test_what_is_missing_is_said_and_nothing_is_lost(visitor: Visitor) -> None:
    visitor.go("/fleet/schedules")
    page = visitor.page
    page.get_by_role("button", name="New schedule").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name of the schedule").fill("Nothing chosen")
    choose(page, "Recurrence", "Every week")
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The days of the recurrence are missing.")).to_be_visible()
    expect(dialog.get_by_label("Name of the schedule")).to_have_value("Nothing chosen")


def test_a_policy_is_made_duplicated_and_deleted(visitor: Visitor, tagged: str) -> None:
    """FL-441: a duplicate must differ in more than its name."""
    visitor.go("/fleet/policies")
    page = visitor.page
    page.get_by_role("button", name="New policy").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name of the policy").fill("Toner low")
    dialog.get_by_label("Percent remaining, or less").fill("15")
    dialog.get_by_label("E-mail addresses, one a line").fill("stores@example.com\nann@example.com")
    dialog.get_by_role("button", name="Save").click()
    row = page.get_by_role("listitem").filter(has_text=re.compile("^.*Toner low(?! \\(copy)", re.DOTALL))
    expect(row).to_contain_text("Toner · 15 % or less")
    expect(row).to_contain_text("stores@example.com, ann@example.com")
    row.get_by_role("button", name="Duplicate “Toner low”").click()
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Another policy differs from this one in nothing but its name.")).to_be_visible()
    dialog.get_by_label("Percent remaining, or less").fill("5")
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_role("listitem")).to_have_count(2)
    for name in ("Toner low (copy)", "Toner low"):
        page.get_by_role("button", name=f"Delete “{name}”").click()
        page.get_by_role("dialog").get_by_role("button", name="Delete").click()
        expect(page.get_by_role("button", name=f"Delete “{name}”")).to_have_count(0)


def test_the_history_is_narrowed(visitor: Visitor) -> None:
    home = local_administrator().organization_id
    item = {"model": "PX C4150", "serial_number": "PXC1", "asset_tag": "A-7", "supply": "Black Toner", "percent": 9}
    with tenant_session(home) as session:
        session.merge(
            Notification(
                id="2" * 32,
                organization_id=home,
                kind=PolicyKind.SUPPLIES,
                policy_name="Toner low",
                recipients=["stores@example.com"],
                items=[item],
                search_key="pxc1\na-7\nstores@example.com",
                facets="|model:PX C4150|type:toner|supply:Black Toner|",
            )
        )
    visitor.go("/fleet/notifications")
    page = visitor.page
    rows = page.get_by_role("listitem")
    expect(rows).to_have_count(1)
    rows.first.get_by_text("1 entries").click()
    expect(rows.first).to_contain_text("PX C4150 · PXC1 · A-7 · Black Toner · 9")
    page.get_by_label("Serial number, asset tag or address").fill("B-9")
    expect(page.get_by_text("No mail was sent about this.")).to_be_visible()
    page.get_by_label("Serial number, asset tag or address").fill("a-7")
    expect(rows).to_have_count(1)
    for label, options in (("Supply", ["All", "Black Toner"]), ("Model", ["All", "PX C4150"])):  # FL-444
        page.get_by_label(label, exact=True).click()
        expect(page.get_by_role("option")).to_have_text(options)
        page.get_by_role("option", name=options[1]).click()
        expect(rows).to_have_count(1)


@pytest.mark.parametrize("path", ["/fleet/schedules", "/fleet/policies", "/fleet/notifications"])
def test_the_pages_fit_a_telephone(open_window: Open, path: str) -> None:
    window = open_window(width=390)
    window.sign_in()
    window.go(path)
    assert window.page.evaluate("document.documentElement.scrollWidth") <= 390
