"""The flows of universal print: registering an organization's queue (F-29), and taking what was printed there."""

import structlog
from prefect import flow

from domain.cloud_printing import registration
from domain.cloud_printing.taking import registered_organizations, take_jobs

log = structlog.get_logger(__name__)


@flow(name="register-universal-printer", validate_parameters=False, persist_result=False)
def register_universal_printer(organization_id: str) -> str:
    """Register or remove the printer; returns how it stands. What may pass is tried again later (class B)."""
    try:
        state = registration.bring_about(organization_id)
    except Exception as error:
        registration.give_up(organization_id, error)
        raise
    return state.value if state is not None else "none"


@flow(name="take-universal-print-jobs", persist_result=False)
def take_universal_print_jobs() -> int:
    """Take the jobs of every registered organization, one after another; returns how many were answered.

    What fails unexpectedly at one organization holds up no other; the run fails then, at its end.
    """
    registration.resume()
    count, failed = 0, 0
    for organization_id in registered_organizations():
        try:
            count += take_jobs(organization_id)
        except Exception:
            log.exception("jobs of a cloud printer could not be taken", organization_id=organization_id)
            failed += 1
    if failed:
        raise RuntimeError(f"organizations whose jobs could not be taken: {failed}; the log has the reasons")
    return count
