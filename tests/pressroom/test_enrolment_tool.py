"""The enrolment tool against a portal on a socket and simulated printers with their agents (section 6, F-1, F-2)."""

import asyncio
import json
import logging
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import select

from connectors.errors import PressroomError
from connectors.messages import Message
from domain.organizations.actor import Actor
from domain.organizations.models import now
from domain.sign_in import tokens
from domain.tenancy import system_session
from fleet.agents.models import AgentKind
from fleet.enrolment.tool import SCOPES
from fleet.panel_apps.service import add_package
from fleet.printers.models import Printer
from fleet.tasks.models import FleetTask
from portal_api.app import create_service
from pressroom.enrolment_tool import rules
from pressroom.enrolment_tool.enrolling import enrol
from pressroom.enrolment_tool.page import ToolPage
from pressroom.enrolment_tool.portal import OUT_OF_DATE, Portal
from pressroom.enrolment_tool.rules import candidate
from pressroom.enrolment_tool.settings import PreferredAgent, ToolSettings, keep_settings, read_settings
from pressroom.enrolment_tool.work import Search, ToolWork, keep_log
from pressroom.printer_agents import PrinterAgents, serve_with_agents
from printers_sim.device.enrolment import is_iot_capable
from printers_sim.packages import app_package
from printers_sim.printer import SimulatedPrinter
from printers_sim.simulation import Simulation, SimulationPlan
from steps.found_printers import FoundPrinter
from steps.printer_work import Access, AuthenticationType, SnmpAccess
from steps.printers.agent_itself import VERSION
from tests.support.agent_processes import PATIENCE, environment, until
from tests.support.installation import Installation, installed
from tests.support.portal_server import serving
from tests.support.simulation import device_address, running_simulation


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Installation]:
    with installed(tmp_path / "cloud") as one:
        yield one


@pytest.fixture
def cloud(office: Installation) -> Iterator[str]:
    with serving(create_service(office.settings)) as url:
        yield url


@pytest.fixture
def simulation(cloud: str, tmp_path: Path) -> Iterator[Simulation]:
    """Printers with their agents at work."""
    running = Simulation(SimulationPlan(count=8, http_port=0, snmp_port=0))
    agents = PrinterAgents(running, tmp_path / "agents", cloud)
    ready = threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(serve_with_agents(running, agents, ready.set)))
    thread.start()
    try:
        assert ready.wait(30)
        yield running
    finally:
        running.stop()
        thread.join()


def token_of(actor: Actor, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(tokens, "need_confirmation", lambda _actor: None)
    monkeypatch.setattr(tokens, "queue_mail", lambda *_given, **_named: None)
    scopes = [scope.value for scope in SCOPES if scope in tokens.offered_scopes(actor)]
    return tokens.create_token(actor, "Tool", scopes, now() + timedelta(hours=1))[0]


@pytest.fixture
def portal(office: Installation, cloud: str, monkeypatch: pytest.MonkeyPatch) -> Portal:
    return Portal(cloud, token_of(office.administrator, monkeypatch))


def settings(simulation: Simulation, **values: Any) -> ToolSettings:
    ports = {"http_port": simulation.http_port, "snmp_port": simulation.snmp_port}
    return ToolSettings.model_validate({"discovery_seconds": 60, "enrolment_seconds": 60, **ports, **values})


def at_work(tool: ToolWork, simulation: Simulation, *serials: str, access: Access | None = None) -> None:
    """Search all simulated printers, and enrol those of the serial numbers.

    A busy machine may answer a probe too late, as a printer may: then one searches again.
    """

    async def work() -> None:
        addresses = [printer.address for printer in simulation.printers]
        async with asyncio.timeout(PATIENCE):
            while not is_complete(tool, simulation, serials):
                tool.search(Search(local=False, entries=addresses), tool.settings.snmp())
                await tool.done()
        await tool.look_up()
        if serials:
            tool.enrol(serials, access)
            await tool.done()

    asyncio.run(work())


def is_complete(tool: ToolWork, simulation: Simulation, serials: tuple[str, ...]) -> bool:
    """Whether every printer was found, and those that are meant by what only our own make tells."""
    own_make = {row.found.serial_number for row in tool.rows if row.found.is_vendor}
    return len(tool.rows) == len(simulation.printers) and own_make.issuperset(serials)


def capable(simulation: Simulation) -> SimulatedPrinter:
    return next(printer for printer in simulation.printers if is_iot_capable(printer) and printer.profile.framework)


def enrolled(serial: str) -> Printer | None:
    with system_session(read_only=True) as session:
        return session.scalar(select(Printer).where(Printer.serial_number == serial))


FOUND = FoundPrinter(
    address="127.0.0.9", serial_number="S1", is_vendor=True, firmware_level="081.215", framework_version="5.1"
)
OLD, NO_APPS = {"firmware_level": "074.300"}, {"framework_version": ""}
PREFER_NATIVE, PREFER_PRINTER = PreferredAgent.NATIVE, PreferredAgent.PRINTER


@pytest.mark.parametrize(
    ("changes", "enrolled_by", "preferred", "agent", "reason"),
    [
        ({}, "", PREFER_NATIVE, "native", None),
        ({}, "", PREFER_PRINTER, "printer", None),  # FL-78
        (NO_APPS, "", PREFER_PRINTER, "native", None),
        (OLD, "", PREFER_NATIVE, "printer", None),  # FL-70
        ({**OLD, "framework_version": "3.0"}, "", PREFER_NATIVE, "printer", None),
        ({**NO_APPS, "firmware_level": "075.001"}, "", PREFER_NATIVE, "native", None),
        ({**OLD, "framework_version": "2.1"}, "", PREFER_NATIVE, "", rules.TOO_LOW),  # FL-99
        ({**OLD, **NO_APPS}, "", PREFER_NATIVE, "", rules.TOO_LOW),
        ({}, "fleet", PREFER_NATIVE, "native", rules.BY_FLEET),  # FL-94
        ({}, "native", PREFER_NATIVE, "native", rules.BY_NATIVE),  # FL-95
        ({}, "local", PREFER_NATIVE, "native", rules.BY_LOCAL),
        ({}, "printer", PREFER_NATIVE, "native", None),  # FL-93
        ({"is_vendor": False}, "", PREFER_NATIVE, "", rules.OTHER_MAKE),
        ({"serial_number": ""}, "", PREFER_NATIVE, "native", rules.NO_SERIAL),
    ],
)
def test_which_agent_a_printer_gets_and_whether_it_may_be_chosen(
    changes: dict[str, Any], enrolled_by: str, preferred: PreferredAgent, agent: str, reason: str | None
) -> None:
    """FL-13, FL-99: a printer agent from framework 3.0 on, a native one from 075.001 (A-8)."""
    row = candidate(FOUND.model_copy(update=changes), "", enrolled_by, preferred)
    assert row.agent == agent
    assert (row.reason.template if row.reason else None) == reason


def test_settings_are_kept_for_the_next_start(tmp_path: Path) -> None:
    """FL-85: for their owner alone; at first the community is “public” (FL-82), and any other is kept."""
    assert read_settings(tmp_path) == ToolSettings()
    assert ToolSettings().community == "public"
    chosen = ToolSettings(agent=PreferredAgent.PRINTER, community="private", enrolment_seconds=30)
    keep_settings(tmp_path, chosen)
    assert read_settings(tmp_path) == chosen
    assert (tmp_path / "settings.json").stat().st_mode & 0o077 == 0
    (tmp_path / "settings.json").write_text("{")
    with pytest.raises(PressroomError) as refused:
        read_settings(tmp_path)
    assert refused.value.code == "enrolment_tool.settings_unreadable"


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, SnmpAccess(version="2c", community=SecretStr("public"))),
        ({"snmp_version": "1", "community": "office"}, SnmpAccess(version="1", community=SecretStr("office"))),
        (
            {"snmp_version": "3", "auth_protocol": "sha256", "privacy_protocol": "aes128"},
            SnmpAccess(
                version="3",
                user="reader",
                auth_protocol="sha256",
                auth_secret=SecretStr("signing"),
                privacy_protocol="aes128",
                privacy_secret=SecretStr("hiding"),
            ),
        ),
    ],
)
def test_printers_are_asked_by_the_version_that_is_set(values: dict[str, Any], expected: SnmpAccess) -> None:
    """FL-81, FL-82, FL-83: what version 3 takes is typed when a search begins (FL-89)."""
    chosen = ToolSettings.model_validate(values)
    assert chosen.snmp("reader", "signing", "hiding") == expected
    assert chosen.asks_for_snmp is (expected.version == "3")


def test_printers_are_found_and_one_is_enrolled_through_its_native_agent(
    simulation: Simulation, portal: Portal
) -> None:
    """F-1, F-2, FL-65, FL-91: afterwards it is in the list of the enrolled and cannot be chosen again (FL-95)."""
    tool, printer = ToolWork(settings(simulation), portal), capable(simulation)
    at_work(tool, simulation, printer.serial)
    assert {row.found.serial_number for row in tool.rows} == {one.serial for one in simulation.printers}
    assert [outcome.result for outcome in tool.outcomes] == ["enrolled"]
    row = next(row for row in tool.rows if row.found.serial_number == printer.serial)
    assert (row.enrolled, row.may_be_chosen) == ("native", False)
    kept = enrolled(printer.serial)
    assert kept is not None
    assert kept.agent_kind == AgentKind.NATIVE


def test_the_printer_agent_is_installed_and_may_be_enrolled_again(
    office: Installation, simulation: Simulation, portal: Portal, tmp_path: Path
) -> None:
    """FL-70, FL-93, FL-97: with the administrator's credentials, which its agent then keeps."""
    printer = capable(simulation)
    url = f"{device_address(simulation, printer)}/device/v1"
    account = {"authentication_type": "pin", "user_name": "", "password": "4711"}
    assert httpx.post(f"{url}/credentials", json=account, trust_env=False).is_success
    access = Access(type=AuthenticationType.PIN, secret=SecretStr("4711"))
    tool = ToolWork(settings(simulation, agent="printer"), portal)
    at_work(tool, simulation, printer.serial, access=access)
    assert [outcome.result for outcome in tool.outcomes] == ["refused"]  # the catalogue has no printer agent yet
    package = tmp_path / "agent.fls"
    package.write_bytes(app_package("printer-agent", "Printer agent", "3.2.0", "3.0"))
    add_package(office.administrator, package, package.name)
    for result in ("enrolled", "re_enrolled"):
        at_work(tool, simulation, printer.serial, access=access)
        assert [(outcome.result, outcome.reason) for outcome in tool.outcomes] == [(result, None)]
    kept = enrolled(printer.serial)
    assert kept is not None
    assert (kept.agent_kind, kept.agent_version) == (AgentKind.PRINTER, "3.2.0")
    with system_session(read_only=True) as session:
        kinds = set(session.scalars(select(FleetTask.kind)))
    assert "update_credentials" in kinds


@pytest.mark.parametrize(
    ("account", "setting", "access", "code"),
    [
        ("pin", "", None, "The printer is secured, and no credentials were given."),
        ("pin", "", Access(type=AuthenticationType.PASSWORD, secret=SecretStr("4711")), "is of another type"),
        ("pin", "", Access(type=AuthenticationType.PIN, secret=SecretStr("1234")), "does not accept"),
        ("none", "security.firmware_updates", None, "access controls"),
    ],
)
def test_why_a_printer_is_not_enrolled_is_told(
    simulation: Simulation, portal: Portal, account: str, setting: str, access: Access | None, code: str
) -> None:
    """FL-98, FL-101, FL-557, TS-9, TS-13, TS-14, TS-31: and the printer is as it was."""
    printer = capable(simulation)
    url = f"{device_address(simulation, printer)}/device/v1"
    if setting:
        assert httpx.patch(f"{url}/settings", json={setting: False}, trust_env=False).is_success
    wanted = {"authentication_type": account, "user_name": "", "password": "4711" if account != "none" else ""}
    assert httpx.post(f"{url}/credentials", json=wanted, trust_env=False).is_success
    tool = ToolWork(settings(simulation), portal)
    at_work(tool, simulation, printer.serial, access=access)
    (outcome,) = tool.outcomes
    assert outcome.result == "refused"
    assert isinstance(outcome.reason, Message)
    assert code in str(outcome.reason)
    assert enrolled(printer.serial) is None


def test_an_enrolment_that_takes_too_long_is_given_up(portal: Portal) -> None:
    """FL-79, TS-30: this printer makes a code, but its agent never calls in."""
    with running_simulation(SimulationPlan(count=3, http_port=0, snmp_port=0)) as simulation:
        printer = capable(simulation)
        found = FOUND.model_copy(
            update={
                "address": printer.address,
                "serial_number": printer.serial,
                "ports": {"http": simulation.http_port},
            }
        )
        outcome = asyncio.run(enrol(portal, candidate(found, "", "", PREFER_NATIVE), None, 2))
    assert outcome.result == "timed_out"


@pytest.mark.parametrize("detailed", [False, True])
def test_the_log_is_a_summary_or_detailed(simulation: Simulation, tmp_path: Path, *, detailed: bool) -> None:
    """FL-80: from the moment on when it is set."""
    logger, former = logging.getLogger(), list(logging.getLogger().handlers)
    try:
        keep_log(tmp_path, detailed=not detailed)
        tool = ToolWork(settings(simulation), None)
        page = ToolPage(tool, tmp_path, 1)
        page.remember(tool.settings.model_copy(update={"detailed_log": detailed}))
        at_work(tool, simulation)
    finally:
        logger.handlers[-1].close()
        logger.handlers = former
    text = (tmp_path / "enrol.log").read_text(encoding="utf-8")
    assert "search done" in text
    assert ("printer found" in text) is detailed


def test_an_old_tool_has_to_be_updated_first(portal: Portal) -> None:
    """FL-77."""
    asyncio.run(portal.check_version(VERSION))
    with pytest.raises(PressroomError) as refused:
        asyncio.run(portal.check_version("1.0.0"))
    assert refused.value.fault is OUT_OF_DATE


def test_commands_find_and_enrol_for_scripts(
    office: Installation, simulation: Simulation, cloud: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The whole tool as a process, with a person's token and a CSV file of entries (FL-88)."""
    token, printer = token_of(office.administrator, monkeypatch), capable(simulation)
    keep_settings(tmp_path / "tool", settings(simulation))
    (tmp_path / "entries.csv").write_text(f"{printer.address}\n")
    given = ["--server", cloud, "--folder", str(tmp_path / "tool"), "--entries", str(tmp_path / "entries.csv")]

    def run(*command: str) -> tuple[int, Any]:
        done = subprocess.run(
            [sys.executable, "-m", "pressroom", "enrol", *command, *given],
            env={**environment(tmp_path), "ENROLMENT_TOKEN": token},
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, json.loads(done.stdout) if done.stdout else done.stderr

    code, found = run("discover")
    assert (code, [row["serial_number"] for row in found]) == (0, [printer.serial])
    assert found[0]["may_be_chosen"] is True
    code, outcomes = run("printers")
    assert (code, [row["result"] for row in outcomes]) == (0, ["enrolled"])
    until(lambda: enrolled(printer.serial), "the printer is not in the list")
    token = ""
    code, told = run("discover")
    assert code == 2
    assert "enrolment_tool.signed_out" in told
