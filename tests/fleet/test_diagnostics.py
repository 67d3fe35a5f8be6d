"""Diagnostic events (F-38): switched on by the operator, made of alerts, kept until they expire, made again."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from connectors.errors import PressroomError
from connectors.messages import Message
from domain.organizations.models import now
from domain.organizations.service import new_organization
from domain.tenancy import system_session, tenant_session
from fleet.diagnostics.service import diagnostics_of, keep_diagnostics, switch_diagnostics
from fleet.printers.alert_events import ALERT, PRINTER_ALERT, SUPPLY_ALERT
from fleet.printers.columns import Column
from fleet.printers.listing import PrinterQuery, list_printers
from fleet.printers.models import PrinterEvent, Severity
from flows.fleet_diagnostics import keep_fleet_diagnostics
from tests.support.fleet import add_printers
from tests.support.installation import Installation, installed


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Installation]:
    with installed(tmp_path) as installation:
        yield installation


def home(here: Installation) -> str:
    return here.administrator.organization_id


def alert(organization_id: str, printer_id: str, text: str, ended: datetime | None = None, kind: str = "") -> int:
    """A line of the history, as a reading makes it; returns its id."""
    message = Message.of(ALERT, text=text, code=42, group="", place="").model_dump()
    event = PrinterEvent(organization_id=organization_id, printer_id=printer_id, kind=kind or PRINTER_ALERT)
    event.status, event.message, event.ended = "error", message, ended
    with tenant_session(organization_id) as session:
        session.add(event)
        session.flush()
        return event.id


def end(organization_id: str, event_id: int) -> None:
    with tenant_session(organization_id) as session:
        session.get_one(PrinterEvent, event_id).ended = now()


def texts(organization_id: str, printer_id: str) -> list[str]:
    with tenant_session(organization_id, read_only=True) as session:
        return [one.text for one in diagnostics_of(session, [printer_id]).get(printer_id, ())]


def keep(moment: datetime | None = None) -> tuple[int, int]:
    with system_session() as session:
        kept = keep_diagnostics(session, moment)
        return kept.expired, kept.made


def test_nothing_is_made_where_it_is_not_switched_on(here: Installation) -> None:
    """FL-244."""
    (printer,) = add_printers(home(here), 1)
    alert(home(here), printer, "Door open")
    assert keep() == (0, 0)
    assert switch_diagnostics(here.administrator, home(here), enabled=True)
    assert keep_fleet_diagnostics.fn() == {"expired": 0, "made": 1}
    assert texts(home(here), printer) == ["Door open"]


def test_an_event_stays_until_it_expires_and_is_made_again_while_the_alert_is_there(here: Installation) -> None:
    """FL-245."""
    switch_diagnostics(here.administrator, home(here), enabled=True)
    (printer,) = add_printers(home(here), 1)
    alert(home(here), printer, "Fuser worn", kind=SUPPLY_ALERT)
    jam = alert(home(here), printer, "Paper jam")
    alert(home(here), printer, "Came and went", now())
    assert keep() == (0, 3)
    assert keep() == (0, 0)  # an alert has one event
    end(home(here), jam)
    keep()
    (view,) = list_printers(here.administrator, PrinterQuery(columns=frozenset({Column.DIAGNOSTIC_EVENTS})))
    assert {one.text: one.cleared is not None for one in view.diagnostics} == {
        "Came and went": True,
        "Paper jam": True,
        "Fuser worn": False,
    }
    assert {one.severity for one in view.diagnostics} == {Severity.ERROR}
    assert [one.is_of_supply for one in view.diagnostics if one.text == "Fuser worn"] == [True]
    assert keep(now() + timedelta(days=8)) == (3, 1)
    assert texts(home(here), printer) == ["Fuser worn"]


def test_a_partners_fleet_holds_its_customers_printers_and_is_switched_off_as_a_whole(here: Installation) -> None:
    """FL-244: per partner fleet."""
    with system_session() as session:
        customer = new_organization(session, "A customer", parent_id=home(here)).id
    (printer,) = add_printers(customer, 1)
    alert(customer, printer, "Door open")
    with pytest.raises(PressroomError) as refused:
        switch_diagnostics(here.administrator, customer, enabled=True)
    assert refused.value.code == "diagnostics.of_partner"
    switch_diagnostics(here.administrator, home(here), enabled=True)
    keep()
    assert texts(customer, printer) == ["Door open"]
    switch_diagnostics(here.administrator, home(here), enabled=False)
    assert texts(customer, printer) == []
    assert keep() == (0, 0)


@pytest.mark.parametrize(("is_operator", "organization", "code"), [(False, "", "operator_needed"), (True, "none", "")])
def test_who_may_not_and_what_there_is_not(here: Installation, is_operator: bool, organization: str, code: str) -> None:
    actor = replace(here.administrator, is_operator=is_operator)
    with pytest.raises(PressroomError) as refused:
        switch_diagnostics(actor, organization or home(here), enabled=True)
    assert refused.value.code == (f"diagnostics.{code}" if code else "not_found")
