"""The audit trail as an administrator reads it: filters, paging, files."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import COLLEAGUE, Open, Visitor


@pytest.fixture
def trail(visitor: Visitor) -> Visitor:
    """The open page, after the administrator has made sixty solutions and deleted one."""
    ids = []
    for number in range(60):
        definition = {"name": f"Recorded {number}", "steps": [{"kind": "download"}]}
        made = visitor.page.request.post(f"{visitor.url}/api/v1/solutions", data=definition)
        if made.ok:
            ids.append(made.json()["id"])
    if len(ids) == 60:  # the portal is shared by the tests of a session
        visitor.page.request.delete(f"{visitor.url}/api/v1/solutions/{ids[0]}")
    visitor.go("/audit")
    return visitor


def test_newest_first_and_page_after_page(trail: Visitor) -> None:
    rows = trail.page.get_by_role("listitem")
    expect(rows).to_have_count(50)
    expect(rows.first).to_contain_text("Solution")
    expect(rows.first).to_contain_text("Administrator")
    trail.page.get_by_role("button", name="Show more").click()
    expect(rows.nth(55)).to_be_visible()


def test_filters(trail: Visitor) -> None:
    page = trail.page
    rows = page.get_by_role("listitem")
    page.get_by_role("combobox", name="Action").fill("Solution deleted")
    page.get_by_role("option", name="Solution deleted").click()
    expect(rows.filter(has_text="name: Recorded 0")).to_have_count(1)
    expect(rows.filter(has_not_text="Solution deleted")).to_have_count(0)
    deleted = rows.count()  # other tests of the session delete solutions too
    page.get_by_label("Person (e-mail or id)").fill("nobody@pressroom.example")
    expect(page.get_by_text("Nothing of the kind is recorded.")).to_be_visible()
    page.get_by_label("Person (e-mail or id)").fill("admin@pressroom.example")
    expect(rows).to_have_count(deleted)
    page.get_by_label("Up to and including").fill("2020-01-01")
    expect(page.get_by_text("Nothing of the kind is recorded.")).to_be_visible()


def test_files_hold_what_was_chosen(trail: Visitor, tmp_path: Path) -> None:
    page = trail.page
    page.get_by_role("combobox", name="Action").fill("Solution deleted")
    page.get_by_role("option", name="Solution deleted").click()
    link = page.get_by_role("link", name="Export as JSON lines")
    expect(link).to_have_attribute("href", re.compile("action=solution.deleted"))
    with page.expect_download() as download:
        link.click()
    download.value.save_as(tmp_path / "trail.jsonl")
    events = [json.loads(line) for line in (tmp_path / "trail.jsonl").read_text().splitlines()]
    assert {event["action"] for event in events} == {"solution.deleted"}
    assert [event["facts"]["name"] for event in events].count("Recorded 0") == 1


def test_it_fits_a_telephone(trail: Visitor) -> None:
    trail.page.set_viewport_size({"width": 390, "height": 844})
    width = trail.page.evaluate("document.documentElement.scrollWidth")
    assert width <= 390


def test_who_may_not_read_it_is_told_the_role(open_window: Open) -> None:
    window = open_window()
    window.expected = ("403",)
    window.sign_in(COLLEAGUE)
    window.go("/audit")
    expect(window.page.get_by_role("alert")).to_contain_text("Organization Administrator")
