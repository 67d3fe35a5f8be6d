"""How a partner runs the supplies programme for its customers, and which programme an organization is in (FL-450…).

The settings are the partner's. Where it has named no address for its desk, that of the installation counts.
"""

import hashlib
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from sqlalchemy.orm import Session

from connectors.errors import Fault
from connectors.mail_addresses import wire_address
from connectors.messages import N_
from connectors.printers.reading import SupplyKind
from connectors.secrets import decrypt, encrypt
from connectors.settings import get_settings
from connectors.supplies import DESK, ProgrammeKind, SuppliesProgramme, Terms, programme_kind, programme_kinds
from connectors.supplies.desk import Desk
from connectors.supplies.web import require_safe
from domain.audit.service import Facts, record
from domain.organizations.actor import Actor
from domain.organizations.entitlements import Entitlement
from domain.organizations.models import Organization, now
from domain.organizations.permissions import Permission
from domain.tenancy import system_session
from fleet.managed_supplies.models import SuppliesProgrammeRow
from fleet.notifications.policies import WATCHED_SUPPLIES

DEFAULT_THRESHOLD, MOST_THRESHOLD = 20, 80
LONGEST_TERMS = 20_000
MOST_MODELS = 500
STANDARD_TERMS = N_(
    "The printers join the managed supplies programme of your partner. From then on the partner is told their serial "
    "numbers, models, page counts and supply levels, and the names and addresses of their delivery contacts, and sends "
    "supplies as they run low. Printers cannot be taken out of the programme here, and cannot be unenrolled as long as "
    "they are in it."
)
"""What is accepted where the partner has no terms of its own."""

UNUSABLE = Fault(
    "supplies_programme.unusable",
    422,
    N_("The settings of the supplies programme are not complete: {problem}."),
    N_("Correct the value and save the settings again."),
)
BAD_DESK = Fault(
    "supplies_programme.desk_address",
    422,
    N_("“{address}” is no e-mail address."),
    N_("Name the address of the desk that orders are mailed to."),
)
NO_DESK = Fault(
    "supplies_programme.no_desk",
    409,
    N_("Nobody has said yet where orders for supplies go."),
    N_("The partner's people name the address on the page “Supplies desk”."),
    transient=True,
)
IN_A_PARENT = Fault(
    "supplies_programme.parent",
    409,
    N_("Printers of an organization without a partner cannot be in the supplies programme."),
    N_("Enrol them in the customer's organization."),
    spec="FL-453",
)
NOT_ENTITLED = Fault(
    "supplies_programme.not_entitled",
    409,
    N_("This organization is not entitled to the supplies programme."),
    N_("Ask your partner to give it the service “Managed-print programme”."),
    spec="FL-452",
)

Option = Annotated[str, StringConstraints(strip_whitespace=True, max_length=1000)]
Pattern = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=128)]


class ProgrammeSettings(BaseModel):
    """How the programme runs. `options` are those of its kind; a supply is ordered at `threshold` percent or less.

    `models` are patterns such as `PX C4*`, none: every model. `terms` are empty for the standard ones.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str = Field(DESK, max_length=64)
    options: dict[str, Option] = Field(default_factory=dict)
    threshold: int = Field(DEFAULT_THRESHOLD, ge=1, le=MOST_THRESHOLD, description="Percent remaining.")
    types: tuple[SupplyKind, ...] = Field(WATCHED_SUPPLIES, min_length=1, description="What is ordered.")
    models: tuple[Pattern, ...] = Field((), max_length=MOST_MODELS, description="None: every model.")
    most_pages: int | None = Field(None, ge=1, description="Largest life page count of a printer that joins.")
    terms: str = Field("", max_length=LONGEST_TERMS, description="Empty: the standard terms.")
    locale: str = Field("en", max_length=16, description="Language of letters to the desk.")

    @classmethod
    def read(cls, values: Mapping[str, Any]) -> "ProgrammeSettings":
        """The settings that somebody has typed; raises `UNUSABLE`."""
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            raise UNUSABLE(problem=f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error

    @property
    def terms_version(self) -> str:
        """Another one for other terms, so that nobody accepts what they have not seen."""
        return hashlib.sha256((self.terms or STANDARD_TERMS).encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class ProgrammeView:
    """A partner's settings; of its secrets only which there are."""

    settings: ProgrammeSettings
    known_secrets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Programme:
    """The programme that an organization is in: the partner that runs it, and how."""

    partner_id: str
    customer_name: str
    settings: ProgrammeSettings
    secrets: Mapping[str, str]

    @property
    def kind(self) -> ProgrammeKind:
        return programme_kind(self.settings.kind)

    @property
    def desk_address(self) -> str:
        """Where letters to the desk go; empty where nobody has said."""
        return self.settings.options.get("email", "") or get_settings().supplies_desk

    def check_reachable(self) -> None:
        """Raise `NO_DESK` where people are the programme and nobody knows where they are."""
        if self.kind.by_people and not self.desk_address:
            raise NO_DESK()

    @contextmanager
    def opened(self, desk: Desk) -> Iterator[SuppliesProgramme]:
        """A connection to it; `desk` is used where people are the programme."""
        connector = self.kind.open(Terms(self.settings.options, self.secrets, desk, get_settings()))
        try:
            yield connector
        finally:
            connector.close()


def programme_of(organization_id: str) -> Programme:
    """The programme of an organization; raises `IN_A_PARENT` and `NOT_ENTITLED` (FL-452, FL-453)."""
    with system_session(read_only=True) as session:
        organization = session.get_one(Organization, organization_id)
        if organization.parent_id is None:
            raise IN_A_PARENT()
        if Entitlement.MANAGED_PRINT not in organization.entitlements:
            raise NOT_ENTITLED()
        return _programme(session, organization.parent_id, organization.name)


def running_programme(organization_id: str) -> Programme | None:
    """The programme of an organization with members, whatever became of its entitlement since; None without a partner.

    Where the operator takes the entitlement back, nobody joins any more; members get their supplies until released.
    """
    with system_session(read_only=True) as session:
        organization = session.get_one(Organization, organization_id)
        return _programme(session, organization.parent_id, organization.name) if organization.parent_id else None


def partner_programme(actor: Actor) -> ProgrammeView:
    """The settings of the partner that the actor belongs to."""
    actor.need(Permission.FLEET_SUPPLIES_DESK)
    with system_session(read_only=True) as session:
        row = session.get(SuppliesProgrammeRow, actor.home_organization_id)
        return ProgrammeView(_settings(row), tuple(sorted(_secrets(row))))


def change_programme(actor: Actor, settings: ProgrammeSettings, secrets: Mapping[str, str]) -> ProgrammeView:
    """Save how the programme runs; of `secrets` only those that are given change.

    Raises `UNKNOWN_PROGRAMME`, `UNUSABLE`, `BAD_DESK` and `UNSAFE_PROGRAMME`.
    """
    actor.need(Permission.FLEET_SUPPLIES_DESK)
    kind = programme_kind(settings.kind)
    _check(kind, settings.options, secrets)
    with system_session() as session:
        row = session.get(SuppliesProgrammeRow, actor.home_organization_id)
        if row is None:
            row = SuppliesProgrammeRow(organization_id=actor.home_organization_id)
            session.add(row)
            before = ProgrammeSettings()
        else:
            before = _settings(row)
        known = _secrets(row) | dict(secrets)
        kept = {name: known[name] for name in kind.secrets if known.get(name)}
        row.settings, row.secrets, row.changed = settings.model_dump(mode="json"), encrypt(kept), now()
        names = ProgrammeSettings.model_fields
        facts: Facts = {
            "programme": settings.kind,
            "changed": [name for name in names if getattr(before, name) != getattr(settings, name)],
            "secrets": sorted(name for name, value in secrets.items() if value),
        }
        home = actor.home_organization_id
        record(session, actor, "supplies_programme.changed", "supplies_programme", home, facts, organization_id=home)
        return ProgrammeView(settings, tuple(sorted(kept)))


def _check(kind: ProgrammeKind, options: Mapping[str, str], secrets: Collection[str]) -> None:
    for name in sorted(set(options) - set(kind.options) | set(secrets) - set(kind.secrets)):
        raise UNUSABLE(problem=f"{name}: unknown")
    address = options.get("email", "")
    if address and wire_address(address) is None:
        raise BAD_DESK(address=address)
    if "address" in kind.options:
        require_safe(options.get("address", ""), allow_private=get_settings().allow_private_addresses)


def _programme(session: Session, partner_id: str, customer_name: str) -> Programme:
    row = session.get(SuppliesProgrammeRow, partner_id)
    return Programme(partner_id, customer_name, _settings(row), _secrets(row))


def _settings(row: SuppliesProgrammeRow | None) -> ProgrammeSettings:
    return ProgrammeSettings.model_validate(row.settings) if row is not None and row.settings else ProgrammeSettings()


def _secrets(row: SuppliesProgrammeRow | None) -> dict[str, str]:
    return decrypt(row.secrets) if row is not None and row.secrets else {}


def programme_titles() -> Mapping[str, str]:
    """Titles of the installed kinds by their names."""
    return {name: kind.title for name, kind in programme_kinds().items()}
