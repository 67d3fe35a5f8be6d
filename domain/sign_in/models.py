"""What people sign in with, and what they are signed in with. Of every secret only a hash or a cipher is kept."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from connectors.database import Base
from domain.organizations.models import now
from domain.tenancy import TenantRow, new_id


class SignInMethod(StrEnum):
    """How somebody proved who they are."""

    PASSWORD = "password"  # noqa: S105 — a word, no secret
    PASSWORD_AND_CODE = "password_and_code"  # noqa: S105
    IDENTITY_PROVIDER = "identity_provider"


class LinkPurpose(StrEnum):
    """Why somebody gets a link to set a password (AC-93)."""

    INVITATION = "invitation"
    RESET = "reset"


class SignInSession(TenantRow, Base):
    """A signed-in browser or program; only the SHA-256 of its token is kept.

    `acting_in` is the customer organization that its person has entered; None: their own. `confirmed` is when the
    person last proved who they are, `last_seen` is kept to the minute.
    """

    __tablename__ = "sign_in_session"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    id: Mapped[str] = mapped_column(String(32), default=new_id, unique=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    acting_in: Mapped[str | None] = mapped_column(ForeignKey("organization.id", ondelete="SET NULL"))
    method: Mapped[SignInMethod] = mapped_column(String(24), default=SignInMethod.PASSWORD)
    address: Mapped[str] = mapped_column(String(64), default="")
    user_agent: Mapped[str] = mapped_column(String(255), default="")
    created: Mapped[datetime] = mapped_column(default=now)
    last_seen: Mapped[datetime] = mapped_column(default=now)
    confirmed: Mapped[datetime] = mapped_column(default=now)
    expires: Mapped[datetime] = mapped_column(index=True)


class SignInRules(TenantRow, Base):
    """What an organization asks for beyond the installation's own rules (AC-33, AC-92); no row: nothing.

    `second_factor_roles` are the labels of roles whose holders must use a second factor.
    """

    __tablename__ = "sign_in_rules"

    organization_id: Mapped[str] = mapped_column(
        String(32), ForeignKey("organization.id", ondelete="CASCADE"), primary_key=True
    )
    shortest_password: Mapped[int]
    refused_passwords: Mapped[int] = mapped_column(default=0)
    idle_minutes: Mapped[int | None]
    session_hours: Mapped[int | None]
    second_factor_roles: Mapped[list[str]] = mapped_column(JSON, default=list)


class FormerPassword(TenantRow, Base):
    """The hash of a password that somebody had, as long as the organization refuses it."""

    __tablename__ = "former_password"
    __table_args__ = (Index("ix_former_password_user", "user_id", "replaced"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    user_id: Mapped[str] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"))
    password_hash: Mapped[str] = mapped_column(String(255))
    replaced: Mapped[datetime] = mapped_column(default=now)


class PasswordLink(TenantRow, Base):
    """A link to set a password, which works once and for a day (AC-93); using it deletes it."""

    __tablename__ = "password_link"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    purpose: Mapped[LinkPurpose] = mapped_column(String(16))
    created: Mapped[datetime] = mapped_column(default=now)
    expires: Mapped[datetime] = mapped_column(index=True)


class GuessCount(Base):
    """Failed guesses for an e-mail address: in total, or from a network that its person has signed in from (`known`).

    Kept for addresses of nobody too, so that a lock tells nothing; `key` is a fingerprint from which no address can be
    read.
    """

    __tablename__ = "guess_count"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    known: Mapped[bool] = mapped_column(default=False)
    failures: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
    changed: Mapped[datetime] = mapped_column(default=now, index=True)


class HalfSignIn(TenantRow, Base):
    """Somebody gave the right password and is yet to give a code, or to set up what makes codes."""

    __tablename__ = "half_sign_in"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    is_enrolment: Mapped[bool]
    expires: Mapped[datetime] = mapped_column(index=True)


class SecondFactor(TenantRow, Base):
    """The secret of somebody's authenticator app (RFC 6238), encrypted; in force once `confirmed`.

    `last_step` is the time step of the last code used, so that each code is used once.
    """

    __tablename__ = "second_factor"

    user_id: Mapped[str] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True)
    secret: Mapped[str] = mapped_column(Text)
    last_step: Mapped[int] = mapped_column(default=0)
    created: Mapped[datetime] = mapped_column(default=now)
    confirmed: Mapped[datetime | None]


class RecoveryCode(TenantRow, Base):
    """A code for the day the authenticator app is lost; it works once."""

    __tablename__ = "recovery_code"

    code_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)


class ApiToken(TenantRow, Base):
    """A token by which a person's programs act for them, as far as its `scopes` (permissions) go."""

    __tablename__ = "api_token"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    id: Mapped[str] = mapped_column(String(32), default=new_id, unique=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(100))
    scopes: Mapped[list[str]] = mapped_column(JSON)
    created: Mapped[datetime] = mapped_column(default=now)
    expires: Mapped[datetime]
    last_used: Mapped[datetime | None]


class ProgramSignIn(Base):
    """A program that waits to be let in by a code that somebody types in their browser (RFC 8628).

    It belongs to nobody before somebody says yes. Of both codes only a fingerprint is kept; `answer` is the sealed
    token, empty while nobody has answered, and `refused` that somebody said no. `polled`: when the program last asked.
    """

    __tablename__ = "program_sign_in"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    device_code: Mapped[str] = mapped_column(String(64), unique=True)
    user_code: Mapped[str] = mapped_column(String(64), unique=True)
    program: Mapped[str] = mapped_column(String(32))
    host: Mapped[str] = mapped_column(String(100), default="")
    address: Mapped[str] = mapped_column(String(64), default="")
    answer: Mapped[str] = mapped_column(Text, default="")
    refused: Mapped[bool] = mapped_column(default=False)
    polled: Mapped[datetime | None]
    expires: Mapped[datetime] = mapped_column(index=True)
