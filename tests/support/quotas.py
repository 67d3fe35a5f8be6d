"""A partner with customers, pages for them, and runs that take some, straight in the records."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select

from connectors.documents.document import Document
from connectors.settings import get_settings
from domain.organizations.actor import Actor, actor_for
from domain.organizations.models import Group, GroupKind, GroupMember, Organization, User, now
from domain.organizations.roles import Role
from domain.organizations.service import ALL_ROLES, new_organization
from domain.quotas.distributions import create_distribution
from domain.quotas.models import DistributedPages, Distribution, Duration, EntryState, LedgerEntry
from domain.quotas.terms import Terms
from domain.quotas.upkeep import Difference, differences
from domain.runs.execution import Work, begin_step, claim, complete_step, finish
from domain.runs.models import Run, RunState
from domain.runs.planning import PlannedStep
from domain.tenancy import new_id, system_session
from steps.contract import PNG, Service, StepResult

EVERYTHING = dict.fromkeys(Service, 100)


def partner_of(administrator: Actor, *roles: Role) -> Actor:
    """The administrator with these roles in all customers, by an access group."""
    with system_session() as session:
        group = Group(
            organization_id=administrator.organization_id,
            name="Customers",
            name_key="customers",
            kind=GroupKind.CHILD_ACCESS,
            roles=[role.value for role in roles or (Role.PARTNER_ADMINISTRATOR, Role.QUOTA_ADMINISTRATOR)],
        )
        session.add(group)
        session.flush()
        session.add(
            GroupMember(organization_id=administrator.organization_id, group_id=group.id, user_id=administrator.user_id)
        )
        session.flush()
        return actor_for(session, session.get_one(User, administrator.user_id))


def customer_of(partner: Actor, name: str) -> Actor:
    """The administrator of a new customer, with every role."""
    with system_session() as session:
        organization = new_organization(session, name, partner.home_organization_id)
        return _person(session, organization.id, f"head@{name.lower()}.example", *ALL_ROLES)


def person_of(actor: Actor, email: str, *roles: str, department: str = "", cost_center: str = "") -> Actor:
    """Somebody in the actor's organization; without roles, one who may use every service."""
    usual = (Role.SOLUTIONS_USER, Role.OCR_USER, Role.TRANSLATION_USER, Role.REDACTION_USER)
    with system_session() as session:
        return _person(
            session,
            actor.organization_id,
            email,
            *(roles or tuple(role.value for role in usual)),
            department=department,
            cost_center=cost_center,
        )


def _person(session, organization_id, email, *roles, department="", cost_center="") -> Actor:  # type: ignore[no-untyped-def]
    user = User(
        organization_id=organization_id,
        email=email,
        name=email.partition("@")[0].title(),
        roles=list(roles),
        department=department,
        cost_center=cost_center,
    )
    session.add(user)
    session.flush()
    return actor_for(session, user)


def give(partner: Actor, customer: Actor, **pages: int) -> None:
    """Perpetual pages for a customer: `give(partner, customer, ocr=10)`."""
    limits = {Service(name.upper()): limit for name, limit in pages.items()}
    create_distribution(partner, customer.organization_id, Terms(Duration.PERPETUAL, limits or EVERYTHING))


def set_limits(actor: Actor, **pages: int | None) -> None:
    """Set limits of the organization's open distribution, whatever its duration."""
    with system_session() as session:
        query = (
            select(DistributedPages)
            .join(Distribution, Distribution.id == DistributedPages.distribution_id)
            .where(Distribution.current_of == actor.organization_id)
        )
        for row in session.scalars(query):
            if (name := row.service.lower()) in pages:
                row.page_limit = pages[name]


def step(kind: str, position: int = 0, **parameters: object) -> PlannedStep:
    return PlannedStep(position=position, defined_at=position, kind=kind, parameters=parameters)


OCR = step("ocr")


def document(pages: int | None = 1, name: str = "scan.png") -> Document:
    return Document(key=f"o/{name}", name=name, media_type=PNG, size=1, sha256="0" * 64, pages=pages)


def new_run(actor: Actor, *plan: PlannedStep, pages: int = 1, **values: object) -> str:
    """A queued run; returns its id."""
    run_id = new_id()
    with system_session() as session:
        session.add(
            Run(
                id=run_id,
                organization_id=actor.organization_id,
                user_id=actor.user_id,
                solution_id="s",
                solution_name="S",
                solution_version=1,
                plan=[step.model_dump(mode="json") for step in plan or (OCR,)],
                original=document(pages).model_dump(),
                **{"client_type": "browser", **values},
            )
        )
    return run_id


def claimed(run_id: str, owner: str = "w:1") -> Work:
    work = claim(run_id, owner)
    assert work is not None
    return work


def result(characters: int, pages: int = 1, **by_target: int) -> StepResult:
    return StepResult(documents=(document(),), characters=characters, pages=pages, characters_by_target=by_target)


@dataclass(frozen=True)
class Balance:
    """What one service of an organization's open distribution says."""

    used: int
    reserved: int


def balance(actor: Actor, service: Service = Service.OCR) -> Balance:
    with system_session(read_only=True) as session:
        query = (
            select(DistributedPages)
            .join(Distribution, Distribution.id == DistributedPages.distribution_id)
            .where(Distribution.current_of == actor.organization_id, DistributedPages.service == service)
        )
        row = session.scalars(query).one()
        return Balance(row.used, row.reserved)


def entries(run_id: str) -> list[LedgerEntry]:
    with system_session(read_only=True) as session:
        query = select(LedgerEntry).where(LedgerEntry.run_id == run_id)
        return list(session.scalars(query.order_by(LedgerEntry.position, LedgerEntry.branch, LedgerEntry.target)))


def wrong_counters() -> list[Difference]:
    """Every counter anywhere that does not say what the ledger says."""
    with system_session(read_only=True) as session:
        ids = session.scalars(select(Distribution.id)).all()
        return [difference for one in ids for difference in differences(session, one)]


def held_anywhere() -> int:
    """Entries of the ledger that hold pages."""
    with system_session(read_only=True) as session:
        return len(session.scalars(select(LedgerEntry.id).where(LedgerEntry.state == EntryState.RESERVED)).all())


def organization(actor: Actor) -> Organization:
    with system_session(read_only=True) as session:
        return session.get_one(Organization, actor.organization_id)


def custom(pages: dict[Service, int | None], expires_on: date, **more: object) -> Terms:
    """Terms of a custom duration, confirmed."""
    return Terms(Duration.CUSTOM, pages, expires_on, custom_confirmed=True, **more)  # type: ignore[arg-type]


def use(actor: Actor, pages: int = 1, kind: str = "ocr", days_ago: float = 0, **run: object) -> str:
    """A run of one step that is charged so many pages (each language, for a translation); returns its id."""
    one = step(kind, **PARAMETERS.get(kind, {}))
    run_id = new_run(actor, one, **run)
    work = claimed(run_id)
    begin_step(work, one, "0", document(pages))
    length = pages * get_settings().characters_per_page
    targets = {"es": length, "fr": length} if kind == "translate" else {}
    complete_step(work, one, "0", result(length, pages, **targets))
    finish(work, RunState.COMPLETED)
    if days_ago:
        with system_session() as session:
            for entry in session.scalars(select(LedgerEntry).where(LedgerEntry.run_id == run_id)):
                entry.at = entry.closed = now() - timedelta(days=days_ago)
    return run_id


PARAMETERS: dict[str, dict[str, object]] = {
    "translate": {"source_language": "en", "target_languages": ["es", "fr"]},
    "redact": {"pii": ["PERSON"]},
    "footer": {"text": "x"},
}
