"""How states of runs, steps, deliveries, background tasks, fleet tasks and their jobs look and what they are called."""

from connectors.messages import N_
from domain.runs.models import RunState, StepState
from domain.tasks.models import TaskState
from fleet.tasks.status import JOB_TITLES, TASK_TITLES, JobStatus, TaskStatus
from portal_api.pages import theme
from portal_api.pages.words import _
from steps.contract import DeliveryState

RUN_STATES = {
    RunState.QUEUED: (N_("Waiting"), "schedule", "wait"),
    RunState.RUNNING: (N_("Running"), "autorenew", "busy"),
    RunState.COMPLETED: (N_("Complete"), "check_circle", "good"),
    RunState.COMPLETED_WITH_ERRORS: (N_("Complete with errors"), "error", "warn"),
    RunState.FAILED: (N_("Failed"), "cancel", "bad"),
    RunState.CANCELLED: (N_("Cancelled"), "do_not_disturb_on", "off"),
}
STEP_STATES = {
    StepState.PENDING: (N_("Waiting"), "radio_button_unchecked", "wait"),
    StepState.RUNNING: (N_("Running"), "autorenew", "busy"),
    StepState.COMPLETED: (N_("Complete"), "check_circle", "good"),
    StepState.FAILED: (N_("Failed"), "cancel", "bad"),
    StepState.CANCELLED: (N_("Cancelled"), "do_not_disturb_on", "off"),
}
DELIVERY_STATES = {
    DeliveryState.PREPARED: (N_("Not delivered yet"), "outbox", "wait"),
    DeliveryState.COMMITTING: (N_("Uncertain"), "help", "warn"),
    DeliveryState.DELIVERED: (N_("Delivered"), "mark_email_read", "good"),
}
TASK_STATES = {
    TaskState.QUEUED: (N_("Waiting"), "schedule", "wait"),
    TaskState.RUNNING: (N_("Running"), "autorenew", "busy"),
    TaskState.FINISHED: (N_("Complete"), "check_circle", "good"),
    TaskState.FINISHED_WITH_ERRORS: (N_("Complete with errors"), "error", "warn"),
    TaskState.FAILED: (N_("Failed"), "cancel", "bad"),
    TaskState.REJECTED: (N_("Rejected"), "block", "bad"),
}
JOB_STATES = {
    JobStatus.PENDING: ("schedule", "wait"),
    JobStatus.IN_PROGRESS: ("autorenew", "busy"),
    JobStatus.COMPLETED: ("check_circle", "good"),
    JobStatus.FAILED: ("cancel", "bad"),
    JobStatus.STOPPED: ("do_not_disturb_on", "off"),
    JobStatus.EXPIRED: ("timer_off", "bad"),
    JobStatus.NOT_COMMUNICATING: ("cloud_off", "warn"),
    JobStatus.NOT_SUPPORTED: ("block", "warn"),
}
FLEET_TASK_STATES = {
    TaskStatus.PENDING: ("schedule", "wait"),
    TaskStatus.IN_PROGRESS: ("autorenew", "busy"),
    TaskStatus.COMPLETED: ("check_circle", "good"),
    TaskStatus.COMPLETED_WITH_INFORMATION: ("info", "good"),
    TaskStatus.COMPLETED_WITH_WARNING: ("warning", "warn"),
    TaskStatus.COMPLETED_WITH_ERRORS: ("error", "warn"),
    TaskStatus.FAILED: ("cancel", "bad"),
    TaskStatus.NOT_COMMUNICATING: ("cloud_off", "warn"),
    TaskStatus.NOT_SUPPORTED: ("block", "warn"),
}
"""Their titles are those of `fleet.tasks.status`."""
UNCERTAIN = N_(
    "The worker was lost at the moment of handing it over, so nobody here knows whether it arrived. Ask the receiver "
    "before you run the step again."
)


State = RunState | StepState | DeliveryState | TaskState | JobStatus | TaskStatus


def state_mark(state: State) -> None:
    """The state as a slip with its icon and its name."""
    title, icon, style = _look(state)
    with theme.block(f"state {style}"):
        theme.icon(icon)
        theme.text(_(title))


def _look(state: State) -> tuple[str, str, str]:
    if isinstance(state, JobStatus):
        return JOB_TITLES[state], *JOB_STATES[state]
    if isinstance(state, TaskStatus):
        return TASK_TITLES[state], *FLEET_TASK_STATES[state]
    if isinstance(state, RunState):
        return RUN_STATES[state]
    if isinstance(state, StepState):
        return STEP_STATES[state]
    if isinstance(state, TaskState):
        return TASK_STATES[state]
    return DELIVERY_STATES[state]
