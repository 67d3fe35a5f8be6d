"""What is done to printers: the contract between a fleet task, the agent that does its jobs, and a step.

A fleet task makes an `Order` for each printer. Whoever manages the printer carries it out: our own worker as the
built-in agent, an agent in a customer's network, or the printer itself. Either way one of the steps of `steps.printers`
does it, and what comes back is a `Report`. A step must bear being repeated: it looks first at what is there already.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

from pydantic import BaseModel, ConfigDict, SecretStr

from connectors.errors import PressroomError
from connectors.messages import Message
from connectors.printers.device_connection import NOT_SUPPORTED, UNMANAGED

CANNOT = (NOT_SUPPORTED, UNMANAGED)
"""Faults by which a printer tells that it never can: its job is "not supported", not failed (FL-43)."""


class AuthenticationType(StrEnum):
    """How a printer's administrator signs in to it (FL-97, FL-98)."""

    NONE = "none"
    USER_PASSWORD = "user_password"  # noqa: S105 — a word, no secret
    USER_NAME = "user_name"
    PASSWORD = "password"  # noqa: S105
    PIN = "pin"


class Access(BaseModel):
    """How to sign in to a printer."""

    model_config = ConfigDict(frozen=True)

    type: AuthenticationType = AuthenticationType.NONE
    user: str = ""
    secret: SecretStr = SecretStr("")


class SnmpAccess(BaseModel):
    """How a printer is asked by SNMP: `version` is "1", "2c" or "3"; `timeout` in seconds for each of `attempts`.

    Changes by version 1 and 2c need the `write_community`; version 3 changes by the user that reads.
    """

    model_config = ConfigDict(frozen=True)

    version: str = "2c"
    community: SecretStr = SecretStr("public")
    write_community: SecretStr = SecretStr("")
    user: str = ""
    auth_protocol: str = ""
    auth_secret: SecretStr = SecretStr("")
    privacy_protocol: str = ""
    privacy_secret: SecretStr = SecretStr("")
    timeout: float = 1.0
    attempts: int = 2


class PrinterTarget(BaseModel):
    """Which printer, where it is and how to get in. Ports are those of SNMP (UDP) and of HTTP with IPP (TCP).

    With an `https_port` it is managed through that one instead, encrypted.
    """

    model_config = ConfigDict(frozen=True)

    address: str
    serial_number: str
    snmp_port: int = 161
    http_port: int = 80
    https_port: int | None = None
    is_vendor: bool = False
    snmp: SnmpAccess = SnmpAccess()
    access: Access = Access()


class FileReference(BaseModel):
    """A file that goes to the printer: where the agent gets it (`key`), its size in bytes and its SHA-256 in hex."""

    model_config = ConfigDict(frozen=True)

    key: str
    name: str
    size: int
    sha256: str


class Order(BaseModel):
    """What is to be done with one printer, or by an agent itself (`printer` is None then).

    `parameters` are those of the step's parameter model, `secrets` what nobody may read on the way, by name. `begun` is
    when the job was first taken. `resumed`: whoever had the order before was interrupted, so part of it may be done.
    """

    model_config = ConfigDict(frozen=True)

    job_id: int
    operation: str
    begun: datetime | None = None
    resumed: bool = False
    printer: PrinterTarget | None = None
    secrets: dict[str, SecretStr] = {}
    parameters: dict[str, Any] = {}


class Outcome(StrEnum):
    """How the work on a printer, or on one part of it, ended."""

    COMPLETED = "completed"
    FAILED = "failed"
    NOT_COMMUNICATING = "not_communicating"
    NOT_SUPPORTED = "not_supported"


class ComponentResult(BaseModel):
    """What came of one part: an app, a file, a setting, a source of a reading. `message` says why, where needed."""

    model_config = ConfigDict(frozen=True)

    kind: str
    name: str
    outcome: Outcome
    message: Message | None = None


class Report(BaseModel):
    """How the work on a printer ended, and what was seen there.

    `reason` says why it did not succeed; `warnings` and `remarks` go with success (FL-496). `facts` are what the
    operation keeps: a reading, the list of apps, differences, the key of a log file.
    """

    model_config = ConfigDict(frozen=True)

    outcome: Outcome = Outcome.COMPLETED
    reason: Message | None = None
    warnings: tuple[Message, ...] = ()
    remarks: tuple[Message, ...] = ()
    components: tuple[ComponentResult, ...] = ()
    facts: dict[str, Any] = {}

    @classmethod
    def of(cls, error: PressroomError) -> "Report":
        """The report of work that ended with `error`: faults that may pass by themselves are a silent printer."""
        outcome = Outcome.NOT_COMMUNICATING if error.transient else Outcome.FAILED
        if error.fault in CANNOT:
            outcome = Outcome.NOT_SUPPORTED
        facts = {name: value if isinstance(value, int | float) else str(value) for name, value in error.facts.items()}
        reason = Message(template=error.fault.message, facts=facts)
        return cls(outcome=outcome, reason=reason, facts={"code": error.code})


class WorkFiles(Protocol):
    """Where a step gets the files that it sends, and leaves those that it fetches."""

    async def fetch(self, reference: FileReference) -> Path:
        """The file, checked against its size and SHA-256, in a folder that is removed when the order is done."""
        ...

    async def keep(self, path: Path, name: str, media_type: str) -> str:
        """Hand over a file that was fetched from the printer; returns its key."""
        ...


PrinterStep = Callable[[Order, WorkFiles], Awaitable[Report]]
"""A step: does the order and reports; its parameters are valid by its model. Faults become reports: `Report.of`."""


@dataclass(frozen=True, slots=True)
class PrinterStepKind:
    """A step by its operation's name, with the model of its parameters."""

    operation: str
    title: str
    parameters: type[BaseModel]
    run: PrinterStep


async def carry_out(order: Order, files: WorkFiles, steps: Mapping[str, PrinterStepKind]) -> Report:
    """Do the order with its step; a fault becomes the report that tells it. Unexpected errors are raised."""
    kind = steps[order.operation]
    kind.parameters.model_validate(order.parameters)
    try:
        return await kind.run(order, files)
    except PressroomError as error:
        return Report.of(error)
