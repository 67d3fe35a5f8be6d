"""The agents on simulated printers: in the firmware (native) or as an app (printer agent), each calling out by itself.

A printer enrols itself by the code that was typed at its web page or panel, or by the code that it shows (FL-146…
FL-152), and then does what it is told with the steps of every agent, on itself.
"""

import asyncio
import contextlib
from pathlib import Path
from typing import Any

import httpx
import structlog

from connectors.errors import PressroomError
from pressroom.agent.cloud import ENDED, Cloud, problem_of
from pressroom.agent.intervals import Intervals
from pressroom.agent.state import AgentFolder, Identity
from pressroom.agent.updates import PrinterAgentUpdates
from pressroom.agent.work import AgentWork
from pressroom.portal_address import check_server
from pressroom.printer_agent_program import PrinterAgentProgram
from printers_sim.device.enrolment import complete, has_agent, is_iot_capable, leave
from printers_sim.device.state import EnrolmentState, EventKind
from printers_sim.printer import SimulatedPrinter
from printers_sim.simulation import Simulation
from steps.found_printers import FoundPrinter
from steps.printers.agent_itself import LIBRARY_VERSION

log = structlog.get_logger(__name__)

LOOK_SECONDS = 1.0
CALL_SECONDS = 10.0
HTTP_PORT, SNMP_PORT = 80, 161


class PrinterAgents:
    """The agents of all printers of a simulation; `run` works until cancelled.

    `server` is where printers call whose form named none; what an agent has to keep is in `folder`, by serial number.
    """

    def __init__(self, simulation: Simulation, folder: Path, server: str) -> None:
        self._simulation, self._folder, self._server = simulation, folder, server
        self._working: dict[str, asyncio.Task[None]] = {}
        self._tickets: dict[str, str] = {}

    async def run(self) -> None:
        """Look at every printer again and again."""
        try:
            while True:
                for printer in self._simulation.printers:
                    await self._look_at(printer)
                await asyncio.sleep(LOOK_SECONDS)
        finally:
            for task in self._working.values():
                task.cancel()
            await asyncio.gather(*self._working.values(), return_exceptions=True)

    async def _look_at(self, printer: SimulatedPrinter) -> None:
        state = printer.device.enrolment.state
        if state is EnrolmentState.CODE_ENTERED:
            await self._enrol(printer)
        elif state is EnrolmentState.CODE_ISSUED:
            await self._ask(printer)
        should_work = state is EnrolmentState.ENROLLED and not printer.is_away and has_agent(printer)
        task = self._working.get(printer.serial)
        if should_work and task is None and self._has_identity(printer):
            self._working[printer.serial] = asyncio.create_task(self._work(printer))
        elif task is not None and (task.done() or not should_work):
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            del self._working[printer.serial]

    async def _enrol(self, printer: SimulatedPrinter) -> None:
        """The code of an organization was typed at the printer."""
        code = printer.device.enrolment.organization_code
        answer = await self._call(printer, "enrolments", {"code": code, **self._about(printer)})
        if answer is not None and answer.is_success:
            self._keep(printer, answer.json())
        elif answer is not None:
            self._give_up(printer, answer)

    async def _ask(self, printer: SimulatedPrinter) -> None:
        """The printer shows a code and asks whether somebody has typed it in the portal."""
        code = printer.device.enrolment.printer_code
        ticket = self._tickets.get(code)
        if ticket is None:
            answer = await self._call(printer, "announcements", {"code": code, **self._about(printer)})
            if answer is not None and answer.is_success:
                self._tickets[code] = answer.json()["ticket"]
            elif answer is not None:
                self._give_up(printer, answer)
            return
        answer = await self._call(printer, "announcements/claim", {"ticket": ticket})
        if answer is None or answer.status_code == httpx.codes.ACCEPTED:
            return
        del self._tickets[code]
        if answer.is_success:
            self._keep(printer, answer.json())
        else:
            self._give_up(printer, answer)

    async def _call(self, printer: SimulatedPrinter, path: str, content: dict[str, Any]) -> httpx.Response | None:
        """The cloud's answer; None while it cannot be reached: the printer asks again later."""
        server = check_server(printer.device.enrolment.server or self._server)
        async with httpx.AsyncClient(base_url=f"{server}/agent/v1/", timeout=CALL_SECONDS, trust_env=False) as http:
            try:
                answer = await http.post(path, json=content)
            except httpx.HTTPError:
                return None
        away = (httpx.codes.TOO_MANY_REQUESTS, httpx.codes.INTERNAL_SERVER_ERROR)
        return None if answer.status_code in away or answer.status_code > away[1] else answer

    def _keep(self, printer: SimulatedPrinter, told: dict[str, Any]) -> None:
        server = check_server(printer.device.enrolment.server or self._server)
        identity = Identity(server, told["agent_id"], told["kind"], told["credential"])
        self._folder_of(printer).keep_identity(identity)
        complete(printer)

    def _give_up(self, printer: SimulatedPrinter, answer: httpx.Response) -> None:
        """Refused: the panel says why, and the code is worth nothing."""
        reason = problem_of(answer, self._server).message
        leave(printer)
        printer.device.note(EventKind.HISTORY, f"Enrolment refused: {reason}")
        log.warning("enrolment refused", serial_number=printer.serial, reason=reason)

    async def _work(self, printer: SimulatedPrinter) -> None:
        """The printer's agent at work; when the cloud knows it no more, the printer is not enrolled any more."""
        folder = self._folder_of(printer)
        identity = folder.identity()
        version = printer.firmware if identity.kind == "native" else (printer.device.printer_agent or "")
        async with Cloud(folder, identity) as cloud:
            updates = PrinterAgentUpdates(cloud, LIBRARY_VERSION)
            work = AgentWork(folder, cloud, Intervals(identity.kind), version, updates)
            printer.agent = PrinterAgentProgram(cloud, work)
            try:
                await work.run()
            except BaseExceptionGroup as group:
                known = group.subgroup(PressroomError)
                if known is None or not any(getattr(one, "fault", None) is ENDED for one in known.exceptions):
                    raise
                self._forget(printer)
            finally:
                printer.agent = None

    def _forget(self, printer: SimulatedPrinter) -> None:
        (self._folder_of(printer).path / "identity").unlink(missing_ok=True)
        leave(printer)

    def _has_identity(self, printer: SimulatedPrinter) -> bool:
        return (self._folder / printer.serial / "identity").exists()

    def _folder_of(self, printer: SimulatedPrinter) -> AgentFolder:
        return AgentFolder(self._folder / printer.serial)

    def _about(self, printer: SimulatedPrinter) -> dict[str, Any]:
        """Who the printer says it is, and which of its agents asks (FL-70)."""
        ports = {"http": (self._simulation.http_port, HTTP_PORT), "snmp": (self._simulation.snmp_port, SNMP_PORT)}
        found = FoundPrinter(
            address=printer.address,
            serial_number=printer.serial,
            manufacturer=printer.profile.make,
            model=printer.model,
            is_vendor=True,
            is_color=printer.profile.color,
            host_name=printer.host_name,
            mac=printer.mac.hex(":"),
            location=printer.location,
            contact=printer.contact,
            asset_tag=printer.asset_tag,
            firmware_level=printer.firmware,
            framework_version=printer.profile.framework,
            agent_version=printer.device.printer_agent or "",
            pages_per_minute=printer.speed,
            needs_credentials=printer.device.account.type != "none",
            ports={name: port for name, (port, usual) in ports.items() if port != usual},
        )
        wanted = printer.device.enrolment.agent
        kind = wanted or ("native" if is_iot_capable(printer) else "printer")
        return {"kind": kind, "printer": found.model_dump(mode="json")}


async def serve_with_agents(simulation: Simulation, agents: PrinterAgents, ready: Any) -> None:
    """Serve the simulation with the agents on its printers, until it is stopped."""
    work = asyncio.create_task(agents.run())
    try:
        await simulation.serve(ready)
    finally:
        work.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await work
