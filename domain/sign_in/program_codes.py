"""Letting a program in by a code that its person types in a browser, on whatever device (RFC 8628, PR-330).

The program asks for two codes: one that it keeps and polls with, and one that it shows. Whoever types the shown code in
the portal and says yes gives the program a personal token, which is listed and revoked with their other tokens.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from connectors.errors import Fault
from connectors.messages import N_
from connectors.secrets import decrypt, encrypt, fingerprint
from domain.audit.service import record
from domain.organizations.actor import Actor
from domain.organizations.models import now
from domain.organizations.permissions import Permission
from domain.sign_in.models import ApiToken, ProgramSignIn
from domain.sign_in.sessions import token_hash
from domain.sign_in.tokens import PREFIX, create_token, offered_scopes
from domain.tenancy import system_session

PROGRAM_UNKNOWN = Fault(
    "program_sign_in.unknown_program",
    400,
    N_("There is no program “{program}” that can be let in this way."),
    N_("Use a release of the program that belongs to this portal."),
)
CODE_UNKNOWN = Fault(
    "program_sign_in.unknown_code",
    404,
    N_("This code does not count, or does not count any more."),
    N_("Compare it with what the program shows, or start the sign-in there again."),
)
PENDING = Fault(
    "program_sign_in.pending",
    400,
    N_("Nobody has answered yet."),
    N_("Type the code in the portal, then wait a moment."),
    transient=True,
)
TOO_OFTEN = Fault(
    "program_sign_in.too_often",
    400,
    N_("The program asks too often."),
    N_("Ask again after the interval that was told."),
    transient=True,
)
REFUSED = Fault(
    "program_sign_in.refused",
    400,
    N_("Somebody refused to let the program in."),
    N_("Start the sign-in again if that was a mistake."),
)
EXPIRED = Fault(
    "program_sign_in.expired",
    400,
    N_("The code was not typed in time."),
    N_("Start the sign-in again."),
)
LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
"""Consonants, so that no words come out (RFC 8628 §6.1)."""
CODE_LENGTH = 8
LIFETIME = timedelta(minutes=15)
INTERVAL = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class Program:
    """A program that people can let in: what its token allows, of what they may themselves, and for how long."""

    name: str
    scopes: tuple[Permission, ...]
    lifetime: timedelta


PROGRAMS = {
    "printctl": Program(
        "printctl",
        (
            Permission.OWN_ACCOUNT,
            Permission.OWN_QUOTA,
            Permission.OWN_REPORTS,
            Permission.PRINT_OWN_QUEUE,
            Permission.PRINT_SUBMIT,
            Permission.PRINT_DELEGATE,
            Permission.HYBRID_SUBMIT,
            Permission.DIRECT_SUBMIT,
            Permission.DIRECT_PACKAGE_DOWNLOAD,
        ),
        timedelta(days=180),
    )
}
"""By the id that each shows (its `client_id`)."""


@dataclass(frozen=True, slots=True)
class Codes:
    """What a program gets to begin with; `user_code` is for the person."""

    device_code: str
    user_code: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """A program that asks to be let in: its name, the computer as it calls itself, and where it asked from."""

    program: Program
    host: str
    address: str


@dataclass(frozen=True, slots=True)
class Granted:
    """The token of a program that was let in."""

    token: str
    expires: datetime


def begin(program: str, host: str, address: str) -> Codes:
    """Two new codes; raises `PROGRAM_UNKNOWN`."""
    if program not in PROGRAMS:
        raise PROGRAM_UNKNOWN(program=program[:32])
    typed = "".join(secrets.choice(LETTERS) for _ in range(CODE_LENGTH))
    codes = Codes(secrets.token_urlsafe(32), f"{typed[:4]}-{typed[4:]}")
    with system_session() as session:
        session.execute(delete(ProgramSignIn).where(ProgramSignIn.expires < now()))
        session.add(
            ProgramSignIn(
                device_code=_kept("device", codes.device_code),
                user_code=_kept("user", typed),
                program=program,
                host=" ".join(host.split())[:100],
                address=address,
                expires=now() + LIFETIME,
            )
        )
    return codes


def waiting(actor: Actor, user_code: str) -> Waiting:
    """Which program waits for this code; raises `CODE_UNKNOWN`."""
    actor.need(Permission.OWN_ACCOUNT)
    with system_session(read_only=True) as session:
        row = _waiting(session, user_code)
        return Waiting(PROGRAMS[row.program], row.host, row.address)


def answer(actor: Actor, user_code: str, *, let_in: bool) -> None:
    """Say yes or no to the program; raises `CODE_UNKNOWN`, and what `create_token` raises."""
    actor.need(Permission.OWN_ACCOUNT)
    with system_session(read_only=True) as session:
        row = _waiting(session, user_code)
        program, host = PROGRAMS[row.program], row.host
    sealed = ""
    if let_in:
        expires = now() + program.lifetime
        offered = set(offered_scopes(actor))
        scopes = [scope.value for scope in program.scopes if scope in offered]
        token, _view = create_token(actor, f"{program.name} · {host}" if host else program.name, scopes, expires)
        sealed = encrypt({"token": token, "expires": expires.isoformat()})
    with system_session() as session:
        row = _waiting(session, user_code)
        row.answer, row.refused = sealed, not let_in


def collect(program: str, device_code: str) -> Granted:
    """The token for the program, once. Raises `PENDING`, `TOO_OFTEN`, `REFUSED`, `EXPIRED`."""
    with system_session() as session:
        query = select(ProgramSignIn).where(
            ProgramSignIn.device_code == _kept("device", device_code), ProgramSignIn.program == program
        )
        row = session.scalar(query.with_for_update())
        if row is None or row.expires < now():
            raise EXPIRED()
        if row.refused:
            session.delete(row)
            refused, found = True, None
        elif row.answer:
            session.delete(row)
            refused, found = False, decrypt(row.answer)
        else:
            refused, found = False, None
            is_hasty = row.polled is not None and row.polled > now() - INTERVAL / 2
            row.polled = now()
    if refused:
        raise REFUSED()
    if found is None:
        raise TOO_OFTEN() if is_hasty else PENDING()
    return Granted(found["token"], datetime.fromisoformat(found["expires"]))


def revoke(token: str, address: str = "") -> bool:
    """Make a personal token worthless by itself (RFC 7009); whether it counted before."""
    from domain.sign_in.tokens import actor_of_api_token

    if not token.startswith(PREFIX):
        return False
    with system_session(read_only=True) as session:
        known = session.scalar(select(ApiToken.id).where(ApiToken.token_hash == token_hash(token)))
    if known is None:
        return False
    actor = actor_of_api_token(token, None, address)
    with system_session() as session:
        gone = session.execute(delete(ApiToken).where(ApiToken.id == known)).rowcount  # type: ignore[attr-defined]
        if gone:
            home = actor.home_organization_id
            record(session, actor, "api_token.revoked", "api_token", known, organization_id=home)
    return bool(gone)


def _waiting(session: Session, user_code: str) -> ProgramSignIn:
    typed = "".join(sign for sign in user_code.upper() if sign.isalpha())
    row = session.scalar(
        select(ProgramSignIn).where(
            ProgramSignIn.user_code == _kept("user", typed),
            ProgramSignIn.expires > now(),
            ProgramSignIn.answer == "",
            ProgramSignIn.refused.is_(False),
        )
    )
    if row is None:
        raise CODE_UNKNOWN()
    return row


def _kept(kind: str, code: str) -> str:
    return fingerprint(f"program sign-in {kind}", code)
