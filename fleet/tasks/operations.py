"""The operations as they are registered: each module of `fleet.operations` holds one or several `Operation`s.

An operation turns a task's request into what each printer's agent is told (`orders`), and what comes back into our
records (`settle`). What is done at the printer itself is a step of `steps.printers` of the same name.
"""

import pkgutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import import_module
from typing import Any

from pydantic import BaseModel, ConfigDict, SecretStr
from sqlalchemy.orm import Session

import fleet.operations
from fleet.agents.models import Agent
from fleet.printers.models import Printer
from fleet.tasks.gates import Refusal
from fleet.tasks.kinds import TaskKind
from fleet.tasks.models import FleetTask, Job
from steps.printer_work import Report


class Nothing(BaseModel):
    """The parameters of an operation that needs none."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def same_for_all(
    _session: Session, task: FleetTask, printers: Sequence[Printer]
) -> Mapping[str, dict[str, Any] | Refusal]:
    """Each printer's agent gets the parameters of the task as they are."""
    return {printer.id: task.parameters for printer in printers}


def keep_nothing(_session: Session, _task: FleetTask, _job: Job, _printer: Printer, _report: Report) -> None:
    """What the job itself keeps is enough."""


def nothing_foreseen(_session: Session, _task: FleetTask, _printers: Sequence[Printer]) -> Mapping[str, Refusal]:
    """Only the gates say beforehand that a printer is not sent to."""
    return {}


Orders = Callable[[Session, FleetTask, Sequence[Printer]], Mapping[str, dict[str, Any] | Refusal]]
"""By printer id, the step's parameters, or how the job ends at once."""
Foresee = Callable[[Session, FleetTask, Sequence[Printer]], Mapping[str, Refusal]]
"""By printer id, how its job would end at once, as far as that is cheap to say before there is a task."""


@dataclass(frozen=True, slots=True)
class AgentWork:
    """What one agent is told in a job for itself: the step's parameters, and what nobody may read on the way."""

    parameters: Mapping[str, Any]
    secrets: Mapping[str, SecretStr] = field(default_factory=dict)


def as_asked(_session: Session, task: FleetTask, _agent: Agent) -> AgentWork:
    """Each agent gets the parameters of the task as they are."""
    return AgentWork(task.parameters)


Settled = tuple[Job, Printer, Report]

Settle = Callable[[Session, FleetTask, Job, Printer, Report], None]
"""Called in the transaction that ends the job, whatever its outcome."""


@dataclass(frozen=True, slots=True)
class Operation:
    """`parameters` is the model of what a task is asked for; it holds no secret and no file, only references.

    `foresee` is asked before there is a task, with parameters that may not be complete yet.
    `settle_all` is called once for all jobs over printers that are ended together, where that is much cheaper.
    `for_agent` and `settle_agent` take the place of `orders` and `settle` for jobs that are for agents themselves.
    `prepare` is called before a task of this kind is written, outside its transaction, for what takes a while.
    `across`: what its reports change may lie in other organizations too, so they are settled by the system's session.
    """

    kind: TaskKind
    parameters: type[BaseModel] = Nothing
    orders: Orders = same_for_all
    foresee: Foresee = nothing_foreseen
    settle: Settle = keep_nothing
    settle_all: Callable[[Session, FleetTask, Sequence[Settled]], None] | None = None
    for_agent: Callable[[Session, FleetTask, Agent], AgentWork] = as_asked
    settle_agent: Callable[[Session, FleetTask, Job, Report], None] | None = None
    across: bool = False
    prepare: Callable[[], None] | None = None


@lru_cache(maxsize=1)
def operations() -> Mapping[TaskKind, Operation]:
    """All operations by their kind."""
    found: dict[TaskKind, Operation] = {}
    for module in pkgutil.iter_modules(fleet.operations.__path__, "fleet.operations."):
        held: Iterable[Operation] = import_module(module.name).OPERATIONS
        for operation in held:
            if operation.kind in found:
                raise ValueError(f"the operation {operation.kind} is registered twice")
            found[operation.kind] = operation
    return found
