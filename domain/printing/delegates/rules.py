"""What a delegation may be (PR-165, PR-171)."""

from datetime import datetime, timedelta

from connectors.errors import Fault
from connectors.messages import N_
from domain.organizations.models import User, UserStatus, shown_name
from domain.organizations.roles import Role

MOST_DAYS = 365
SUGGESTED_DAYS = 30

DELEGATION_OFF = Fault(
    "print.delegation_off",
    403,
    N_("Delegates are switched off in your organization."),
    N_("Print administrators can switch delegation on in the print settings."),
    spec="PR-163",
)
OWN_DELEGATE = Fault(
    "print_delegate.self",
    422,
    N_("Nobody can be their own delegate."),
    N_("Choose another person."),
    spec="PR-171",
)
ALREADY_DELEGATE = Fault(
    "print_delegate.exists",
    409,
    N_("{name} is a delegate already."),
    N_("To change when it expires, remove the delegate and add them again."),
    spec="PR-171",
)
NOT_A_DELEGATE = Fault(
    "print_delegate.not_possible",
    422,
    N_("{name} cannot be a delegate or have one."),
    N_("Both must be active people of your organization with an account of their own; guests are not."),
    spec="PR-171",
)


def check_pair(owner: User, delegate: User) -> None:
    """Raise `OWN_DELEGATE`, or `NOT_A_DELEGATE` for guests and people whose account is not active."""
    if owner.id == delegate.id:
        raise OWN_DELEGATE()
    for person in (owner, delegate):
        is_guest = set(person.roles or ()) == {Role.PRINT_GUEST.value}
        if person.status != UserStatus.ACTIVE or is_guest:
            raise NOT_A_DELEGATE(name=shown_name(person))


def expiry(created: datetime, days: int | None) -> datetime | None:
    """When it ends: so many days from its creation, to the hour; None: never."""
    return created + timedelta(days=days) if days is not None else None
