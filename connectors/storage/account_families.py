"""The four families of accounts at storage providers as data: where people sign in, and what is asked for (SCAN-8).

Every address can be another by `PRESSROOM_STORAGE_ADDRESSES`, for clouds of a country of their own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from connectors.settings import Settings
from connectors.storage.faults import NO_CLIENT


class Revocation(StrEnum):
    """How a provider is told to forget what it granted."""

    NONE = "none"
    FORM = "form"
    """The token as a form, with the client's credentials (RFC 7009)."""
    BEARER = "bearer"
    """The access token in the header: it ends with all that came with it."""


@dataclass(frozen=True, slots=True)
class AccountFamily:
    """One family. With an `issuer` (and its `keys`) who signed in stands in an ID token (OpenID Connect), else at
    `account`, by the access token.

    `issuer` may hold {tenant}: a tenant's own id, which its ID tokens tell. `parameters` are added to the address where
    people sign in, `names` are where the account's name may stand, the best first.
    """

    name: str
    title: str
    addresses: Mapping[str, str]
    scopes: tuple[str, ...]
    names: tuple[str, ...]
    parameters: Mapping[str, str] = field(default_factory=dict)
    revocation: Revocation = Revocation.NONE
    account_method: str = "GET"

    @property
    def is_openid(self) -> bool:
        """Whether who signed in is told by an ID token."""
        return "issuer" in self.addresses


ACCOUNT_FAMILIES: Mapping[str, AccountFamily] = MappingProxyType(
    {
        family.name: family
        for family in (
            AccountFamily(
                "microsoft",
                "Microsoft",
                {
                    "authorize": "https://login.microsoftonline.com/common/oauth2/v2.0/authorize",
                    "token": "https://login.microsoftonline.com/common/oauth2/v2.0/token",
                    "issuer": "https://login.microsoftonline.com/{tenant}/v2.0",
                    "keys": "https://login.microsoftonline.com/common/discovery/v2.0/keys",
                },
                ("openid", "email", "profile", "offline_access", "Files.ReadWrite.All", "Sites.ReadWrite.All"),
                ("email", "preferred_username"),
                {"prompt": "select_account"},
            ),
            AccountFamily(
                "google",
                "Google",
                {
                    "authorize": "https://accounts.google.com/o/oauth2/v2/auth",
                    "token": "https://oauth2.googleapis.com/token",
                    "revoke": "https://oauth2.googleapis.com/revoke",
                    "issuer": "https://accounts.google.com",
                    "keys": "https://www.googleapis.com/oauth2/v3/certs",
                },
                ("openid", "email", "https://www.googleapis.com/auth/drive"),
                ("email",),
                {"access_type": "offline", "prompt": "consent select_account"},
                Revocation.FORM,
            ),
            AccountFamily(
                "box",
                "Box",
                {
                    "authorize": "https://account.box.com/api/oauth2/authorize",
                    "token": "https://api.box.com/oauth2/token",
                    "revoke": "https://api.box.com/oauth2/revoke",
                    "account": "https://api.box.com/2.0/users/me",
                },
                ("root_readwrite",),
                ("login",),
                {},
                Revocation.FORM,
            ),
            AccountFamily(
                "dropbox",
                "Dropbox",
                {
                    "authorize": "https://www.dropbox.com/oauth2/authorize",
                    "token": "https://api.dropboxapi.com/oauth2/token",
                    "revoke": "https://api.dropboxapi.com/2/auth/token/revoke",
                    "account": "https://api.dropboxapi.com/2/users/get_current_account",
                },
                ("account_info.read", "files.metadata.read", "files.metadata.write", "files.content.write"),
                ("email",),
                {"token_access_type": "offline", "force_reauthentication": "true"},
                Revocation.BEARER,
                "POST",
            ),
        )
    }
)
"""Every family that one signs in to, by its name."""


@dataclass(frozen=True, slots=True)
class RegisteredClient:
    """Pressroom as it is registered with a family's provider by the operator."""

    client_id: str
    client_secret: str


def registered_client(family: str, settings: Settings) -> RegisteredClient | None:
    """The registration of this installation; None where the operator has made none."""
    client_id = str(getattr(settings, f"{family}_client_id", ""))
    secret = getattr(settings, f"{family}_client_secret", None)
    return RegisteredClient(client_id, secret.get_secret_value() if secret else "") if client_id else None


def need_client(family: AccountFamily, settings: Settings) -> RegisteredClient:
    """The registration; raises `NO_CLIENT`."""
    client = registered_client(family.name, settings)
    if client is None:
        raise NO_CLIENT(provider=family.title)
    return client


def addresses_of(family: AccountFamily, settings: Settings) -> Mapping[str, str]:
    """The family's addresses, with those that the operator has changed."""
    return {**family.addresses, **settings.storage_addresses.get(family.name, {})}
