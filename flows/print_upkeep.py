"""What print queues need now and then: expiry, the end of delegations, history, and a store that fits the records."""

from collections.abc import Callable
from functools import partial

import structlog
from prefect import flow

from domain.printing import expiry
from domain.printing.delegates.service import expire_delegations
from domain.printing.reconciliation import reconcile

log = structlog.get_logger(__name__)


@flow(name="expire-print-jobs", persist_result=False)
def expire_print_jobs() -> int:
    """End print jobs and delegations whose time has passed; returns how many jobs (F-9, F-16)."""
    expired = _until_none_is_left(expiry.expire_due_jobs)
    left = _until_none_is_left(expiry.remove_left_content)
    delegations = _until_none_is_left(expire_delegations)
    log.info("print jobs expired", jobs=expired, delegations=delegations, contents_left=left)
    return expired


@flow(name="purge-print-history", persist_result=False)
def purge_print_history() -> int:
    """Forget ended jobs older than each organization's history period; returns how many (F-10)."""
    return sum(
        _until_none_is_left(partial(expiry.purge_history, organization_id))
        for organization_id in expiry.organizations()
    )


@flow(name="reconcile-print-storage", persist_result=False)
def reconcile_print_storage() -> int:
    """Delete content without a job and fail jobs without content; returns how many were repaired (F-32)."""
    repaired = 0
    for organization_id in expiry.organizations():
        found = reconcile(organization_id)
        if found.orphans or found.lost:
            log.warning("print jobs and store differed", organization_id=organization_id, found=found)
        repaired += found.orphans + found.lost
    return repaired


def _until_none_is_left(batch: Callable[[], int]) -> int:
    total = 0
    while count := batch():
        total += count
    return total
