"""The flows of identity providers: the check of a new configuration, and the daily upkeep of those in use."""

from typing import Any

from prefect import flow, get_run_logger
from prefect.client.schemas.objects import State

from connectors.messages import N_, Message
from domain.federation.checking import check_candidate
from domain.federation.notices import told
from domain.federation.upkeep import forget_old_sign_ins, refresh_providers, warn_of_expiries
from flows.background_task import TaskAtWork, TaskOutcome, perform_task


@flow(name="check-authentication-provider", persist_result=False)
def check_authentication_provider(task_id: str) -> State[Any]:
    """Ask the provider, keep what it says, tell the administrator by e-mail (AC-119)."""
    return perform_task(task_id, _check)


@flow(name="keep-authentication-providers", persist_result=False)
def keep_authentication_providers() -> int:
    """Read again what the active providers publish and warn of what expires (AC-131); returns how many answered."""
    answered, warned = refresh_providers(), warn_of_expiries()
    forget_old_sign_ins()
    get_run_logger().info("%s identity providers answered; %s warnings were sent", answered, warned)
    return answered


def _check(task: TaskAtWork) -> TaskOutcome:
    error = check_candidate(str(task.parameters["provider_id"]))
    lines = told(error) if error else (Message.of(N_("The identity provider can be used.")),)
    with task.part(1, 1) as session:
        for line in lines:
            task.line(session, line, level="error" if error else "info")
    return TaskOutcome(has_errors=error is not None)
