"""Linking, using and forgetting cloud storage accounts (SC-88a, SCAN-20…SCAN-25)."""

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, delete, select

from connectors.identity.web import IdentityWeb
from connectors.secrets import decrypt, encrypt
from connectors.settings import get_settings
from connectors.storage import PROVIDERS
from connectors.storage import provider as known_provider
from connectors.storage.account_families import ACCOUNT_FAMILIES, registered_client
from domain.audit.service import Facts, record
from domain.organizations.actor import Actor
from domain.organizations.models import Organization
from domain.organizations.permissions import Permission
from domain.storage_accounts.credentials import family_title, usable_account
from domain.storage_accounts.faults import NOT_LINKABLE, PROVIDER_DISABLED, SIGNED_OUT, UNKNOWN_SETTING
from domain.storage_accounts.models import LinkedAccount
from domain.storage_accounts.rules import check_domain, check_enabled, families_in_use
from domain.storage_accounts.sign_ins import account_sign_in, give_back
from steps.contract import StorageAccount

INSTALLATION_PROVIDERS = ("folder",)
"""Providers that need no personal account: the installation's own storage."""


class AccountState(StrEnum):
    """Where a person is with an account family (SCAN-25)."""

    SIGNED_OUT = "signed_out"
    SIGNED_IN = "signed_in"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class AccountView:
    """A linked account as its owner sees it; it serves every provider of its family (SCAN-8)."""

    family: str
    account: str
    expired: bool
    by_sign_in: bool = False


@dataclass(frozen=True, slots=True)
class FamilyView:
    """An account family for a person. `is_enabled`: the organization uses it; an account of one that it does not use
    stays, and is of no use (SCAN-18). `has_sign_in`: one signs in at the provider, nothing is typed in here.
    """

    family: str
    title: str
    state: AccountState
    account: AccountView | None
    is_enabled: bool
    has_sign_in: bool


def enabled_providers(actor: Actor) -> tuple[str, ...]:
    """Providers enabled in the organization's Solution Center settings (SC-130)."""
    with actor.session(read_only=True) as session:
        return tuple(session.get_one(Organization, actor.organization_id).storage_providers)


def account_domains(actor: Actor) -> tuple[str, ...]:
    """Domains whose provider accounts may be linked (SC-132); empty: any."""
    with actor.session(read_only=True) as session:
        return tuple(session.get_one(Organization, actor.organization_id).account_domains)


def set_storage_settings(actor: Actor, providers: list[str], domains: list[str]) -> None:
    """Enable providers and restrict account domains (SC-130, SC-132; administrators only)."""
    actor.need(Permission.SOLUTIONS_SETTINGS_MANAGE)
    with actor.session() as session:
        organization = session.get_one(Organization, actor.organization_id)
        organization.storage_providers = providers
        organization.account_domains = sorted({domain.strip().lower() for domain in domains if domain.strip()})
        facts: Facts = {"storage_providers": providers, "account_domains": organization.account_domains}
        record(session, actor, "solution_settings.changed", "organization", organization.id, facts)


def list_accounts(actor: Actor) -> list[AccountView]:
    """The actor's linked accounts."""
    with actor.session(read_only=True) as session:
        query = select(LinkedAccount).where(LinkedAccount.user_id == actor.user_id).order_by(LinkedAccount.family)
        return [_view(row) for row in session.scalars(query)]


def list_families(actor: Actor) -> list[FamilyView]:
    """Every account family that the organization uses or that the actor has an account of (SCAN-21, SCAN-25)."""
    linked = {view.family: view for view in list_accounts(actor)}
    with actor.session(read_only=True) as session:
        enabled = families_in_use(session, actor.organization_id) - {*INSTALLATION_PROVIDERS, "email"}
    settings = get_settings()
    known = dict.fromkeys(entry.family for entry in PROVIDERS.values())
    return [
        FamilyView(
            family,
            family_title(family),
            account_state(linked.get(family)),
            linked.get(family),
            family in enabled,
            family in ACCOUNT_FAMILIES and registered_client(family, settings) is not None,
        )
        for family in known
        if family in enabled or family in linked
    ]


def account_state(account: AccountView | None) -> AccountState:
    """The state of a family with this account or none."""
    if account is None:
        return AccountState.SIGNED_OUT
    return AccountState.EXPIRED if account.expired else AccountState.SIGNED_IN


def link_account(actor: Actor, provider: str, account: str, options: dict[str, str], secrets: dict[str, str]) -> None:
    """Link or change the actor's account; raises `PROVIDER_DISABLED` or `DOMAIN_REFUSED` (SCAN-17).

    Only the settings that the provider declares are kept: others could lead the connector to another place.
    """
    entry = known_provider(provider)
    if provider in INSTALLATION_PROVIDERS:
        raise NOT_LINKABLE(provider=entry.title)
    for setting in sorted({*options} - {*entry.options} | {*secrets} - {*entry.secrets}):
        raise UNKNOWN_SETTING(provider=entry.title, setting=setting[:64])
    with actor.session() as session:
        check_enabled(session, actor.organization_id, [entry])
        check_domain(session, actor.organization_id, entry.family, account)
        session.execute(delete(LinkedAccount).where(*_own(actor, provider)))
        facts = {"provider": provider, "account": account}
        record(session, actor, "storage_account.linked", "storage_account", entry.family, facts)
        session.add(
            LinkedAccount(
                user_id=actor.user_id, family=entry.family, account=account, options=options, secrets=encrypt(secrets)
            )
        )


def forget_account(actor: Actor, provider: str) -> None:
    """Delete the account's credentials for good, and have the provider end what it granted, where it can (SCAN-24)."""
    family = known_provider(provider).family
    own = _own(actor, provider)
    with actor.session(read_only=True) as session:
        row = session.scalar(select(LinkedAccount).where(*own))
    if row is None:
        return
    facts: Facts = {"account": row.account, "ended_there": _ended_there(row)}
    with actor.session() as session:
        if session.execute(delete(LinkedAccount).where(*own).returning(LinkedAccount.id)).all():
            record(session, actor, "storage_account.forgotten", "storage_account", family, facts)


def storage_account(actor: Actor, provider: str) -> StorageAccount:
    """The account a solution may use; raises `PROVIDER_DISABLED` (SC-E22) or `SIGNED_OUT` (SC-E21)."""
    if provider not in enabled_providers(actor):
        raise PROVIDER_DISABLED(provider=PROVIDERS[provider].title if provider in PROVIDERS else provider)
    return own_account(actor, provider)


def own_account(actor: Actor, provider: str) -> StorageAccount:
    """The actor's account at an enabled provider; raises `SIGNED_OUT` (SC-E20, SC-E21) or `NO_CLIENT`."""
    with actor.session(read_only=True) as session:
        row = session.scalar(select(LinkedAccount).where(*_own(actor, provider)))
    if row is None and provider in INSTALLATION_PROVIDERS:
        return StorageAccount(provider, actor.email, {"root": actor.organization_id}, {}, lambda _secrets: None)
    if row is None or row.expired:
        raise SIGNED_OUT(provider=PROVIDERS[provider].title)
    return usable_account(row, provider)


def _ended_there(row: LinkedAccount) -> bool:
    if not row.by_sign_in or registered_client(row.family, get_settings()) is None:
        return False
    with IdentityWeb(get_settings()) as web:
        return give_back(account_sign_in(row.family), decrypt(row.secrets), web)


def _view(row: LinkedAccount) -> AccountView:
    return AccountView(row.family, row.account, row.expired, row.by_sign_in)


def _own(actor: Actor, provider: str) -> tuple[ColumnElement[bool], ...]:
    return LinkedAccount.user_id == actor.user_id, LinkedAccount.family == known_provider(provider).family
