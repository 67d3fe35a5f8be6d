"""Printer login in the browser: the configuration, badges and PINs, an import, and one's login code."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import ADMINISTRATOR, COLLEAGUE, Open, Visitor, until_alive
from tests.browser.test_portal import NAMELESS

PATHS = ("/printer-login", "/badges", "/badges?tab=pins", "/device", "/account/printer-login")
HEADER = "BADGE,OPERATION,EMAIL,TEMPORARY,PIN\n"


def settings(visitor: Visitor, **values: Any) -> None:
    """Set the configuration by the API."""
    answer = visitor.page.request.put(
        f"{visitor.url}/api/v1/printer-login", data=values, headers={"origin": visitor.url}
    )
    assert answer.ok, answer.text()


def remove_everything(visitor: Visitor) -> None:
    for kind in ("badges", "pins"):
        ids = [entry["id"] for entry in visitor.api(f"/{kind}")["items"]]
        if ids:
            address = f"{visitor.url}/api/v1/{kind}/removals"
            assert visitor.page.request.post(address, data={"ids": ids}, headers={"origin": visitor.url}).ok


@pytest.fixture(autouse=True)
def _as_new(visitor: Visitor) -> Iterator[None]:
    """Every test begins with the defaults and without badges and PINs, in the language of the tests."""
    settings(visitor)
    remove_everything(visitor)
    yield
    settings(visitor)


def notice(page: Page, words: str) -> None:
    expect(page.locator(".q-notification").filter(has_text=words).last).to_be_visible()


def meaning(page: Page) -> Any:
    return page.get_by_role("complementary", name="What this means")


class TestConfiguration:
    def test_the_form_says_at_once_what_cannot_be_saved(self, visitor: Visitor) -> None:
        """Acceptance check 9."""
        visitor.go("/printer-login")
        page = visitor.page
        save = page.get_by_role("button", name="Save changes")
        expect(meaning(page)).to_contain_text("This holds at the printers now.")
        expect(save).to_be_disabled()
        page.get_by_role("checkbox", name="Badge").click()
        expect(save).to_be_enabled()
        page.get_by_role("checkbox", name="Secure login").click()
        expect(meaning(page)).to_contain_text("No way to sign in at printers is selected.")
        expect(save).to_be_disabled()
        page.get_by_role("checkbox", name="PIN").click()
        expect(save).to_be_enabled()
        page.get_by_label("Digits of a PIN").fill("3")
        expect(meaning(page)).to_contain_text("Digits of a PIN: The number must be 4 or more.")
        page.get_by_label("Digits of a PIN").fill("8")
        expect(meaning(page)).to_contain_text("New ones have 8 digits.")
        save.click()
        notice(page, "The changes are saved.")
        expect(save).to_be_disabled()
        kept = visitor.api("/printer-login")
        assert (kept["methods"], kept["pin_length"]) == (["pin"], 8)

    def test_the_expiry_is_there_only_for_pins_that_are_not_generated(self, visitor: Visitor) -> None:
        """Acceptance check 9."""
        settings(visitor, methods=["pin"], pin_expiry={"amount": 12, "unit": "hours"})
        visitor.go("/printer-login")
        page = visitor.page
        expect(page.get_by_label("Expire after")).to_have_value("12")
        page.get_by_role("radio", name="Generate PINs and send them by e-mail").click()
        expect(page.get_by_role("switch", name="PINs expire")).to_have_count(0)
        expect(page.get_by_label("Expire after")).to_have_count(0)
        expect(meaning(page)).to_contain_text("does not count as long as PINs are generated")
        expect(page.get_by_text("This installation has no mail server yet")).to_be_visible()
        page.get_by_role("radio", name="Administrators set PINs").click()
        expect(page.get_by_label("Expire after")).to_have_value("12")
        page.get_by_label("Expire after").fill("181")
        page.get_by_label("Unit").click()
        page.get_by_role("option", name="days").click()
        expect(meaning(page)).to_contain_text("A PIN cannot expire after 181 days.")
        page.get_by_role("switch", name="PINs expire").click()
        page.get_by_role("button", name="Save changes").click()
        notice(page, "The changes are saved.")
        assert visitor.api("/printer-login")["pin_expiry"] is None

    def test_badge_and_pin_leave_secure_login_to_choose(self, visitor: Visitor) -> None:
        visitor.go("/printer-login")
        page = visitor.page
        page.get_by_role("radio", name="Badge, and PIN as second factor").click()
        expect(page.get_by_role("checkbox")).to_have_count(1)
        expect(page.get_by_label("Digits of a PIN")).to_be_visible()
        page.get_by_role("checkbox", name="Also allow secure login instead").click()
        expect(meaning(page)).to_contain_text("At printers with a 2.8-inch panel nobody can sign in")
        page.get_by_role("button", name="Save changes").click()
        notice(page, "The changes are saved.")
        kept = visitor.api("/printer-login")
        assert (kept["mode"], kept["methods"]) == ("badge_and_pin", ["badge", "pin"])

    def test_settings_of_card_readers_are_tried_on_a_badge(self, visitor: Visitor) -> None:
        visitor.go("/printer-login")
        page = visitor.page
        page.get_by_text("Card readers").click()
        trial = page.get_by_label("Try it: hold a badge to a reader here")
        trial.fill(";04a1b2c3?")
        expect(page.locator(".trial-number")).to_have_text(";04A1B2C3?")
        page.get_by_label("Start mark").fill(";")
        page.get_by_label("End mark").fill("?")
        expect(page.locator(".trial-number")).to_have_text("04A1B2C3")
        expect(page.locator(".trial-result")).to_contain_text("As a decimal number: 77705923")
        page.get_by_label("Badges are registered as").click()
        page.get_by_role("option", name="Decimal number", exact=True).click()
        expect(meaning(page)).to_contain_text("Only numbers can be converted")
        page.get_by_label("Readers send", exact=True).click()
        page.get_by_role("option", name="Hexadecimal number").click()
        expect(page.locator(".trial-number")).to_have_text("77705923")
        trial.fill("not hexadecimal")
        expect(page.locator(".trial-result")).to_contain_text("does not fit the settings")
        page.get_by_role("button", name="Save changes").click()
        notice(page, "The changes are saved.")
        assert visitor.api("/printer-login")["card_reader"]["registered_as"] == "decimal"

    def test_who_may_not_change_it_is_told_which_role_is_missing(self, visitor: Visitor, open_window: Open) -> None:
        colleague = open_window()
        colleague.sign_in(COLLEAGUE)
        colleague.expected = ("403",)
        for path in ("/printer-login", "/badges"):
            colleague.page.goto(colleague.url + path)
            expect(colleague.page.get_by_role("alert")).to_contain_text("You need the role")


class TestBadges:
    def register(self, page: Page, number: str, *switches: str) -> None:
        page.get_by_role("button", name="Register a badge").click()
        page.get_by_label("E-mail address", exact=True).fill(COLLEAGUE.upper())
        for switch in switches:
            page.get_by_role("switch", name=switch).click()
        page.get_by_label("Badge ID", exact=True).fill(number)
        page.get_by_role("button", name="Register badge", exact=True).click()
        expect(page.get_by_role("dialog")).to_have_count(0)

    def test_they_are_registered_found_and_removed_several_at_once(self, visitor: Visitor) -> None:
        visitor.go("/badges")
        page = visitor.page
        rows = page.get_by_role("listitem")
        expect(page.get_by_text("No badge is registered yet.")).to_be_visible()
        self.register(page, "4711a", "Show badge ID")
        self.register(page, "4712b", "Temporary badge")
        self.register(page, "4713c")
        expect(rows).to_have_count(3)
        expect(rows.filter(has_text="4711a")).to_contain_text("Permanent")
        expect(rows.filter(has_text="Until")).to_contain_text("••••")
        assert "4712b" not in page.content()
        search = page.get_by_label("Complete e-mail address or badge ID")
        for words, found in (("4712", 0), ("4712B", 1), ("colleague", 0), (COLLEAGUE, 3)):
            search.fill(words)
            expect(rows).to_have_count(found)
        visitor.go("/badges?search=4712b")
        expect(rows).to_have_count(1)
        visitor.go("/badges")
        page.get_by_role("checkbox").nth(0).click()
        page.get_by_role("checkbox").nth(1).click()
        expect(page.get_by_text("2 chosen")).to_be_visible()
        page.get_by_role("button", name="Remove", exact=True).click()
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text("Remove 2 entries?")
        dialog.get_by_role("button", name="Remove").click()
        notice(page, "Removed: 2")
        expect(rows).to_have_count(1)
        expect(rows).to_contain_text("4711a")

    def test_what_goes_wrong_is_told_and_the_dialog_stays(self, visitor: Visitor) -> None:
        visitor.go("/badges")
        page = visitor.page
        self.register(page, "4711a")
        page.get_by_role("button", name="Register a badge").click()
        page.get_by_label("E-mail address", exact=True).fill(ADMINISTRATOR)
        page.get_by_label("Badge ID", exact=True).fill("4711A")
        page.get_by_label("Badge ID", exact=True).press("Enter")
        notice(page, "This badge is registered for somebody else.")
        page.get_by_label("E-mail address", exact=True).fill("nobody@example.com")
        page.get_by_role("button", name="Register badge", exact=True).click()
        notice(page, "This person does not exist.")
        page.get_by_role("button", name="Cancel").click()
        expect(page.get_by_role("listitem")).to_have_count(1)

    def test_a_file_is_imported_in_the_background(self, visitor: Visitor, tmp_path: Path) -> None:
        visitor.go("/badges")
        page = visitor.page
        wrong, right = tmp_path / "wrong.csv", tmp_path / "badges.csv"
        wrong.write_text("badge,operation\n")
        right.write_text(HEADER + f"4711a,CREATE,{COLLEAGUE},false,\n")
        page.get_by_role("button", name="Import").click()
        expect(page.get_by_role("dialog")).to_contain_text("20171a,CREATE,jdoe@example.com,false,")
        page.locator("input[type=file]").set_input_files(wrong)
        notice(page, "The first line does not name the columns.")
        page.locator("input[type=file]").set_input_files(right)
        page.wait_for_url("**/tasks/*")
        expect(page.get_by_role("heading", name="Import of badges and PINs from “badges.csv”")).to_be_visible()


class TestPins:
    def test_administrators_set_them_where_that_is_chosen(self, visitor: Visitor) -> None:
        settings(visitor, methods=["pin"], pin_generation="administrator", pin_expiry={"amount": 7, "unit": "days"})
        visitor.go("/badges?tab=pins")
        page = visitor.page
        page.get_by_role("button", name="Set a PIN").click()
        page.get_by_label("E-mail address", exact=True).fill(COLLEAGUE)
        page.get_by_label("PIN with 6 digits").fill("111111")
        page.get_by_role("button", name="Generate PIN").click()
        notice(page, "This PIN is easy to guess.")
        page.get_by_label("PIN with 6 digits").fill("482915")
        page.get_by_role("button", name="Generate PIN").click()
        notice(page, "The PIN is set.")
        row = page.get_by_role("listitem")
        expect(row).to_contain_text("Set by an administrator")
        expect(row).to_contain_text("Expires")
        assert "482915" not in page.content()
        settings(visitor, methods=["pin"], pin_generation="administrator", pin_length=8)
        visitor.go("/badges?tab=pins")
        expect(page.get_by_text("Must be reset")).to_be_visible()

    def test_generated_ones_are_mailed_without_being_typed(self, visitor: Visitor) -> None:
        settings(visitor, methods=["pin"], pin_generation="auto")
        visitor.go("/badges?tab=pins")
        page = visitor.page
        page.get_by_role("button", name="Set a PIN").click()
        expect(page.get_by_label("PIN with 6 digits")).to_have_count(0)
        page.get_by_label("E-mail address", exact=True).fill(COLLEAGUE)
        page.get_by_role("button", name="Generate PIN").click()
        notice(page, "The PIN is on its way by e-mail.")
        expect(page.get_by_role("listitem")).to_contain_text("Generated and sent by e-mail")

    @pytest.mark.parametrize(
        ("values", "words"),
        [
            ({"methods": ["badge"]}, "Printers take no PINs now."),
            ({"methods": ["pin"], "pin_generation": "user"}, "people set their PINs themselves"),
        ],
    )
    def test_where_administrators_do_not_set_them_it_says_so(
        self, visitor: Visitor, values: dict[str, Any], words: str
    ) -> None:
        settings(visitor, **values)
        visitor.go("/badges")
        page = visitor.page
        page.get_by_role("tab", name="PINs").click()
        expect(page.get_by_role("note")).to_contain_text(words)
        expect(page.get_by_role("button", name="Set a PIN")).to_be_disabled()


class TestLoginCode:
    def test_everybody_gets_one_that_is_renewed_on_demand(self, visitor: Visitor, open_window: Open) -> None:
        """AC-158…AC-160"""
        colleague = open_window(width=390, height=844)
        colleague.sign_in(COLLEAGUE)
        colleague.go("/device")
        page = colleague.page
        first = page.locator(".code").inner_text()
        expect(page.get_by_role("timer")).to_contain_text("Good for 14:")
        assert colleague.api("/me/login-code")["code"] == "".join(first.split())
        page.reload()
        expect(page.locator(".code")).to_have_text("".join(first.split()))
        until_alive(page)
        page.get_by_role("button", name="Refresh").click()
        expect(page.locator(".code")).not_to_have_text("".join(first.split()))

    def test_without_secure_login_there_is_none(self, visitor: Visitor) -> None:
        settings(visitor, methods=["badge"])
        visitor.expected = ("409",)
        visitor.page.goto(f"{visitor.url}/device")
        expect(visitor.page.get_by_role("alert")).to_contain_text("Printers of your organization take no login codes.")


class TestOneself:
    def test_everybody_sets_a_pin_and_registers_a_badge(self, visitor: Visitor, open_window: Open) -> None:
        """AC-176"""
        settings(visitor, methods=["badge", "pin", "secure_login"])
        colleague = open_window()
        colleague.sign_in(COLLEAGUE)
        colleague.go("/account/printer-login")
        page = colleague.page
        page.get_by_role("button", name="Set a PIN").click()
        page.get_by_label("PIN with 6 digits").fill("123456")
        page.get_by_role("button", name="Save").click()
        notice(page, "This PIN is easy to guess.")
        page.get_by_label("PIN with 6 digits").fill("482915")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text("Set by its owner")).to_be_visible()
        page.get_by_role("button", name="Register a badge").click()
        page.get_by_label("Badge ID").fill("4711a")
        page.get_by_label("Description").fill("My card")
        page.get_by_role("button", name="Register badge", exact=True).click()
        expect(page.get_by_role("listitem")).to_contain_text("My card")
        page.get_by_role("button", name="Remove the badge “My card”").click()
        page.get_by_role("dialog").get_by_role("button", name="Remove").click()
        expect(page.get_by_role("listitem")).to_have_count(0)
        page.get_by_role("button", name="Remove the PIN").click()
        page.get_by_role("dialog").get_by_role("button", name="Remove").click()
        expect(page.get_by_text("You have no PIN yet.")).to_be_visible()
        page.get_by_role("link", name="Get a login code").click()
        expect(page.locator(".code")).to_be_visible()

    def test_the_way_of_the_organization_is_offered(self, visitor: Visitor) -> None:
        settings(visitor, methods=["pin"], pin_generation="administrator")
        visitor.go("/account/printer-login")
        page = visitor.page
        expect(page.get_by_text("Administrators set the PINs of your organization")).to_be_visible()
        expect(page.get_by_role("button", name="Set a PIN")).to_have_count(0)
        settings(visitor, methods=["pin"], pin_generation="auto")
        visitor.go("/account/printer-login")
        page.get_by_role("button", name="Send me a new PIN").click()
        notice(page, "The PIN is on its way by e-mail.")


@pytest.mark.parametrize("path", PATHS)
def test_every_control_has_a_name_and_nothing_is_wider_than_a_telephone(
    visitor: Visitor, open_window: Open, path: str
) -> None:
    settings(visitor, methods=["badge", "pin", "secure_login"], pin_generation="administrator")
    phone = open_window(width=390, height=844)
    phone.sign_in()
    phone.go(path)
    assert phone.page.evaluate(NAMELESS) == []
    assert phone.page.evaluate("document.documentElement.scrollWidth") <= 390
