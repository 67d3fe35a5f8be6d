"""The agent as a process of its own, against a portal on a socket and simulated printers (FL-5, FL-17, F-3, F-8)."""

import io
import json
import logging
import re
import subprocess
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from connectors.documents import open_store
from connectors.errors import PressroomError
from domain.tenancy import system_session
from fleet.agents.activation import generate_local_code
from fleet.agents.models import Agent, AgentKind
from fleet.agents.service import create_fleet_agent
from fleet.agents.settings import AgentSettings, LogLevel
from fleet.printer_logs.models import CollectedLog
from fleet.printers.models import Communication, Printer, PrinterReadingRow
from fleet.tasks.kinds import TaskKind
from fleet.tasks.models import FleetTask, Job
from fleet.tasks.service import NewTask, start_fleet_task
from portal_api.app import create_service
from pressroom.agent.silent_activation import BAD_FILE, rolled_out
from pressroom.agent.state import AgentFolder
from pressroom.portal_address import check_server
from printers_sim.simulation import Simulation, SimulationPlan
from tests.support.agent_processes import PATIENCE, activate, agent_process, command, environment, until
from tests.support.installation import Installation, installed
from tests.support.portal_server import serving
from tests.support.simulation import running_simulation


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Installation]:
    with installed(tmp_path / "cloud") as one:
        yield one


@pytest.fixture
def simulation() -> Iterator[Simulation]:
    with running_simulation(SimulationPlan(count=6, http_port=0, snmp_port=0)) as one:
        yield one


def settings(simulation: Simulation, **values: Any) -> AgentSettings:
    wanted = {
        "search": "advanced",
        "include": [f"{simulation.printers[0].address}-{simulation.printers[-1].address}"],
        "http_port": simulation.http_port,
        "snmp_port": simulation.snmp_port,
        "delay": 0,
        "discovery_minutes": 0,
    }
    return AgentSettings.model_validate(wanted | values)


def count(agent_id: str) -> int:
    with system_session(read_only=True) as session:
        return session.scalar(select(func.count()).select_from(Printer).where(Printer.agent_id == agent_id)) or 0


def task_status(task_id: str) -> str:
    with system_session(read_only=True) as session:
        return str(session.get_one(FleetTask, task_id).status)


def in_progress(task_id: str) -> bool:
    with system_session(read_only=True) as session:
        return session.scalars(select(Job.status).where(Job.task_id == task_id)).all() == ["in_progress"]


def test_an_agent_finds_and_enrols_printers_at_its_interval(
    office: Installation, simulation: Simulation, tmp_path: Path
) -> None:
    """F-7, FL-66, FL-119: created, activated with its code, it finds and enrols; and tells of itself (FL-140)."""
    wanted = settings(simulation, discovery_minutes=60)
    agent_id, code = create_fleet_agent(office.administrator, "North", "", wanted)
    with serving(create_service(office.settings)) as url:
        activate(url, code, tmp_path / "agent")
        with agent_process(tmp_path / "agent"):
            until(lambda: count(agent_id) == 6, "the agent enrolled nothing")
    with system_session(read_only=True) as session:
        agent = session.get_one(Agent, agent_id)
        assert agent.version == "2.2.0"
        assert agent.library_version == "1.0.0"
        assert agent.host["system"]
        assert agent.last_contact is not None


def test_a_killed_agent_does_what_it_had_in_hand_when_it_comes_back(
    office: Installation, simulation: Simulation, tmp_path: Path
) -> None:
    """kill -9 in the middle of a search: the task ends as if nothing had happened."""
    wanted = settings(simulation, delay=3000)
    agent_id, code = create_fleet_agent(office.administrator, "North", "", wanted)
    with serving(create_service(office.settings)) as url:
        activate(url, code, tmp_path / "agent")
        task_id = start_fleet_task(office.administrator, NewTask(TaskKind.DISCOVER), [agent_id])
        with agent_process(tmp_path / "agent") as process:
            until(lambda: in_progress(task_id), "the agent took no order")
            process.kill()
            process.wait()
        assert in_progress(task_id)
        assert count(agent_id) == 0
        with agent_process(tmp_path / "agent"):
            until(lambda: task_status(task_id) == "completed", "the order was not done after the kill")
    assert count(agent_id) == 6


def test_an_agent_that_loses_its_connection_loses_nothing(
    office: Installation, simulation: Simulation, tmp_path: Path
) -> None:
    """The cloud goes away while the agent searches: it works on, keeps what it found, and hands it in later."""
    wanted = settings(simulation, delay=700)
    agent_id, code = create_fleet_agent(office.administrator, "North", "", wanted)
    service, log = create_service(office.settings), tmp_path / "agent.log"
    with ExitStack() as running:
        with serving(service) as url:
            activate(url, code, tmp_path / "agent")
            task_id = start_fleet_task(office.administrator, NewTask(TaskKind.DISCOVER), [agent_id])
            running.enter_context(agent_process(tmp_path / "agent"))
            until(lambda: in_progress(task_id), "the agent took no order")
        until(lambda: "what was found waits" in log.read_text(), "the agent did not work on")
        assert count(agent_id) == 0
        with serving(service, int(url.rpartition(":")[2])):
            until(lambda: task_status(task_id) == "completed", "the report was lost")
    assert count(agent_id) == 6


def test_an_agent_hands_over_its_log(office: Installation, tmp_path: Path) -> None:
    """F-18, FL-166: a ZIP in the store, with date, time, thread, function and line in each line."""
    wanted = AgentSettings(discovery_minutes=0, log_level=LogLevel.DETAILED)
    agent_id, code = create_fleet_agent(office.administrator, "North", "", wanted)
    with serving(create_service(office.settings)) as url:
        activate(url, code, tmp_path / "agent")
        with agent_process(tmp_path / "agent"):
            for _ in range(2):  # the first one is in the second one's log
                task_id = start_fleet_task(office.administrator, NewTask(TaskKind.AGENT_LOG), [agent_id])
                until(lambda: task_status(task_id) == "completed", "the log did not come")  # noqa: B023
    with system_session(read_only=True) as session:
        newest = session.scalars(select(CollectedLog).order_by(CollectedLog.collected.desc())).first()
    assert newest is not None
    with (
        open_store(office.settings).open(newest.object_key) as stream,
        zipfile.ZipFile(io.BytesIO(stream.read())) as log,
    ):
        text = log.read("agent.log").decode()
    assert re.search(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d+ \d+ \w+:\d+ INFO .*order done", text, re.MULTILINE)


def test_a_local_agent_enrols_and_reads_the_printers_of_its_usb_ports(
    office: Installation, simulation: Simulation, tmp_path: Path
) -> None:
    """F-8, FL-14, FL-69, FL-160: shown with the host's address, read by IPP over USB; activated by a file (FL-159).

    FL-1: counts and supplies come by themselves. FL-161: refreshed on request, by a task; who is not at a port any
    more does not communicate (FL-170).
    """
    usb, ours = tmp_path / "usb.json", simulation.printers[0]
    there = {"serial_number": ours.serial, "ipp_host": ours.address, "ipp_port": simulation.http_port}
    usb.write_text(json.dumps([{"serial_number": "USB-1", "model": "PX B2100"}, there]), encoding="utf-8")
    code = generate_local_code(office.administrator, 1)
    with serving(create_service(office.settings)) as url:
        rolled_out = f"[IOT_HUB]\nCS_ACTIVATION_CODE={code}\nCS_PORTAL={url}\n"
        AgentFolder(tmp_path / "agent").path.joinpath("LocalAgentConfig.INI").write_text(rolled_out, encoding="utf-8")
        with agent_process(tmp_path / "agent", "--usb", str(usb), "--host", "127.0.0.9"):
            until(lambda: local_printers().get(ours.serial, NOT_YET).life_pages, "nothing was read")
            usb.write_text(json.dumps([there]), encoding="utf-8")
            ids = [printer.id for printer in local_printers().values()]
            task_id = start_fleet_task(office.administrator, NewTask(TaskKind.REFRESH), ids)
            until(lambda: task_status(task_id) == "completed_with_errors", "they were not refreshed")
    found = local_printers()
    assert {one.address for one in found.values()} == {"127.0.0.9"}
    assert {serial: one.communication for serial, one in found.items()} == {
        ours.serial: Communication.COMMUNICATING,
        "USB-1": Communication.SILENT,
    }
    with system_session(read_only=True) as session:
        assert session.get_one(PrinterReadingRow, found[ours.serial].id).reading["supplies"]


@pytest.mark.parametrize(("level", "kept"), [("summary", ["went wrong"]), ("detailed", ["as usual", "went wrong"])])
def test_the_log_is_a_summary_or_detailed(tmp_path: Path, level: str, kept: list[str]) -> None:
    """FL-121, FL-162."""
    folder, logger = AgentFolder(tmp_path), logging.getLogger()
    former = list(logger.handlers)
    try:
        folder.keep_log()
        folder.log_level(level)
        for number, text in ((logging.INFO, "as usual"), (logging.WARNING, "went wrong")):
            logger.handle(logger.makeRecord("agent", number, "work.py", 1, text, (), None))
    finally:
        logger.handlers[-1].close()
        logger.handlers = former
    lines = (tmp_path / "agent.log").read_text(encoding="utf-8").splitlines()
    assert [line.rpartition("WARNING ")[2].rpartition("INFO ")[2] for line in lines] == kept


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "[IOT_HUB]\nCS_ACTIVATION_CODE = AAAA-BBBB\nCS_PORTAL=https://p.example\n",
            ("https://p.example", "AAAA-BBBB"),
        ),
        ("\ufeff[OTHER]\nA=1\n[IOT_HUB]\r\ncs_activation_code=AAAA%BBBB\r\n", ("", "AAAA%BBBB")),
        ("[IOT_HUB]\nCS_ACTIVATION_CODE=\n", None),
        ("CS_ACTIVATION_CODE=AAAA-BBBB\n", None),
        ("[OTHER]\nCS_ACTIVATION_CODE=AAAA-BBBB\n", None),
    ],
    ids=["with its portal", "as Windows writes it", "no code", "no section", "another section"],
)
def test_the_file_of_a_roll_out(tmp_path: Path, text: str, expected: tuple[str, str] | None) -> None:
    """FL-159."""
    assert rolled_out(tmp_path) is None
    (tmp_path / "LocalAgentConfig.INI").write_text(text, encoding="utf-8", newline="")
    if expected is None:
        with pytest.raises(PressroomError) as refused:
            rolled_out(tmp_path)
        assert refused.value.fault is BAD_FILE
    else:
        found = rolled_out(tmp_path)
        assert found is not None
        assert (found.server, found.code) == expected


NOT_YET = Printer()


def local_printers() -> dict[str, Printer]:
    """Those of local agents by their serial numbers."""
    with system_session(read_only=True) as session:
        found = session.scalars(select(Printer).where(Printer.agent_kind == AgentKind.LOCAL)).all()
        session.expunge_all()
        return {printer.serial_number: printer for printer in found}


def test_a_deactivated_agent_ends_and_says_why(office: Installation, tmp_path: Path) -> None:
    agent_id, code = create_fleet_agent(office.administrator, "North", "", AgentSettings(discovery_minutes=0))
    with serving(create_service(office.settings)) as url:
        activate(url, code, tmp_path / "agent")
        with system_session() as session:
            session.delete(session.get_one(Agent, agent_id))
        ended = subprocess.run(
            command("run", "--folder", str(tmp_path / "agent"), "--no-page"),
            env=environment(tmp_path / "agent"),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
    assert ended.returncode == 1
    assert "agent.ended" in ended.stdout


def test_what_the_agent_keeps_of_itself_cannot_be_read_by_others(office: Installation, tmp_path: Path) -> None:
    _, code = create_fleet_agent(office.administrator, "North", "", AgentSettings())
    with serving(create_service(office.settings)) as url:
        activate(url, code, tmp_path / "agent")
    kept = AgentFolder(tmp_path / "agent")
    credential = kept.identity().credential.encode()
    for path in (tmp_path / "agent").rglob("*"):
        if path.is_file():
            assert credential not in path.read_bytes()
            assert path.stat().st_mode & 0o077 == 0


def test_calls_are_encrypted_unless_they_stay_on_this_machine() -> None:
    """FL-606."""
    assert check_server("https://portal.example.com/") == "https://portal.example.com"
    assert check_server("http://127.0.0.1:8080") == "http://127.0.0.1:8080"
    with pytest.raises(PressroomError) as refused:
        check_server("http://portal.example.com")
    assert refused.value.code == "agent.not_secure"
