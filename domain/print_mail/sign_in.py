"""How a mailbox is signed in to: by a password, or by access tokens that are asked for and kept while they live."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import select

from connectors.errors import PressroomError
from connectors.identity.web import IdentityWeb
from connectors.mail_in.access_tokens import TokenGrant, new_access_token
from connectors.mail_in.mailbox import Mailbox, MailboxPlace, open_mailbox
from connectors.mail_in.token_sign_in import SCOPE_MISSING, TOKEN_REFUSED
from connectors.secrets import decrypt, encrypt
from connectors.settings import Settings, get_settings
from connectors.storage.account_families import ACCOUNT_FAMILIES, addresses_of
from domain.organizations.models import now
from domain.print_mail.models import PrintMailbox
from domain.tenancy import tenant_session

MICROSOFT_SCOPE = "https://outlook.office365.com/.default"
MARGIN = timedelta(minutes=1)


class SignIn(StrEnum):
    """By what the mail server knows us. `MICROSOFT` is `CLIENT_CREDENTIALS` at a directory of Microsoft 365."""

    PASSWORD = "password"  # noqa: S105 — the name of a way
    MICROSOFT = "microsoft"
    CLIENT_CREDENTIALS = "client_credentials"
    REFRESH_TOKEN = "refresh_token"  # noqa: S105


@dataclass(frozen=True, slots=True)
class Ingredients:
    """What one way to sign in takes: values that must be there, values that may be, and the same of secrets."""

    needed: frozenset[str]
    secrets: frozenset[str]
    optional: frozenset[str] = frozenset()
    optional_secrets: frozenset[str] = frozenset()


INGREDIENTS: Mapping[SignIn, Ingredients] = {
    SignIn.PASSWORD: Ingredients(frozenset(), frozenset({"password"})),
    SignIn.MICROSOFT: Ingredients(frozenset({"tenant", "client_id"}), frozenset({"client_secret"})),
    SignIn.CLIENT_CREDENTIALS: Ingredients(
        frozenset({"token_address", "client_id"}), frozenset({"client_secret"}), frozenset({"scope"})
    ),
    SignIn.REFRESH_TOKEN: Ingredients(
        frozenset({"token_address", "client_id"}),
        frozenset({"refresh_token"}),
        frozenset({"scope"}),
        frozenset({"client_secret"}),
    ),
}


@dataclass(frozen=True, slots=True)
class MailboxSecrets:
    """Secrets as somebody has typed them; empty: the one that is kept."""

    password: str = ""
    client_secret: str = ""
    refresh_token: str = ""

    def __repr__(self) -> str:
        return "MailboxSecrets()"


@dataclass(frozen=True, slots=True)
class MailboxKey:
    """What opens a mailbox: a password, or a grant with the access token that was got by it and still lives."""

    password: str
    grant: TokenGrant | None
    token: str

    def __repr__(self) -> str:
        return "MailboxKey()"


def key_of(row: PrintMailbox) -> MailboxKey:
    """What opens it now; raises `UNREADABLE`."""
    kept = decrypt(row.credentials)
    if row.sign_in == SignIn.PASSWORD:
        return MailboxKey(kept["password"], None, "")
    is_alive = "expires" in kept and datetime.fromisoformat(kept["expires"]) > now() + MARGIN
    return MailboxKey("", _grant(row, kept, get_settings()), kept["access_token"] if is_alive else "")


@contextmanager
def opened(organization_id: str, place: MailboxPlace, key: MailboxKey) -> Iterator[Mailbox]:
    """The open mailbox. Where the mail server refuses a token that was kept, a new one is tried at once.

    Raises as `open_mailbox` and as `new_access_token`.
    """
    with ExitStack() as stack:
        yield _entered(stack, organization_id, place, key)


def _entered(stack: ExitStack, organization_id: str, place: MailboxPlace, key: MailboxKey) -> Mailbox:
    if key.grant is None:
        return stack.enter_context(open_mailbox(replace(place, secret=key.password)))
    if key.token:
        try:
            return stack.enter_context(open_mailbox(replace(place, secret=key.token, by_token=True)))
        except PressroomError as error:
            if error.fault not in (TOKEN_REFUSED, SCOPE_MISSING):
                raise
    token = _new_token(organization_id, key.grant)
    return stack.enter_context(open_mailbox(replace(place, secret=token, by_token=True)))


def _new_token(organization_id: str, grant: TokenGrant) -> str:
    """Ask for a token and keep it, with the refresh token that serves from now on, before anything else is done.

    It is kept whoever holds the lease meanwhile: some servers take each refresh token only once.
    """
    with IdentityWeb(get_settings()) as web:
        token = new_access_token(grant, web)
    expires = now() + timedelta(seconds=token.seconds)
    with tenant_session(organization_id) as session:
        row = session.scalar(select(PrintMailbox).with_for_update())
        kept = decrypt(row.credentials) if row is not None and row.sign_in != SignIn.PASSWORD else {}
        if row is not None and kept and _grant(row, kept, get_settings()) == grant:
            kept |= {"access_token": token.text, "expires": expires.isoformat()}
            row.credentials = encrypt(kept | ({"refresh_token": token.refresh_token} if token.refresh_token else {}))
    return token.text


def _grant(row: PrintMailbox, kept: Mapping[str, str], settings: Settings) -> TokenGrant:
    address, scope = row.token_address, row.scope
    if row.sign_in == SignIn.MICROSOFT:
        common = addresses_of(ACCOUNT_FAMILIES["microsoft"], settings)["token"]
        address, scope = common.replace("/common/", f"/{row.tenant}/"), MICROSOFT_SCOPE
    return TokenGrant(address, row.client_id, kept.get("client_secret", ""), scope, kept.get("refresh_token", ""))
