"""Which accounts an organization lets its people link (SC-130…SC-132, SCAN-12, SCAN-13, SCAN-17)."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from connectors.storage import PROVIDERS, Provider
from domain.organizations.models import Organization
from domain.scan_settings.settings import stored_settings
from domain.storage_accounts.faults import DOMAIN_REFUSED, PROVIDER_DISABLED

OF_CLOUDS = frozenset({"microsoft", "google", "box", "dropbox"})
"""Families whose accounts are named by the e-mail addresses of people."""


def families_in_use(session: Session, organization_id: str) -> frozenset[str]:
    """The account families that solutions or scans of the organization may use."""
    organization = session.get_one(Organization, organization_id)
    settings = stored_settings(session, organization_id)
    of_solutions = {PROVIDERS[name].family for name in organization.storage_providers if name in PROVIDERS}
    return frozenset(of_solutions | {*settings.families} if settings.enabled else of_solutions)


def check_enabled(session: Session, organization_id: str, providers: Sequence[Provider]) -> None:
    """Raise `PROVIDER_DISABLED` where neither solutions nor scans may use any of these providers of one family."""
    enabled = session.get_one(Organization, organization_id).storage_providers
    settings = stored_settings(session, organization_id)
    if not any(entry.name in enabled for entry in providers) and not any(
        settings.enabled and entry.family in settings.families for entry in providers
    ):
        raise PROVIDER_DISABLED(provider=providers[0].title)


def check_domain(session: Session, organization_id: str, family: str, account: str) -> None:
    """Raise `DOMAIN_REFUSED` for an account outside a list of domains that holds for the family (SCAN-17).

    Where solutions and scans may both use the family, the account has to be in both lists.
    """
    organization = session.get_one(Organization, organization_id)
    settings = stored_settings(session, organization_id)
    lists = []
    if any(PROVIDERS[name].family == family for name in organization.storage_providers if name in PROVIDERS):
        lists.append(tuple(organization.account_domains))
    if settings.enabled and family in settings.families:
        lists.append(settings.account_domains)
    if family not in OF_CLOUDS and "@" not in account:
        return
    domain = account.rpartition("@")[2].lower()
    for domains in filter(None, lists):
        if "@" not in account or domain not in domains:
            raise DOMAIN_REFUSED(domain=domain, domains=", ".join(domains))
