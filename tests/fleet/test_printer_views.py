"""Views and filter groups: those of the system, made ones, shared ones, each person's own choice (FL-181…FL-202)."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from connectors.errors import PressroomError
from domain.organizations.models import Organization
from domain.organizations.roles import Role
from domain.organizations.service import new_organization
from domain.tenancy import new_id, system_session, tenant_session
from fleet.printers import references
from fleet.printers.columns import COLUMNS, Column
from fleet.printers.filter_groups import (
    change_filter_group,
    create_filter_group,
    delete_filter_group,
    list_filter_groups,
    printers_of_filter_group,
)
from fleet.printers.filters import PrinterFilter
from fleet.printers.models import Communication, Printer
from fleet.printers.references import Reference
from fleet.printers.views import (
    STANDARD,
    SYSTEM_VIEWS,
    change_view,
    choose_view,
    create_view,
    current_view,
    delete_views,
    list_views,
)
from tests.support.fleet import add_printers
from tests.support.installation import Installation, installed

C = Column


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Installation]:
    with installed(tmp_path) as one:
        yield one


SHOWS = {
    "standard": {C.ADDRESS, C.MODEL, C.TAGS, C.ASSET_TAG, C.SUPPLY_ALERTS},
    "configurations": {C.LAST_CONFIGURATION, C.FIRMWARE_UPDATE, C.FIRMWARE_LEVEL, C.LAST_CONTACT},
    "meters": {C.SCANS, C.COPIES, C.FAXES, C.MONO_COPIES, C.COLOR_COPIES},
    "supplies": {C.DAYS_LEFT},
    "coverage": {C.COVERAGE},
    "operations": {C.SERIAL_NUMBER, C.MODEL, C.MANUFACTURER, C.AGENT_VERSION, C.COMMUNICATION, C.LAST_TASK},
    "managed": {C.MSP, C.DELIVERY_CONTACT, C.COMPANY_NAME},
}


def test_system_views_show_what_they_must() -> None:
    """FL-186…FL-193."""
    assert {view.id for view in SYSTEM_VIEWS} == set(SHOWS)
    for view in SYSTEM_VIEWS:
        assert set(view.columns) >= SHOWS[view.id]
        assert COLUMNS[view.columns[0]].identifies
        assert len(set(view.columns)) == len(view.columns)


def test_the_view_made_from_the_menu_is_chosen_and_that_of_the_managing_page_is_not(office: Installation) -> None:
    """FL-195, FL-197, FL-199 (A-14)."""
    actor = office.administrator
    assert current_view(actor) == STANDARD
    mine = create_view(actor, "Mine", [C.SERIAL_NUMBER, C.SCANS], is_chosen=True)
    create_view(actor, "Copy", [C.ADDRESS], is_chosen=False)
    assert current_view(actor) == mine
    assert mine.columns == (C.SERIAL_NUMBER, C.SCANS)
    choose_view(actor, "meters")
    assert current_view(actor).id == "meters"
    colleague = office.add_person("colleague@example.com", Role.FLEET_ADMINISTRATOR)
    assert current_view(colleague) == STANDARD
    assert {view.name for view in list_views(colleague) if not view.is_system} == {"Mine", "Copy"}


def test_who_used_a_deleted_view_falls_back_to_standard(office: Installation) -> None:
    """FL-200."""
    actor = office.administrator
    colleague = office.add_person("colleague@example.com", Role.FLEET_ADMINISTRATOR)
    mine = create_view(actor, "Mine", [C.ADDRESS], is_chosen=True)
    choose_view(colleague, mine.id)
    delete_views(actor, [mine.id])
    assert current_view(actor) == current_view(colleague) == STANDARD


BAD_COLUMNS = [[], [C.MODEL], [C.ADDRESS, C.MODEL, C.MODEL], [C.TAGS, C.ADDRESS]]


@pytest.mark.parametrize("columns", BAD_COLUMNS)
def test_a_view_begins_with_what_tells_printers_apart(office: Installation, columns: list[Column]) -> None:
    with pytest.raises(PressroomError) as refused:
        create_view(office.administrator, "Mine", columns, is_chosen=True)
    assert refused.value.code == "printer_view.bad_columns"


@pytest.mark.parametrize("name", ["Standard", "meters", " MINE "])
def test_names_of_views_are_taken_once(office: Installation, name: str) -> None:
    create_view(office.administrator, "Mine", [C.ADDRESS], is_chosen=True)
    with pytest.raises(PressroomError) as refused:
        create_view(office.administrator, name, [C.ADDRESS], is_chosen=True)
    assert refused.value.code == "printer_name.taken"


def test_system_views_are_never_changed_or_deleted(office: Installation) -> None:
    """FL-194: and of several views none is deleted."""
    mine = create_view(office.administrator, "Mine", [C.ADDRESS], is_chosen=False)
    for change in (
        lambda: change_view(office.administrator, "meters", "Other", [C.ADDRESS]),
        lambda: delete_views(office.administrator, [mine.id, "meters"]),
    ):
        with pytest.raises(PressroomError) as refused:
            change()
        assert refused.value.code == "printer_view.system"
    assert mine in list_views(office.administrator)


def test_viewers_get_the_standard_view_only(office: Installation) -> None:
    """FL-202."""
    viewer = office.add_person("viewer@example.com", Role.FLEET_VIEWER)
    assert list_views(viewer) == [STANDARD]
    with pytest.raises(PressroomError) as missing:
        choose_view(viewer, "meters")
    assert missing.value.code == "not_found"
    with pytest.raises(PressroomError) as refused:
        create_view(viewer, "Mine", [C.ADDRESS], is_chosen=False)
    assert refused.value.code == "role.missing"
    program = replace(office.administrator, user_id="", application_id=new_id())
    with pytest.raises(PressroomError, match=r"application\.person_needed"):
        choose_view(program, "meters")


def test_views_of_a_partner_are_offered_to_its_customers_and_changed_at_the_partner(office: Installation) -> None:
    """FL-201; views of one customer are seen by no other."""
    home = office.administrator.organization_id
    with system_session() as session:
        entitlements = session.get_one(Organization, home).entitlements
        customers = [new_organization(session, name, home) for name in ("A", "B")]
        for customer in customers:
            customer.entitlements = list(entitlements)
        ids = [customer.id for customer in customers]
    first, second = (
        office.add_person(f"{one}@example.com", Role.FLEET_ADMINISTRATOR, organization_id=one) for one in ids
    )
    shared = create_view(office.administrator, "Shared", [C.ADDRESS], is_chosen=False)
    create_view(first, "Own", [C.ADDRESS], is_chosen=False)
    assert {view.name for view in list_views(first) if not view.is_system} == {"Shared", "Own"}
    assert {view.name for view in list_views(second) if not view.is_system} == {"Shared"}
    assert {view.name for view in list_views(office.administrator) if not view.is_system} == {"Shared"}
    for change in (
        lambda: delete_views(first, [shared.id]),
        lambda: change_view(first, shared.id, "Taken", [C.ADDRESS]),
    ):
        with pytest.raises(PressroomError) as refused:
            change()
        assert refused.value.code == "not_found"
    assert choose_view(first, shared.id).may_change is False


def test_a_filter_group_keeps_filters_and_no_printers(office: Installation) -> None:
    """FL-181…FL-184."""
    actor = office.administrator
    silent = add_printers(actor.organization_id, 1, communication=Communication.SILENT)
    loud = add_printers(actor.organization_id, 1)
    chosen = PrinterFilter(search="x", communication=(Communication.SILENT,))
    group = create_filter_group(actor, "Silent", chosen)
    assert group.chosen == chosen.without_search
    with tenant_session(actor.organization_id) as session:
        assert printers_of_filter_group(session, group.id) == silent
        session.get_one(Printer, loud[0]).communication = Communication.SILENT
    with tenant_session(actor.organization_id) as session:
        assert set(printers_of_filter_group(session, group.id)) == {*silent, *loud}
    other = PrinterFilter(communication=(Communication.COMMUNICATING,), firmware_update=True)
    change_filter_group(actor, group.id, "Old and loud", other)
    assert [(one.name, one.chosen) for one in list_filter_groups(actor)] == [("Old and loud", other)]
    assert list_filter_groups(office.stranger) == []


def test_a_filter_group_needs_a_filter_and_a_name_of_its_own(office: Installation) -> None:
    chosen = PrinterFilter(firmware_update=True)
    create_filter_group(office.administrator, "Old", chosen)
    for name, filters, expected in (
        ("Search", PrinterFilter(search="x"), "printer_filter_group.no_filters"),
        ("OLD", chosen, "printer_name.taken"),
        ("", chosen, "printer_name.missing"),
    ):
        with pytest.raises(PressroomError) as refused:
            create_filter_group(office.administrator, name, filters)
        assert refused.value.code == expected


def test_a_filter_group_that_a_schedule_runs_for_is_not_deleted(
    office: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A-16."""
    group = create_filter_group(office.administrator, "Old", PrinterFilter(firmware_update=True))
    users = Reference(lambda _session, _ids: [], lambda _session, ids: ["Weekly"] if group.id in ids else [])
    monkeypatch.setattr(references, "references", lambda: [users])
    with pytest.raises(PressroomError) as refused:
        delete_filter_group(office.administrator, group.id)
    assert refused.value.code == "printer_filter_group.in_use"
    monkeypatch.undo()
    delete_filter_group(office.administrator, group.id)
    assert list_filter_groups(office.administrator) == []
