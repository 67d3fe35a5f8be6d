"""Flows of the supplies programme: requests and orders handed over, answers asked for (F-40)."""

from prefect import flow

from fleet.managed_supplies.handover import (
    follow_up,
    hand_over_orders,
    hand_over_requests,
    organizations_with_work,
)


@flow(name="add-to-managed-supplies", persist_result=False)
def add_to_managed_supplies(organization_id: str) -> dict[str, int]:
    """Hand the requests of printers to the programme; who answers at once is asked no second time."""
    handed_over = hand_over_requests(organization_id)
    return {"requests": handed_over, "answered": follow_up(organization_id)}


@flow(name="order-supplies", persist_result=False)
def order_supplies(organization_id: str) -> int:
    """Hand the orders that wait to the programme; returns how many it has now."""
    return hand_over_orders(organization_id)


@flow(name="follow-managed-supplies", persist_result=False)
def follow_managed_supplies() -> dict[str, int]:
    """Try again what could not be handed over, and ask what became of the rest, in every organization."""
    counts = {"requests": 0, "orders": 0, "moved": 0}
    for organization_id in organizations_with_work():
        counts["requests"] += hand_over_requests(organization_id)
        counts["orders"] += hand_over_orders(organization_id)
        counts["moved"] += follow_up(organization_id)
    return counts
