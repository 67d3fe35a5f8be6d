"""A request to the IPP printer that has been looked at, and what may come of it."""

from collections.abc import Mapping
from dataclasses import dataclass

from connectors.ipp.values import number_of, text_of
from connectors.ipp.wire import Attribute, Attributes, Group, IppMessage
from printers_sim.device.refusal import Refusal
from printers_sim.ipp.jobs import Job
from printers_sim.ipp.queue import PrintQueue
from printers_sim.knobs import FailingStep
from printers_sim.printer import SimulatedPrinter

OK, OK_IGNORED = 0x0000, 0x0001
BAD_REQUEST, NOT_AUTHORIZED, NOT_POSSIBLE, NOT_FOUND = 0x0400, 0x0403, 0x0404, 0x0406
TOO_LARGE, FORMAT_NOT_SUPPORTED, NOT_SUPPORTED = 0x0408, 0x040A, 0x040B
COMPRESSION_NOT_SUPPORTED, COMPRESSION_ERROR = 0x040F, 0x0410
INTERNAL_ERROR = 0x0500


class IppRefusal(Exception):
    """An operation that is not done: the status, why, and what was not supported."""

    def __init__(self, status: int, message: str, unsupported: Mapping[str, Attribute] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.unsupported = dict(unsupported or {})


@dataclass(frozen=True, slots=True)
class Call:
    """A request that has been looked at: its attributes, what follows them, and where the printer was called."""

    request: IppMessage
    operation: Attributes
    data: bytes
    printer: SimulatedPrinter
    queue: PrintQueue
    ipp: str
    web: str
    offered: tuple[str, ...]
    restart_seconds: float = 0.0

    @property
    def user(self) -> str:
        """Who says to be asking."""
        return text_of(self.operation, "requesting-user-name") or "anonymous"


@dataclass(frozen=True, slots=True)
class Answer:
    """Groups after the operation attributes, and the status."""

    groups: tuple[Group, ...] = ()
    status: int = OK


def restart(printer: SimulatedPrinter, seconds: float) -> None:
    """Restart the printer, unless an operator has asked that this fails; raises `IppRefusal`."""
    try:
        printer.fail_if_asked(FailingStep.RESTART)
    except Refusal as refusal:
        raise IppRefusal(INTERNAL_ERROR, refusal.reason) from refusal
    printer.restart(seconds)


def job_of(call: Call) -> Job:
    """The job that the request names; raises `IppRefusal`."""
    uri = text_of(call.operation, "job-uri")
    if uri is not None:
        _, _, number = uri.rpartition("/")
        return job_numbered(call, int(number) if number.isdecimal() else 0)
    return job_numbered(call, number_of(call.operation, "job-id", 0))


def job_numbered(call: Call, number: int) -> Job:
    """The job of that number; raises `IppRefusal`."""
    if number < 1:
        raise IppRefusal(BAD_REQUEST, "The job has to be named by job-id or job-uri.")
    job = call.queue.jobs.get(number)
    if job is None:
        raise IppRefusal(NOT_FOUND, f"There is no job {number}.")
    return job


def require_owner(call: Call, job: Job) -> None:
    """Raise `IppRefusal` unless it is the asker's own job."""
    if job.user != call.user:
        raise IppRefusal(NOT_AUTHORIZED, "The job is somebody else's.")
