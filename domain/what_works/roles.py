"""Why somebody lacks a permission: nobody gave them the role, or the organization has not the role's service."""

from dataclasses import replace

from sqlalchemy.orm import Session

from connectors.errors import PressroomError
from domain.organizations.actor import ROLE_MISSING, Actor
from domain.organizations.effective_roles import effective_roles
from domain.organizations.entitlements import TITLES
from domain.organizations.models import User
from domain.organizations.permissions import Permission, allows, missing_roles, rules
from domain.quotas.checks import NOT_ENTITLED


def role_problem(session: Session, person: Actor, permission: Permission) -> PressroomError | None:
    """`ROLE_MISSING` names the role, `NOT_ENTITLED` the service that a role which they have waits for (AC-12)."""
    if person.may(permission):
        return None
    granted = effective_roles(session, session.get_one(User, person.user_id))
    waiting = {one.role.value: one.lacking for one in granted if one.lacking is not None}
    if allows(replace(person, roles=person.roles | waiting.keys()), permission):
        wanted = (grant.role for way in rules()[permission].alternatives for grant in way)
        return NOT_ENTITLED(service=TITLES[next(waiting[role] for role in wanted if role in waiting)])
    return ROLE_MISSING(role=", ".join(missing_roles(person, permission)))
