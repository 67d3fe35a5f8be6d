"""Names of groups, and the five groups that every organization has from the start (AC-65, AC-69…AC-71)."""

import unicodedata

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.errors import Fault
from connectors.messages import N_
from domain.organizations.models import Group, GroupKind
from domain.organizations.names import shown_character
from domain.organizations.roles import Role

LONGEST_NAME = 100
FORBIDDEN = "!@#$%^&*;+?/\\[]"
"""Characters that names of groups cannot have; an import puts `_` in their place (AC-69)."""
SEPARATOR = ","
"""Stands between the names of groups in an import, so that no name can contain it either."""
REPLACEMENT = "_"

NAME_MISSING = Fault("group.name_missing", 422, N_("The group needs a name."), N_("Enter a name."))
NAME_LONG = Fault(
    "group.name_long", 422, N_("The name has {length} characters; {longest} are allowed."), N_("Shorten the name.")
)
NAME_CHARACTER = Fault(
    "group.name_character",
    422,
    N_("The name of a group cannot contain {character}."),
    N_("Leave the character out."),
)
NAME_TAKEN = Fault(
    "group.name_taken",
    409,
    N_("There is a group “{name}” already."),
    N_("Choose another name; capital and small letters count as the same."),
)

PREDEFINED = {
    N_("Admins"): (Role.ORGANIZATION_ADMINISTRATOR,),
    N_("Fleet Management Administrators"): (
        Role.FLEET_ADMINISTRATOR,
        Role.FILE_SERVICE_ADMINISTRATOR,
        Role.FLEET_REPORTING_ANALYST,
    ),
    N_("Fleet Management Viewers"): (Role.FLEET_VIEWER, Role.FILE_SERVICE_ADMINISTRATOR),
    N_("Help Desk"): (Role.HELP_DESK,),
    N_("Reporting"): (Role.FLEET_REPORTING_ANALYST, Role.PRINT_RELEASE_REPORTING_ANALYST),
}
"""Name → roles, which cannot be changed."""


def name_key(name: str) -> str:
    """What must be unique among an organization's groups (AC-65)."""
    return " ".join(name.split()).casefold()


def checked_name(text: str) -> str:
    """The name as it is kept; raises `NAME_MISSING`, `NAME_LONG`, or `NAME_CHARACTER` for the first forbidden one."""
    name = " ".join(unicodedata.normalize("NFC", text).split())
    if not name:
        raise NAME_MISSING()
    if len(name) > LONGEST_NAME:
        raise NAME_LONG(length=len(name), longest=LONGEST_NAME)
    if wrong := next((one for one in name if one == SEPARATOR or _is_forbidden(one)), ""):
        raise NAME_CHARACTER(character=shown_character(wrong))
    return name


def imported_name(text: str) -> str:
    """As `checked_name`, with `_` in place of forbidden characters (AC-69)."""
    return checked_name("".join(REPLACEMENT if _is_forbidden(one) else one for one in " ".join(text.split())))


def check_free(session: Session, name: str, besides: str = "") -> None:
    """Raise `NAME_TAKEN` if another group of the session's organization than `besides` has that name."""
    if session.scalar(select(Group.id).where(Group.name_key == name_key(name))) not in (None, besides):
        raise NAME_TAKEN(name=name)


def add_predefined_groups(session: Session, organization_id: str) -> None:
    """Make them for a new organization."""
    session.add_all(
        Group(
            organization_id=organization_id,
            name=name,
            name_key=name_key(name),
            kind=GroupKind.PREDEFINED,
            roles=[role.value for role in roles],
        )
        for name, roles in PREDEFINED.items()
    )


def _is_forbidden(character: str) -> bool:
    return character in FORBIDDEN or not character.isprintable()
