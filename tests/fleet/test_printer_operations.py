"""What is done to printers, on simulated ones: refresh, restart, credentials, panel, home screen, logs, speed."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from connectors.documents import open_store
from connectors.printers.device_answers import HomeScreen
from connectors.settings import get_settings
from domain.tenancy import tenant_session
from fleet.printer_logs.models import CollectedLog
from fleet.printers.models import Communication, PrinterApp, PrinterReadingRow
from fleet.printers.targets import access_of, keep_access
from fleet.speed_upgrades.models import UsedLicence
from fleet.tasks.kinds import TaskKind
from fleet.tasks.models import FleetTask
from fleet.tasks.status import JobStatus, TaskStatus
from printers_sim.device.account import new_account
from printers_sim.device.panel import current_message, home_screen
from printers_sim.device.speed import speed_licence
from printers_sim.knobs import Behaviour, FailingStep
from printers_sim.printer import Condition
from steps.printers.collect_log import LogKind
from steps.printers.home_screen import laid_out
from tests.fleet.simulated_office import SECRET, SimulatedOffice, simulated_office


@pytest.fixture
def office(tmp_path: Path) -> Iterator[SimulatedOffice]:
    with simulated_office(tmp_path) as one:
        yield one


def reading_of(office: SimulatedOffice, profile: str = "color-mfp") -> dict[str, Any]:
    """The whole last reading of a printer."""
    with tenant_session(office.home, read_only=True) as session:
        return session.get_one(PrinterReadingRow, office.id_of(profile)).reading


# --- refresh


def test_refresh_reads_every_make(office: SimulatedOffice) -> None:
    """F-10, FL-9: identity, counters, supplies, alerts, apps; of other makes what SNMP gives."""
    office.device().raise_condition(Condition.JAM)
    task_id = office.do(TaskKind.REFRESH, {}, "color-mfp", "mono-printer", "third-party-color")
    assert office.outcome(task_id) == (JobStatus.COMPLETED, "")
    assert office.outcome(task_id, "third-party-color")[0] is JobStatus.COMPLETED
    printer, device = office.printer(), office.device()
    assert (printer.firmware_level, printer.framework_version) == (device.firmware, "5.1")
    assert (printer.life_pages, printer.alert_severity) == (device.life_count, "error")
    assert printer.last_refresh is not None
    reading = reading_of(office)
    assert len(reading["supplies"]) == len(device.supplies)
    assert reading["home_screen"]["items_per_page"] == 15
    with tenant_session(office.home, read_only=True) as session:
        apps = session.scalars(select(PrinterApp.app_id).where(PrinterApp.printer_id == printer.id)).all()
    assert set(apps) == set(device.device.apps)
    other = office.printer("third-party-color")
    assert (other.life_pages, other.framework_version) == (office.device("third-party-color").life_count, "")


def test_refresh_without_credentials_reads_what_it_can(office: SimulatedOffice) -> None:
    """F-10, FL-617: the printer's status says that the agent needs credentials."""
    office.device().knobs.wrong_credentials = True
    task_id = office.do(TaskKind.REFRESH)
    assert office.outcome(task_id)[0] is JobStatus.COMPLETED
    assert "credentials" in office.outcome(task_id)[1]
    assert office.printer().communication == Communication.NEEDS_CREDENTIALS
    assert office.printer().life_pages == office.device().life_count
    office.device().knobs.wrong_credentials = False
    office.do(TaskKind.REFRESH)
    assert office.printer().communication == Communication.COMMUNICATING


def test_a_silent_printer_does_not_communicate(office: SimulatedOffice) -> None:
    """FL-616; another refresh finds it again, as that has no such gate (FL-617)."""
    office.device().knobs.offline = True
    assert office.outcome(office.do(TaskKind.REFRESH))[0] is JobStatus.NOT_COMMUNICATING
    assert office.printer().communication == Communication.SILENT
    office.device().knobs.offline = False
    assert office.outcome(office.do(TaskKind.REFRESH))[0] is JobStatus.COMPLETED
    assert office.printer().communication == Communication.COMMUNICATING


def test_one_way_of_asking_is_enough(office: SimulatedOffice) -> None:
    """Neither SNMP nor IPP: what the management API tells is kept."""
    office.device().behaviour = Behaviour.WRONG_COMMUNITY
    office.device().device.settings["network.ipp_enabled"] = False
    status, told = office.outcome(office.do(TaskKind.REFRESH))
    assert status is JobStatus.COMPLETED
    assert told.startswith("Counters, supplies and alerts were not read")
    assert office.printer().firmware_level == office.device().firmware


@pytest.mark.parametrize("kind", [TaskKind.REFRESH, TaskKind.RESTART])
def test_another_printer_at_the_address_is_left_alone(office: SimulatedOffice, kind: TaskKind) -> None:
    """Addresses change hands: nothing is done to, or stored of, a printer that is not meant."""
    office.change("color-mfp", address=office.device("mono-mfp").address)
    before = office.device("mono-mfp").device.restarted_at
    status, told = office.outcome(office.do(kind))
    assert status is JobStatus.FAILED
    assert told.endswith(f"its serial number is {office.device('mono-mfp').serial}.")
    assert office.device("mono-mfp").device.restarted_at == before
    assert office.printer().life_pages is None


# --- restart and credentials


def test_restart_waits_for_the_return(office: SimulatedOffice) -> None:
    """F-12: silence is expected; it is back with a newer restart time."""
    before = office.device().device.restarted_at
    assert office.outcome(office.do(TaskKind.RESTART)) == (JobStatus.COMPLETED, "")
    restarted = office.printer().last_restart
    assert restarted is not None
    assert restarted.timestamp() == pytest.approx(office.device().device.restarted_at, abs=0.01)
    assert restarted.timestamp() > before


def test_a_printer_that_does_not_come_back_has_failed(tmp_path: Path) -> None:
    with simulated_office(tmp_path, ("color-mfp",), 1, fleet_restart_seconds="1") as office:
        object.__setattr__(office.simulation.plan.timing, "restart", 60.0)
        status, told = office.outcome(office.do(TaskKind.RESTART))
        assert status is JobStatus.FAILED
        assert "has not come back" in told


CREDENTIALS = [
    ("user_password", "admin", SECRET, JobStatus.COMPLETED, SECRET),
    ("user_password", "admin", "wrong", JobStatus.FAILED, "old"),
    ("pin", "", "1234", JobStatus.FAILED, "old"),
]


@pytest.mark.parametrize(("kind", "user", "secret", "status", "kept"), CREDENTIALS)
def test_credentials_are_kept_only_when_the_printer_accepts_them(
    office: SimulatedOffice, kind: str, user: str, secret: str, status: JobStatus, kept: str
) -> None:
    """F-13, FL-268: the secret stands nowhere but encrypted with the printer."""
    with tenant_session(office.home) as session:
        printer = session.get_one(type(office.printer()), office.id_of())
        access = access_of(printer)
        keep_access(printer, access.model_copy(update={"secret": type(access.secret)("old")}))
        printer.communication = Communication.NEEDS_CREDENTIALS
    parameters = {"type": kind, "user": user}
    task_id = office.do(TaskKind.UPDATE_CREDENTIALS, parameters, secrets={"secret": secret})
    assert office.outcome(task_id)[0] is status
    assert access_of(office.printer()).secret.get_secret_value() == kept
    expected = Communication.COMMUNICATING if status is JobStatus.COMPLETED else Communication.NEEDS_CREDENTIALS
    assert office.printer().communication == expected
    assert secret not in office.printer().access
    with tenant_session(office.home, read_only=True) as session:
        task = session.get_one(FleetTask, task_id)
        assert task.secrets == ""
        assert secret not in str(task.parameters)


# --- panel and home screen


def test_panel_messages_are_shown_and_cleared(office: SimulatedOffice) -> None:
    """F-31, F-32, FL-250, FL-253: in the language of who sends it; a new one replaces the former."""
    office.do(TaskKind.NOTIFY_PANEL, {"message": "toner_ordered"})
    office.do(TaskKind.NOTIFY_PANEL, {"message": "service_scheduled", "locale": "sv"})
    shown = current_message(office.device())
    assert shown is not None
    assert shown.text == "Service är planerad för den här skrivaren."
    assert office.outcome(office.do(TaskKind.CLEAR_PANEL)) == (JobStatus.COMPLETED, "")
    assert current_message(office.device()) is None
    cleared = office.do(TaskKind.CLEAR_PANEL)
    assert office.outcome(cleared) == (JobStatus.COMPLETED, "There was no message to clear.")
    with tenant_session(office.home, read_only=True) as session:
        assert session.get_one(FleetTask, cleared).status == TaskStatus.COMPLETED_WITH_INFORMATION


def test_home_screen_is_set_read_back_and_reset(office: SimulatedOffice) -> None:
    """F-33, FL-296, FL-299."""
    task_id = office.do(TaskKind.SET_HOME_SCREEN, {"pages": [["scan", "blank", "copy"], ["settings"]]})
    assert office.outcome(task_id) == (JobStatus.COMPLETED, "")
    assert home_screen(office.device()) == [["scan", "blank", "copy"], ["settings"]]
    assert reading_of(office)["home_screen"]["pages"] == [["scan", "blank", "copy"], ["settings"]]
    again = office.do(TaskKind.SET_HOME_SCREEN, {"pages": [["scan", "blank", "copy"], ["settings"]]})
    assert office.outcome(again) == (JobStatus.COMPLETED, "The home screen was like that already.")
    office.do(TaskKind.SET_HOME_SCREEN, {"pages": None})
    assert HomeScreen.model_validate(reading_of(office)["home_screen"]).is_default


def test_items_that_the_printer_lacks_are_named(office: SimulatedOffice) -> None:
    task_id = office.do(TaskKind.SET_HOME_SCREEN, {"pages": [["copy", "forms", "badge"]]})
    assert office.outcome(task_id)[0] is JobStatus.FAILED
    assert office.outcome(task_id)[1] == "The printer has no badge, forms to put on its home screen."


def test_home_screens_need_the_newest_firmware(office: SimulatedOffice) -> None:
    """FL-291."""
    office.change("color-mfp", offered_firmware="999.001")
    task_id = office.do(TaskKind.SET_HOME_SCREEN, {"pages": None})
    assert office.outcome(task_id)[0] is JobStatus.NOT_SUPPORTED
    assert "999.001" in office.outcome(task_id)[1]


LAYOUTS = [
    ([["a", "b"], ["c"]], 4, [["a", "b"], ["c"]]),
    ([["a", "b", "c", "d", "e"], ["f"]], 4, [["a", "b", "c", "d"], ["e", "f"]]),
    ([["a", "blank", "b", "c", "d"]], 4, [["a", "blank", "b", "c"], ["d"]]),
    ([list("abcdefghi")], 4, [list("abcd"), list("efgh"), ["i"]]),
    ([[], ["a"]], 8, [["a"]]),
]


@pytest.mark.parametrize(("pages", "size", "shown"), LAYOUTS)
def test_what_does_not_fit_flows_to_the_next_page(pages: list[list[str]], size: int, shown: list[list[str]]) -> None:
    """FL-301."""
    assert laid_out(pages, size) == shown


# --- logs


@pytest.mark.parametrize(
    ("kind", "parameters", "media_type", "begins"),
    [
        (TaskKind.PRINTER_LOG, {"kind": "history"}, "text/plain", b"Pressroom PX C4150"),
        *(
            (TaskKind.PRINTER_LOG, {"kind": kind.value}, "text/plain", b"Pressroom PX C4150")
            for kind in LogKind
            if kind not in (LogKind.HISTORY, LogKind.GZIP)
        ),
        (TaskKind.PRINTER_LOG, {"kind": "gzip"}, "application/gzip", b"\x1f\x8b"),
        (TaskKind.MIB_WALK, {}, "text/plain", b".1.3.6.1.2.1.1.1.0 = STRING: "),
    ],
)
def test_logs_are_kept_with_who_asked(
    office: SimulatedOffice, kind: TaskKind, parameters: dict[str, str], media_type: str, begins: bytes
) -> None:
    """F-19, FL-227…FL-234: every kind of log (FL-228, FL-229, FL-230, FL-231, FL-232, FL-233)."""
    assert office.outcome(office.do(kind, parameters)) == (JobStatus.COMPLETED, "")
    with tenant_session(office.home, read_only=True) as session:
        log = session.scalars(select(CollectedLog)).one()
        assert (log.printer_id, log.requester_id) == (office.id_of(), office.administrator.user_id)
        assert (log.media_type, log.kind) == (media_type, parameters.get("kind", "mib_walk"))
    with open_store(get_settings()).open(log.object_key) as file:
        content = file.read()
    assert content.startswith(begins)
    assert len(content) == log.size


def test_a_printer_without_fax_has_no_fax_log(office: SimulatedOffice) -> None:
    task_id = office.do(TaskKind.PRINTER_LOG, {"kind": "fax"}, "color-mfp-upgradable")
    assert office.outcome(task_id, "color-mfp-upgradable")[0] is JobStatus.NOT_SUPPORTED


# --- speed


def test_a_licence_makes_one_printer_faster_once(office: SimulatedOffice) -> None:
    """F-30, FL-410, FL-412: it is used up by success alone."""
    device = office.device("color-mfp-upgradable")
    device.firmware = "230.410"
    office.change("color-mfp-upgradable", firmware_level="230.410")
    parameters = {"code": speed_licence(device.serial, 25, 35), "slower": 25, "faster": 35}
    device.knobs.fail_at = {FailingStep.SPEED_UPGRADE}
    task_id = office.do(TaskKind.SPEED_UPGRADE, parameters, "color-mfp-upgradable")
    assert office.outcome(task_id, "color-mfp-upgradable")[0] is JobStatus.FAILED
    with tenant_session(office.home, read_only=True) as session:
        assert session.scalars(select(UsedLicence)).all() == []
    device.knobs.fail_at = set()
    task_id = office.do(TaskKind.SPEED_UPGRADE, parameters, "color-mfp-upgradable")
    assert office.outcome(task_id, "color-mfp-upgradable") == (JobStatus.COMPLETED, "")
    printer = office.printer("color-mfp-upgradable")
    assert (printer.model, printer.pages_per_minute) == ("PX C3035", 35)
    with tenant_session(office.home, read_only=True) as session:
        assert session.scalars(select(UsedLicence.code)).all() == [parameters["code"]]


# --- what keeps a job from being done


GATED = [
    (TaskKind.RESTART, {}, "third-party-color", {"agent_kind": "local"}, JobStatus.NOT_SUPPORTED),
    (
        TaskKind.NOTIFY_PANEL,
        {"message": "toner_shipped"},
        "color-mfp",
        {"agent_kind": "local"},
        JobStatus.NOT_SUPPORTED,
    ),
    (TaskKind.PRINTER_LOG, {"kind": "history"}, "third-party-color", {}, JobStatus.NOT_SUPPORTED),
    (TaskKind.START_APPS, {"apps": [{"id": "a"}]}, "mono-printer", {"framework_version": ""}, JobStatus.NOT_SUPPORTED),
    (TaskKind.RESTART, {}, "color-mfp", {"communication": "agent_needs_credentials"}, JobStatus.FAILED),
    (TaskKind.RESTART, {}, "color-mfp", {"communication": "not_communicating"}, JobStatus.NOT_COMMUNICATING),
]


@pytest.mark.parametrize(("kind", "parameters", "profile", "values", "status"), GATED)
def test_gates(
    office: SimulatedOffice,
    kind: TaskKind,
    parameters: dict[str, Any],
    profile: str,
    values: dict[str, str],
    status: JobStatus,
) -> None:
    """FL-43, FL-610…FL-616."""
    office.change(profile, **values)
    assert office.outcome(office.do(kind, parameters, profile), profile)[0] is status


def test_refused_access_is_noted_at_the_printer(office: SimulatedOffice) -> None:
    """FL-267: the fault of a step makes the status "agent needs credentials"."""
    office.device().device.account = new_account("pin", "", "4711")
    status, told = office.outcome(office.do(TaskKind.CLEAR_PANEL))
    assert status is JobStatus.FAILED
    assert told == f"The printer at {office.device().address} does not accept the agent's credentials."
    assert office.printer().communication == Communication.NEEDS_CREDENTIALS
