"""Flows that keep agents at work."""

from prefect import flow, get_run_logger

from fleet.agents.intervals import start_due_work


@flow(name="start-agent-work", persist_result=False)
def start_agent_work() -> int:
    """Start the searches and readings of built-in agents that are due (FL-119, FL-120)."""
    started = start_due_work()
    get_run_logger().info("%d tasks were started", started)
    return started
