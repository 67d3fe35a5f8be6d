"""Printing without IPP: a job on a raw port (9100) in a PJL envelope, or by LPR (RFC 1179) (PR-197).

Neither protocol lets a job be asked for later. On a raw port a printer that speaks PJL tells of the job's end and of
its pages while the connection lasts; one that says nothing has at least taken every byte.
"""

import socket
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from connectors.errors import PressroomError
from connectors.ipp import faults
from connectors.ipp.ticket import JobTicket

UEL = b"\x1b%-12345X"
PIECE = 1 << 16
CONNECT_SECONDS = 3.0
SILENCE_SECONDS = 30.0
LANGUAGES = {"application/pdf": "PDF", "application/postscript": "POSTSCRIPT"}
BINDINGS = {"two-sided-long-edge": "LONGEDGE", "two-sided-short-edge": "SHORTEDGE"}
LPR_QUEUE = "lp"


@dataclass(frozen=True, slots=True)
class RawJob:
    """A job for a printer without IPP; `ticket` as far as PJL can say it."""

    path: Path
    media_type: str
    name: str
    user: str
    ticket: JobTicket


def pjl_envelope(job: RawJob) -> tuple[bytes, bytes]:
    """What comes before and after the document (PR-197)."""
    ticket = job.ticket
    lines = [
        f'@PJL JOB NAME="{_plain(job.name)}"',
        "@PJL USTATUS JOB=ON",
        f'@PJL SET USERNAME="{_plain(job.user)}"',
        f"@PJL SET COPIES={ticket.copies or 1}",
    ]
    if ticket.sides is not None:
        lines.append(f"@PJL SET DUPLEX={'ON' if ticket.sides in BINDINGS else 'OFF'}")
        if ticket.sides in BINDINGS:
            lines.append(f"@PJL SET BINDING={BINDINGS[ticket.sides]}")
    if ticket.color_mode in ("color", "monochrome"):
        lines.append(f"@PJL SET RENDERMODE={'COLOR' if ticket.color_mode == 'color' else 'GRAYSCALE'}")
    if language := LANGUAGES.get(job.media_type):
        lines.append(f"@PJL ENTER LANGUAGE={language}")
    head = UEL + "\r\n".join(lines).encode("ascii") + b"\r\n"
    return head, UEL + f'@PJL EOJ NAME="{_plain(job.name)}"\r\n'.encode("ascii") + UEL


def print_raw(host: str, port: int, printer: str, job: RawJob, began: Callable[[], None]) -> int | None:
    """Send the job to a raw port; the pages that the printer tells at its end, or None if it tells nothing.

    `began` is called once the printer has answered and before the first byte goes. Raises `UNREACHABLE` before that,
    `LOST` after.
    """
    head, tail = pjl_envelope(job)
    with _connected(host, port, printer) as connection:
        began()
        try:
            connection.sendall(head)
            with job.path.open("rb") as source:
                while piece := source.read(PIECE):
                    connection.sendall(piece)
            connection.sendall(tail)
        except OSError as exc:
            raise faults.LOST(printer=printer) from exc
        return _told_pages(connection)


def print_lpr(host: str, port: int, printer: str, job: RawJob, began: Callable[[], None]) -> None:
    """Hand the job to a line printer daemon (RFC 1179, 5.2, 6); raises `UNREACHABLE`, `REFUSED`, `LOST`."""
    number = f"{time.time_ns() // 1_000_000 % 1000:03d}"
    here = "pressroom"
    control = f"H{here}\nP{_plain(job.user)[:31]}\nJ{_plain(job.name)[:99]}\n"
    control += f"ldfA{number}{here}\n" * (job.ticket.copies or 1)
    control += f"UdfA{number}{here}\nN{_plain(job.name)[:131]}\n"
    with _connected(host, port, printer) as connection:
        try:
            _command(connection, b"\x02" + LPR_QUEUE.encode() + b"\n")
        except (OSError, _NotTaken) as exc:
            raise faults.REFUSED(printer=printer, reason=str(exc)) from exc
        began()
        try:
            content = control.encode("ascii")
            _command(connection, f"\x02{len(content)} cfA{number}{here}\n".encode("ascii"))
            _command(connection, content + b"\0")
            _command(connection, f"\x03{job.path.stat().st_size} dfA{number}{here}\n".encode("ascii"))
            with job.path.open("rb") as source:
                while piece := source.read(PIECE):
                    connection.sendall(piece)
            _command(connection, b"\0")
        except (OSError, _NotTaken) as exc:
            raise faults.LOST(printer=printer) from exc


class _NotTaken(Exception):
    """The daemon answered with something else than zero."""


def _command(connection: socket.socket, content: bytes) -> None:
    connection.sendall(content)
    answer = connection.recv(1)
    if answer != b"\0":
        raise _NotTaken(f"answer {answer!r}")


def _connected(host: str, port: int, printer: str) -> socket.socket:
    try:
        connection = socket.create_connection((host, port), CONNECT_SECONDS)
    except OSError as exc:
        raise _unreachable(printer, exc) from exc
    connection.settimeout(SILENCE_SECONDS)
    return connection


def _unreachable(printer: str, exc: OSError) -> PressroomError:
    return faults.UNREACHABLE(printer=printer, reason=str(exc) or type(exc).__name__)


def _told_pages(connection: socket.socket) -> int | None:
    """Read until the printer tells the end of the job (`@PJL USTATUS JOB`, `END`), closes, or is silent."""
    heard = b""
    with suppress(OSError):
        while b"END" not in heard or b"\x0c" not in heard[heard.index(b"END") :]:
            piece = connection.recv(PIECE)
            if not piece:
                break
            heard = (heard + piece)[-PIECE:]
    for line in heard.partition(b"END")[2].split(b"\r\n"):
        name, _, value = line.partition(b"=")
        if name.strip() == b"PAGES" and value.strip().isdigit():
            return int(value)
    return None


def _plain(text: str) -> str:
    """Text that ends no quotation and no line of PJL or LPR."""
    ascii_only = text.encode("ascii", "replace").decode()
    return "".join(one if one.isprintable() and one != '"' else "_" for one in ascii_only)[:80]
