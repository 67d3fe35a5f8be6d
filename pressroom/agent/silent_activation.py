"""Activation with nobody at the host: the code stands in a file that was rolled out with the program (FL-159)."""

import asyncio
import configparser
import socket
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import structlog

from connectors.errors import Fault, PressroomError
from connectors.messages import N_
from pressroom.agent.cloud import NO_ROUTE, activate, known_portal
from pressroom.agent.state import AgentFolder
from pressroom.agent.work import FIRST_PAUSE, LONGEST_PAUSE, host_facts
from steps.printers.agent_itself import VERSION

log = structlog.get_logger(__name__)

FILE, SECTION, CODE, PORTAL = "LocalAgentConfig.INI", "IOT_HUB", "CS_ACTIVATION_CODE", "CS_PORTAL"
BAD_FILE = Fault(
    "agent.activation_file",
    422,
    N_("The file {file} cannot be read."),
    N_("Write CS_ACTIVATION_CODE=… with the code of the portal into its section [IOT_HUB]."),
    spec="FL-159",
)


@dataclass(frozen=True, slots=True)
class RolledOut:
    """What the file says; without an address of its own the portal is that of the package."""

    server: str
    code: str


def rolled_out(folder: Path) -> RolledOut | None:
    """The file in the agent's folder, else the one beside the program; None without one. Raises `BAD_FILE`."""
    for file in (folder / FILE, Path(__file__).parents[3] / FILE):
        if file.is_file():
            return _read(file)
    return None


async def activate_silently(folder: AgentFolder, proxy: str = "", ca_file: Path | None = None) -> None:
    """Activate an agent that is not yet, if there is such a file; while the cloud is away, again with growing pauses.

    Raises `BAD_FILE`, and what the cloud says of a code that it does not take.
    """
    pause = FIRST_PAUSE
    while not folder.is_activated() and (found := rolled_out(folder.path)) is not None:
        ask = partial(activate, found.server, found.code, socket.gethostname(), VERSION, host_facts())
        try:
            folder.keep_identity(await asyncio.to_thread(ask, proxy=proxy, ca_file=ca_file))
            log.info("activated by the file of the roll-out")
        except PressroomError as error:
            if error.fault is not NO_ROUTE:
                raise
            log.warning("the activation has to wait", code=error.code, again_in=round(pause, 1))
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)


def _read(file: Path) -> RolledOut:
    told = configparser.RawConfigParser()
    try:
        told.read_string(file.read_text(encoding="utf-8-sig"))
        code = told[SECTION][CODE].strip()
    except (OSError, UnicodeDecodeError, configparser.Error, KeyError) as error:
        raise BAD_FILE(file=file) from error
    if not code:
        raise BAD_FILE(file=file)
    return RolledOut(told[SECTION].get(PORTAL, "").strip() or known_portal(), code)
