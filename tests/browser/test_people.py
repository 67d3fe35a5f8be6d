"""People and groups in a browser: found, created, changed, given roles, grouped, imported, deactivated, deleted."""

from pathlib import Path

from playwright.sync_api import Page, expect

from domain.organizations.service import local_administrator
from domain.people.fields import PersonFields
from domain.people.import_file import HEADER
from domain.people.service import NewPerson, create_person, get_person
from tests.browser.conftest import COLLEAGUE, Open, Visitor


def made(email: str, **facts: str) -> str:
    return create_person(local_administrator(), NewPerson(PersonFields(email, **facts))).view.id


def row(page: Page, email: str):  # type: ignore[no-untyped-def]
    return page.get_by_role("row").filter(has_text=email)


def test_a_person_is_created_found_changed_and_deleted(visitor: Visitor) -> None:
    page = visitor.page
    visitor.go("/people")
    page.get_by_role("button", name="Create").click()
    page.get_by_role("dialog").get_by_label("E-mail address").fill("Nina@Browser.example")
    page.get_by_label("First name").fill("Nina")
    page.get_by_role("dialog").get_by_label("Department").fill("Sales")
    page.get_by_role("button", name="Create user").click()
    expect(page.get_by_role("heading", name="Nina")).to_be_visible()
    page.get_by_role("textbox", name="Department").fill("Service")
    page.get_by_role("button", name="Save", exact=True).click()
    history = page.get_by_role("region", name="Departments and cost centres")
    expect(history.get_by_role("listitem")).to_have_count(2)
    visitor.go("/people")
    page.get_by_placeholder("Name, e-mail address or short name").fill("nina browser")
    expect(page.get_by_role("row")).to_have_count(2)
    row(page, "nina@browser.example").get_by_role("link").click()
    page.get_by_role("button", name="Remove", exact=True).first.click()
    remove = page.get_by_role("button", name="Remove users")
    expect(remove).to_be_disabled()
    page.get_by_label("Type “nina@browser.example”").fill("nina@browser.example")
    remove.click()
    page.wait_for_url("**/people")
    expect(page.get_by_text("nina@browser.example")).to_have_count(0)


def test_several_people_are_grouped_given_a_role_and_deactivated_at_once(visitor: Visitor) -> None:
    ids = [made(f"many{number}@browser.example") for number in range(2)]
    page = visitor.page

    def choose() -> None:
        visitor.go("/people")
        page.get_by_placeholder("Name, e-mail address or short name").fill("many browser")
        expect(page.get_by_role("row")).to_have_count(3)
        page.get_by_role("checkbox", name="Choose everybody shown").click()
        expect(page.get_by_text("2 chosen")).to_be_visible()

    choose()
    page.get_by_role("button", name="Assign roles").click()
    page.get_by_role("checkbox", name="OCR User").click()
    page.get_by_role("dialog").get_by_role("button", name="Assign roles").click()
    expect(row(page, "many0@browser.example")).to_contain_text("OCR User")
    choose()
    page.get_by_role("button", name="Deactivate").click()
    page.get_by_role("dialog").get_by_role("button", name="Deactivate").click()
    expect(row(page, "many1@browser.example")).to_contain_text("Deactivated")
    details = [get_person(local_administrator(), user_id) for user_id in ids]
    assert {one.view.status for one in details} == {"deactivated"}
    assert {one.own_roles for one in details} == {("OCR User",)}


def test_a_group_is_made_and_filled_and_its_members_page_tells_the_source_of_roles(visitor: Visitor) -> None:
    user_id = made("grouped@browser.example", name="Gro Uped")
    page = visitor.page
    visitor.go("/groups")
    page.get_by_role("button", name="Create").click()
    page.get_by_label("Name of the group").fill("Browser crew")
    page.get_by_role("button", name="Create group").click()
    expect(page.get_by_role("heading", name="Browser crew")).to_be_visible()
    page.get_by_role("button", name="Add members").click()
    page.get_by_placeholder("Name or e-mail address").fill("grouped")
    expect(page.get_by_role("dialog").get_by_role("checkbox")).to_have_count(1)
    page.get_by_role("checkbox", name="Gro Uped").click()
    page.get_by_role("dialog").get_by_role("button", name="Add").click()
    expect(page.get_by_role("region", name="Members")).to_contain_text("Gro Uped")
    page.get_by_role("button", name="Assign").click()
    page.get_by_role("checkbox", name="OCR User").click()
    page.get_by_role("button", name="Assign roles").click()
    expect(page.get_by_role("region", name="Roles of the group")).to_contain_text("OCR User")
    visitor.go(f"/people/{user_id}")
    page.get_by_text("All roles and where they come from").click()
    expect(page.get_by_role("region", name="Roles")).to_contain_text("the group “Browser crew”")


def test_columns_are_chosen_and_stay_chosen(visitor: Visitor) -> None:
    page = visitor.page
    visitor.go("/people")
    expect(page.get_by_role("columnheader", name="Cost centre")).to_be_visible()
    page.get_by_role("button", name="Columns").click()
    page.get_by_role("checkbox", name="Cost centre").click()
    expect(page.get_by_role("columnheader", name="Cost centre")).to_have_count(0)
    visitor.go("/people")
    expect(page.get_by_role("columnheader", name="Department")).to_be_visible()
    expect(page.get_by_role("columnheader", name="Cost centre")).to_have_count(0)


def test_a_file_is_imported_and_a_wrong_one_is_told_at_once(visitor: Visitor, tmp_path: Path) -> None:
    page = visitor.page
    right, wrong = tmp_path / "people.csv", tmp_path / "wrong.csv"
    right.write_text(",".join(HEADER) + "\nfile@browser.example,CREATE,,,,,,,,,\n")
    wrong.write_text("email,name\n")
    visitor.go("/people")
    page.get_by_role("button", name="Import").click()
    page.locator("input[type=file]").set_input_files(wrong)
    expect(page.get_by_text("The first line is not the header of a user import.")).to_be_visible()
    page.get_by_role("checkbox", name="E-mail new people a link to set their password").click()
    page.locator("input[type=file]").set_input_files(right)
    page.wait_for_url("**/tasks/*")
    expect(page.get_by_role("heading", name="Import of people from “people.csv”")).to_be_visible()


def test_who_may_not_look_is_told_the_missing_role(open_window: Open) -> None:
    window = open_window()
    window.expected = ("403",)
    window.sign_in(COLLEAGUE)
    window.page.goto(f"{window.url}/people")
    expect(window.page.get_by_role("alert")).to_contain_text("You need the role")
