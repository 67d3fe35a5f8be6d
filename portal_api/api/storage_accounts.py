"""One's own accounts at storage providers (SCAN-20…SCAN-25)."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field, StringConstraints

from connectors.storage.faults import UNKNOWN_PROVIDER
from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from domain.storage_accounts.faults import DOMAIN_REFUSED, NOT_LINKABLE, PROVIDER_DISABLED, UNKNOWN_SETTING
from domain.storage_accounts.service import (
    AccountState,
    AccountView,
    FamilyView,
    forget_account,
    link_account,
    list_accounts,
    list_families,
)
from domain.texts.catalogue import translate
from portal_api.access import needs
from portal_api.api.reader import ReaderLocale
from portal_api.problems import documented

AccountOwner = Annotated[Actor, needs(Permission.STORAGE_ACCOUNTS)]
router = APIRouter(prefix="/storage-accounts", tags=["storage accounts"])

Name = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Value = Annotated[str, StringConstraints(max_length=8192)]


class StorageAccountLink(BaseModel):
    """An account to link. `secrets` are kept encrypted and never told again."""

    account: str = Field(min_length=1, max_length=255, description="The account's name at the provider.")
    options: dict[Name, Value] = Field({}, max_length=20)
    secrets: dict[Name, Value] = Field({}, max_length=20)


class StorageAccountPublic(BaseModel):
    """A linked account; it serves every provider of its family. When `expired`, its owner has to link it again."""

    family: str
    account: str
    expired: bool

    @classmethod
    def of(cls, view: AccountView) -> "StorageAccountPublic":
        return cls(family=view.family, account=view.account, expired=view.expired)


class AccountFamilyPublic(BaseModel):
    """An account family, and where the actor is with it. An account of a family that is not enabled is of no use."""

    family: str
    title: str
    state: AccountState
    account: str | None
    is_enabled: bool
    sign_in: str | None = Field(description="Where a browser goes to choose an account; none: it is linked by values.")

    @classmethod
    def of(cls, view: FamilyView, locale: str) -> "AccountFamilyPublic":
        return cls(
            family=view.family,
            title=translate(view.title, locale),
            state=view.state,
            account=view.account.account if view.account else None,
            is_enabled=view.is_enabled,
            sign_in=f"/storage-accounts/{view.family}/choose" if view.has_sign_in else None,
        )


@router.get("/families", operation_id="list_storage_account_families")
def list_storage_account_families(actor: AccountOwner, locale: ReaderLocale) -> list[AccountFamilyPublic]:
    """The account families that the organization uses, and those of which the actor has an account (SCAN-21)."""
    return [AccountFamilyPublic.of(view, locale) for view in list_families(actor)]


@router.get("", operation_id="list_storage_accounts")
def list_storage_accounts(actor: AccountOwner) -> list[StorageAccountPublic]:
    """The accounts that the actor has linked."""
    return [StorageAccountPublic.of(view) for view in list_accounts(actor)]


@router.put(
    "/{provider}",
    operation_id="link_storage_account",
    status_code=204,
    responses=documented(PROVIDER_DISABLED, DOMAIN_REFUSED, NOT_LINKABLE, UNKNOWN_SETTING, UNKNOWN_PROVIDER),
)
def link_storage_account(actor: AccountOwner, provider: str, given: StorageAccountLink) -> None:
    """Link an account, in place of the one linked before (SCAN-25: one per account family)."""
    link_account(actor, provider, given.account, given.options, given.secrets)


@router.delete("/{provider}", operation_id="forget_storage_account", status_code=204)
def forget_storage_account(actor: AccountOwner, provider: str) -> None:
    """Delete the account's credentials for good."""
    forget_account(actor, provider)
