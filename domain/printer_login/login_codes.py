"""Login codes: eight digits that sign somebody in at a printer once, within fifteen minutes (AC-158…AC-162, PR-185).

A person has at most one. It is kept encrypted for its owner to see, and by its fingerprint to be found. Using it
deletes it: of two printers that get the same code at the same time, one deletes the row and the other finds none.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from connectors.errors import Fault
from connectors.messages import N_
from connectors.secrets import decrypt, encrypt, fingerprint
from domain.audit.service import record
from domain.organizations.actor import Actor
from domain.organizations.models import now
from domain.organizations.permissions import Permission
from domain.printer_login.configuration import settings_of
from domain.printer_login.holders import home_of
from domain.printer_login.models import LoginCode
from domain.printer_login.rules import LoginMethod
from domain.tenancy import tenant_session

SECURE_LOGIN_OFF = Fault(
    "login_code.off",
    409,
    N_("Printers of your organization take no login codes."),
    N_("Administrators: select secure login on the page “Printer login”."),
    spec="AC-162",
)
CODES_BUSY = Fault(
    "login_code.busy",
    503,
    N_("No login code could be made in this moment."),
    N_("Try again."),
    transient=True,
)
DIGITS, LIFETIME, ATTEMPTS = 8, timedelta(minutes=15), 20


@dataclass(frozen=True, slots=True)
class CodeView:
    """A code as its owner sees it."""

    code: str
    expires: datetime


def current_code(actor: Actor) -> CodeView | None:
    """The actor's valid code; None where it was used or has expired, or there was none."""
    actor.need(Permission.OWN_LOGIN_CODE)
    with tenant_session(home_of(actor), read_only=True) as session:
        _check_offered(session, home_of(actor))
        row = session.get(LoginCode, actor.user_id)
        if row is None or row.expires <= now():
            return None
        return CodeView(decrypt(row.code)["code"], row.expires)


def new_code(actor: Actor) -> CodeView:
    """A new code in place of the one before; raises `SECURE_LOGIN_OFF`."""
    actor.need(Permission.OWN_LOGIN_CODE)
    home = home_of(actor)
    with tenant_session(home) as session:
        _check_offered(session, home)
        session.execute(delete(LoginCode).where((LoginCode.expires <= now()) | (LoginCode.user_id == actor.user_id)))
        view = _keep_code(session, home, actor.user_id)
        record(session, actor, "login_code.issued", "person", actor.user_id, organization_id=home)
        return view


def use_code(session: Session, organization_id: str, code: str) -> str | None:
    """Use a code up; the id of the person whose it was, or None where no valid one is like this."""
    return session.scalar(
        delete(LoginCode)
        .where(
            LoginCode.organization_id == organization_id,
            LoginCode.fingerprint == _code_fingerprint(organization_id, code),
            LoginCode.expires > now(),
        )
        .returning(LoginCode.user_id)
    )


def _keep_code(session: Session, organization_id: str, user_id: str) -> CodeView:
    expires = now() + LIFETIME
    for _ in range(ATTEMPTS):
        code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
        row = LoginCode(
            organization_id=organization_id,
            user_id=user_id,
            fingerprint=_code_fingerprint(organization_id, code),
            code=encrypt({"code": code}),
            expires=expires,
        )
        try:
            with session.begin_nested():
                session.add(row)
        except IntegrityError:  # somebody else has this code, or the same person asked twice at once
            session.execute(delete(LoginCode).where(LoginCode.user_id == user_id))
            continue
        return CodeView(code, expires)
    raise CODES_BUSY()


def _check_offered(session: Session, organization_id: str) -> None:
    if not settings_of(session, organization_id).takes(LoginMethod.SECURE_LOGIN):
        raise SECURE_LOGIN_OFF()


def _code_fingerprint(organization_id: str, code: str) -> str:
    return fingerprint("login code", organization_id, code)
