"""The history of notifications: a rolling 30 days of all mail that policies have sent (FL-443…FL-446)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from domain.mail.models import MailState, OutgoingMail
from domain.organizations.actor import Actor
from domain.organizations.models import now
from domain.organizations.permissions import Permission
from fleet.notifications.models import Notification, PolicyKind

KEPT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class HistoryFilter:
    """What a list of the history shows. `model`, `type` and `supply` narrow by what the mail told of.

    `search` looks in serial numbers, asset tags and addresses; `before` is the id of the last one of the page before.
    """

    kind: PolicyKind
    model: str = ""
    type: str = ""
    supply: str = ""
    search: str = ""
    before: str = ""
    limit: int = 50


@dataclass(frozen=True, slots=True)
class NotificationView:
    """A mail of the history. `state` is that of the mail, empty once its record is gone."""

    id: str
    policy_name: str
    at: datetime
    recipients: tuple[str, ...]
    items: tuple[dict[str, Any], ...]
    state: str


def list_notifications(actor: Actor, chosen: HistoryFilter) -> list[NotificationView]:
    """The organization's notifications of a kind, newest first."""
    actor.need(Permission.FLEET_MANAGE)
    query = select(Notification, OutgoingMail.state).outerjoin(OutgoingMail, OutgoingMail.id == Notification.mail_id)
    query = query.where(Notification.kind == chosen.kind, Notification.at > now() - KEPT)
    for name, value in (("model", chosen.model), ("type", chosen.type), ("supply", chosen.supply)):
        if value:
            query = query.where(Notification.facets.contains(f"|{name}:{value}|", autoescape=True))
    if chosen.search.strip():
        query = query.where(Notification.search_key.contains(chosen.search.strip().casefold(), autoescape=True))
    with actor.session(read_only=True) as session:
        last = session.get(Notification, chosen.before) if chosen.before else None
        if last is not None:
            older = (Notification.at < last.at) | ((Notification.at == last.at) & (Notification.id < last.id))
            query = query.where(older)
        query = query.order_by(Notification.at.desc(), Notification.id.desc()).limit(chosen.limit)
        return [_view(notification, state) for notification, state in session.execute(query)]


@dataclass(frozen=True, slots=True)
class HistoryChoices:
    """By what the history of a kind can be narrowed: the models and the supplies that its mail told of (FL-444)."""

    models: tuple[str, ...]
    supplies: tuple[str, ...]


def history_choices(actor: Actor, kind: PolicyKind) -> HistoryChoices:
    """What there is to choose from, in order."""
    actor.need(Permission.FLEET_MANAGE)
    query = select(Notification.facets).where(Notification.kind == kind, Notification.at > now() - KEPT).distinct()
    found: dict[str, set[str]] = {"model": set(), "supply": set()}
    with actor.session(read_only=True) as session:
        for facets in session.scalars(query):
            for facet in facets.strip("|").split("|"):
                name, _, value = facet.partition(":")
                found.get(name, set()).add(value)
    models, supplies = (tuple(sorted(values, key=str.casefold)) for values in found.values())
    return HistoryChoices(models, supplies)


def forget_notifications(session: Session) -> int:
    """Delete what is older than the history goes back; returns how many."""
    old = delete(Notification).where(Notification.at < now() - KEPT).returning(Notification.id)
    return len(session.scalars(old).all())


def _view(notification: Notification, state: MailState | None) -> NotificationView:
    return NotificationView(
        notification.id,
        notification.policy_name,
        notification.at,
        tuple(notification.recipients),
        tuple(notification.items),
        state.value if isinstance(state, MailState) else str(state or ""),
    )
