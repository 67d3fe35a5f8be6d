"""One's own accounts at storage providers (SCAN-20…SCAN-25)."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field, StringConstraints

from connectors.storage.faults import UNKNOWN_PROVIDER
from domain.storage_accounts.service import (
    DOMAIN_REFUSED,
    NOT_LINKABLE,
    PROVIDER_DISABLED,
    UNKNOWN_SETTING,
    AccountView,
    forget_account,
    link_account,
    list_accounts,
)
from portal_api.access import Runner
from portal_api.problems import documented

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


@router.get("", operation_id="list_storage_accounts")
def list_storage_accounts(actor: Runner) -> list[StorageAccountPublic]:
    """The accounts that the actor has linked."""
    return [StorageAccountPublic.of(view) for view in list_accounts(actor)]


@router.put(
    "/{provider}",
    operation_id="link_storage_account",
    status_code=204,
    responses=documented(PROVIDER_DISABLED, DOMAIN_REFUSED, NOT_LINKABLE, UNKNOWN_SETTING, UNKNOWN_PROVIDER),
)
def link_storage_account(actor: Runner, provider: str, given: StorageAccountLink) -> None:
    """Link an account, in place of the one linked before (SCAN-25: one per account family)."""
    link_account(actor, provider, given.account, given.options, given.secrets)


@router.delete("/{provider}", operation_id="forget_storage_account", status_code=204)
def forget_storage_account(actor: Runner, provider: str) -> None:
    """Delete the account's credentials for good."""
    forget_account(actor, provider)
