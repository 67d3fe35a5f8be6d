"""Flows that keep agents at work, and notice when they are not."""

from prefect import flow, get_run_logger

from fleet.agents.contact import silence_printers
from fleet.agents.intervals import start_due_work


@flow(name="start-agent-work", persist_result=False)
def start_agent_work() -> int:
    """Start the searches and readings of built-in agents that are due (FL-119, FL-120).

    Printers of agents that have fallen silent do not communicate from now on (FL-170).
    """
    get_run_logger().info("%d printers lost contact with their agents", silence_printers())
    started = start_due_work()
    get_run_logger().info("%d tasks were started", started)
    return started
