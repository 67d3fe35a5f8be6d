"""The flow that keeps the promise of the retention time."""

from prefect import flow, get_run_logger

from domain.runs import service


@flow(name="expire-documents", persist_result=False)
def expire_documents() -> int:
    """Delete the documents of runs that ended longer ago than the retention time; returns how many runs."""
    total = 0
    while count := service.expire_documents():
        total += count
    get_run_logger().info("deleted the documents of %s runs", total)
    return total
