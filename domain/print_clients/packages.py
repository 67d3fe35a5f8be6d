"""Which packages for workstations somebody may have, by their roles and the settings (PR-4, PR-19, PR-238)."""

from typing import Literal

from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from domain.printing.settings import PrintSettings

PackageType = Literal["cloud", "hybrid", "direct", "custom"]


def package_types(actor: Actor, settings: PrintSettings) -> list[PackageType]:
    """The types that the actor may have, whatever assignments there are; none: the page is not for them.

    End users need the page to be open to them, but for the package of their direct printing (PR-231).
    """
    is_direct = settings.assignments.enabled and settings.assignments.use_with != "offline"
    direct: list[PackageType] = ["direct"] if is_direct else []
    if actor.may(Permission.PRINT_PACKAGES_MANAGE):
        return ["cloud", "hybrid", *direct, "custom"]
    found: list[PackageType] = []
    if settings.clients.page_enabled and actor.may(Permission.PRINT_DRIVERS_DOWNLOAD):
        found.append("cloud")
    is_hybrid = actor.may(Permission.PRINT_OWN_QUEUE) and not actor.may(Permission.PRINT_SUBMIT)
    if settings.clients.page_enabled and is_hybrid:
        found.append("hybrid")
    if actor.may(Permission.DIRECT_MANAGE) or actor.may(Permission.DIRECT_PACKAGE_DOWNLOAD):
        found += direct
    return found
