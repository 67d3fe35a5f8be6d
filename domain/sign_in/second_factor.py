"""Second factors: one-time codes of an authenticator app (RFC 6238, by `pyotp`), and codes for the day it is lost."""

import io
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from connectors.errors import Fault
from connectors.messages import N_, Message
from connectors.secrets import decrypt, encrypt, fingerprint
from domain.audit.service import record
from domain.mail.service import queue_mail
from domain.organizations.actor import Actor
from domain.organizations.models import User, now
from domain.sign_in.models import RecoveryCode, SecondFactor

CODE_WRONG = Fault(
    "sign_in.code_wrong",
    401,
    N_("The code is wrong, or it was used already."),
    N_("Wait for the next code of your authenticator app and type that one; check that your device's clock is right."),
)
NOT_BEGUN = Fault(
    "second_factor.not_begun",
    409,
    N_("There is no second factor to be confirmed."),
    N_("Begin to set one up first."),
)
REQUIRED = Fault(
    "second_factor.required",
    409,
    N_("Your organization requires a second factor for your roles."),
    N_("Set up another authenticator app instead: it takes the place of the present one."),
)
ISSUER = "Pressroom"
STEP_SECONDS = 30
TOLERATED_STEPS = (0, -1, 1)
"""A code of the step before or after counts too: clocks differ, and people need time to type."""
RECOVERY_CODES = 10
RECOVERY_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
MADE_SUBJECT = N_("Your Pressroom account now asks for a second factor")
MADE_TEXT = N_("From now on signing in as {email} takes a code of your authenticator app.")
GONE_SUBJECT = N_("Your Pressroom account no longer asks for a second factor")
GONE_TEXT = N_("The second factor of your account {email} was removed.")
NOT_YOU = N_("If it was not you, have a link sent to set a new password, and tell your administrator.")


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What an authenticator app needs: the secret for typing, and all of it as an address and as a picture of it."""

    secret: str
    address: str

    def qr_svg(self) -> str:
        """The address as a QR code, made here, in SVG."""
        import segno

        picture = io.BytesIO()
        segno.make(self.address, error="m").save(picture, kind="svg", scale=5, border=3, light="#fff", xmldecl=False)
        return picture.getvalue().decode()


@dataclass(frozen=True, slots=True)
class SecondFactorView:
    """Somebody's second factor: since when it is in force, and how many recovery codes are left."""

    since: datetime | None
    recovery_codes: int


def second_factor_of(session: Session, user_id: str) -> SecondFactorView:
    """How things are for that person."""
    since = session.scalar(select(SecondFactor.confirmed).where(SecondFactor.user_id == user_id))
    count = select(func.count()).select_from(RecoveryCode).where(RecoveryCode.user_id == user_id)
    return SecondFactorView(since, session.scalar(count) or 0)


def begin_enrolment(session: Session, user: User) -> Enrolment:
    """A new secret, or the one that awaits its first code; the present one holds until then.

    A secret in force is replaced in the same row, so it is kept beside it until the new one is confirmed.
    """
    import pyotp

    row = session.get(SecondFactor, user.id)
    kept = decrypt(row.secret) if row is not None else {}
    secret = kept.get("next") or pyotp.random_base32()
    values = encrypt({**kept, "next": secret})
    if row is None:
        session.add(SecondFactor(organization_id=user.organization_id, user_id=user.id, secret=values, last_step=0))
    else:
        row.secret = values
    address = pyotp.TOTP(secret).provisioning_uri(name=user.email, issuer_name=ISSUER)
    return Enrolment(secret, address)


def finish_enrolment(session: Session, user: User, code: str) -> tuple[str, ...]:
    """Put the new secret in force if `code` was made with it; returns new recovery codes, told only here.

    Raises `NOT_BEGUN`, `CODE_WRONG`.
    """
    row = session.get(SecondFactor, user.id, with_for_update=True)
    kept = decrypt(row.secret) if row is not None else {}
    if row is None or "next" not in kept:
        raise NOT_BEGUN()
    step = _step_of(kept["next"], code)
    if step is None:
        raise CODE_WRONG()
    row.secret, row.last_step, row.confirmed = encrypt({"secret": kept["next"]}), step, now()
    _tell(session, user, MADE_SUBJECT, MADE_TEXT)
    return new_recovery_codes(session, user)


def new_recovery_codes(session: Session, user: User) -> tuple[str, ...]:
    """Ten new codes in place of those there were; told only here."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    codes = tuple("-".join(_letters(5) for _ in range(2)) for _ in range(RECOVERY_CODES))
    session.add_all(
        RecoveryCode(organization_id=user.organization_id, user_id=user.id, code_hash=_recovery_hash(user.id, code))
        for code in codes
    )
    return codes


def use_code(session: Session, user_id: str, code: str) -> bool:
    """Whether `code` is a present one of the person's app, or a recovery code; it is used up then."""
    return _use_app_code(session, user_id, code) or _use_recovery_code(session, user_id, code)


def remove_second_factor(session: Session, actor: Actor, user: User) -> None:
    """Take the second factor away, with its recovery codes, and tell the person."""
    removed = session.scalar(
        delete(SecondFactor).where(SecondFactor.user_id == user.id).returning(SecondFactor.user_id)
    )
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    if removed is not None:
        record(session, actor, "second_factor.removed", "user", user.id, organization_id=user.organization_id)
        _tell(session, user, GONE_SUBJECT, GONE_TEXT)


def _use_app_code(session: Session, user_id: str, code: str) -> bool:
    row = session.get(SecondFactor, user_id)
    if row is None or row.confirmed is None:
        return False
    step = _step_of(decrypt(row.secret)["secret"], code)
    if step is None:
        return False
    taken = (
        update(SecondFactor)
        .where(SecondFactor.user_id == user_id, SecondFactor.last_step < step)
        .values(last_step=step)
        .returning(SecondFactor.user_id)
    )
    return session.scalar(taken) is not None


def _use_recovery_code(session: Session, user_id: str, code: str) -> bool:
    used = delete(RecoveryCode).where(
        RecoveryCode.user_id == user_id, RecoveryCode.code_hash == _recovery_hash(user_id, code)
    )
    return session.scalar(used.returning(RecoveryCode.user_id)) is not None


def _step_of(secret: str, code: str) -> int | None:
    """The time step in which the app shows this code, if it is about now."""
    import pyotp

    totp, digits = pyotp.TOTP(secret), "".join(code.split())
    present = int(now().timestamp()) // STEP_SECONDS
    matching = [
        present + offset
        for offset in TOLERATED_STEPS
        if secrets.compare_digest(totp.generate_otp(present + offset).encode(), digits.encode())
    ]
    return matching[0] if matching else None


def _recovery_hash(user_id: str, code: str) -> str:
    letters = "".join(letter for letter in code.lower() if letter in RECOVERY_ALPHABET)
    return fingerprint("recovery code", user_id, letters)


def _letters(count: int) -> str:
    return "".join(secrets.choice(RECOVERY_ALPHABET) for _ in range(count))


def _tell(session: Session, user: User, subject: str, text: str) -> None:
    paragraphs: Sequence[Message] = [Message.of(text, email=user.email), Message.of(NOT_YOU)]
    queue_mail(session, user.organization_id, [user.email], Message.of(subject), paragraphs, locale=user.locale)
