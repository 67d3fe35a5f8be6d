"""Where one can go in the portal: areas, each with its places; a place is shown to whoever may open it."""

from dataclasses import dataclass

from connectors.messages import N_
from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from domain.printing.features import Feature, Features


@dataclass(frozen=True, slots=True)
class Place:
    """One entry of the navigation. `name` is what pages call it in `portal_page(…, place=…)`.

    A place `under` another stands in the second row, beside that one. `for_partners`: only in organizations that may
    have customers (AC-72). `feature`: only where the organization has switched it on (PR-6).
    """

    name: str
    title: str
    icon: str
    address: str
    permission: Permission
    under: str = ""
    for_partners: bool = False
    feature: Feature | None = None

    def is_open_to(self, actor: Actor, features: Features) -> bool:
        """Whether `actor` may open it where they work, with what is switched on there."""
        return (
            actor.may(self.permission)
            and (actor.has_customers_here or not self.for_partners)
            and (self.feature is None or self.feature in features)
        )


@dataclass(frozen=True, slots=True)
class Area:
    """A group of places with a navigation bar of its own, reached by the application switcher (AC-31)."""

    name: str
    title: str
    icon: str
    places: tuple[Place, ...]

    def main_places(self, actor: Actor, features: Features) -> list[tuple[Place, str]]:
        """The places of the first row with the address each leads to: its own, or the first one under it."""
        found = []
        for place in self.places:
            if not place.under and (group := self.beside(place.name, actor, features)):
                found.append((place, group[0].address))
        return found

    def beside(self, name: str, actor: Actor, features: Features) -> list[Place]:
        """The place of that name and all that stand in the second row with it, as far as `actor` may open them."""
        main = self.main_of(name)
        return [
            place for place in self.places if main in (place.name, place.under) and place.is_open_to(actor, features)
        ]

    def main_of(self, name: str) -> str:
        """The name of the place in the first row that leads to the place of that name."""
        return next((place.under or place.name for place in self.places if place.name == name), "")


ACCOUNTS = "accounts"
"""The area of organizations and people."""
FLEET = "fleet"
"""The area of printers and what manages them (FL-47)."""
PRINTING = "printing"
"""The area of print queues and what administers printing (PR-1…PR-5)."""
SCANNING = "scanning"
"""The area of scan destinations (SCAN-7)."""

AREAS = (
    Area(
        "solutions",
        N_("Solution Center"),
        "layers",
        (
            Place("solutions", N_("Solutions"), "layers", "/solutions", Permission.SOLUTIONS_RUN),
            Place("runs", N_("Runs"), "receipt_long", "/runs", Permission.SOLUTIONS_RUN),
            Place(
                "storage-accounts",
                N_("Storage accounts"),
                "cloud_queue",
                "/storage-accounts",
                Permission.STORAGE_ACCOUNTS,
            ),
            Place("settings", N_("Settings"), "tune", "/settings", Permission.SOLUTIONS_RUN),
        ),
    ),
    Area(
        "translation",
        N_("Translation"),
        "translate",
        (
            Place("translation", N_("Translation"), "translate", "/translation", Permission.TRANSLATION_USE),
            Place(
                "translation-settings",
                N_("Translation settings"),
                "tune",
                "/translation/settings",
                Permission.TRANSLATION_MANAGE,
            ),
        ),
    ),
    Area(
        FLEET,
        N_("Fleet"),
        "print_connect",
        (
            Place("printers", N_("Printers"), "print", "/printers", Permission.FLEET_VIEW),
            Place("printer-tags", N_("Tags"), "sell", "/printer-tags", Permission.FLEET_MANAGE, under="printers"),
            Place(
                "printer-views", N_("Views"), "view_column", "/printer-views", Permission.FLEET_VIEWS, under="printers"
            ),
            Place("panel-apps", N_("Apps"), "apps", "/panel-apps", Permission.FLEET_VIEW, under="printers"),
            Place("firmware", N_("Firmware"), "memory", "/firmware", Permission.FLEET_MANAGE, under="printers"),
            Place("agents", N_("Agents"), "lan", "/agents", Permission.FLEET_VIEW),
            Place("configurations", N_("Configurations"), "tune", "/configurations", Permission.FLEET_CONFIGURE),
            Place(
                "resources",
                N_("Resource library"),
                "folder_open",
                "/resources",
                Permission.FLEET_CONFIGURE,
                under="configurations",
            ),
            Place(
                "fleet-policies",
                N_("Notification policies"),
                "notifications",
                "/fleet/policies",
                Permission.FLEET_MANAGE,
            ),
            Place(
                "fleet-notifications",
                N_("Notification history"),
                "history",
                "/fleet/notifications",
                Permission.FLEET_MANAGE,
                under="fleet-policies",
            ),
            Place(
                "managed-supplies",
                N_("Managed supplies"),
                "inventory_2",
                "/managed-supplies",
                Permission.FLEET_MANAGE,
            ),
            Place(
                "delivery-contacts",
                N_("Delivery contacts"),
                "contacts",
                "/delivery-contacts",
                Permission.FLEET_MANAGE,
                under="managed-supplies",
            ),
            Place(
                "supplies-desk",
                N_("Supplies desk"),
                "support_agent",
                "/supplies-desk",
                Permission.FLEET_SUPPLIES_DESK,
                under="managed-supplies",
                for_partners=True,
            ),
            Place("fleet-tasks", N_("Tasks"), "task_alt", "/fleet-tasks", Permission.FLEET_MANAGE),
            Place(
                "fleet-schedules",
                N_("Schedules"),
                "event_repeat",
                "/fleet/schedules",
                Permission.FLEET_MANAGE,
                under="fleet-tasks",
            ),
        ),
    ),
    Area(
        PRINTING,
        N_("Printing"),
        "print",
        (
            Place("print-queue", N_("Print queue"), "print", "/print-queue", Permission.PRINT_OWN_QUEUE),
            Place(
                "release",
                N_("Release at a printer"),
                "print_add",
                "/release",
                Permission.PRINT_SUBMIT,
                under="print-queue",
            ),
            Place(
                "print-history",
                N_("Print history"),
                "history",
                "/print-queue/history",
                Permission.PRINT_OWN_QUEUE,
                under="print-queue",
            ),
            Place(
                "print-delegates",
                N_("Delegates"),
                "group",
                "/print-queue/delegates",
                Permission.PRINT_DELEGATE,
                under="print-queue",
                feature=Feature.DELEGATION,
            ),
            Place("print-queues", N_("Print queues"), "groups", "/print-queues", Permission.PRINT_QUEUES_MANAGE),
            Place(
                "print-guests",
                N_("Guests and mail"),
                "badge",
                "/print/guests",
                Permission.PRINT_QUEUES_MANAGE,
                under="print-queues",
            ),
            Place("print-settings", N_("Print settings"), "tune", "/print/settings", Permission.PRINT_SETTINGS_OPEN),
            Place(
                "print-nodes",
                N_("Storage nodes"),
                "dns",
                "/print-nodes",
                Permission.HYBRID_SETTINGS_MANAGE,
                under="print-settings",
            ),
            Place(
                "universal-print",
                N_("Universal print"),
                "cloud_sync",
                "/print/universal",
                Permission.PRINT_SETTINGS_MANAGE,
                under="print-settings",
            ),
            Place(
                "print-policies",
                N_("Print policies"),
                "policy",
                "/print/policies",
                Permission.PRINT_SETTINGS_MANAGE,
                feature=Feature.PRINT_POLICIES,
            ),
            Place(
                "print-policy-assignments",
                N_("Print policy assignments"),
                "link",
                "/print/policy-assignments",
                Permission.PRINT_SETTINGS_MANAGE,
                under="print-policies",
                feature=Feature.PRINT_POLICIES,
            ),
            Place(
                "print-packages",
                N_("Print clients"),
                "install_desktop",
                "/print/packages",
                Permission.OWN_ACCOUNT,
                feature=Feature.PRINT_CLIENTS,
            ),
            Place(
                "print-clients",
                N_("Workstations"),
                "computer",
                "/print/clients",
                Permission.PRINT_PACKAGES_MANAGE,
                under="print-packages",
            ),
            Place("print-reports", N_("Print reports"), "summarize", "/print/reports", Permission.OWN_REPORTS),
            Place(
                "print-report-schedules",
                N_("Scheduled reports"),
                "forward_to_inbox",
                "/print/report-schedules",
                Permission.OWN_REPORTS,
                under="print-reports",
            ),
            Place(
                "client-policies",
                N_("Client policies"),
                "system_update_alt",
                "/print/client-policies",
                Permission.PRINT_PACKAGES_MANAGE,
                under="print-packages",
                feature=Feature.CLIENT_POLICIES,
            ),
            Place(
                "client-policy-assignments",
                N_("Client policy assignments"),
                "link",
                "/print/client-policy-assignments",
                Permission.PRINT_PACKAGES_MANAGE,
                under="print-packages",
                feature=Feature.CLIENT_POLICIES,
            ),
            Place(
                "print-assignments",
                N_("Print assignments"),
                "print_connect",
                "/print/assignments",
                Permission.PRINT_ASSIGNMENTS_MANAGE,
                feature=Feature.PRINT_ASSIGNMENTS,
            ),
            Place(
                "print-quotas",
                N_("Quota definitions"),
                "speed",
                "/print/quotas",
                Permission.PRINT_QUOTAS_MANAGE,
                feature=Feature.PRINT_QUOTAS,
            ),
            Place(
                "print-quota-assignments",
                N_("Quota assignments"),
                "link",
                "/print/quota-assignments",
                Permission.PRINT_QUOTAS_MANAGE,
                under="print-quotas",
                feature=Feature.PRINT_QUOTAS,
            ),
            Place(
                "print-quota-status",
                N_("User quota status"),
                "monitoring",
                "/print/quota-status",
                Permission.PRINT_QUOTA_STATUS_VIEW,
                under="print-quotas",
                feature=Feature.PRINT_QUOTAS,
            ),
        ),
    ),
    Area(
        SCANNING,
        N_("Scan Management"),
        "scanner",
        (
            Place("scan-destinations", N_("Scan destinations"), "drive_folder_upload", "/scan", Permission.SCAN_OPEN),
            Place("scan-settings", N_("Scan settings"), "tune", "/scan/settings", Permission.SCAN_MANAGE),
        ),
    ),
    Area(
        ACCOUNTS,
        N_("Accounts"),
        "group",
        (
            Place("organization", N_("Organization"), "apartment", "/organization", Permission.ORGANIZATION_VIEW),
            Place(
                "organization-roles",
                N_("Roles of everybody"),
                "shield_person",
                "/organization/roles",
                Permission.ROLES_ORGANIZATION_VIEW,
                under="organization",
            ),
            Place(
                "identity-provider",
                N_("Identity provider"),
                "key",
                "/identity-provider",
                Permission.AUTHENTICATION_PROVIDER_MANAGE,
                under="organization",
            ),
            Place(
                "printer-login",
                N_("Printer login"),
                "contactless",
                "/printer-login",
                Permission.PRINTER_LOGIN_MANAGE,
                under="organization",
            ),
            Place(
                "welcome",
                N_("Set-up"),
                "checklist",
                "/welcome",
                Permission.ORGANIZATION_MANAGE,
                under="organization",
            ),
            Place("people", N_("People"), "group", "/people", Permission.USERS_VIEW),
            Place("groups", N_("Groups"), "groups", "/groups", Permission.GROUPS_VIEW),
            Place("badges", N_("Badges and PINs"), "badge", "/badges", Permission.BADGES_VIEW),
            Place(
                "access-groups",
                N_("Access groups"),
                "group_work",
                "/access-groups",
                Permission.ACCESS_GROUPS_VIEW,
                for_partners=True,
            ),
            Place(
                "customers", N_("Customers"), "domain_add", "/customers", Permission.CHILDREN_LIST, for_partners=True
            ),
            Place(
                "my-printer-login",
                N_("My printer login"),
                "dialpad",
                "/account/printer-login",
                Permission.OWN_ACCOUNT,
                under="account",
            ),
            Place("audit", N_("Audit trail"), "history", "/audit", Permission.AUDIT_VIEW),
            Place(
                "applications",
                N_("Applications"),
                "deployed_code",
                "/applications",
                Permission.APPLICATIONS_VIEW,
                under="organization",
            ),
            Place(
                "sign-in-rules",
                N_("Sign-in rules"),
                "policy",
                "/sign-in-rules",
                Permission.ORGANIZATION_MANAGE,
                under="organization",
            ),
            Place(
                "received-feedback",
                N_("Feedback"),
                "forum",
                "/feedback/received",
                Permission.FEEDBACK_READ,
                under="organization",
            ),
            Place("tasks", N_("Tasks"), "task_alt", "/tasks", Permission.ACCOUNTS_OPEN),
            Place("account", N_("My account"), "account_circle", "/account", Permission.OWN_ACCOUNT),
        ),
    ),
    Area(
        "quotas",
        N_("Page quotas"),
        "donut_small",
        (
            Place("quotas", N_("Quotas"), "donut_small", "/quotas", Permission.OWN_QUOTA),
            Place("custom-quotas", N_("Custom quotas"), "tune", "/quotas/custom", Permission.QUOTAS_MANAGE),
            Place("quota-usage", N_("Usage"), "data_usage", "/quotas/usage", Permission.QUOTAS_MANAGE),
            Place(
                "distributions",
                N_("Distributions"),
                "call_split",
                "/quotas/distributions",
                Permission.QUOTAS_DISTRIBUTIONS_OPEN,
            ),
            Place("quota-reports", N_("Reports"), "summarize", "/quotas/reports", Permission.SOLUTIONS_REPORT),
        ),
    ),
)


def area_of(place: str) -> Area:
    """The area that holds the place of that name; the first one for a page without a place."""
    return next((area for area in AREAS if any(each.name == place for each in area.places)), AREAS[0])


def first_address(actor: Actor, features: Features) -> str:
    """Where somebody begins: the first place of the first area that they may open."""
    return next(address for area in AREAS for _place, address in area.main_places(actor, features))
