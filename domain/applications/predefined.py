"""The applications that every organization has from the start (AC-192); their secrets are made when they are needed."""

from sqlalchemy.orm import Session

from connectors.messages import N_
from domain.applications.models import ApplicationKind, ClientApplication
from domain.organizations.permissions import Permission

PREDEFINED = {
    ApplicationKind.DEVICE_AUTHENTICATION: (N_("Device authentication"), (Permission.BADGES_AUTH,)),
    ApplicationKind.CARD_AUTHENTICATION: (N_("Card authentication app"), (Permission.BADGES_AUTH,)),
    ApplicationKind.ADVANCED_HYBRID_STORAGE: (N_("Advanced hybrid storage"), (Permission.HYBRID_STORAGE,)),
}
"""Kind → name and scopes."""


def name_key(name: str) -> str:
    """What must be unique among an organization's applications."""
    return " ".join(name.split()).casefold()


def add_predefined_applications(session: Session, organization_id: str) -> None:
    """Make them for a new organization."""
    session.add_all(
        ClientApplication(
            organization_id=organization_id,
            name=name,
            name_key=name_key(name),
            kind=kind,
            scopes=[scope.value for scope in scopes],
        )
        for kind, (name, scopes) in PREDEFINED.items()
    )
