"""On whose behalf something is done."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy.orm import Session

from connectors.errors import Fault
from connectors.messages import N_
from domain.organizations.models import Role, User
from domain.tenancy import tenant_session

ROLE_MISSING = Fault(
    "role.missing",
    403,
    N_("You need the role “{role}” for this."),
    N_("Ask your organization's administrator to give you the role."),
    spec="SC-E15",
)


@dataclass(frozen=True, slots=True)
class Actor:
    """The person behind a request or a run, with the roles that count now."""

    user_id: str
    organization_id: str
    email: str
    name: str
    roles: frozenset[str]
    locale: str = "en"
    time_zone: str = "UTC"

    @classmethod
    def of(cls, user: User) -> "Actor":
        return cls(
            user.id, user.organization_id, user.email, user.name, frozenset(user.roles), user.locale, user.time_zone
        )

    def require(self, *roles: Role) -> None:
        """Raise `ROLE_MISSING`, naming the first, unless the actor has one of `roles` (SC-20)."""
        if not self.roles.intersection(roles):
            raise ROLE_MISSING(role=roles[0].value)

    @contextmanager
    def session(self, *, read_only: bool = False) -> Iterator[Session]:
        """A transaction that sees only the actor's organization."""
        with tenant_session(self.organization_id, read_only=read_only) as session:
            yield session
