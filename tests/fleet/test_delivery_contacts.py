"""Delivery contacts: made, changed, found, assigned, deleted; whose they are (FL-455, FL-462)."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.errors import PressroomError
from domain.organizations.roles import Role
from fleet.managed_supplies.contacts import (
    ContactFilter,
    assign_contact,
    change_contact,
    contact_places,
    create_contact,
    delete_contact,
    get_contact,
    list_contacts,
    make_default,
)
from fleet.printers.cells import Words
from fleet.printers.columns import Column
from fleet.printers.details import get_printer
from fleet.printers.exports import export_printers
from fleet.printers.listing import PrinterQuery
from tests.support.fleet import add_printers
from tests.support.installation import Installation, installed
from tests.support.supplies import CONTACT


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Installation]:
    with installed(tmp_path) as one:
        yield one


def refused(code: str) -> pytest.RaisesExc[PressroomError]:
    return pytest.RaisesExc(PressroomError, check=lambda error: error.code == code)


def contact(office: Installation, **values: str) -> str:
    return create_contact(office.administrator, CONTACT | values)


def test_a_contact_is_kept_tidy(office: Installation) -> None:
    one = contact(office, email=" Astrid@Example.com ", country="se", country_code="+46", first_name="  Astrid ")
    form = get_contact(office.administrator, one).form
    assert (form.email, form.country, form.country_code, form.first_name) == (
        "astrid@example.com",
        "SE",
        "46",
        "Astrid",
    )


def test_the_same_person_at_the_same_address_is_one(office: Installation) -> None:
    contact(office)
    with refused("delivery_contact.exists"):
        contact(office, first_name="ASTRID", email="other@example.com", phone="999")
    other = contact(office, street="Storgatan 2")
    with refused("delivery_contact.exists"):
        change_contact(office.administrator, other, CONTACT)
    change_contact(office.administrator, other, CONTACT | {"street": "Storgatan 3"})
    assert get_contact(office.administrator, other).form.street == "Storgatan 3"
    with refused("delivery_contact.missing"):
        change_contact(office.administrator, other, CONTACT | {"city": ""})


def test_one_is_the_default(office: Installation) -> None:
    first, second = contact(office), contact(office, last_name="Ek")
    assert [view.is_default for view in list_contacts(office.administrator)] == [False, True], "Ek, Lind"
    make_default(office.administrator, second)
    assert {view.id for view in list_contacts(office.administrator) if view.is_default} == {second}
    (printer,) = add_printers(office.administrator.organization_id, 1)
    assert assign_contact(office.administrator, "", [printer]) == 1
    assert get_printer(office.administrator, printer).view.delivery_contact_id == second
    assert first != second


def test_without_a_default_one_must_be_named(office: Installation) -> None:
    (printer,) = add_printers(office.administrator.organization_id, 1)
    with refused("delivery_contact.no_default"):
        assign_contact(office.administrator, "", [printer])


def test_contacts_are_searched_and_filtered(office: Installation) -> None:
    contact(office)
    contact(office, first_name="Åke", last_name="Ek", company="Ek AB", city="Malmö", postal_code="211 20")
    contact(office, first_name="Eva", last_name="Ek", company="Ek AB")

    def found(**values: str) -> list[str]:
        return [view.name for view in list_contacts(office.administrator, ContactFilter(**values))]

    assert found() == ["Eva Ek", "Åke Ek", "Astrid Lind"]
    assert found(search="åke") == ["Åke Ek"]
    assert found(search="lind co") == ["Astrid Lind"]
    assert found(search="100%") == []
    assert found(company="Ek AB", city="Malmö") == ["Åke Ek"]
    assert contact_places(office.administrator) == (["Ek AB", "Lind & Co"], ["Malmö", "Stockholm"])
    first = list_contacts(office.administrator, ContactFilter(limit=1))[0]
    rest = list_contacts(office.administrator, ContactFilter(after=first.key))
    assert [view.name for view in rest] == ["Åke Ek", "Astrid Lind"]


def test_one_that_is_assigned_cannot_be_deleted(office: Installation) -> None:
    """FL-462."""
    home = office.administrator.organization_id
    first, second = contact(office), contact(office, last_name="Ek")
    printers = add_printers(home, 2)
    assert assign_contact(office.administrator, first, [*printers, printers[0]]) == 2
    assert get_contact(office.administrator, first).printers == 2
    with refused("delivery_contact.assigned"):
        delete_contact(office.administrator, first)
    assign_contact(office.administrator, second, printers)
    delete_contact(office.administrator, first)
    assert [view.id for view in list_contacts(office.administrator)] == [second]


def test_lists_and_files_show_contact_and_company(office: Installation) -> None:
    """FL-192, FL-203, FL-314."""
    (printer,) = add_printers(office.administrator.organization_id, 1)
    assert get_printer(office.administrator, printer).view.delivery_contact == ""
    assign_contact(office.administrator, contact(office), [printer])
    view = get_printer(office.administrator, printer).view
    assert (view.delivery_contact, view.company_name) == ("Astrid Lind", "Lind & Co")
    columns = [Column.SERIAL_NUMBER, Column.DELIVERY_CONTACT, Column.COMPANY_NAME, Column.MSP]
    words = Words(lambda template, **_facts: template, str)
    text = "".join(export_printers(office.administrator, PrinterQuery(), columns, words))
    assert text.splitlines()[1] == f"{view.serial_number},Astrid Lind,Lind & Co,"


def test_foreign_contacts_and_printers_do_not_exist(office: Installation) -> None:
    own, theirs = contact(office), create_contact(office.stranger, CONTACT)
    (printer,) = add_printers(office.administrator.organization_id, 1)
    (foreign,) = add_printers(office.stranger.organization_id, 1)
    for act in (
        lambda: get_contact(office.administrator, theirs),
        lambda: change_contact(office.administrator, theirs, CONTACT | {"city": "Malmö"}),
        lambda: delete_contact(office.administrator, theirs),
        lambda: make_default(office.administrator, theirs),
        lambda: assign_contact(office.administrator, theirs, [printer]),
        lambda: assign_contact(office.administrator, own, [printer, foreign]),
    ):
        with refused("not_found"):
            act()
    assert get_printer(office.administrator, printer).view.delivery_contact_id == "", "all or nothing"


def test_who_may(office: Installation) -> None:
    viewer = office.add_person("viewer@example.com", Role.FLEET_VIEWER)
    with refused("role.missing"):
        list_contacts(viewer)
    with refused("role.missing"):
        create_contact(viewer, CONTACT)
