"""Printers of other makes by SNMP and IPP: readings, restarts, messages on panels (F-10, F-12, F-31)."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from domain.organizations.models import now
from domain.tenancy import tenant_session
from fleet.agents.snmp_profiles import SnmpSettings, create_profile
from fleet.printers.models import Communication, PrinterReadingRow
from fleet.tasks.kinds import TaskKind
from fleet.tasks.models import FleetTask
from fleet.tasks.status import JobStatus
from flows.keep_fleet_tasks import keep_fleet_tasks
from printers_sim.knobs import Behaviour, FailingStep
from printers_sim.printer import SimulatedPrinter
from tests.fleet.simulated_office import SimulatedOffice, simulated_office

OTHER = "third-party-color"
MESSAGE = {"message": "toner_ordered"}
TEXT = "A toner cartridge has been ordered."


@pytest.fixture
def office(tmp_path: Path) -> Iterator[SimulatedOffice]:
    with simulated_office(tmp_path) as one:
        yield one


def may_write(office: SimulatedOffice, community: str = "private") -> None:
    """The printer of the other make is asked with a profile that has a write community."""
    settings = SnmpSettings(name="Writing", write_community=SecretStr(community), timeout=0.3)
    office.change(OTHER, snmp_profile_id=create_profile(office.administrator, settings))


def gave(office: SimulatedOffice, task_id: str) -> dict[str, str]:
    """How each source or way ended, by its name."""
    return {one["name"]: one["outcome"] for one in office.job(task_id, OTHER).components}


def reading_of(office: SimulatedOffice) -> dict[str, Any]:
    with tenant_session(office.home, read_only=True) as session:
        return session.get_one(PrinterReadingRow, office.id_of(OTHER)).reading


def device_of(office: SimulatedOffice, **facts: Any) -> SimulatedPrinter:
    """The simulated printer, with other facts of its model."""
    device = office.device(OTHER)
    device.profile = replace(device.profile, **facts)
    return device


# --- readings


def test_a_printer_is_read_by_snmp_first(office: SimulatedOffice) -> None:
    task_id = office.do(TaskKind.REFRESH, {}, OTHER)
    assert office.outcome(task_id, OTHER) == (JobStatus.COMPLETED, "")
    assert gave(office, task_id) == {"SNMP": "completed"}
    assert reading_of(office)["source"] == "snmp"


@pytest.mark.parametrize("state", ["wrong community", "SNMP off"])
def test_where_snmp_is_silent_ipp_is_asked(office: SimulatedOffice, state: str) -> None:
    """The reading is that of the printer; the job says what each of them gave."""
    device = office.device(OTHER)
    if state == "wrong community":
        device.behaviour = Behaviour.WRONG_COMMUNITY
    else:
        device.device.settings["network.snmp_v2_enabled"] = False
    task_id = office.do(TaskKind.REFRESH, {}, OTHER)
    status, told = office.outcome(task_id, OTHER)
    assert status is JobStatus.COMPLETED
    assert told == f"SNMP gave nothing: The printer at {device.address} does not answer SNMP."
    assert gave(office, task_id) == {"SNMP": "not_communicating", "IPP": "completed"}
    printer = office.printer(OTHER)
    assert (printer.life_pages, printer.firmware_level) == (device.life_count, device.firmware)
    assert printer.communication == Communication.COMMUNICATING
    reading = reading_of(office)
    assert reading["source"] == "ipp"
    assert [supply["percent"] for supply in reading["supplies"]] == [supply.percent for supply in device.supplies]


def test_where_snmp_refuses_the_user_ipp_is_asked(office: SimulatedOffice) -> None:
    """Version 3 with keys that are wrong is told apart from silence."""
    settings = SnmpSettings(name="Wrong keys", version="3", user="nobody", timeout=0.3)
    office.change(OTHER, snmp_profile_id=create_profile(office.administrator, settings))
    task_id = office.do(TaskKind.REFRESH, {}, OTHER)
    assert office.outcome(task_id, OTHER)[0] is JobStatus.COMPLETED
    assert "refuses the SNMP user" in office.outcome(task_id, OTHER)[1]
    assert gave(office, task_id) == {"SNMP": "failed", "IPP": "completed"}


def test_a_printer_that_answers_in_no_way_does_not_communicate(office: SimulatedOffice) -> None:
    office.device(OTHER).knobs.offline = True
    task_id = office.do(TaskKind.REFRESH, {}, OTHER)
    assert office.outcome(task_id, OTHER)[0] is JobStatus.NOT_COMMUNICATING
    assert gave(office, task_id) == {"SNMP": "not_communicating", "IPP": "not_communicating"}


def test_a_refusal_says_more_than_silence(office: SimulatedOffice) -> None:
    """Wrong keys and no IPP: somebody has to correct the profile, so the job has failed with that reason."""
    settings = SnmpSettings(name="Wrong keys", version="3", user="nobody", timeout=0.3)
    office.change(OTHER, snmp_profile_id=create_profile(office.administrator, settings))
    office.device(OTHER).device.settings["network.ipp_enabled"] = False
    status, told = office.outcome(office.do(TaskKind.REFRESH, {}, OTHER), OTHER)
    assert status is JobStatus.FAILED
    assert "refuses the SNMP user" in told


def test_another_printer_that_answers_ipp_is_left_alone(office: SimulatedOffice) -> None:
    other = office.device("mono-mfp")
    other.behaviour = Behaviour.WRONG_COMMUNITY
    office.change(OTHER, address=other.address)
    status, told = office.outcome(office.do(TaskKind.REFRESH, {}, OTHER), OTHER)
    assert status is JobStatus.FAILED
    assert told.endswith(f"its serial number is {other.serial}.")


# --- restart

WAYS = [
    ("private", "printer", {"SNMP": "completed"}),
    ("", "printer", {"SNMP": "not_supported", "IPP": "completed"}),
    ("wrong", "printer", {"SNMP": "not_supported", "IPP": "completed"}),
    ("", "system", {"SNMP": "not_supported", "IPP": "completed"}),
]


@pytest.mark.parametrize(("community", "ipp_restart", "ways"), WAYS)
def test_a_printer_of_another_make_restarts(
    office: SimulatedOffice, community: str, ipp_restart: str, ways: dict[str, str]
) -> None:
    """F-12: by prtGeneralReset, Restart-Printer or Restart-System; silence meanwhile is no failure."""
    may_write(office, community)
    device = device_of(office, ipp_restart=ipp_restart)
    before = device.device.restarted_at
    task_id = office.do(TaskKind.RESTART, {}, OTHER)
    assert office.outcome(task_id, OTHER) == (JobStatus.COMPLETED, "")
    assert gave(office, task_id) == ways
    assert device.device.restarted_at > before
    restarted = office.printer(OTHER).last_restart
    assert restarted is not None
    assert restarted.timestamp() == pytest.approx(device.device.restarted_at, abs=2)


def test_a_printer_that_lets_nobody_restart_it_says_why(office: SimulatedOffice) -> None:
    may_write(office, "")
    device = device_of(office, ipp_restart="")
    before = device.device.restarted_at
    status, told = office.outcome(office.do(TaskKind.RESTART, {}, OTHER), OTHER)
    assert status is JobStatus.NOT_SUPPORTED
    assert told == (
        "The printer cannot be restarted from here. SNMP: The SNMP profile has no write community. "
        "IPP: The printer offers no restart."
    )
    assert device.device.restarted_at == before


def test_a_restart_that_the_printer_refuses_is_none(office: SimulatedOffice) -> None:
    may_write(office)
    office.device(OTHER).knobs.fail_at = {FailingStep.RESTART}
    status, told = office.outcome(office.do(TaskKind.RESTART, {}, OTHER), OTHER)
    assert status is JobStatus.NOT_SUPPORTED
    assert "wrong value" in told
    assert "error in step “restart”" in told


def test_a_printer_of_another_make_that_does_not_come_back_has_failed(tmp_path: Path) -> None:
    with simulated_office(tmp_path, (OTHER,), 1, fleet_restart_seconds="1") as office:
        may_write(office)
        office.device(OTHER)
        office.simulation._agents._restart_seconds = 60.0  # as long as a printer that hangs
        status, told = office.outcome(office.do(TaskKind.RESTART, {}, OTHER), OTHER)
    assert status is JobStatus.FAILED
    assert "has not come back" in told


# --- panel


def test_a_message_is_written_on_the_panel_and_taken_away(office: SimulatedOffice) -> None:
    """F-31, F-32: by prtConsoleDisplayBufferText; what others wrote stays (FL-254)."""
    may_write(office)
    device = office.device(OTHER)
    status, told = office.outcome(office.do(TaskKind.NOTIFY_PANEL, MESSAGE, OTHER), OTHER)
    assert (status, told) == (JobStatus.COMPLETED, "")
    assert device.console == {1: TEXT, 2: ""}
    assert office.outcome(office.do(TaskKind.CLEAR_PANEL, {}, OTHER), OTHER) == (JobStatus.COMPLETED, "")
    assert set(device.console.values()) == {""}
    device.console[1] = "Do not switch off"
    device.changes += 1
    status, told = office.outcome(office.do(TaskKind.CLEAR_PANEL, {}, OTHER), OTHER)
    assert (status, told) == (JobStatus.COMPLETED, "There was no message to clear.")
    assert device.console[1] == "Do not switch off"


def test_a_message_goes_away_after_48_hours(office: SimulatedOffice) -> None:
    """FL-251: this make does not drop it, so the portal takes it away; silent printers are waited for."""
    may_write(office)
    device = office.device(OTHER)
    office.do(TaskKind.NOTIFY_PANEL, MESSAGE, OTHER)
    ends = office.printer(OTHER).panel_message_ends
    assert ends is not None
    assert timedelta(hours=47) < ends - now() <= timedelta(hours=48)
    assert keep_fleet_tasks.fn()["cleared"] == 0
    office.change(OTHER, panel_message_ends=now() - timedelta(minutes=1), communication=Communication.SILENT)
    assert keep_fleet_tasks.fn()["cleared"] == 0
    office.change(OTHER, communication=Communication.COMMUNICATING)
    assert keep_fleet_tasks.fn()["cleared"] == 1
    assert keep_fleet_tasks.fn()["cleared"] == 0
    with tenant_session(office.home, read_only=True) as session:
        query = select(FleetTask.id).where(FleetTask.kind == TaskKind.CLEAR_PANEL, FleetTask.issuer_id.is_(None))
        (task_id,) = session.scalars(query)
    office.work(task_id)
    assert office.outcome(task_id, OTHER) == (JobStatus.COMPLETED, "")
    assert set(device.console.values()) == {""}
    assert office.printer(OTHER).panel_message_ends is None


def test_a_message_that_was_cleared_is_not_cleared_again(office: SimulatedOffice) -> None:
    may_write(office)
    office.do(TaskKind.NOTIFY_PANEL, MESSAGE, OTHER)
    office.do(TaskKind.CLEAR_PANEL, {}, OTHER)
    assert office.printer(OTHER).panel_message_ends is None


def test_a_long_message_is_broken_between_words(office: SimulatedOffice) -> None:
    may_write(office)
    office.do(TaskKind.NOTIFY_PANEL, {"message": "service_scheduled", "locale": "sv"}, OTHER)
    rows = office.device(OTHER).console
    assert all(len(row.encode()) <= 40 for row in rows.values())
    assert "service" in " ".join(rows.values()).casefold()


@pytest.mark.parametrize(
    ("community", "writable", "reason"),
    [
        ("", True, "the SNMP profile has no write community"),
        ("wrong", True, "does not answer SNMP"),
        ("private", False, "not writable"),
    ],
)
def test_a_panel_that_cannot_be_written_is_not_supported(
    office: SimulatedOffice, community: str, writable: bool, reason: str
) -> None:
    may_write(office, community)
    device_of(office, snmp_console=writable)
    status, told = office.outcome(office.do(TaskKind.NOTIFY_PANEL, MESSAGE, OTHER), OTHER)
    assert status is JobStatus.NOT_SUPPORTED
    assert reason in told
