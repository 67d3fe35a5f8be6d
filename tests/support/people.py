"""People and groups of an organization, put straight into the records."""

from sqlalchemy import select

from domain.organizations.actor import Actor, actor_of_user
from domain.organizations.models import Group, GroupKind, GroupMember, User
from domain.organizations.roles import Role
from domain.printer_login.at_printers import BadgeProof, sign_in_at_printer
from domain.printer_login.printer_sessions import Panel
from domain.printer_login.unknown_badges import list_unknown_badges


def person(actor: Actor, email: str, *roles: str, groups: tuple[str, ...] = ()) -> Actor:
    """Somebody new in the actor's organization, in the groups of those ids."""
    with actor.session() as session:
        user = User(email=email, name=email.partition("@")[0], roles=list(roles))
        session.add(user)
        session.flush()
        session.add_all(GroupMember(group_id=group_id, user_id=user.id) for group_id in groups)
    return actor_of_user(user.id)


def group(actor: Actor, name: str, *roles: str, kind: GroupKind = GroupKind.NORMAL) -> str:
    with actor.session() as session:
        one = Group(name=name, name_key=name.casefold(), kind=kind, roles=list(roles))
        session.add(one)
        session.flush()
        return one.id


def admins_group(actor: Actor) -> str:
    with actor.session() as session:
        return session.scalars(select(Group.id).where(Group.name == "Admins")).one()


def become_partner(actor: Actor) -> Actor:
    """The person in an access group with both roles that making and deleting customers takes (AC-19)."""
    roles = (Role.PARTNER_ADMINISTRATOR.value, Role.ORGANIZATION_ADMINISTRATOR.value)
    group_id = group(actor, "Partners", *roles, kind=GroupKind.CHILD_ACCESS)
    with actor.session() as session:
        session.add(GroupMember(group_id=group_id, user_id=actor.user_id))
    return actor_of_user(actor.user_id)


def unknown_badge(actor: Actor, number: str) -> str:
    """The id of a badge that was held to a reader of the actor's organization and that nobody has."""
    sign_in_at_printer(Panel(actor.organization_id, "walk"), BadgeProof(number))
    return list_unknown_badges(actor)[0].id
