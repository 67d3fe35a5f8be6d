"""The agents of a whole fleet: who is asked, with which community or user, and how the printer behaves."""

import heapq
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from connectors.snmp.ber import Oid, Tag
from connectors.snmp.message import Version, version_of
from printers_sim.device.refusal import Refusal
from printers_sim.knobs import Behaviour, FailingStep
from printers_sim.printer import SimulatedPrinter
from printers_sim.snmp.agent import AgentView, Setter, answer_community
from printers_sim.snmp.mib import MibTree, MibView
from printers_sim.snmp.printer_mib import (
    CONSOLE,
    CONSOLE_CHARACTERS,
    CONSOLE_LINES,
    PRINTER,
    SYSTEM,
    base_values,
    live_values,
    own_values,
)
from printers_sim.snmp.server import SnmpServer
from printers_sim.snmp.usm import Engine, User, answer_v3, boots_now, engine_id_of

SLOW_SECONDS = 3.0
V2_SWITCH, V3_SWITCH, SET_SWITCH = "network.snmp_v2_enabled", "network.snmp_v3_enabled", "network.snmp_set_allowed"
COMMUNITY = "network.snmp_read_community"
"""Settings of a printer that its agent goes by."""
RESET_VALUES = frozenset({4, 5, 6})
"""Power-cycle, reset to NVRAM and to factory defaults (PrtGeneralResetTC)."""


@dataclass(frozen=True, slots=True)
class Access:
    """Who may ask the agents."""

    read_community: str = "public"
    write_community: str | None = "private"
    users: tuple[User, ...] = ()


@dataclass(slots=True)
class _Agent:
    printer: SimulatedPrinter
    engine: Engine
    view: AgentView | None = None
    changes: int = -1


@dataclass(order=True, slots=True)
class _Late:
    due: float
    asked: str = field(compare=False)
    answer: bytes = field(compare=False)
    asker: tuple[str, int] = field(compare=False)


class SnmpAgents:
    """All agents on one port; `recordings` are addresses that replay a recorded walk instead of a printer.

    A printer that is reset takes `restart_seconds` to come back.
    """

    def __init__(
        self,
        printers: Sequence[SimulatedPrinter],
        access: Access,
        port: int,
        recordings: Mapping[str, Mapping[Oid, bytes]] | None = None,
        restart_seconds: float = 0.0,
    ) -> None:
        self._access, self._restart_seconds = access, restart_seconds
        boots = boots_now()
        users = {user.name.encode(): user for user in access.users}
        self._agents = {
            printer.address: _Agent(printer, Engine(engine_id_of(printer.mac), users, boots)) for printer in printers
        }
        self._trees: dict[str, MibTree] = {}
        self._recorded = {
            address: AgentView(MibView(MibTree(values), {}, {}), {}) for address, values in (recordings or {}).items()
        }
        self._late: list[_Late] = []
        self.server = SnmpServer(port, self._answer)

    def send_late(self) -> None:
        """Send the answers of slow printers that are due; call it several times a second."""
        while self._late and self._late[0].due <= time.monotonic():
            one = heapq.heappop(self._late)
            self.server.send(one.asked, one.answer, one.asker)

    def _answer(self, asked: str, data: bytes, asker: tuple[str, int]) -> bytes | None:
        if (recorded := self._recorded.get(asked)) is not None:
            return answer_community(data, recorded, self._access.read_community.encode(), None)
        agent = self._agents.get(asked)
        if agent is None or agent.printer.behaviour is Behaviour.SILENT or agent.printer.is_away:
            return None
        answer = self._answer_of(agent, data)
        if answer is not None and agent.printer.behaviour is Behaviour.SLOW:
            heapq.heappush(self._late, _Late(time.monotonic() + SLOW_SECONDS, asked, answer, asker))
            return None
        return answer

    def _answer_of(self, agent: _Agent, data: bytes) -> bytes | None:
        view, settings = self._view(agent), agent.printer.device.settings
        if version_of(data) is Version.V3:
            agent.engine.follow(agent.printer.started)
            return answer_v3(data, view, agent.engine) if settings.get(V3_SWITCH, True) else None
        if not settings.get(V2_SWITCH, True):
            return None
        read = str(settings.get(COMMUNITY, self._access.read_community))
        write = self._access.write_community if settings.get(SET_SWITCH, True) else None
        if agent.printer.behaviour is Behaviour.WRONG_COMMUNITY:
            read = write = f"not {read}"
        return answer_community(data, view, read.encode(), write.encode() if write is not None else None)

    def _view(self, agent: _Agent) -> AgentView:
        """What the printer shows now, made anew when it has changed."""
        printer = agent.printer
        if agent.view is None or agent.changes != printer.changes:
            tree = self._trees.get(printer.profile.name)
            if tree is None:
                tree = self._trees[printer.profile.name] = MibTree(base_values(printer.profile))
            agent.changes = printer.changes
            mib = MibView(tree, own_values(printer), live_values(printer))
            agent.view = AgentView(mib, setters_of(printer, self._restart_seconds))
        return agent.view


def setters_of(printer: SimulatedPrinter, restart_seconds: float) -> Mapping[Oid, tuple[int, Setter]]:
    """What may be set: contact, name and location, the reset of the printer, and on some the lines of the panel."""
    lines = CONSOLE_LINES if printer.profile.snmp_console else ()
    return {
        **{(*CONSOLE, line): (Tag.OCTET_STRING, partial(_write_console, printer, line)) for line in lines},
        (*SYSTEM, 4, 0): (Tag.OCTET_STRING, partial(_set_text, printer, "contact")),
        (*SYSTEM, 5, 0): (Tag.OCTET_STRING, partial(_set_text, printer, "host_name")),
        (*SYSTEM, 6, 0): (Tag.OCTET_STRING, partial(_set_text, printer, "location")),
        (*PRINTER, 5, 1, 1, 3, 1): (Tag.INTEGER, partial(_reset, printer, restart_seconds)),
    }


def _set_text(printer: SimulatedPrinter, name: str, content: bytes) -> bool:
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return False
    if len(text) > 255 or not (text.isprintable() or not text):
        return False
    setattr(printer, name, text)
    printer.changes += 1
    return True


def _write_console(printer: SimulatedPrinter, line: int, content: bytes) -> bool:
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return False
    if len(content) > CONSOLE_CHARACTERS or not (text.isprintable() or not text):
        return False
    printer.console[line] = text
    printer.changes += 1
    return True


def _reset(printer: SimulatedPrinter, seconds: float, content: bytes) -> bool:
    if int.from_bytes(content, "big", signed=True) not in RESET_VALUES:
        return False
    try:
        printer.fail_if_asked(FailingStep.RESTART)
    except Refusal:
        return False
    printer.restart(seconds)
    return True
