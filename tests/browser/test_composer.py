"""Composing: palette, order, values, locks, personal data, custom texts, and what keeps a solution from being saved."""

import re
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import NEWCOMER, Open, Visitor, press


def add(page: Page, *titles: str) -> None:
    for title in titles:
        before = steps(page).count()
        # On small screens the palette moves as the line beside it grows.
        press(page.get_by_role("button", name=f"Add step “{title}”"), steps(page).nth(before))
        expect(steps(page)).to_have_count(before + 1)


def steps(page: Page) -> Locator:
    return page.locator(".composer-line .step")


def new(visitor: Visitor, name: str, *kinds: str) -> Page:
    visitor.go("/solutions/new")
    visitor.page.get_by_label("Name", exact=True).fill(name)
    add(visitor.page, *kinds)
    return visitor.page


def save(visitor: Visitor) -> dict[str, Any]:
    """Press Save; what the records then hold."""
    visitor.page.get_by_role("button", name="Save", exact=True).click()
    visitor.page.wait_for_url("**/edit")
    return dict(visitor.api("/solutions/" + visitor.page.url.split("/")[-2]))


def test_a_newcomer_begins_with_a_ready_made_solution(open_window: Open) -> None:
    window = open_window()
    window.sign_in(NEWCOMER)
    page = window.page
    page.get_by_role("link", name="Scan to searchable PDF").click()
    expect(page.get_by_label("Name", exact=True)).to_have_value("Scan to searchable PDF")
    expect(page.get_by_text("Ready to be saved and run.")).to_be_visible()
    saved = save(window)
    assert [step["kind"] for step in saved["definition"]["steps"]] == ["ocr", "download"]
    window.go("/solutions")
    expect(page.get_by_role("heading", name="Scan to searchable PDF")).to_be_visible()


def test_composing_with_the_keyboard_alone(visitor: Visitor) -> None:
    visitor.go("/solutions/new")
    page = visitor.page
    page.get_by_label("Name", exact=True).fill("By keyboard")
    for title in ("Download", "Insert footer", "Extract text with OCR"):
        page.get_by_role("button", name=f"Add step “{title}”").focus()
        page.keyboard.press("Enter")
        expect(page.locator(".step:focus h3")).to_have_text(title)
    expect(page.locator(".step:focus h3")).to_have_text("Extract text with OCR")
    page.keyboard.press("Alt+ArrowUp")
    expect(page.locator(".step:focus h3")).to_have_text("Extract text with OCR")
    expect(page.locator(".step h3")).to_have_text(["Download", "Extract text with OCR", "Insert footer"])
    down = page.locator(".step", has_text="Download").get_by_role("button", name="Move down")
    down.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".step h3")).to_have_text(["Extract text with OCR", "Download", "Insert footer"])
    expect(page.locator(".step:has-text('Download') .move-down:focus")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.locator(".step h3")).to_have_text(["Extract text with OCR", "Insert footer", "Download"])


def test_steps_are_dragged_into_the_line_and_along_it(visitor: Visitor) -> None:
    page = new(visitor, "By mouse", "Download")
    page.get_by_role("button", name="Add step “Insert footer”").drag_to(steps(page).first)
    expect(page.locator(".step h3")).to_have_text(["Insert footer", "Download"])
    page.locator(".step-grip").last.drag_to(steps(page).first)
    expect(page.locator(".step h3").first).to_have_text("Download")
    page.locator(".step-grip").first.drag_to(page.locator(".line-end"))
    expect(page.locator(".step h3").first).to_have_text("Insert footer")


def test_the_ticket_shows_that_ocr_runs_first(visitor: Visitor) -> None:
    page = new(visitor, "Order", "Insert footer", "Extract text with OCR", "Download")
    expect(page.locator(".order-step").first).to_contain_text("Extract text with OCR")
    expect(page.get_by_text("OCR always runs first")).to_be_visible()


def test_broken_rules_are_shown_while_composing_and_refused_at_saving(visitor: Visitor) -> None:
    page = new(visitor, "Rules", "Extract text with OCR", "Insert footer")
    ticket = page.get_by_role("complementary", name="Job ticket")
    expect(ticket.get_by_text("The solution has no destination.")).to_be_visible()
    expect(steps(page).first.get_by_role("alert").filter(has_text="DOCX")).to_be_visible()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".q-notification")).to_be_visible()
    assert page.url.endswith("/new")
    steps(page).first.get_by_label("Output type", exact=True).click()
    page.get_by_role("option", name="Word (.docx)").click()
    add(page, "Download")
    expect(ticket.get_by_text("Ready to be saved and run.")).to_be_visible()
    saved = save(visitor)
    assert saved["definition"]["steps"][0]["parameters"]["output_type"] == "docx"


def test_an_empty_value_cannot_be_locked_and_a_filled_one_can(visitor: Visitor) -> None:
    page = new(visitor, "Locks", "E-mail")
    lock = page.get_by_role("button", name="Lock “Addresses”")
    lock.click()
    expect(page.locator(".q-notification")).to_contain_text("locked but empty")
    expect(lock).to_have_attribute("aria-pressed", "false")
    page.get_by_label("Addresses", exact=True).fill("ann@example.com")
    lock.click()
    expect(lock).to_have_attribute("aria-pressed", "true")
    saved = save(visitor)
    assert saved["definition"]["steps"][0]["locked"] == ["addresses"]
    assert saved["definition"]["steps"][0]["parameters"]["addresses"] == "ann@example.com"


def test_personal_data_is_picked_from_two_lists(visitor: Visitor) -> None:
    """SC-82b: by arrow, by drag, by double click."""
    page = new(visitor, "Personal data", "Redact", "Download")
    page.get_by_role("button", name="Choose personal data").click()
    available, selected = page.get_by_role("listbox", name="Available"), page.get_by_role("listbox", name="Selected")
    available.get_by_role("option", name="Person name").dblclick()
    expect(selected.get_by_role("option", name="Person name")).to_be_visible()
    available.get_by_role("option", name="E-mail address").click()
    page.get_by_role("button", name="Select the marked entries").click()
    expect(selected.get_by_role("option", name="E-mail address")).to_be_visible()
    available.get_by_role("option", name="URL").drag_to(selected)
    expect(selected.get_by_role("option", name="URL")).to_be_visible()
    page.get_by_label("Search").fill("german pass")
    page.get_by_label("Search").fill("")
    page.get_by_label("Search").fill("iban")
    expect(available.get_by_role("option")).to_have_text([re.compile("IBAN")])
    available.get_by_role("option").focus()
    page.keyboard.press("Enter")
    expect(selected.get_by_role("option", name="IBAN")).to_be_visible()
    page.get_by_label("Search").fill("")
    unavailable = available.get_by_role("option", name="Postal / street address")
    expect(unavailable).to_have_attribute("aria-disabled", "true")
    expect(unavailable).to_contain_text("Not yet available")
    unavailable.dblclick(force=True)
    page.get_by_role("button", name="Use these").click()
    assert save(visitor)["definition"]["steps"][0]["parameters"]["pii"] == [
        "PERSON",
        "EMAIL_ADDRESS",
        "URL",
        "IBAN_CODE",
    ]


def test_a_bad_expression_is_told_at_its_field(visitor: Visitor) -> None:
    page = new(visitor, "Expressions", "Redact", "Download")
    page.get_by_role("button", name="Add text").click()
    page.get_by_label("Custom text 1", exact=True).fill("(")
    page.get_by_label("Match mode of custom text 1").click()
    page.get_by_role("option", name="Regular expression").click()
    expect(page.locator(".field.wrong .complaint")).to_contain_text("not a valid regular expression")
    page.get_by_label("Custom text 1", exact=True).fill("(a|b) ")
    expect(page.locator(".field.wrong")).to_have_count(0)
    assert save(visitor)["definition"]["steps"][0]["parameters"]["custom_texts"] == [
        {"text": "(a|b) ", "mode": "ADVANCED"}
    ]


def test_leaving_with_unsaved_changes_asks_first(visitor: Visitor) -> None:
    page = new(visitor, "Unsaved", "Download")
    expect(page.get_by_text("Not saved")).to_be_visible()
    questions: list[str] = []
    page.on("dialog", lambda dialog: questions.append(dialog.type))
    page.on("dialog", lambda dialog: dialog.dismiss())
    page.get_by_role("link", name="Runs").click()
    page.wait_for_timeout(300)
    assert questions == ["beforeunload"]
    assert page.url.endswith("/solutions/new")
    save(visitor)
    page.get_by_role("link", name="Runs").click()
    page.wait_for_url("**/runs")
    assert questions == ["beforeunload"]


def test_two_who_edit_the_same_solution_are_told(visitor: Visitor, open_window: Open) -> None:
    new(visitor, "Shared work", "Download")
    address = save(visitor)["id"]
    other = open_window()
    other.sign_in()
    other.expected = ("409",)
    other.go(f"/solutions/{address}/edit")
    visitor.page.get_by_label("Description").fill("First")
    visitor.page.get_by_role("button", name="Save", exact=True).click()
    expect(visitor.page.get_by_text("Saved", exact=True)).to_be_visible()
    other.page.get_by_label("Description").fill("Second")
    other.page.get_by_role("button", name="Save", exact=True).click()
    expect(other.page.locator(".q-notification")).to_contain_text("changed by somebody else")
    assert visitor.api(f"/solutions/{address}")["definition"]["description"] == "First"
