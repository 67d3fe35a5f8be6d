"""Every operation over printers and agents as a flow of its own (F-1…F-43); what they share is `flows.fleet_task`."""

from collections.abc import Callable
from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from fleet.tasks.kinds import KINDS, TaskKind
from flows.fleet_task import perform_fleet_task

FleetFlow = Callable[[str], State[Any]]


def _flow_of(kind: TaskKind) -> FleetFlow:
    facts = KINDS[kind]

    def perform(task_id: str) -> State[Any]:
        return perform_fleet_task(task_id)

    decorate = flow(name=facts.flow, description=facts.title, persist_result=False)
    made: FleetFlow = decorate(perform)
    return made


FLOWS = {kind.value: _flow_of(kind) for kind in TaskKind}


def __getattr__(name: str) -> FleetFlow:
    """`flows.fleet_flows.update_firmware` is the flow of that kind, as deployments name it."""
    try:
        return FLOWS[name]
    except KeyError:
        raise AttributeError(name) from None
