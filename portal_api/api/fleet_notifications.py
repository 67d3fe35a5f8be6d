"""Notification policies of the fleet, and the history of their mail (FL-427…FL-446)."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from domain.tenancy import NOT_FOUND
from fleet.notifications import policies
from fleet.notifications.history import HistoryFilter, NotificationView, list_notifications
from fleet.notifications.models import PolicyKind
from fleet.notifications.policies import PolicyForm, PolicyView
from portal_api.access import needs
from portal_api.problems import documented

router = APIRouter(tags=["fleet"])
Manager = Annotated[Actor, needs(Permission.FLEET_MANAGE)]
Text = Annotated[str, Query(max_length=255)]
FORM_FAULTS = (policies.NAME_TAKEN, policies.SAME_AS_ANOTHER, policies.BAD_RECIPIENT, NOT_FOUND)


class PoliciesDelete(BaseModel):
    """Which policies to delete."""

    ids: list[str] = Field(min_length=1, max_length=500)


class NotificationPublic(BaseModel):
    """A mail that a policy has sent. `items` are the printers, supplies or agents that it told of."""

    id: str
    policy: str
    at: datetime
    recipients: list[str]
    items: list[dict[str, Any]]
    state: str = Field(description="State of the mail; empty once its record is gone.")

    @classmethod
    def of(cls, view: NotificationView) -> "NotificationPublic":
        return cls(
            id=view.id,
            policy=view.policy_name,
            at=view.at,
            recipients=list(view.recipients),
            items=list(view.items),
            state=view.state,
        )


@router.get("/notification-policies", operation_id="list_notification_policies")
def list_notification_policies(actor: Manager, kind: PolicyKind | None = None) -> list[PolicyView]:
    """All of the organization, of one kind or of all."""
    return policies.list_policies(actor, kind)


@router.post(
    "/notification-policies",
    operation_id="create_notification_policy",
    status_code=201,
    responses=documented(*FORM_FAULTS),
)
def create_notification_policy(actor: Manager, given: PolicyForm) -> PolicyView:
    """Make a policy. Its mail is written in the language of whoever makes it."""
    return policies.get_policy(actor, policies.create_policy(actor, given))


@router.get(
    "/notification-policies/{policy_id}", operation_id="get_notification_policy", responses=documented(NOT_FOUND)
)
def get_notification_policy(actor: Manager, policy_id: str) -> PolicyView:
    """One policy."""
    return policies.get_policy(actor, policy_id)


@router.put(
    "/notification-policies/{policy_id}",
    operation_id="update_notification_policy",
    responses=documented(*FORM_FAULTS),
)
def update_notification_policy(actor: Manager, policy_id: str, given: PolicyForm) -> PolicyView:
    """Change a policy; it fires anew for whatever it holds for now."""
    policies.change_policy(actor, policy_id, given)
    return policies.get_policy(actor, policy_id)


@router.post("/notification-policies/delete", operation_id="delete_notification_policies", status_code=204)
def delete_notification_policies(actor: Manager, given: PoliciesDelete) -> Response:
    """Delete policies; the history of their mail stays."""
    policies.delete_policies(actor, given.ids)
    return Response(status_code=204)


@router.get("/fleet-notifications", operation_id="list_fleet_notifications")
def list_fleet_notifications(
    actor: Manager,
    kind: PolicyKind,
    *,
    model: Text = "",
    policy_type: Annotated[Text, Query(alias="type")] = "",
    supply: Text = "",
    search: Annotated[Text, Query(description="In serial numbers, asset tags and addresses.")] = "",
    before: Annotated[str, Query(max_length=32, description="Id of the last one of the page before.")] = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> list[NotificationPublic]:
    """The mail of the last 30 days about supplies, printers or agents, newest first."""
    chosen = HistoryFilter(kind, model, policy_type, supply, search, before, limit)
    return [NotificationPublic.of(view) for view in list_notifications(actor, chosen)]
