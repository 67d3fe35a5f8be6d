"""What settings for printing depend on, and who may change which (PR-37, PR-49, PR-52; section 2)."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_core import InitErrorDetails

from connectors.errors import Fault, PressroomError
from connectors.messages import N_, Message
from connectors.value_problems import invalid
from domain.organizations.permissions import Permission
from domain.printing.settings import PrintSettings

Place = tuple[str, ...]

EMAIL_NEEDED = Fault(
    "print_settings.email_needed",
    422,
    N_("This needs printing by e-mail, which is off."),
    N_("Switch printing by e-mail on first."),
    spec="PR-49",
)
PIN_LOGIN_REQUIRED = Fault(
    "print_settings.pin_login_required",
    422,
    N_("Guests sign in at printers with a PIN, and PIN login is off."),
    N_("Switch PIN login on on the page “Printer login” first."),
    spec="PR-37",
)
ADDRESS_NEEDED = Fault(
    "print_settings.address_needed",
    422,
    N_("Printing by e-mail needs an address of your organization."),
    N_("Give the address its first part: small letters, digits, dots, hyphens and underscores."),
    spec="PR-35",
)
LOCAL_PART_TAKEN = Fault(
    "print_settings.local_part_taken",
    422,
    N_("This address belongs to another organization."),
    N_("Choose another first part of the address."),
    spec="PR-53",
)

PRINTER_NAMES_NEEDED = Fault(
    "print_settings.printer_names_needed",
    422,
    N_("A printer of universal print needs a name, and so does its share."),
    N_("Give both a name; they may be the same."),
    spec="PR-286",
)

EITHER = (Permission.PRINT_SETTINGS_MANAGE, Permission.HYBRID_SETTINGS_MANAGE)
SECTIONS: Mapping[str, tuple[Permission, ...]] = {
    "clients": EITHER,
    "jobs": EITHER,
    "email": (Permission.PRINT_SETTINGS_MANAGE,),
    "quotas": EITHER,
    "policies": (Permission.PRINT_SETTINGS_MANAGE,),
    "assignments": (Permission.PRINT_SETTINGS_MANAGE, Permission.DIRECT_MANAGE),
    "universal": (Permission.PRINT_SETTINGS_MANAGE,),
    "hybrid_storage": (Permission.HYBRID_SETTINGS_MANAGE,),
}
"""Who may change each section: whoever has one of these (section 2, AM-1)."""

SUSPENDED: Mapping[Place, tuple[Place, ...]] = {
    ("email", "enabled"): (("email", "body_enabled"), ("email", "guests_enabled")),
    ("jobs", "delegation_enabled"): (("jobs", "delegation_email_enabled"),),
}
"""What does not count while something else is off, and counts again with it (PR-50)."""


def merged(stored: PrintSettings, patch: Mapping[str, Mapping[str, Any]]) -> PrintSettings:
    """`stored` with what `patch` changes; raises `ValidationError` with every value that cannot be."""
    values = stored.model_dump(mode="json")
    for section, changes in patch.items():
        values[section] = {**values.get(section, {}), **changes}
    return PrintSettings.model_validate(values)


def check_dependencies(before: PrintSettings, after: PrintSettings, *, pin_login: bool) -> None:
    """Raise `ValidationError` with everything that is switched on without what it needs (PR-49)."""
    if problems := list(_problems(before, after, pin_login=pin_login)):
        raise refusal(*problems)


def refusal(*problems: tuple[Place, PressroomError]) -> ValidationError:
    """A refusal of those values, each with what is wrong with it."""
    lines = [InitErrorDetails(type=invalid(error), loc=place, input=None) for place, error in problems]
    return ValidationError.from_exception_data("PrintSettings", lines)


def value_of(settings: PrintSettings, place: Place) -> Any:
    """The value at that place."""
    found: Any = settings
    for part in place:
        found = getattr(found, part)
    return found


def suspended(settings: PrintSettings) -> tuple[Place, ...]:
    """What is on but does not count, because something that it needs is off."""
    return tuple(
        child
        for parent, children in SUSPENDED.items()
        if not value_of(settings, parent)
        for child in children
        if value_of(settings, child)
    )


def _problems(
    before: PrintSettings, after: PrintSettings, *, pin_login: bool
) -> Iterator[tuple[Place, PressroomError]]:
    old, new = before.email, after.email
    for child in ("body_enabled", "guests_enabled"):
        if getattr(new, child) and not getattr(old, child) and not new.enabled:
            yield ("email", child), EMAIL_NEEDED()
    if new.guests_enabled and not old.guests_enabled and new.enabled and not pin_login:
        yield ("email", "guests_enabled"), PIN_LOGIN_REQUIRED()
    if new.enabled and new.local_part is None:
        yield ("email", "local_part"), ADDRESS_NEEDED()
    if after.universal.enabled and after.universal != before.universal:
        for name in ("printer_name", "share_name"):
            if not getattr(after.universal, name).strip():
                yield ("universal", name), PRINTER_NAMES_NEEDED()


INACTIVE_QUOTAS = N_("Assignments of quotas to cost centres or departments that will not count any more: {count}.")
INACTIVE_POLICIES = N_("Assignments of policies to cost centres or departments that will not count any more: {count}.")
SUSPENDS = N_("What depends on it stops as well and is kept for later: {count} settings.")
HIDES = N_("Pages of features that are switched off are hidden; what was defined there is kept.")


def consequences(before: PrintSettings, after: PrintSettings, quotas: int, policies: int) -> tuple[Message, ...]:
    """What a change means that is not seen at once (PR-50, PR-51); the counts are of assignments that end."""
    found = []
    if quotas:
        found.append(Message.of(INACTIVE_QUOTAS, count=quotas))
    if policies:
        found.append(Message.of(INACTIVE_POLICIES, count=policies))
    if more := set(suspended(after)) - set(suspended(before)):
        found.append(Message.of(SUSPENDS, count=len(more)))
    hidden = (("quotas", "enabled"), ("policies", "print_enabled"), ("jobs", "delegation_enabled"))
    if any(value_of(before, place) and not value_of(after, place) for place in hidden):
        found.append(Message.of(HIDES))
    return tuple(found)
