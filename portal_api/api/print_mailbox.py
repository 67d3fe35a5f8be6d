"""The mailbox from which an organization's mail for printing is fetched (PR-139, F-11)."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field, SecretStr

from connectors.mail_in.access_tokens import TOKEN_UNSAFE
from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from domain.print_mail import mailboxes
from domain.print_mail.mailboxes import PASSWORD_NEEDED, SECRET_NEEDED, MailboxSettings, MailboxView
from domain.print_mail.sign_in import MailboxSecrets
from domain.printing.features import FEATURE_DISABLED
from domain.tenancy import NOT_FOUND
from portal_api.access import needs
from portal_api.problems import documented

router = APIRouter(prefix="/print-mail/mailbox", tags=["print guests"])
Manager = Annotated[Actor, needs(Permission.PRINT_SETTINGS_MANAGE)]


class MailboxChange(BaseModel):
    """What the mailbox is to be. Secrets that are not given stay, for the same server, user and program."""

    settings: MailboxSettings
    password: SecretStr | None = Field(None, min_length=1, max_length=1024)
    client_secret: SecretStr | None = Field(None, min_length=1, max_length=1024)
    refresh_token: SecretStr | None = Field(None, min_length=1, max_length=8192)

    @property
    def secrets(self) -> MailboxSecrets:
        """What is given."""
        password, client_secret, refresh_token = (
            one.get_secret_value() if one else "" for one in (self.password, self.client_secret, self.refresh_token)
        )
        return MailboxSecrets(password, client_secret, refresh_token)


class MailboxPublic(BaseModel):
    """The mailbox as it is; its secrets are never told."""

    settings: MailboxSettings
    is_used: bool = Field(description="Printing by e-mail is on in the organization: mail is fetched.")
    last_success: datetime | None = Field(description="When it was looked into last.")
    due: datetime = Field(description="When it is looked into next.")
    failures: int = Field(description="Tries since then that failed.")
    code: str | None = Field(description="Why the last of them failed, or something in it could not be taken.")
    fetched: int = Field(description="Messages that were taken so far.")
    put_aside: int = Field(description="Messages that could not be taken.")

    @classmethod
    def of(cls, view: MailboxView) -> "MailboxPublic":
        return cls(
            settings=view.settings,
            is_used=view.is_used,
            last_success=view.last_success,
            due=view.due,
            failures=view.failures,
            code=view.error.code if view.error else None,
            fetched=view.fetched,
            put_aside=view.put_aside,
        )


@router.get("", operation_id="get_print_mailbox", responses=documented(NOT_FOUND))
def get_mailbox(actor: Manager) -> MailboxPublic:
    """The mailbox and how it does."""
    view = mailboxes.get_mailbox(actor)
    if view is None:
        raise NOT_FOUND(what="mailbox")
    return MailboxPublic.of(view)


@router.put("", operation_id="save_print_mailbox", responses=documented(PASSWORD_NEEDED, SECRET_NEEDED, TOKEN_UNSAFE))
def save_mailbox(actor: Manager, change: MailboxChange) -> MailboxPublic:
    """Set the mailbox up or change it; it is looked into at once."""
    return MailboxPublic.of(mailboxes.save_mailbox(actor, change.settings, change.secrets))


@router.delete("", operation_id="remove_print_mailbox", status_code=204, responses=documented(NOT_FOUND))
def remove_mailbox(actor: Manager) -> None:
    """Forget the mailbox with its password; what is in it stays there."""
    mailboxes.remove_mailbox(actor)


@router.post(
    "/fetch", operation_id="fetch_print_mail", status_code=202, responses=documented(NOT_FOUND, FEATURE_DISABLED)
)
def fetch_mail(actor: Manager) -> None:
    """Look into the mailbox now."""
    mailboxes.fetch_now(actor)
