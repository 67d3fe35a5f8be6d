"""What a route or a page takes: every one names its permission, and a walk over all of them holds that."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends
from fastapi.dependencies.models import Dependant

from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from portal_api.sign_in import CurrentActor


@dataclass(frozen=True, slots=True)
class PermissionNeeded:
    """The dependency of a route that takes `permission`; gives the actor who has it."""

    permission: Permission

    def __call__(self, actor: CurrentActor) -> Actor:
        actor.need(self.permission)
        return actor


def needs(permission: Permission) -> Any:
    """`actor: Annotated[Actor, needs(Permission.USERS_VIEW)]`, or in `dependencies=[…]` where the actor is not used."""
    return Depends(PermissionNeeded(permission))


def permission_of(dependant: Dependant) -> Permission | None:
    """The permission that a route takes, by itself or by what it depends on; None where it names none."""
    for one in dependant.dependencies:
        if isinstance(one.call, PermissionNeeded):
            return one.call.permission
        if (found := permission_of(one)) is not None:
            return found
    return None


Anyone = Annotated[Actor, needs(Permission.OWN_ACCOUNT)]
"""Whoever is signed in."""
Runner = Annotated[Actor, needs(Permission.SOLUTIONS_RUN)]
"""Whoever may run solutions."""
Follower = Annotated[Actor, needs(Permission.RUNS_FOLLOW)]
"""Whoever may see what becomes of what they started."""
Author = Annotated[Actor, needs(Permission.SOLUTIONS_CREATE)]
"""Whoever may make solutions."""
