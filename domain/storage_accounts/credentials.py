"""A linked account as steps use it: our registration at the provider, tokens that are renewed by one at a time.

Some providers take a refresh token only once. Whoever renews therefore takes a lease on the account, in the records,
so that several workers do not use the same token up; the others wait and go on with what the first one got.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from sqlalchemy import or_, update

from connectors.secrets import decrypt, encrypt
from connectors.settings import Settings, get_settings
from connectors.storage import PROVIDERS
from connectors.storage.account_families import ACCOUNT_FAMILIES, need_client
from connectors.storage.faults import STORAGE_BUSY
from domain.audit.service import record_unattended
from domain.organizations.models import now
from domain.storage_accounts.models import LinkedAccount
from domain.tenancy import tenant_session
from steps.contract import StorageAccount

OF_THE_CLIENT = ("client_id", "client_secret")
LEASE = timedelta(seconds=60)
POLL_SECONDS = 0.2
_OPTION_NAMES = {"token": "token_url", "api": "api_url", "upload": "upload_url"}
"""How connectors call the addresses that an operator may have changed."""


def usable_account(row: LinkedAccount, provider: str) -> StorageAccount:
    """The account for a connector to `provider`; raises `NO_CLIENT` where the operator has no registration any more."""
    settings = get_settings()
    registration = _registration(row, settings)
    kept = _Kept(row.organization_id, row.id, registration)
    options = {**_changed_addresses(row.family, settings), **row.options}
    secrets = {**decrypt(row.secrets), **registration}
    return StorageAccount(provider, row.account, options, secrets, kept.save, kept.renewing, kept.expire)


class _Kept:
    """The tokens of one account as they are in the records."""

    def __init__(self, organization_id: str, account_id: str, registration: dict[str, str]) -> None:
        self._organization_id, self._id, self._registration = organization_id, account_id, registration

    def save(self, secrets: dict[str, str]) -> None:
        """Keep renewed tokens; our registration stays out of it. An account forgotten meanwhile stays forgotten."""
        own = {name: value for name, value in secrets.items() if name not in self._registration}
        with tenant_session(self._organization_id) as session:
            session.execute(
                update(LinkedAccount).where(LinkedAccount.id == self._id).values(secrets=encrypt(own), expired=False)
            )

    def expire(self) -> None:
        """The provider takes the tokens no more: the person has to sign in again (SCAN-25)."""
        with tenant_session(self._organization_id) as session:
            row = session.get(LinkedAccount, self._id)
            if row is not None and not row.expired:
                row.expired = True
                record_unattended(
                    session, self._organization_id, "storage_account.expired", "storage_account", row.family,
                    {"account": row.account}, user_id=row.user_id,
                )  # fmt: skip

    @contextmanager
    def renewing(self) -> Iterator[dict[str, str]]:
        """A block in which nobody else renews the tokens; gives them as they are then. Raises `STORAGE_BUSY`."""
        deadline = time.monotonic() + LEASE.total_seconds()
        while not self._take_lease():
            if time.monotonic() > deadline:
                raise STORAGE_BUSY(provider="")
            time.sleep(POLL_SECONDS)
        try:
            with tenant_session(self._organization_id, read_only=True) as session:
                row = session.get(LinkedAccount, self._id)
                secrets = decrypt(row.secrets) if row is not None else {}
            yield {**secrets, **self._registration}
        finally:
            with tenant_session(self._organization_id) as session:
                session.execute(update(LinkedAccount).where(LinkedAccount.id == self._id).values(renewing_until=None))

    def _take_lease(self) -> bool:
        """Whether nobody else had it; an account that was forgotten needs none."""
        free = or_(LinkedAccount.renewing_until.is_(None), LinkedAccount.renewing_until < now())
        with tenant_session(self._organization_id) as session:
            taken = session.execute(
                update(LinkedAccount)
                .where(LinkedAccount.id == self._id, free)
                .values(renewing_until=now() + LEASE)
                .returning(LinkedAccount.id)
            ).first()
            return taken is not None or session.get(LinkedAccount, self._id) is None


def _registration(row: LinkedAccount, settings: Settings) -> dict[str, str]:
    if not row.by_sign_in:
        return {}
    client = need_client(ACCOUNT_FAMILIES[row.family], settings)
    return dict(zip(OF_THE_CLIENT, (client.client_id, client.client_secret), strict=True))


def _changed_addresses(family: str, settings: Settings) -> dict[str, str]:
    changed = settings.storage_addresses.get(family, {})
    return {option: changed[name] for name, option in _OPTION_NAMES.items() if name in changed}


def family_title(family: str) -> str:
    """What people call an account family, to be translated."""
    if family in ACCOUNT_FAMILIES:
        return ACCOUNT_FAMILIES[family].title
    return next((entry.title for entry in PROVIDERS.values() if entry.family == family), family)
