"""What a role allows: one table, `permissions.csv`, evaluated at the time of use (AC-37…AC-60, roles.csv).

A row names a permission and who has it: alternatives separated by `|`, each one or several grants joined by `+` that
are all needed (AC-48…AC-57). A grant is a role's label, which must count in the organization the person works in.
`@partner` asks for a role held through a child-organization access group of the person's own organization, `@home` for
one that counts there, `@own` for one that counts while they work there themselves. Partner Administrator without a
place is somebody at work in a customer's organization, for it counts nowhere else. `Everybody @partner` is any member
of an access group, `Operator` whoever runs the installation, `Application` a client application (AC-192).
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from domain.organizations.roles import Role

TABLE = Path(__file__).parent / "permissions.csv"
APPLICATION = "Application"
_HOLDERS = {*Role, "Everybody", "Operator", APPLICATION}


class Permission(StrEnum):
    """Everything that needs permission; `permissions.csv` says who has it."""

    OWN_ACCOUNT = "own.account"
    OWN_PIN = "own.pin"
    OWN_LOGIN_CODE = "own.login_code"
    OWN_BADGE = "own.badge"
    OWN_DASHBOARD = "own.dashboard"
    OWN_REPORTS = "own.reports"
    OWN_QUOTA = "own.quota"
    ACCOUNTS_OPEN = "accounts.open"
    USERS_VIEW = "users.view"
    USERS_CREATE = "users.create"
    USERS_EDIT = "users.edit"
    USERS_DELETE = "users.delete"
    USERS_IMPORT = "users.import"
    USERS_CREDENTIALS = "users.credentials"
    ROLES_USER_ASSIGN = "roles.user.assign"
    ROLES_GUARDED_ASSIGN = "roles.guarded.assign"
    ROLES_ORGANIZATION_VIEW = "roles.organization.view"
    ROLES_ORGANIZATION_ASSIGN = "roles.organization.assign"
    GROUPS_VIEW = "groups.view"
    GROUPS_CREATE = "groups.create"
    GROUPS_EDIT = "groups.edit"
    GROUPS_DELETE = "groups.delete"
    GROUPS_ROLES_ASSIGN = "groups.roles.assign"
    ACCESS_GROUPS_VIEW = "access_groups.view"
    ACCESS_GROUPS_MANAGE = "access_groups.manage"
    BADGES_VIEW = "badges.view"
    BADGES_MANAGE = "badges.manage"
    PINS_VIEW = "pins.view"
    PINS_MANAGE = "pins.manage"
    APPLICATIONS_VIEW = "applications.view"
    APPLICATIONS_MANAGE = "applications.manage"
    BADGES_AUTH = "badges-auth"
    ORGANIZATION_VIEW = "organization.view"
    ORGANIZATION_MANAGE = "organization.manage"
    AUTHENTICATION_PROVIDER_MANAGE = "authentication_provider.manage"
    PRINTER_LOGIN_MANAGE = "printer_login.manage"
    AUDIT_VIEW = "audit.view"
    TASKS_VIEW = "tasks.view"
    CHILDREN_ENTER = "children.enter"
    CHILDREN_LIST = "children.list"
    CHILDREN_CREATE = "children.create"
    CHILDREN_DELETE = "children.delete"
    CHILDREN_ENTITLE = "children.entitle"
    CHILDREN_GRANT_MPP = "children.grant_mpp"
    ORGANIZATIONS_CREATE = "organizations.create"
    REPORTS_CUSTOMERS = "reports.customers"
    REPORTS_PARTNER = "reports.partner"
    REPORTS_PEOPLE = "reports.people"
    REPORTS_ORGANIZATION = "reports.organization"
    DASHBOARDS_ORGANIZATION = "dashboards.organization"
    DASHBOARDS_CUSTOMERS = "dashboards.customers"
    FLEET_DISCOVER = "fleet.discover"
    FLEET_ENROL = "fleet.enrol"
    FLEET_ENROL_FOR_CUSTOMERS = "fleet.enrol_for_customers"
    FLEET_CONFIGURE = "fleet.configure"
    FLEET_MANAGE = "fleet.manage"
    FLEET_FILE_SERVICE = "fleet.file_service"
    FLEET_LOGS_DOWNLOAD = "fleet.logs.download"
    FLEET_VIEW = "fleet.view"
    FLEET_VIEWS = "fleet.views"
    FLEET_REPORTS = "fleet.reports"
    FLEET_ALL_ORGANIZATIONS = "fleet.all_organizations"
    FLEET_UPDATE_ACROSS = "fleet.update_across"
    FLEET_PRINT_SPEED = "fleet.print_speed"
    PRINT_SETTINGS_OPEN = "print.settings.open"
    FLEET_SUPPLIES_DESK = "fleet.supplies_desk"
    PRINT_SETTINGS_MANAGE = "print.settings.manage"
    PRINT_QUEUES_MANAGE = "print.queues.manage"
    PRINT_DELEGATES_MANAGE = "print.delegates.manage"
    PRINT_QUOTAS_MANAGE = "print.quotas.manage"
    PRINT_QUOTA_STATUS_VIEW = "print.quota_status.view"
    PRINT_PACKAGES_MANAGE = "print.packages.manage"
    PRINT_ASSIGNMENTS_MANAGE = "print.assignments.manage"
    PRINT_DIRECT_CONFIGURE = "print.direct.configure"
    PRINT_REPORTS = "print.reports"
    PRINT_ANOMALIES = "print.anomalies"
    PRINT_OWN_QUEUE = "print.own_queue"
    PRINT_SUBMIT = "print.submit"
    PRINT_DELEGATE = "print.delegate"
    PRINT_DRIVERS_DOWNLOAD = "print.drivers.download"
    PRINT_GUEST = "print.guest"
    HYBRID_SUBMIT = "hybrid.submit"
    HYBRID_STORAGE = "hybrid-storage"
    HYBRID_SETTINGS_MANAGE = "hybrid.settings.manage"
    DIRECT_MANAGE = "direct.manage"
    DIRECT_SUBMIT = "direct.submit"
    DIRECT_PACKAGE_DOWNLOAD = "direct.package.download"
    DIRECT_SET_UP = "direct.set_up"
    SCAN_MANAGE = "scan.manage"
    SCAN_USE = "scan.use"
    SCAN_OWN_DESTINATIONS = "scan.own_destinations"
    SCAN_OPEN = "scan.open"
    STORAGE_ACCOUNTS = "storage.accounts"
    TRANSLATION_MANAGE = "translation.manage"
    TRANSLATION_USE = "translation.use"
    REDACTION_USE = "redaction.use"
    OCR_USE = "ocr.use"
    RUNS_FOLLOW = "runs.follow"
    SOLUTIONS_RUN = "solutions.run"
    SOLUTIONS_CREATE = "solutions.create"
    SOLUTIONS_PUBLISH = "solutions.publish"
    SOLUTIONS_SHARE = "solutions.share"
    SOLUTIONS_SETTINGS_MANAGE = "solutions.settings.manage"
    SOLUTIONS_REPORT = "solutions.report"
    SOLUTIONS_REPORT_ALL = "solutions.report.all"
    QUOTAS_MANAGE = "quotas.manage"
    QUOTAS_DISTRIBUTIONS_OPEN = "quotas.distributions.open"
    QUOTAS_DISTRIBUTION_VIEW = "quotas.distribution.view"
    QUOTAS_DISTRIBUTION_OWN = "quotas.distribution.own"
    QUOTAS_DISTRIBUTIONS_MANAGE = "quotas.distributions.manage"
    QUOTAS_BILLING_VIEW = "quotas.billing.view"
    ANNOUNCEMENTS_MANAGE = "announcements.manage"
    FEEDBACK_READ = "feedback.read"


PEOPLE_ONLY = frozenset(
    {
        *(permission for permission in Permission if permission.value.startswith("own.")),
        Permission.APPLICATIONS_MANAGE,
        Permission.CHILDREN_ENTER,
        Permission.PRINT_OWN_QUEUE,
        Permission.PRINT_SUBMIT,
        Permission.PRINT_DELEGATE,
        Permission.PRINT_GUEST,
        Permission.HYBRID_SUBMIT,
        Permission.DIRECT_SUBMIT,
        Permission.DIRECT_PACKAGE_DOWNLOAD,
        Permission.SCAN_USE,
        Permission.SCAN_OWN_DESTINATIONS,
        Permission.STORAGE_ACCOUNTS,
        Permission.RUNS_FOLLOW,
        Permission.SOLUTIONS_RUN,
        Permission.SOLUTIONS_CREATE,
        Permission.SOLUTIONS_PUBLISH,
        Permission.SOLUTIONS_SHARE,
        Permission.TRANSLATION_USE,
        Permission.REDACTION_USE,
        Permission.OCR_USE,
    }
)
"""What belongs to somebody, as runs and print jobs do, or must not be done by a program that holds a secret."""

IMPLIED = {Permission.RUNS_FOLLOW: frozenset({Permission.SOLUTIONS_RUN.value, Permission.TRANSLATION_USE.value})}
"""What a token covers without naming it, by what it names: who may start something may see what becomes of it."""


class Place(StrEnum):
    """Where a role of a grant must be held."""

    HERE = "here"
    HOME = "home"
    OWN = "own"
    PARTNER = "partner"


@dataclass(frozen=True, slots=True)
class Grant:
    """One condition: a role's label (or Everybody, or Operator) and where it must be held."""

    role: str
    place: Place


@dataclass(frozen=True, slots=True)
class Rule:
    """Who has a permission: any of the alternatives, each of whose grants are all needed."""

    alternatives: tuple[tuple[Grant, ...], ...]
    meaning: str


class RoleHolder(Protocol):
    """What the evaluation needs to know of a person."""

    @property
    def roles(self) -> frozenset[str]: ...
    @property
    def home_roles(self) -> frozenset[str]: ...
    @property
    def partner_roles(self) -> frozenset[str]: ...
    @property
    def is_operator(self) -> bool: ...
    @property
    def is_visiting(self) -> bool: ...
    @property
    def is_application(self) -> bool: ...


@lru_cache(maxsize=1)
def rules() -> Mapping[Permission, Rule]:
    """The whole table; a row of an unknown permission or a permission without a row raises `ValueError`."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        found = {Permission(row["permission"]): _rule(row) for row in csv.DictReader(file)}
    if missing := set(Permission) - found.keys():
        raise ValueError(f"permissions without a row: {sorted(missing)}")
    return found


def allows(holder: RoleHolder, permission: Permission) -> bool:
    """Whether the holder has `permission` now."""
    return any(all(_holds(holder, grant) for grant in grants) for grants in rules()[permission].alternatives)


def missing_roles(holder: RoleHolder, permission: Permission) -> tuple[str, ...]:
    """The role labels that the holder lacks for the first way to get `permission` (AC-47)."""
    first = rules()[permission].alternatives[0]
    return tuple(grant.role for grant in first if not _holds(holder, grant))


def _holds(holder: RoleHolder, grant: Grant) -> bool:
    if grant.role == "Operator":
        return holder.is_operator
    if grant.role == APPLICATION:
        return holder.is_application
    held = {
        Place.HERE: holder.roles,
        Place.HOME: holder.home_roles,
        Place.OWN: frozenset() if holder.is_visiting else holder.roles,
        Place.PARTNER: holder.partner_roles,
    }[grant.place]
    return bool(held) if grant.role == "Everybody" else grant.role in held


def _rule(row: Mapping[str, str]) -> Rule:
    alternatives = tuple(tuple(map(_grant, way.split(" + "))) for way in row["granted_to"].split(" | "))
    return Rule(alternatives, row["meaning"])


def _grant(text: str) -> Grant:
    role, _, place = text.strip().partition(" @")
    if role not in _HOLDERS:
        raise ValueError(f"no such role: {role}")
    return Grant(role, Place(place) if place else Place.HERE)
