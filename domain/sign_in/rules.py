"""An organization's own rules of signing in: only ever stricter than the installation's (AC-33, AC-92)."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.orm import Session

from connectors.errors import Fault
from connectors.messages import N_
from connectors.settings import get_settings
from domain.audit.service import record
from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from domain.organizations.roles import Role
from domain.sign_in.models import SignInRules

LEAST_LENGTH = 8
MOST_LENGTH = 64
"""The longest minimum an organization may ask for; passwords themselves may be longer."""
MOST_REFUSED = 10
LEAST_IDLE_MINUTES = 5

NOT_STRICTER = Fault(
    "sign_in.not_stricter",
    422,
    N_("Rules of signing in can only be made stricter: “{field}” must be from {least} to {most}."),
    N_("Choose a value between them."),
)
NO_SUCH_ROLE = Fault(
    "sign_in.no_such_role",
    422,
    N_("There is no role “{label}” for which a second factor could be required."),
    N_("Choose roles from the list of roles."),
)


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds in an organization. `refused_passwords`: the last so many must not be used again.

    `second_factor_roles`: who has one of these roles must sign in with a second factor; “User” means everybody.
    """

    shortest_password: int = LEAST_LENGTH
    refused_passwords: int = 0
    idle_minutes: int = 30
    session_hours: float = 12
    second_factor_roles: tuple[str, ...] = ()

    @property
    def idle(self) -> timedelta:
        return timedelta(minutes=self.idle_minutes)

    @property
    def lifetime(self) -> timedelta:
        return timedelta(hours=self.session_hours)

    def asks_second_factor_of(self, actor: Actor) -> bool:
        """Whether somebody with these roles must use a second factor, whichever organization the roles count in."""
        return bool({*actor.home_roles, *actor.partner_roles}.intersection(self.second_factor_roles))


def rules_from(row: SignInRules | None) -> Rules:
    """The organization's row together with the installation's settings."""
    settings = get_settings()
    if row is None:
        return Rules(idle_minutes=settings.session_idle_minutes, session_hours=settings.session_hours)
    return Rules(
        shortest_password=max(row.shortest_password, LEAST_LENGTH),
        refused_passwords=row.refused_passwords,
        idle_minutes=min(row.idle_minutes or settings.session_idle_minutes, settings.session_idle_minutes),
        session_hours=min(row.session_hours or settings.session_hours, settings.session_hours),
        second_factor_roles=tuple(row.second_factor_roles),
    )


def rules_of(session: Session, organization_id: str) -> Rules:
    """What holds in the organization now."""
    return rules_from(session.get(SignInRules, organization_id))


def sign_in_rules(actor: Actor) -> Rules:
    """What holds where `actor` works; for everybody there."""
    with actor.session(read_only=True) as session:
        return rules_of(session, actor.organization_id)


def set_sign_in_rules(actor: Actor, rules: Rules) -> Rules:
    """Change the organization's rules; sessions already open follow them at once, passwords when they are next set.

    Raises `NOT_STRICTER` for what would be laxer than the installation's, and `NO_SUCH_ROLE`.
    """
    actor.need(Permission.ORGANIZATION_MANAGE)
    _check(rules)
    with actor.session() as session:
        before = rules_of(session, actor.organization_id)
        row = session.get(SignInRules, actor.organization_id)
        if row is None:
            row = SignInRules(organization_id=actor.organization_id)
            session.add(row)
        row.shortest_password, row.refused_passwords = rules.shortest_password, rules.refused_passwords
        row.idle_minutes = rules.idle_minutes if rules.idle_minutes < get_settings().session_idle_minutes else None
        row.session_hours = int(rules.session_hours) if rules.session_hours < get_settings().session_hours else None
        row.second_factor_roles = list(rules.second_factor_roles)
        changed = [name for name in Rules.__slots__ if getattr(before, name) != getattr(rules, name)]
        if changed:
            record(session, actor, "sign_in_rules.changed", "organization", actor.organization_id, {"fields": changed})
        return rules_from(row)


def _check(rules: Rules) -> None:
    settings = get_settings()
    bounds = (
        (N_("shortest password"), rules.shortest_password, LEAST_LENGTH, MOST_LENGTH),
        (N_("refused former passwords"), rules.refused_passwords, 0, MOST_REFUSED),
        (N_("minutes without activity"), rules.idle_minutes, LEAST_IDLE_MINUTES, settings.session_idle_minutes),
        (N_("hours of a session"), rules.session_hours, 1, settings.session_hours),
    )
    for field, value, least, most in bounds:
        if not min(least, most) <= value <= most:
            raise NOT_STRICTER(field=field, least=min(least, most), most=f"{most:g}")
    for label in rules.second_factor_roles:
        if label not in {role.value for role in Role}:
            raise NO_SUCH_ROLE(label=label)
