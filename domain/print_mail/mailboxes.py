"""The mailbox of an organization that has one in place of an address of ours: setting it up and seeing how it does.

Nothing is fetched while printing by e-mail is off; the mailbox's address is the one that people are told (PR-139).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, Field, StringConstraints, ValidationInfo, field_validator
from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.errors import Fault
from connectors.identity.web import IdentityWeb
from connectors.mail_addresses import wire_address
from connectors.mail_in.access_tokens import check_token_address
from connectors.mail_in.mailbox import DEFAULT_PORTS, Afterwards
from connectors.messages import N_
from connectors.secrets import decrypt, encrypt
from connectors.settings import get_settings
from domain.audit.service import record
from domain.organizations.actor import Actor
from domain.organizations.models import now
from domain.organizations.permissions import Permission
from domain.print_mail.models import PrintMailbox
from domain.print_mail.outbox import enqueue_fetch
from domain.print_mail.provisioning import start_provisioning
from domain.print_mail.sign_in import INGREDIENTS, MailboxSecrets, SignIn
from domain.printing.features import FEATURE_DISABLED, PRINTING_BY_MAIL
from domain.printing.settings import print_settings
from domain.recorded_errors import ErrorView
from domain.tenancy import NOT_FOUND, system_session

PASSWORD_NEEDED = Fault(
    "mailbox.password_needed",
    422,
    N_("The password of the mailbox is missing."),
    N_("Type it. A password that is kept goes to no other server and serves no other user."),
)
SECRET_NEEDED = Fault(
    "mailbox.secret_needed",
    422,
    N_("The client secret or the refresh token of the mailbox is missing."),
    N_("Put it in. A secret that is kept goes to no other server and serves no other user or program."),
)
NO_SECRETS = MailboxSecrets()
_HOST = re.compile(r"(?=.{1,255}$)[a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[?[0-9a-f:.]+\]?", re.IGNORECASE)


def _checked_address(text: str) -> str:
    address = wire_address(text.strip())
    if address is None:
        raise ValueError(N_("This is no e-mail address."))
    return address.lower()


def _checked_host(text: str) -> str:
    if not _HOST.fullmatch(text):
        raise ValueError(N_("This is not the name of a server."))
    return text.strip("[]").lower()


def _checked_tenant(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9.-]*", text):
        raise ValueError(N_("This is neither the ID of a directory nor a domain."))
    return text.lower()


def _checked_token_address(text: str) -> str:
    try:
        parts = urlsplit(text)
        is_sound = parts.scheme in ("https", "http") and parts.hostname and parts.port != 0 and not parts.fragment
    except ValueError:
        is_sound = False
    if not is_sound or not text.isascii() or " " in text:
        raise ValueError(N_("This is no address that begins with https://."))
    return text


CHECKS: Mapping[str, Callable[[str], str]] = {"tenant": _checked_tenant, "token_address": _checked_token_address}
Line = StringConstraints(strip_whitespace=True, max_length=255, pattern=r"^[^\x00-\x1f\x7f]*$")
LongLine = StringConstraints(strip_whitespace=True, max_length=1024, pattern=r"^[^\x00-\x1f\x7f]*$")
Filled = StringConstraints(strip_whitespace=True, min_length=1, max_length=255, pattern=r"^[^\x00-\x1f\x7f]*$")


class MailboxSettings(BaseModel, validate_default=True):
    """How the mailbox is reached, and what becomes of messages in it.

    `authentication_server` is the name under which its mail server writes Authentication-Results; without it only
    signatures prove who a mail is from (PR-143).
    """

    enabled: bool = True
    address: Annotated[str, Filled, AfterValidator(_checked_address)] = Field(description="Where people mail to.")
    host: Annotated[str, Filled, AfterValidator(_checked_host)] = Field(description="Its IMAP server.")
    port: int | None = Field(None, ge=1, le=65535, description="Null: 993, or 143 with STARTTLS.")
    tls: Literal["tls", "starttls"] = "tls"
    user: Annotated[str, Filled]
    sign_in: SignIn = Field(SignIn.PASSWORD, description="What the way wants of the next four is needed.")
    tenant: Annotated[str, Line] = Field("", description="Directory of Microsoft 365: its ID or a domain of it.")
    token_address: Annotated[str, LongLine] = Field("", description="Where access tokens are asked for.")
    client_id: Annotated[str, Line] = Field("", description="This program as it is registered there.")
    scope: Annotated[str, LongLine] = Field("", description="What is asked for there.")
    folder: Annotated[str, Filled] = "INBOX"
    afterwards: Afterwards = Field(Afterwards.MOVE, description="What becomes of messages that were taken.")
    done_folder: Annotated[str, Filled] = "Printed"
    aside_folder: Annotated[str, Filled] = Field("Not printed", description="For messages that cannot be taken.")
    authentication_server: Annotated[str, Line] = ""
    interval_seconds: int = Field(60, ge=15, le=3600)

    @field_validator("tenant", "token_address", "client_id", "scope")
    @classmethod
    def _fits(cls, text: str, info: ValidationInfo) -> str:
        """Only what the way to sign in takes is kept."""
        name, ingredients = str(info.field_name), INGREDIENTS[info.data.get("sign_in", SignIn.PASSWORD)]
        if name not in ingredients.needed | ingredients.optional:
            return ""
        if not text and name in ingredients.needed:
            raise ValueError(N_("This is needed to sign in in that way."))
        return CHECKS.get(name, str)(text)


@dataclass(frozen=True, slots=True)
class MailboxView:
    """The mailbox as it is. `error` is why it could not be looked into since `failures` tries.

    `is_used`: printing by e-mail is on in the organization, without which nothing is fetched.
    """

    settings: MailboxSettings
    is_used: bool
    last_success: datetime | None
    due: datetime
    failures: int
    error: ErrorView | None
    fetched: int
    put_aside: int


def get_mailbox(actor: Actor) -> MailboxView | None:
    """The organization's mailbox; None: it has none."""
    actor.need(Permission.PRINT_SETTINGS_MANAGE)
    with actor.session(read_only=True) as session:
        row = session.scalar(select(PrintMailbox))
        return _view(session, row) if row is not None else None


def save_mailbox(actor: Actor, settings: MailboxSettings, given: MailboxSecrets = NO_SECRETS) -> MailboxView:
    """Set the mailbox up or change it; it is looked into at once. Secrets that are not given stay as they are kept.

    Another address counts once it could be looked into; with the same one, mail that has come is printed meanwhile.
    Raises `PASSWORD_NEEDED` or `SECRET_NEEDED` where there is none, or it was for another server, user or program;
    `TOKEN_UNSAFE` for a token address that no secret may be sent to.
    """
    actor.need(Permission.PRINT_SETTINGS_MANAGE)
    if settings.token_address:
        with IdentityWeb(get_settings()) as web:
            check_token_address(settings.token_address, web)
    with actor.session() as session:
        row = session.scalar(select(PrintMailbox).with_for_update())
        port = settings.port or DEFAULT_PORTS[settings.tls]
        credentials = _credentials(row, settings, port, given)
        is_new_address = row is None or (row.enabled, row.address) != (settings.enabled, settings.address)
        if row is None:
            row = PrintMailbox()
            session.add(row)
        for name, value in settings.model_dump(exclude={"port"}).items():
            setattr(row, name, value)
        row.port = port
        row.credentials = encrypt(credentials)
        row.failures, row.error, row.troubled, row.changed, row.due = 0, None, {}, now(), now()
        row.lease_owner = row.lease_until = None
        facts = {"address": settings.address, "server": f"{settings.host}:{port}", "folder": settings.folder}
        facts["sign_in"] = settings.sign_in.value
        record(session, actor, "print_mailbox.changed", "print_mailbox", facts=facts)
        session.flush()
        if row.enabled and not is_new_address:
            enqueue_fetch(session, row)
        view = _view(session, row)
    if is_new_address:
        start_provisioning(actor.organization_id)
    return view


def remove_mailbox(actor: Actor) -> None:
    """Forget the mailbox with its password; what is in it stays there. Raises `NOT_FOUND`."""
    actor.need(Permission.PRINT_SETTINGS_MANAGE)
    with actor.session() as session:
        row = _mailbox(session)
        record(session, actor, "print_mailbox.removed", "print_mailbox", facts={"address": row.address})
        session.delete(row)
    start_provisioning(actor.organization_id)


def fetch_now(actor: Actor) -> None:
    """Look into the mailbox without waiting for its time.

    Raises `NOT_FOUND` where none is switched on, `FEATURE_DISABLED` where printing by e-mail is off.
    """
    actor.need(Permission.PRINT_SETTINGS_MANAGE)
    with actor.session() as session:
        row = _mailbox(session)
        if not row.enabled:
            raise NOT_FOUND(what="mailbox")
        if not print_settings(session, actor.organization_id).email.enabled:
            raise FEATURE_DISABLED(feature=PRINTING_BY_MAIL)
        enqueue_fetch(session, row)


def mailbox_troubles() -> list[tuple[str, ErrorView | None]]:
    """The addresses of all mailboxes that are looked into, and why one cannot be."""
    with system_session(read_only=True) as session:
        rows = session.scalars(select(PrintMailbox).where(PrintMailbox.enabled).order_by(PrintMailbox.address))
        return [(row.address, ErrorView.of(row.error)) for row in rows]


def _credentials(
    row: PrintMailbox | None, settings: MailboxSettings, port: int, given: MailboxSecrets
) -> dict[str, str]:
    """The secrets that the way to sign in takes: as they are given, else as they are kept for the very same place."""
    way = INGREDIENTS[settings.sign_in]
    wanted = way.secrets | way.optional_secrets
    found = {name: str(getattr(given, name)) for name in wanted if getattr(given, name)}
    if row is not None and wanted > found.keys() and _is_same_place(row, settings, port):
        kept = decrypt(row.credentials)
        found = {name: kept[name] for name in wanted if name in kept} | found
    if way.secrets > found.keys() & way.secrets:
        raise PASSWORD_NEEDED() if settings.sign_in is SignIn.PASSWORD else SECRET_NEEDED()
    return found


def _is_same_place(row: PrintMailbox, settings: MailboxSettings, port: int) -> bool:
    """Whether a secret goes to the same servers, in the name of the same user and program."""
    names = ("host", "user", "sign_in", "tenant", "token_address", "client_id")
    return row.port == port and all(getattr(row, name) == getattr(settings, name) for name in names)


def _mailbox(session: Session) -> PrintMailbox:
    row = session.scalar(select(PrintMailbox).with_for_update())
    if row is None:
        raise NOT_FOUND(what="mailbox")
    return row


def _view(session: Session, row: PrintMailbox) -> MailboxView:
    settings = MailboxSettings.model_validate(row, from_attributes=True)
    is_used = print_settings(session, row.organization_id).email.enabled
    return MailboxView(
        settings, is_used, row.last_success, row.due, row.failures, ErrorView.of(row.error), row.fetched, row.put_aside
    )
