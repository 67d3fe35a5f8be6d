"""The portal around the composer: signing in, list, runs, other pages, languages, looks and small screens."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from playwright.sync_api import expect

from benchmarks.installation import PASSWORD
from steps.samples import letter_docx, scan_png
from tests.browser.conftest import COLLEAGUE, Open, Visitor, another_page, press
from tests.browser.test_composer import new, save

PAGES = (
    "/solutions",
    "/solutions/new",
    "/runs",
    "/translation",
    "/translation/settings",
    "/print-queue",
    "/storage-accounts",
    "/settings",
)
NAMELESS = """() => [...document.querySelectorAll('button, a[href], input, textarea')]
  .filter(one => !['hidden', 'file'].includes(one.type))
  .filter(one => one.offsetParent !== null && one.tabIndex >= 0)
  .filter(one => !(one.innerText || '').trim() && !one.getAttribute('aria-label') && !one.labels?.length)
  .map(one => one.outerHTML.slice(0, 160))"""


def test_signing_in_leads_back_and_a_wrong_password_is_told(open_window: Open) -> None:
    window = open_window()
    page = window.page
    page.goto(f"{window.url}/settings")
    page.get_by_label("E-mail address").fill("admin@pressroom.example")
    page.get_by_role("button", name="Next").click()
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("The e-mail address or the password is wrong.")
    expect(page.get_by_label("E-mail address")).to_have_value("admin@pressroom.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/settings")
    expect(page.get_by_role("heading", name="Settings")).to_be_visible()
    page.get_by_role("button", name="Menu of Administrator").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in")
    page.goto(f"{window.url}/runs")
    assert "/sign-in?next=%2Fruns" in page.url


def test_a_page_left_open_does_nothing_after_signing_out(visitor: Visitor) -> None:
    page = new(visitor, "Too late", "Download")
    page.request.post(f"{visitor.url}/sign-out", headers={"origin": visitor.url})
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url("**/sign-in?next=*")
    visitor.walk_in()
    assert "Too late" not in [view["definition"]["name"] for view in _solutions(visitor)]


def test_a_solution_is_filtered_duplicated_exported_imported_and_deleted(visitor: Visitor, tmp_path: Path) -> None:
    """SC-100, SC-102."""
    new(visitor, "Invoices", "Download")
    save(visitor)
    visitor.go("/solutions")
    page = visitor.page
    cards = page.locator("article.solution")
    page.get_by_role("button", name="Duplicate “Invoices”").click()
    expect(page.get_by_role("heading", name="Invoices (copy)")).to_be_visible()
    page.get_by_label("Filter").fill("(copy)")
    expect(cards).to_have_count(1)
    page.get_by_role("tab", name="Organizational").click()
    expect(page.get_by_text("No solution fits the filter.")).to_be_visible()
    page.get_by_role("tab", name="Personal").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Export “Invoices (copy)”").click()
    file = tmp_path / "solution.yaml"
    download.value.save_as(file)
    assert yaml.safe_load(file.read_text())["steps"] == [{"kind": "download", "parameters": {}, "locked": []}]
    page.get_by_role("button", name="Delete “Invoices (copy)”").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_text("No solution fits the filter.")).to_be_visible()
    page.locator("input[type=file]").set_input_files(file)
    expect(page.get_by_role("heading", name="Invoices (copy)")).to_be_visible()
    file.write_text("format: something else")
    page.locator("input[type=file]").set_input_files(file)
    expect(page.locator(".q-notification").filter(has_text="does not describe a solution")).to_be_visible()


def test_who_may_only_run_solutions_can_look_at_a_shared_one_but_not_change_it(
    visitor: Visitor, open_window: Open
) -> None:
    page = new(visitor, "For all", "Download")
    page.get_by_role("switch", name="Share with my organization").click()
    solution = save(visitor)
    colleague = open_window()
    colleague.sign_in(COLLEAGUE)
    page = colleague.page
    expect(page.get_by_role("link", name="Run “For all”")).to_be_visible()
    expect(page.get_by_role("link", name="New solution")).to_have_count(0)
    expect(page.get_by_role("button", name="Delete “For all”")).to_have_count(0)
    colleague.go(f"/solutions/{solution['id']}/edit")
    expect(page.get_by_text("You can look at this solution and try it")).to_be_visible()
    expect(page.get_by_role("button", name="Save", exact=True)).to_have_count(0)
    page.get_by_label("Description").fill("Mine now")
    page.get_by_role("button", name="Dry run").click()
    page.wait_for_url("**/run?dry=1")
    assert visitor.api(f"/solutions/{solution['id']}")["definition"]["description"] == ""
    colleague.expected = ("403",)
    answer = page.goto(f"{colleague.url}/solutions/new")
    assert answer is not None
    assert answer.status == 403
    expect(page.get_by_role("alert")).to_contain_text("You need the role “Solutions Advanced User” for this.")


def test_run_is_offered_only_where_it_can_be_done(visitor: Visitor, open_window: Open) -> None:
    """SC-100, SC-110: a step for printers only, or a role that is missing, is told in place of Run."""
    for name, step in (("At printers", "Print"), ("Names hidden", "Redact")):
        page = new(visitor, name, step, *(["Download"] if step == "Redact" else []))
        page.get_by_role("switch", name="Share with my organization").click()
        save(visitor)
    visitor.go("/solutions")
    expect(page.get_by_role("link", name="Run “Names hidden”")).to_be_visible()
    expect(page.get_by_role("button", name="Run “At printers”")).to_be_disabled()
    expect(page.locator("article", has_text="At printers")).to_contain_text("“Print” does not work from here")
    colleague = open_window()
    colleague.sign_in(COLLEAGUE)
    expect(colleague.page.get_by_role("button", name="Run “Names hidden”")).to_be_disabled()
    hidden = colleague.page.locator("article", has_text="Names hidden")
    expect(hidden).to_contain_text("You need the role “Redaction User” for this.")


def test_the_quota_menu_has_a_line_for_each_service(visitor: Visitor) -> None:
    """SC-101."""
    visitor.go("/solutions")
    visitor.page.get_by_role("button", name="Quotas").click()
    expect(visitor.page.get_by_text("Remaining quota")).to_be_visible()
    expect(visitor.page.locator(".menu-fact").get_by_text("no limit")).to_have_count(3)


def test_a_wrong_file_is_refused_and_a_right_one_started_and_cancelled(
    visitor: Visitor, tmp_path: Path, letter: Path
) -> None:
    """SC-111, SC-112."""
    page = new(visitor, "Scans", "Extract text with OCR", "Download")
    solution = save(visitor)
    visitor.go(f"/solutions/{solution['id']}/run")
    start = page.get_by_role("button", name="Start")
    expect(start).to_be_disabled()
    page.locator("input[type=file]").set_input_files(letter)
    expect(page.locator(".drop .complaint")).to_be_visible()
    page.locator("input[type=file]").set_input_files(scan_png(tmp_path))
    expect(page.locator(".drop.filled")).to_contain_text("scan.png")
    page.get_by_label("Output type", exact=True).click()
    page.get_by_role("option", name="Plain text (.txt)").click()
    start.click()
    page.wait_for_url("**/runs/*")
    expect(page.locator(".run-status")).to_contain_text("Waiting")
    expect(page.get_by_role("listitem").filter(has_text="Original").locator("img")).to_have_js_property(
        "complete", True
    )
    expect(page.get_by_role("log")).to_contain_text("“scan.png” was handed in for “Scans”.")
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator(".run-status")).to_contain_text("Cancelled")
    visitor.go("/runs")
    page.get_by_label("State", exact=True).click()
    page.get_by_role("option", name="Cancelled").click()
    expect(page.locator("a.record")).to_have_count(1)
    page.get_by_label("Search").fill("no such solution")
    expect(page.get_by_text("There are no such runs.")).to_be_visible()


def test_a_document_is_translated_after_the_terms_are_accepted(visitor: Visitor, tmp_path: Path) -> None:
    """TR-6, TR-30…TR-35: by the application switcher; the terms each time, file, languages, delivery, and go."""
    page = visitor.page
    page.get_by_role("button", name="Applications").click()
    page.locator(".menu-row").get_by_text("Translation", exact=True).click()
    page.wait_for_url("**/translation")
    expect(page.get_by_role("button", name="Choose a file")).to_have_count(0)
    page.get_by_role("button", name="I accept the terms of use").click()
    start = page.get_by_role("button", name="Translate file")
    expect(start).to_be_disabled()
    page.locator("input[type=file]").set_input_files(letter_docx(tmp_path))
    expect(page.locator(".drop.filled")).to_contain_text("letter.docx")
    expect(start).to_be_disabled()
    page.get_by_label("Target languages").fill("Spanish")
    page.get_by_role("option", name="Spanish", exact=True).click()
    expect(start).to_be_enabled()
    expect(page.get_by_role("radio")).to_have_count(2)
    page.get_by_role("radio", name="E-mail").click()
    expect(page.get_by_text("It goes to admin@pressroom.example, the address of your account.")).to_be_visible()
    page.get_by_role("radio", name="Download").click()
    start.click()
    page.wait_for_url("**/translation/*")
    expect(page.get_by_role("log")).to_contain_text("“letter.docx” was handed in for “Translation”.")
    visitor.go("/translation")
    expect(page.get_by_role("button", name="I accept the terms of use")).to_be_visible()
    expect(page.get_by_role("list", name="Your latest translations")).to_contain_text("letter.docx")
    page.get_by_role("link", name="Translation settings").click()
    page.get_by_role("switch", name="Add footer text").click()
    page.get_by_label("Footer text").fill("For internal use")
    press(page.get_by_role("button", name="Save settings"), page.get_by_text("The settings are saved."))
    visitor.go("/translation")
    page.get_by_role("button", name="I accept the terms of use").click()
    expect(page.get_by_text("Your organization adds a footer to translations")).to_be_visible()


def test_storage_providers_are_enabled_linked_and_forgotten(visitor: Visitor) -> None:
    visitor.go("/settings")
    page = visitor.page
    page.get_by_role("switch", name="WebDAV").click()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The settings are saved.")).to_be_visible()
    visitor.go("/storage-accounts")
    page.get_by_role("button", name="Choose an account at WebDAV").click()
    page.get_by_label("Address").fill("https://dav.example.com/files")
    page.get_by_label("User name").fill("ann")
    page.get_by_label("Password").fill("secret")
    page.get_by_role("button", name="Link", exact=True).click()
    webdav = page.get_by_role("region", name="WebDAV")
    expect(webdav.get_by_text("Signed in", exact=True)).to_be_visible()
    assert "secret" not in page.content()
    page.get_by_role("button", name="Forget the account at WebDAV").click()
    page.get_by_role("button", name="Forget account", exact=True).click()
    expect(webdav.get_by_text("Not signed in")).to_be_visible()


@pytest.mark.parametrize("path", ["/solutions/unknown/edit", "/solutions/unknown/run", "/runs/unknown", "/nowhere"])
def test_what_does_not_exist_answers_404_in_the_portals_own_words(visitor: Visitor, path: str) -> None:
    visitor.expected = ("404",)
    answer = visitor.page.goto(visitor.url + path)
    assert answer is not None
    assert answer.status == 404
    expect(visitor.page.get_by_role("alert")).to_contain_text("does not exist")
    visitor.page.get_by_role("link", name="Go to the start page").click()
    visitor.page.wait_for_url("**/solutions")


def test_everything_is_in_swedish_after_the_language_is_changed(visitor: Visitor, open_window: Open) -> None:
    visitor.go("/solutions")
    page = visitor.page
    page.get_by_role("button", name="Menu of Administrator").click()
    with page.expect_navigation():
        page.get_by_text("Svenska").click()
    try:
        expect(page.get_by_role("link", name="Lösningar")).to_be_visible()
        assert page.locator("html").get_attribute("lang") == "sv"
        visitor.go("/solutions/new")
        expect(page.get_by_role("button", name="Spara", exact=True)).to_be_visible()
        expect(page.get_by_text("Lösningen har inget namn.")).to_be_visible()
    finally:
        page.get_by_role("button", name="Administrator").click()
        with page.expect_navigation():
            page.get_by_text("English").click()
    expect(page.get_by_role("link", name="Solutions")).to_be_visible()
    swede = open_window(locale="sv-SE")
    swede.page.goto(f"{swede.url}/sign-in")
    expect(swede.page.get_by_role("button", name="Nästa")).to_be_visible()


def test_the_look_is_chosen_and_kept(visitor: Visitor, open_window: Open) -> None:
    visitor.go("/runs")
    page = visitor.page
    expect(page.locator("body.body--light")).to_have_count(1)
    page.get_by_role("button", name="Menu of Administrator").click()
    page.get_by_text("Dark", exact=True).click()
    expect(page.locator("body.body--dark")).to_have_count(1)
    visitor.go("/settings")
    expect(page.locator("body.body--dark")).to_have_count(1)
    night = open_window(look="dark")
    night.page.goto(f"{night.url}/sign-in")
    expect(night.page.locator("body.body--dark")).to_have_count(1)


def test_somebody_says_what_they_think_of_a_page_and_operators_read_it(visitor: Visitor) -> None:
    """FL-333: from the menu of any page, with the page that it is about."""
    page = visitor.page
    visitor.go("/runs")
    menu = page.get_by_role("button", name="Menu of Administrator")
    entry = page.get_by_role("menuitem", name="Feedback")
    press(menu, entry)
    with another_page(page):
        entry.click()
    page.get_by_label("Your feedback").fill("I look for runs by their pages.")
    page.get_by_role("switch", name="You may contact me about it").click()
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("Thank you. Your feedback has been sent.")
    visitor.go("/feedback/received")
    entry = page.get_by_role("listitem").filter(has_text="I look for runs by their pages.")
    expect(entry).to_contain_text("Pressroom · /runs · Administrator (admin@pressroom.example)")
    assert visitor.api("/feedback")["items"][0]["page"] == "/runs"


def test_small_screens_need_no_sideways_scrolling(open_window: Open) -> None:
    window = open_window(width=390, height=844)
    window.sign_in()
    new(window, "Small screen", "Extract text with OCR", "Redact", "Insert footer", "E-mail", "Download")
    assert _width(window) == 390
    window.page.on("dialog", lambda dialog: dialog.accept())
    for path in PAGES:
        window.go(path)
        assert (path, _width(window)) == (path, 390)


def test_every_control_has_a_name_and_the_first_tab_skips_to_the_content(visitor: Visitor) -> None:
    new(visitor, "Names", "Extract text with OCR", "Translate", "Redact", "Insert footer", "Send to cloud storage")
    assert visitor.page.evaluate(NAMELESS) == []
    visitor.page.on("dialog", lambda dialog: dialog.accept())
    for path in PAGES:
        visitor.go(path)
        assert (path, visitor.page.evaluate(NAMELESS)) == (path, [])
    visitor.page.keyboard.press("Tab")
    expect(visitor.page.locator("a.skip")).to_be_focused()


def _width(window: Visitor) -> int:
    return int(window.page.evaluate("document.documentElement.scrollWidth"))


def _solutions(window: Visitor) -> Any:
    return window.api("/solutions")
