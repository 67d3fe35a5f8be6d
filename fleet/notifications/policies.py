"""Making, changing and deleting notification policies (FL-427…FL-442)."""

import hashlib
import json
from collections.abc import Collection, Mapping
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from connectors.errors import Fault
from connectors.mail_addresses import each_once, wire_address
from connectors.messages import N_
from connectors.printers.reading import SupplyKind
from domain.audit.service import record
from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from domain.tenancy import NOT_FOUND
from fleet.notifications.models import Crossing, NotificationPolicy, PolicyKind, SilenceType
from fleet.printers.models import Tag

MOST_TAGS = MOST_RECIPIENTS = 10
LONGEST_TEXT = 2000
WATCHED_SUPPLIES = (
    SupplyKind.TONER,
    SupplyKind.INK,
    SupplyKind.FUSER,
    SupplyKind.TRANSFER,
    SupplyKind.WASTE,
    SupplyKind.MAINTENANCE,
    SupplyKind.PHOTOCONDUCTOR,
)
NAME_TAKEN = Fault(
    "policy.name_taken",
    409,
    N_("There is a policy “{name}” already."),
    N_("Choose another name."),
)
SAME_AS_ANOTHER = Fault(
    "policy.same",
    409,
    N_("Another policy differs from this one in nothing but its name."),
    N_("Change the types, the threshold, the tags, the recipients or the text."),
    spec="FL-441",
)
BAD_RECIPIENT = Fault(
    "policy.recipient",
    422,
    N_("“{address}” is no e-mail address."),
    N_("Correct the address. Up to ten can be told."),
    spec="FL-431",
)
INCOMPLETE = Fault(
    "policy.incomplete",
    422,
    N_("The policy is not complete: {problem}."),
    N_("Give it a name, a type, a threshold and at least one e-mail address."),
)


class PolicyForm(BaseModel):
    """What a policy is asked for. `threshold` is percent remaining for supplies, else days."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: PolicyKind
    name: str = Field(min_length=1, max_length=255)
    types: tuple[str, ...] = Field(min_length=1, max_length=len(WATCHED_SUPPLIES))
    threshold: int = Field(ge=0, le=365)
    tag_ids: tuple[str, ...] = Field((), max_length=MOST_TAGS, description="None: all printers.")
    recipients: tuple[str, ...] = Field(min_length=1, max_length=MOST_RECIPIENTS)
    extra_text: str = Field("", max_length=LONGEST_TEXT)
    attaches: bool = Field(False, description="JSON with supplies, CSV with printers and agents.")

    @classmethod
    def read(cls, values: Mapping[str, Any]) -> Self:
        """The form of what somebody has typed; raises `INCOMPLETE`."""
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            raise INCOMPLETE(problem=f"{'.'.join(map(str, first['loc']))}: {first['msg']}".lstrip(": ")) from error

    @field_validator("name")
    @classmethod
    def _tidy(cls, name: str) -> str:
        return " ".join(name.split())

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        is_supplies = self.kind is PolicyKind.SUPPLIES
        known: Collection[str] = WATCHED_SUPPLIES if is_supplies else tuple(SilenceType)
        if not set(self.types) <= set(known):
            raise ValueError(f"types must be among {', '.join(sorted(known))}")
        if not is_supplies and len(self.types) != 1:
            raise ValueError("choose one type")
        if is_supplies and self.threshold > 100:
            raise ValueError("the threshold is a percentage")
        if not is_supplies and self.threshold < 1:
            raise ValueError("the threshold is one day or more")
        if self.kind is PolicyKind.AGENTS and self.tag_ids:
            raise ValueError("agents have no tags")
        return self

    @property
    def essence(self) -> str:
        """The same for forms that differ in nothing but the name (FL-441)."""
        parts = self.model_dump(mode="json", exclude={"name"})
        for name in ("types", "tag_ids", "recipients"):
            parts[name] = sorted(parts[name])
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


class PolicyView(BaseModel):
    """A policy of the list."""

    model_config = ConfigDict(frozen=True)

    id: str
    form: PolicyForm


def list_policies(actor: Actor, kind: PolicyKind | None = None) -> list[PolicyView]:
    """The organization's policies by kind and name."""
    actor.need(Permission.FLEET_MANAGE)
    query = select(NotificationPolicy).order_by(NotificationPolicy.kind, NotificationPolicy.name_key)
    if kind is not None:
        query = query.where(NotificationPolicy.kind == kind)
    with actor.session(read_only=True) as session:
        return [_view(policy) for policy in session.scalars(query)]


def get_policy(actor: Actor, policy_id: str) -> PolicyView:
    """One policy; raises `NOT_FOUND`."""
    actor.need(Permission.FLEET_MANAGE)
    with actor.session(read_only=True) as session:
        return _view(_of(session, policy_id))


def create_policy(actor: Actor, form: PolicyForm) -> str:
    """Make a policy; returns its id. Raises `NAME_TAKEN`, `SAME_AS_ANOTHER`, `BAD_RECIPIENT`, `NOT_FOUND` (a tag)."""
    actor.need(Permission.FLEET_MANAGE)
    policy = NotificationPolicy(organization_id=actor.organization_id, locale=actor.locale)
    with actor.session() as session:
        _fill(session, policy, form)
        session.add(policy)
        session.flush()
        record(session, actor, "notification_policy.created", "notification_policy", policy.id, {"name": policy.name})
        return policy.id


def change_policy(actor: Actor, policy_id: str, form: PolicyForm) -> None:
    """Change a policy: what it held for is forgotten, so that it fires anew for whatever it holds for now."""
    actor.need(Permission.FLEET_MANAGE)
    with actor.session() as session:
        policy = _of(session, policy_id)
        is_other = form.essence != policy.essence
        _fill(session, policy, form)
        if is_other:
            session.execute(delete(Crossing).where(Crossing.policy_id == policy_id))
        record(session, actor, "notification_policy.changed", "notification_policy", policy.id, {"name": policy.name})


def delete_policies(actor: Actor, ids: Collection[str]) -> int:
    """Delete policies; the history of their mail stays. Returns how many there were."""
    actor.need(Permission.FLEET_MANAGE)
    with actor.session() as session:
        found = session.scalars(select(NotificationPolicy).where(NotificationPolicy.id.in_(ids))).all()
        for policy in found:
            facts = {"name": policy.name}
            record(session, actor, "notification_policy.deleted", "notification_policy", policy.id, facts)
            session.delete(policy)
        return len(found)


def _fill(session: Session, policy: NotificationPolicy, form: PolicyForm) -> None:
    recipients = each_once(*(address.strip() for address in form.recipients))
    for address in recipients:
        if wire_address(address) is None:
            raise BAD_RECIPIENT(address=address)
    if form.tag_ids:
        known = session.scalars(select(Tag.id).where(Tag.id.in_(form.tag_ids))).all()
        if len(known) != len(set(form.tag_ids)):
            raise NOT_FOUND(what="tag")
    _check_unique(session, policy, form)
    policy.kind, policy.name, policy.name_key = form.kind, form.name, form.name.casefold()
    policy.essence, policy.types, policy.threshold = form.essence, list(form.types), form.threshold
    policy.tag_ids, policy.recipients = list(form.tag_ids), list(recipients)
    policy.extra_text, policy.attaches = form.extra_text, form.attaches


def _check_unique(session: Session, policy: NotificationPolicy, form: PolicyForm) -> None:
    query = select(NotificationPolicy).where(NotificationPolicy.id != (policy.id or ""))
    if session.scalar(query.where(NotificationPolicy.name_key == form.name.casefold())) is not None:
        raise NAME_TAKEN(name=form.name)
    if session.scalar(query.where(NotificationPolicy.essence == form.essence)) is not None:
        raise SAME_AS_ANOTHER()


def _of(session: Session, policy_id: str) -> NotificationPolicy:
    policy = session.scalar(select(NotificationPolicy).where(NotificationPolicy.id == policy_id))
    if policy is None:
        raise NOT_FOUND(what="notification policy")
    return policy


def _view(policy: NotificationPolicy) -> PolicyView:
    names = PolicyForm.model_fields
    return PolicyView(id=policy.id, form=PolicyForm.model_validate({name: getattr(policy, name) for name in names}))
