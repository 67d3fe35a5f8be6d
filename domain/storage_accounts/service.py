"""Linking, using and forgetting cloud storage accounts (SC-88a, SCAN-20…SCAN-25)."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, delete, select

from connectors.errors import Fault
from connectors.messages import N_
from connectors.secrets import decrypt, encrypt
from connectors.storage import provider as known_provider
from domain.audit.service import Facts, record
from domain.organizations.actor import Actor
from domain.organizations.models import Organization
from domain.organizations.permissions import Permission
from domain.storage_accounts.models import LinkedAccount
from steps.contract import StorageAccount

SIGNED_OUT = Fault(
    "storage.signed_out",
    403,
    N_("You are not signed in to {provider}."),
    N_("Choose your account on the page “Cloud storage accounts”, then run the step again."),
    spec="SC-E21",
)
PROVIDER_DISABLED = Fault(
    "storage.provider_disabled",
    403,
    N_("{provider} is not enabled for your organization."),
    N_("Choose another provider, or ask your administrator to enable it in the Solution Center settings."),
    spec="SC-E22",
)
DOMAIN_REFUSED = Fault(
    "storage.domain_refused",
    422,
    N_("Accounts of “{domain}” cannot be linked."),
    N_("Use an account of one of your organization's domains: {domains}."),
    spec="SC-132",
)
NOT_LINKABLE = Fault(
    "storage.not_linkable",
    422,
    N_("{provider} takes no account of yours: it belongs to the installation."),
    N_("Use it as it is."),
)
UNKNOWN_SETTING = Fault(
    "storage.unknown_setting",
    422,
    N_("An account at {provider} has no setting “{setting}”."),
    N_("Send only the settings that the list of storage providers names."),
)
INSTALLATION_PROVIDERS = ("folder",)
"""Providers that need no personal account: the installation's own storage."""


@dataclass(frozen=True, slots=True)
class AccountView:
    """A linked account as its owner sees it; it serves every provider of its family (SCAN-8)."""

    family: str
    account: str
    expired: bool


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
        return [AccountView(row.family, row.account, row.expired) for row in session.scalars(query)]


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
        organization = session.get_one(Organization, actor.organization_id)
        if provider not in organization.storage_providers:
            raise PROVIDER_DISABLED(provider=provider)
        domain = account.rpartition("@")[2].lower()
        if organization.account_domains and "@" in account and domain not in organization.account_domains:
            raise DOMAIN_REFUSED(domain=domain, domains=", ".join(organization.account_domains))
        session.execute(delete(LinkedAccount).where(*_own(actor, provider)))
        facts = {"provider": provider, "account": account}
        record(session, actor, "storage_account.linked", "storage_account", entry.family, facts)
        session.add(
            LinkedAccount(
                user_id=actor.user_id, family=entry.family, account=account, options=options, secrets=encrypt(secrets)
            )
        )


def forget_account(actor: Actor, provider: str) -> None:
    """Delete the account's credentials for good."""
    family = known_provider(provider).family
    with actor.session() as session:
        if session.execute(delete(LinkedAccount).where(*_own(actor, provider)).returning(LinkedAccount.id)).all():
            record(session, actor, "storage_account.forgotten", "storage_account", family)


def storage_account(actor: Actor, provider: str) -> StorageAccount:
    """The account a step may use; raises `PROVIDER_DISABLED` (SC-E22) or `SIGNED_OUT` (SC-E21)."""
    if provider not in enabled_providers(actor):
        raise PROVIDER_DISABLED(provider=provider)
    with actor.session(read_only=True) as session:
        row = session.scalar(select(LinkedAccount).where(*_own(actor, provider)))
    if row is None and provider in INSTALLATION_PROVIDERS:
        return StorageAccount(provider, actor.email, {"root": actor.organization_id}, {}, lambda _secrets: None)
    if row is None or row.expired:
        raise SIGNED_OUT(provider=provider)

    def save(secrets: dict[str, str]) -> None:
        with actor.session() as session:
            session.get_one(LinkedAccount, row.id).secrets = encrypt(secrets)

    return StorageAccount(provider, row.account, dict(row.options), decrypt(row.secrets), save)


def _own(actor: Actor, provider: str) -> tuple[ColumnElement[bool], ...]:
    return LinkedAccount.user_id == actor.user_id, LinkedAccount.family == known_provider(provider).family
