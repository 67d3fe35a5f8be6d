"""The line printer daemon (RFC 1179): jobs of control and data files, and what waits."""

import asyncio
from dataclasses import dataclass, field

from connectors.ipp.values import integers
from printers_sim.ipp.description import template_attributes
from printers_sim.ipp.jobs import Job
from printers_sim.ipp.ticket import Ticket, read_ticket
from printers_sim.printer import SimulatedPrinter
from printers_sim.raw.pjl import UEL, Section, Wishes, read_section
from printers_sim.raw.servers import LARGEST_DOCUMENT, SILENCE_SECONDS, RawCall, media_type_of

RECEIVE, SHORT_STATE, LONG_STATE, REMOVE = 2, 3, 4, 5
RECEIVE, REMOVE, STATES = 2, 5, (3, 4)
ABORT, CONTROL_FILE, DATA_FILE = 1, 2, 3
TAKEN, REFUSED = b"\0", b"\1"
LARGEST_CONTROL_FILE = 64 << 10
PRINTED = frozenset("cdfgklnoprtv")
"""The commands of a control file that print a data file, once each (RFC 1179 §7.17 and on)."""


async def answer(call: RawCall) -> None:
    """One command of a client (RFC 1179 §5)."""
    line = await call.reader.readline()
    if not line:
        return
    if line[0] == RECEIVE:
        await _receive(call)
    elif line[0] in STATES:
        call.writer.write(_state(call))
    elif line[0] == REMOVE:
        _remove(call, line[1:].decode("latin-1").split())


@dataclass(slots=True)
class _Incoming:
    """The files of jobs that are being received."""

    control: list[str] = field(default_factory=list)
    data: dict[str, bytes] = field(default_factory=dict)


async def _receive(call: RawCall) -> None:
    """Receive a printer job (§5.2, §6); it is printed when the client is done."""
    incoming = _Incoming()
    call.writer.write(TAKEN)
    while line := await call.reader.readline():
        if line[0] == ABORT:
            return
        size, _, name = line[1:].decode("latin-1").strip().partition(" ")
        largest = LARGEST_CONTROL_FILE if line[0] == CONTROL_FILE else LARGEST_DOCUMENT
        if line[0] not in (CONTROL_FILE, DATA_FILE) or not size.isdigit() or int(size) > largest:
            call.writer.write(REFUSED)
            return
        call.writer.write(TAKEN)
        content = await _file(call, int(size))
        if content is None:
            return
        if line[0] == CONTROL_FILE:
            incoming.control.append(content.decode("latin-1"))
        else:
            incoming.data[name] = content
        call.writer.write(TAKEN)
    for control in incoming.control:
        _print(call, control, incoming.data)


async def _file(call: RawCall, size: int) -> bytes | None:
    """A file of that size and the zero after it; of size 0: until the client closes. None if it broke off."""
    if size:
        try:
            content = await asyncio.wait_for(call.reader.readexactly(size + 1), SILENCE_SECONDS)
        except (asyncio.IncompleteReadError, TimeoutError):
            return None
        return content[:-1]
    stream = bytearray()
    while piece := await call.read():
        stream += piece
        if len(stream) > LARGEST_DOCUMENT:
            return None
    return bytes(stream)


def _print(call: RawCall, control: str, data: dict[str, bytes]) -> None:
    lines = [(line[0], line[1:]) for line in control.splitlines() if line]
    said = dict(reversed(lines))
    prints = [value for letter, value in lines if letter in PRINTED]
    for name in dict.fromkeys(prints):
        if (content := data.get(name)) is None:
            continue
        sections = [read_section(part) for part in content.split(UEL)]
        document = next((one.document for one in sections if one.document), b"")
        ticket = _ticket(call.printer, sections, prints.count(name))
        job = call.queue.create(said.get("J") or said.get("N") or name, said.get("P", ""), ticket)
        if document:
            call.queue.add_document(job, document, media_type_of(document), said.get("N", name))
        call.queue.close(job)


def _ticket(printer: SimulatedPrinter, sections: list[Section], copies: int) -> Ticket:
    """What PJL inside of the file wishes; copies are those of the control file where there are several."""
    wishes = Wishes()
    for section in sections:
        for command in section.commands:
            wishes.obey(command)
    ticket = wishes.ticket(printer)
    if copies == 1:
        return ticket
    asked = {**ticket.attributes, "copies": integers(copies)}
    taken = read_ticket({"copies": integers(copies)}, template_attributes(printer))
    return Ticket(asked if taken.attributes else ticket.attributes, ticket.unsupported)


def _state(call: RawCall) -> bytes:
    """The queue for people to read (§5.3, §5.4)."""
    waiting = call.queue.waiting()
    lines = [f"{job.id:6} {job.user:16} {job.state.name.lower():12} {job.name}" for job in waiting]
    return "".join(f"{line}\n" for line in lines or ["no entries"]).encode("latin-1", "replace")


def _remove(call: RawCall, words: list[str]) -> None:
    """Remove jobs (§5.5): those of the list that are the agent's; root may remove everybody's."""
    agent, wanted = words[1] if len(words) > 1 else "", words[2:]

    def is_meant(job: Job) -> bool:
        return str(job.id) in wanted or job.user in wanted or not wanted

    for job in call.queue.waiting():
        if is_meant(job) and agent in ("root", job.user):
            call.queue.cancel(job)
