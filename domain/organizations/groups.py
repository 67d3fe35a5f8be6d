"""The five groups that every organization has from the start, with roles that cannot be changed (AC-70, AC-71)."""

from sqlalchemy.orm import Session

from connectors.messages import N_
from domain.organizations.models import Group, GroupKind
from domain.organizations.roles import Role

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
"""Name → roles."""


def name_key(name: str) -> str:
    """What must be unique among an organization's groups (AC-65)."""
    return " ".join(name.split()).casefold()


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
