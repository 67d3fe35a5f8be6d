"""The newcomer's checklist: what a new organization needs, in order, and what of it is done (accounts §2.5).

Nothing is ticked off by hand: each step looks at the records, so that the list is true at any time. It is offered to
administrators until everything is done or somebody of them has put it away.
"""

from dataclasses import dataclass

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from connectors.messages import N_
from domain.audit.models import AuditEvent
from domain.organizations.actor import Actor
from domain.organizations.models import (
    Group,
    GroupKind,
    GroupMember,
    Organization,
    OrganizationStatus,
    User,
    UserStatus,
    now,
)
from domain.organizations.permissions import Permission
from domain.quotas.models import Distribution, UserQuota
from domain.solutions.models import Solution
from domain.tenancy import system_session

SIGN_IN_CHANGES = (
    "authentication_provider.activated",
    "printer_login.changed",
    "sign_in_rules.changed",
)
"""Audit actions that show that somebody has thought about how people sign in."""
IF_CUSTOMERS = N_("Only if you have customers")
IF_LIMITED = N_("Only if pages are to be limited")


@dataclass(frozen=True, slots=True)
class SetUpStep:
    """One step. `text` says what for and how, in two sentences; `address` is the page where it is done.

    `only_if` says who needs the step at all, where not everybody does.
    """

    key: str
    title: str
    text: str
    address: str
    is_done: bool
    only_if: str = ""


@dataclass(frozen=True, slots=True)
class SetUp:
    """The whole list. `is_ended`: it is not shown by itself any more."""

    steps: tuple[SetUpStep, ...]
    is_ended: bool

    @property
    def is_complete(self) -> bool:
        """Whether every step is done that has to be."""
        return all(step.is_done or step.only_if for step in self.steps)

    @property
    def is_open(self) -> bool:
        """Whether newcomers are to be led to it."""
        return not (self.is_ended or self.is_complete)


def set_up(actor: Actor) -> SetUp:
    """The checklist of the organization that the actor works in, as it is now."""
    actor.need(Permission.ORGANIZATION_MANAGE)
    with actor.session(read_only=True) as session:
        organization = session.get_one(Organization, actor.organization_id)
        steps = [_information(session)]
        if actor.has_customers_here:
            steps += [_access(session), _customers(session, organization), _pages_of_customers(organization)]
        elif organization.parent_id is not None:
            steps += [_pages(session)]
        steps += [
            _roles(organization),
            _groups(session),
            _people(session, organization),
            _shares(session),
            _sign_in(session),
            _solution(session),
        ]
        return SetUp(tuple(steps), organization.set_up_ended is not None)


def end_set_up(actor: Actor) -> None:
    """Put the checklist away for everybody; its page stays."""
    actor.need(Permission.ORGANIZATION_MANAGE)
    with actor.session() as session:
        organization = session.get_one(Organization, actor.organization_id)
        organization.set_up_ended = organization.set_up_ended or now()


def wants_set_up(actor: Actor) -> bool:
    """Whether this person is to be led to the checklist when they arrive."""
    return actor.may(Permission.ORGANIZATION_MANAGE) and set_up(actor).is_open


def _information(session: Session) -> SetUpStep:
    return SetUpStep(
        "organization",
        N_("Describe your organization"),
        N_(
            "Check its name, and choose the time zone and the languages of announcements. Save once, even if"
            " everything is right already."
        ),
        "/organization",
        _happened(session, "organization.changed"),
    )


def _access(session: Session) -> SetUpStep:
    return SetUpStep(
        "access-groups",
        N_("Let people work for customers"),
        N_(
            "Make an access group, add its members, and give it Organization Administrator if they are to make"
            " customers. Its members then work in every customer with the roles of the group."
        ),
        "/access-groups",
        _any(session, _memberships(GroupKind.CHILD_ACCESS)),
        only_if=IF_CUSTOMERS,
    )


def _customers(session: Session, organization: Organization) -> SetUpStep:
    return SetUpStep(
        "customers",
        N_("Make your customers"),
        N_(
            "Each customer is an organization of its own and sees nothing of the others. Make them here, then enter"
            " each to set it up."
        ),
        "/customers",
        _any(session, select(Organization.id).where(Organization.parent_id == organization.id)),
        only_if=IF_CUSTOMERS,
    )


def _pages_of_customers(organization: Organization) -> SetUpStep:
    return SetUpStep(
        "distributions",
        N_("Give your customers pages"),
        N_(
            "Text recognition, translation and redaction are charged in pages, and a customer begins without any."
            " Make a distribution for each of them."
        ),
        "/quotas/distributions",
        _every_customer_has_pages(organization.id),
        only_if=IF_CUSTOMERS,
    )


def _every_customer_has_pages(partner_id: str) -> bool:
    """Whether there are customers and each has an open distribution; those are rows of theirs, not of the partner's."""
    query = (
        select(func.count(), func.count(Distribution.id))
        .select_from(Organization)
        .outerjoin(Distribution, Distribution.current_of == Organization.id)
        .where(Organization.parent_id == partner_id, Organization.status == OrganizationStatus.ACTIVE)
    )
    with system_session(read_only=True) as session:
        customers, with_pages = session.execute(query).one()
    return bool(0 < customers == with_pages)


def _pages(session: Session) -> SetUpStep:
    return SetUpStep(
        "pages",
        N_("Have pages given"),
        N_(
            "Text recognition, translation and redaction are charged in pages, and stay off without any. Your partner"
            " gives them by a distribution."
        ),
        "/quotas/distributions",
        _any(session, select(Distribution.id).where(Distribution.current_of.is_not(None))),
    )


def _shares(session: Session) -> SetUpStep:
    return SetUpStep(
        "quotas",
        N_("Decide how many pages each person may use"),
        N_(
            "Without a limit everybody shares what the organization has. A default quota holds for each person,"
            " custom quotas for single people, departments or cost centres."
        ),
        "/quotas",
        _any(session, select(UserQuota.id)),
        only_if=IF_LIMITED,
    )


def _roles(organization: Organization) -> SetUpStep:
    return SetUpStep(
        "roles",
        N_("Give everybody the roles for daily work"),
        N_(
            "Roles of the organization count for all its people at once, such as Solutions User or OCR User. Keep"
            " roles of administrators for groups and single people."
        ),
        "/organization/roles",
        bool(organization.roles),
    )


def _groups(session: Session) -> SetUpStep:
    return SetUpStep(
        "groups",
        N_("Form groups"),
        N_(
            "Whoever joins a group gets its roles; leaving takes them away. Five groups are there already, and you"
            " can make more."
        ),
        "/groups",
        _any(session, _memberships(GroupKind.NORMAL, GroupKind.PREDEFINED)),
    )


def _people(session: Session, organization: Organization) -> SetUpStep:
    count = session.scalar(select(func.count()).select_from(User).where(User.status == UserStatus.ACTIVE)) or 0
    return SetUpStep(
        "people",
        N_("Add your people"),
        N_(
            "Add them one by one or import a CSV file; they get a link to set a password. With an identity provider"
            " they are made at their first sign-in."
        ),
        "/people",
        count > (0 if organization.parent_id else 1),
    )


def _sign_in(session: Session) -> SetUpStep:
    return SetUpStep(
        "sign-in",
        N_("Decide how people sign in"),
        N_(
            "Set the rules of passwords and sessions, or connect your company's identity provider. Choose too how"
            " people sign in at printers."
        ),
        "/sign-in-rules",
        _happened(session, *SIGN_IN_CHANGES),
    )


def _solution(session: Session) -> SetUpStep:
    return SetUpStep(
        "solution",
        N_("Compose the first solution"),
        N_(
            "Put steps together, such as text recognition, translation and sending by e-mail. Start from a template"
            " and share it with the organization."
        ),
        "/solutions",
        _any(session, select(Solution.id)),
    )


def _any(session: Session, query: Select[tuple[str]]) -> bool:
    return session.scalar(query.limit(1)) is not None


def _memberships(*kinds: GroupKind) -> Select[tuple[str]]:
    return select(GroupMember.user_id).join(Group).where(Group.kind.in_(kinds))


def _happened(session: Session, *actions: str) -> bool:
    return _any(session, select(AuditEvent.action).where(AuditEvent.action.in_(actions)))
