"""Nodes that hold hybrid jobs: copies made, silent nodes noted, nodes removed (F-18, F-21, F-22)."""

import structlog
from prefect import flow

from domain.workstation_printing import sweep
from domain.workstation_printing.copies import replicate
from domain.workstation_printing.removal import advance_removals

log = structlog.get_logger(__name__)


@flow(name="replicate-hybrid-jobs", validate_parameters=False, persist_result=False)
def replicate_hybrid_jobs(organization_id: str) -> int:
    """Have the copies made that jobs of the organization are short of; returns how many are on their way."""
    total = 0
    while count := replicate(organization_id):
        total += count
    return total


@flow(name="remove-print-nodes", validate_parameters=False, persist_result=False)
def remove_print_nodes(organization_id: str) -> int:
    """Have what leaving nodes hold copied elsewhere, and end those that are done; returns how many (F-22)."""
    replicate_hybrid_jobs.fn(organization_id)
    return advance_removals(organization_id)


@flow(name="sweep-print-nodes", persist_result=False)
def sweep_print_nodes() -> int:
    """Note silent nodes, replace their copies, go on with removals, forget the old; returns how many fell silent."""
    silent = sweep.note_silent_nodes()
    if silent:
        log.warning("print nodes are unreachable", nodes=silent)
    for organization_id in sweep.organizations_with_work():
        remove_print_nodes.fn(organization_id)
    sweep.forget_old()
    return len(silent)
