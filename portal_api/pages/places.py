"""Where one can go in the portal: areas, each with its places; a place is shown to whoever may open it."""

from dataclasses import dataclass

from connectors.messages import N_
from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission


@dataclass(frozen=True, slots=True)
class Place:
    """One entry of the navigation. `name` is what pages call it in `portal_page(…, place=…)`."""

    name: str
    title: str
    icon: str
    address: str
    permission: Permission


@dataclass(frozen=True, slots=True)
class Area:
    """A group of places with a navigation bar of its own, reached by the application switcher (AC-31)."""

    name: str
    title: str
    icon: str
    places: tuple[Place, ...]

    def open_to(self, actor: Actor) -> list[Place]:
        """The places that `actor` may open."""
        return [place for place in self.places if actor.may(place.permission)]


AREAS = (
    Area(
        "solutions",
        N_("Solution Center"),
        "layers",
        (
            Place("solutions", N_("Solutions"), "layers", "/solutions", Permission.SOLUTIONS_RUN),
            Place("runs", N_("Runs"), "receipt_long", "/runs", Permission.SOLUTIONS_RUN),
            Place("print-queue", N_("Print queue"), "print", "/print-queue", Permission.OWN_ACCOUNT),
            Place(
                "storage-accounts",
                N_("Storage accounts"),
                "cloud_queue",
                "/storage-accounts",
                Permission.SOLUTIONS_RUN,
            ),
            Place("settings", N_("Settings"), "tune", "/settings", Permission.SOLUTIONS_RUN),
        ),
    ),
    Area(
        "accounts",
        N_("Accounts"),
        "group",
        (
            Place("badges", N_("Badges and PINs"), "badge", "/badges", Permission.BADGES_VIEW),
            Place(
                "printer-login", N_("Printer login"), "contactless", "/printer-login", Permission.PRINTER_LOGIN_MANAGE
            ),
            Place(
                "identity-provider",
                N_("Identity provider"),
                "key",
                "/identity-provider",
                Permission.AUTHENTICATION_PROVIDER_MANAGE,
            ),
            Place(
                "my-printer-login", N_("My printer login"), "dialpad", "/account/printer-login", Permission.OWN_ACCOUNT
            ),
            Place("audit", N_("Audit trail"), "history", "/audit", Permission.AUDIT_VIEW),
            Place("tasks", N_("Tasks"), "task_alt", "/tasks", Permission.ACCOUNTS_OPEN),
        ),
    ),
)


def area_of(place: str) -> Area:
    """The area that holds the place of that name; the first one for a page without a place."""
    return next((area for area in AREAS if any(each.name == place for each in area.places)), AREAS[0])
