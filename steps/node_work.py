"""What nodes are told to do with hybrid jobs that they hold: the contract with the server (F-18…F-20).

The server keeps who may print what and the key of each job; a node keeps the sealed content. An order brings the key
for as long as it is carried out; nothing that a node keeps can be read without it.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from connectors.errors import Fault, PressroomError, declared_faults
from connectors.ipp.jobs import Job, JobState
from connectors.ipp.ticket import JobTicket
from connectors.ipp.trust import CHANGED, NOT_TRUSTED
from connectors.messages import N_
from steps.print_release import End, Outcome, PrinterAddress

NODE_TROUBLE = Fault(
    "print_node.trouble",
    500,
    N_("The computer that holds the document could not print it: {reason}."),
    N_("Try again. If it stays, look at the log of the program on that computer."),
)

NO_PRINTER_OF_OURS = (CHANGED, NOT_TRUSTED)
"""Why a node sends a printer nothing, whichever way it could be reached; the server tells people these."""


class NodeKind(StrEnum):
    """What keeps hybrid jobs: the computer from which they were printed, or a storage node (PR-254)."""

    WORKSTATION = "workstation"
    WINDOWS = "windows"
    LINUX = "linux"
    EDGE = "edge"


class OrderKind(StrEnum):
    """What a node can be told."""

    RELEASE = "release"
    COPY = "copy"
    DELETE = "delete"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class NodeAddress(_Part):
    """Where another node listens. `id` is the name in its certificate."""

    id: str
    addresses: tuple[str, ...]
    port: int


class PrinterPlace(_Part):
    """Where a printer takes jobs, as `PrinterAddress` says it."""

    name: str
    ipp: tuple[str, ...]
    host: str = ""
    raw_port: int = 0
    lpr_port: int = 0

    @classmethod
    def of(cls, address: PrinterAddress) -> "PrinterPlace":
        return cls(
            name=address.name,
            ipp=address.ipp,
            host=address.host,
            raw_port=address.raw_port,
            lpr_port=address.lpr_port,
        )

    @property
    def address(self) -> PrinterAddress:
        """As the release step takes it."""
        return PrinterAddress(self.name, self.ipp, self.host, self.raw_port, self.lpr_port)


class ReleaseOrder(_Part):
    """Print a job that the node holds. `key` opens its content; `mark` is by which the printer's job is found again."""

    job_id: str
    key: SecretStr
    sha256: str
    name: str
    mark: str
    user: str
    media_type: str
    printer: PrinterPlace
    ticket: JobTicket
    timeout_seconds: float


class CopyOrder(_Part):
    """Hand a copy of a job's sealed content to another node, which knows the one-time `token`."""

    job_id: str
    copy_id: str
    sha256: str
    size: int
    token: SecretStr
    target: NodeAddress


class DeleteOrder(_Part):
    """Delete what is held of these jobs."""

    job_ids: tuple[str, ...]


class NodeOrder(_Part):
    """One order; what belongs to its kind is there, the rest is None."""

    id: str
    kind: OrderKind
    release: ReleaseOrder | None = None
    copy_job: CopyOrder | None = None
    delete: DeleteOrder | None = None


class FaultTold(_Part):
    """A fault that a node met, by its code and what fills its sentences."""

    code: str = Field(max_length=64)
    facts: dict[str, str | int | float] = Field(default={}, max_length=20)

    @classmethod
    def of(cls, error: PressroomError) -> "FaultTold":
        facts = {name: value if isinstance(value, int | float) else str(value) for name, value in error.facts.items()}
        return cls(code=error.code, facts=facts)

    def error(self) -> PressroomError:
        """The fault as it is declared here; one that is not known here is `NODE_TROUBLE`."""
        fault = declared_faults().get(self.code)
        if fault is None or not self.code.startswith(("printer.", "print_", "document.")):
            return NODE_TROUBLE(reason=self.code)
        return fault(**{name: _cut(value) for name, value in self.facts.items()})


class SightTold(_Part):
    """How a job stands at the printer."""

    printer_job: int = Field(ge=0, le=2**31)
    state: int = Field(JobState.PROCESSING, ge=3, le=9)
    impressions: int = Field(0, ge=0, le=10**7)
    sheets: int = Field(0, ge=0, le=10**7)
    trouble: FaultTold | None = None

    def job(self) -> Job:
        """As the printer's client gives it; the name stays with the node."""
        return Job(self.printer_job, "", JobState(self.state), (), self.impressions, sheets=self.sheets)


class EndTold(_Part):
    """How a release ended at the printer."""

    end: End
    impressions: int | None = Field(None, ge=0, le=10**7)
    sheets: int | None = Field(None, ge=0, le=10**7)
    error: FaultTold | None = None

    @classmethod
    def of(cls, outcome: Outcome) -> "EndTold":
        error = FaultTold.of(outcome.error) if outcome.error is not None else None
        return cls(end=outcome.end, impressions=outcome.impressions, sheets=outcome.sheets, error=error)

    def outcome(self) -> Outcome:
        """As the release step gives it."""
        error = self.error.error() if self.error is not None else None
        return Outcome(self.end, self.impressions, self.sheets, error)


def revealed_order(order: NodeOrder) -> Mapping[str, Any]:
    """The order as JSON with its secrets, for the wire to the node that is to carry it out and nothing else."""
    told = order.model_dump(mode="json")
    if order.release is not None:
        told["release"]["key"] = order.release.key.get_secret_value()
    if order.copy_job is not None:
        told["copy_job"]["token"] = order.copy_job.token.get_secret_value()
    return told


def _cut(value: str | int | float) -> str | int | float:
    return value[:255] if isinstance(value, str) else value
