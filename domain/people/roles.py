"""Roles of the user level, given to one person or to many (AC-43…AC-46, AC-85)."""

from collections.abc import Collection

from domain.organizations.actor import Actor
from domain.organizations.grants import give_roles, take_roles
from domain.organizations.permissions import Permission
from domain.people.rows import changeable_people


def give_people_roles(actor: Actor, user_ids: Collection[str], roles: Collection[str]) -> None:
    """Give each of the people these roles; raises what `give_roles` raises, `NOT_FOUND`, and then nobody gets any."""
    actor.need(Permission.ROLES_USER_ASSIGN)
    with actor.session() as session:
        for person in changeable_people(session, actor, user_ids):
            give_roles(session, actor, person, roles)


def take_people_roles(actor: Actor, user_ids: Collection[str], roles: Collection[str]) -> None:
    """Take these grants from each of the people (AC-45); raises what `take_roles` raises, and `NOT_FOUND`."""
    actor.need(Permission.ROLES_USER_ASSIGN)
    with actor.session() as session:
        for person in changeable_people(session, actor, user_ids):
            take_roles(session, actor, person, roles)
