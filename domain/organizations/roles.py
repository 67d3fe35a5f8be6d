"""The 28 roles by their labels (AC-37), what service each belongs to, and which of them count (AC-39, AC-40).

Roles are delivered with the product; there is no editor for them. A role is granted to an organization, a group or a
person, and evaluated at the time of use.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from connectors.messages import N_
from domain.organizations.entitlements import Entitlement


class Role(StrEnum):
    """A named set of permissions; the value is the label shown everywhere."""

    USER = "User"
    HELP_DESK = "Help Desk"
    USER_ADMINISTRATOR = "User Administrator"
    ORGANIZATION_ADMINISTRATOR = "Organization Administrator"
    PARTNER_ADMINISTRATOR = "Partner Administrator"
    FILE_SERVICE_ADMINISTRATOR = "File Service Administrator"
    FLEET_ADMINISTRATOR = "Fleet Management Administrator"
    FLEET_REPORTING_ANALYST = "Fleet Management Reporting Analyst"
    FLEET_VIEWER = "Fleet Management Viewer"
    PRINT_RELEASE_ADMINISTRATOR = "Print Release Management Administrator"
    PRINT_RELEASE_REPORTING_ANALYST = "Print Release Management Reporting Analyst"
    PRINT_RELEASE_USER = "Print Release Management User"
    PRINT_GUEST = "Print Management Guest User"
    HYBRID_PRINT_ADMINISTRATOR = "Hybrid Print Management Administrator"
    HYBRID_PRINT_USER = "Hybrid Print Management User"
    DIRECT_PRINT_ADMINISTRATOR = "Direct Print Management Administrator"
    DIRECT_PRINT_USER = "Direct Print Management User"
    SCAN_ADMINISTRATOR = "Scan Management Administrator"
    SCAN_USER = "Scan Management User"
    TRANSLATION_ADMINISTRATOR = "Translation Administrator"
    TRANSLATION_USER = "Translation User"
    SOLUTIONS_ADMINISTRATOR = "Solutions Administrator"
    SOLUTIONS_ADVANCED_USER = "Solutions Advanced User"
    SOLUTIONS_USER = "Solutions User"
    OCR_USER = "OCR User"
    REDACTION_USER = "Redaction User"
    QUOTA_ADMINISTRATOR = "Solutions Quota Administrator"
    ANNOUNCEMENT_AUTHOR = "Announcement Author Administrator"


@dataclass(frozen=True, slots=True)
class RoleFacts:
    """What is known of a role. `entitlement` None: always on. `for_end_users`: fit for a whole organization (AC-41)."""

    role: Role
    product: str
    essence: str
    entitlement: Entitlement | None = None
    for_end_users: bool = False


_SYSTEM, _FLEET, _CLOUD = N_("Account management"), N_("Fleet management"), N_("Cloud print release")
_HYBRID, _DIRECT, _SCAN = N_("Hybrid print"), N_("Direct print"), N_("Scan management")
_TRANSLATION, _SOLUTIONS = N_("Translation"), N_("Solutions")
_TABLE = (
    RoleFacts(Role.USER, _SYSTEM, N_("Own account only. Everybody has it."), None, True),
    RoleFacts(Role.HELP_DESK, _SYSTEM, N_("Looks at people, groups, badges and applications, changes nothing.")),
    RoleFacts(Role.USER_ADMINISTRATOR, _SYSTEM, N_("Manages people, groups, badges and PINs.")),
    RoleFacts(Role.ORGANIZATION_ADMINISTRATOR, _SYSTEM, N_("Manages the organization and its people.")),
    RoleFacts(Role.PARTNER_ADMINISTRATOR, _SYSTEM, N_("Manages customer organizations; through an access group only.")),
    RoleFacts(
        Role.FILE_SERVICE_ADMINISTRATOR, _FLEET, N_("File service and printer logs, together with fleet management."),
        Entitlement.FLEET,
    ),
    RoleFacts(
        Role.FLEET_ADMINISTRATOR, _FLEET, N_("Discovers, enrols and configures printers."), Entitlement.FLEET
    ),
    RoleFacts(Role.FLEET_REPORTING_ANALYST, _FLEET, N_("Reads fleet reports only."), Entitlement.FLEET),
    RoleFacts(Role.FLEET_VIEWER, _FLEET, N_("Looks at printers, changes nothing."), Entitlement.FLEET),
    RoleFacts(
        Role.PRINT_RELEASE_ADMINISTRATOR, _CLOUD, N_("Manages print settings, queues, delegates and print quotas."),
        Entitlement.PRINT_CLOUD,
    ),
    RoleFacts(
        Role.PRINT_RELEASE_REPORTING_ANALYST, _CLOUD, N_("Reads print reports only."), Entitlement.PRINT_CLOUD
    ),
    RoleFacts(
        Role.PRINT_RELEASE_USER, _CLOUD, N_("Prints to the own queue and releases."), Entitlement.PRINT_CLOUD, True
    ),
    RoleFacts(
        Role.PRINT_GUEST, _CLOUD, N_("Submits print jobs by e-mail only; never signs in."), Entitlement.PRINT_CLOUD
    ),
    RoleFacts(
        Role.HYBRID_PRINT_ADMINISTRATOR, _HYBRID, N_("Manages hybrid print settings, queues and quotas."),
        Entitlement.PRINT_HYBRID,
    ),
    RoleFacts(
        Role.HYBRID_PRINT_USER, _HYBRID, N_("Manages the own hybrid print jobs."), Entitlement.PRINT_HYBRID, True
    ),
    RoleFacts(
        Role.DIRECT_PRINT_ADMINISTRATOR, _DIRECT, N_("Configures direct print and who may use it."),
        Entitlement.PRINT_DIRECT,
    ),
    RoleFacts(Role.DIRECT_PRINT_USER, _DIRECT, N_("Prints directly to printers."), Entitlement.PRINT_DIRECT, True),
    RoleFacts(
        Role.SCAN_ADMINISTRATOR, _SCAN, N_("Enables scanning and manages the organization's destinations."),
        Entitlement.SCAN,
    ),
    RoleFacts(Role.SCAN_USER, _SCAN, N_("Scans to destinations."), Entitlement.SCAN, True),
    RoleFacts(
        Role.TRANSLATION_ADMINISTRATOR, _TRANSLATION, N_("Manages translation settings."), Entitlement.TRANSLATION
    ),
    RoleFacts(Role.TRANSLATION_USER, _TRANSLATION, N_("Translates documents."), Entitlement.TRANSLATION, True),
    RoleFacts(
        Role.SOLUTIONS_ADMINISTRATOR, _SOLUTIONS, N_("Makes personal and organizational solutions."),
        Entitlement.SOLUTIONS,
    ),
    RoleFacts(
        Role.SOLUTIONS_ADVANCED_USER, _SOLUTIONS, N_("Makes and runs personal solutions."), Entitlement.SOLUTIONS, True
    ),
    RoleFacts(Role.SOLUTIONS_USER, _SOLUTIONS, N_("Runs solutions."), Entitlement.SOLUTIONS, True),
    RoleFacts(Role.OCR_USER, N_("OCR"), N_("Uses text recognition."), Entitlement.OCR, True),
    RoleFacts(Role.REDACTION_USER, N_("Redaction"), N_("Uses redaction."), Entitlement.REDACTION, True),
    RoleFacts(
        Role.QUOTA_ADMINISTRATOR, N_("Page quotas"), N_("Manages page quotas of translation, redaction and OCR."),
        Entitlement.QUOTA,
    ),
    RoleFacts(Role.ANNOUNCEMENT_AUTHOR, N_("Announcements"), N_("Writes announcements.")),
)  # fmt: skip
FACTS = {facts.role: facts for facts in _TABLE}
"""Every role's facts, in the order of the role list."""

_LABELS = frozenset(role.value for role in Role)

GUARDED = frozenset({Role.ORGANIZATION_ADMINISTRATOR, Role.PARTNER_ADMINISTRATOR})
"""Roles that only an Organization Administrator may give or take (AC-46)."""


def counting(roles: Iterable[str], entitlements: Iterable[str]) -> frozenset[str]:
    """Those of the granted roles whose service the organization is entitled to, and User, which everybody has.

    Labels that are no roles (of a former release) do not count.
    """
    present = frozenset(entitlements)
    known = (Role(label) for label in roles if label in _LABELS)
    return frozenset({Role.USER.value}) | {
        role.value for role in known if FACTS[role].entitlement is None or FACTS[role].entitlement in present
    }
