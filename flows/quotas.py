"""The flow that looks after the page quotas."""

from prefect import flow, get_run_logger

from domain.quotas import upkeep


@flow(name="settle-quotas", persist_result=False)
def settle_quotas() -> tuple[int, int, int]:
    """Give back what ended runs still hold, end what has expired, and set counters right that differ from the ledger.

    Returns how many entries, distributions and counters it concerned.
    """
    released, expired = upkeep.release_leftovers(), upkeep.expire_distributions()
    corrected = len(upkeep.correct_counters())
    upkeep.count_for_partners()
    get_run_logger().info("released %s, expired %s, corrected %s", released, expired, corrected)
    return released, expired, corrected
