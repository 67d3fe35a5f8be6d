"""The raw port (9100): what comes in is printed, job after job; PJL says how, and is told how it went (PR-197)."""

from printers_sim.raw.pjl import UEL, Wishes, end_report, read_section
from printers_sim.raw.servers import LARGEST_DOCUMENT, RawCall, media_type_of

NAMELESS = "Raw job"


async def print_stream(call: RawCall) -> None:
    """Print what comes on a connection until it ends."""
    wishes, sections = Wishes(), _Sections(call)
    while (content := await sections.next()) is not None:
        section = read_section(content)
        for command in section.commands:
            wishes.obey(command)
        if section.document:
            await _print(call, wishes, section.document)


async def _print(call: RawCall, wishes: Wishes, document: bytes) -> None:
    job = call.queue.create(wishes.job_name or NAMELESS, wishes.user, wishes.ticket(call.printer))
    call.queue.add_document(job, document, media_type_of(document), job.name)
    call.queue.close(job)
    if wishes.tells_end:
        await call.finished(job)
        call.writer.write(end_report(job.name, job.impressions))


class _Sections:
    """The stream, cut at its marks."""

    def __init__(self, call: RawCall) -> None:
        self._call = call
        self._buffer = bytearray()
        self._ended = False

    async def next(self) -> bytes | None:
        """The octets until the next mark, None at the end of the stream or of what a printer can hold."""
        searched = 0
        while (end := self._buffer.find(UEL, searched)) < 0:
            searched = max(0, len(self._buffer) - len(UEL))
            if self._ended or len(self._buffer) > LARGEST_DOCUMENT:
                break
            piece = await self._call.read()
            self._ended = not piece
            self._buffer += piece
        if end >= 0:
            section = bytes(self._buffer[:end])
            del self._buffer[: end + len(UEL)]
            return section
        if not self._ended or not self._buffer:
            return None
        section = bytes(self._buffer)
        self._buffer.clear()
        return section
