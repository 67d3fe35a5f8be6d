"""Registering a badge at a printer: whoever holds it proves who they are there, once (AC-163).

The proof is a sign-in as at the portal, with all its rules and locks, or a login code; so people whose organization
signs in at an identity provider can register too.
"""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from connectors.errors import Fault, PressroomError
from connectors.messages import N_
from connectors.settings import get_settings
from domain.organizations.models import User, now
from domain.organizations.permissions import Permission
from domain.printer_login.at_printers import CODE_REFUSED, CodeProof, check_offered, settings_at
from domain.printer_login.badges import NewBadge, keep_badge, note_badge
from domain.printer_login.card_numbers import card_number
from domain.printer_login.guards import Guarded, count_attempt, give_back
from domain.printer_login.login_codes import SECURE_LOGIN_OFF, use_code
from domain.printer_login.models import Origin
from domain.printer_login.printer_sessions import Panel, SignedIn, open_printer_session, person_at
from domain.printer_login.rules import LoginMethod
from domain.sign_in import sessions
from domain.sign_in.second_factor import CODE_WRONG
from domain.sign_in.service import CODE_NEEDED, SIGN_IN_FAILED, sign_in
from domain.tenancy import tenant_session

CREDENTIALS_REFUSED = Fault(
    "printer_login.credentials_refused",
    403,
    N_("The e-mail address, the password or the code is wrong."),
    N_("Try again, or use a login code: get one at “{address}”."),
)
APP_CODE_NEEDED = Fault(
    "printer_login.app_code_needed",
    403,
    N_("Your account takes a code of your authenticator app too."),
    N_("Type it together with your password, or use a login code: get one at “{address}”."),
)


@dataclass(frozen=True, slots=True)
class PasswordProof:
    """What somebody signs in with at the portal; `app_code` where they use an authenticator app."""

    email: str
    password: str
    app_code: str = ""


def register_at_printer(panel: Panel, sent: str, proof: PasswordProof | CodeProof) -> SignedIn:
    """Register the badge that the card reader has sent for whoever `proof` proves, and sign them in.

    Raises why not: `BADGE_TAKEN` where it is somebody else's, `CREDENTIALS_REFUSED`, `CODE_REFUSED`, locks.
    """
    settings = settings_at(panel)
    check_offered(panel, settings, LoginMethod.BADGE)
    if isinstance(proof, CodeProof) and not settings.takes(LoginMethod.SECURE_LOGIN):
        raise SECURE_LOGIN_OFF()
    number = card_number(settings.card_reader, sent)
    count_attempt(panel.organization_id, Guarded.PRINTER, panel.printer_id)
    proved = _signed_in_person(panel, proof) if isinstance(proof, PasswordProof) else ""
    with tenant_session(panel.organization_id) as session:
        user_id = _person_of_code(session, panel, proof.code) if isinstance(proof, CodeProof) else proved
        actor = person_at(session, panel, user_id)
        actor.need(Permission.OWN_BADGE)
        badge = keep_badge(session, session.get_one(User, user_id), NewBadge(number), Origin.PRINTER)
        badge.last_used = now()
        note_badge(session, actor, "badge.registered", badge)
        for kind in (Guarded.PRINTER, Guarded.UNKNOWN_BADGES):
            give_back(session, panel.organization_id, kind, panel.printer_id)
        return open_printer_session(session, panel, actor, LoginMethod.BADGE, settings)


def _signed_in_person(panel: Panel, proof: PasswordProof) -> str:
    """Sign in as at the portal, and out again: what counts is that it was possible."""
    origin = sessions.Origin(panel.address, f"printer {panel.printer_id}")
    try:
        signed_in = sign_in(proof.email, proof.password, origin, proof.app_code)
    except PressroomError as error:
        address = f"{get_settings().public_url}/device"
        if error.fault in (SIGN_IN_FAILED, CODE_WRONG):
            raise CREDENTIALS_REFUSED(address=address) from error
        if error.fault is CODE_NEEDED:
            raise APP_CODE_NEEDED(address=address) from error
        raise
    sessions.sign_out(signed_in.session.token)
    return signed_in.actor.user_id


def _person_of_code(session: Session, panel: Panel, code: str) -> str:
    user_id = use_code(session, panel.organization_id, code)
    if user_id is None:
        raise CODE_REFUSED(address=f"{get_settings().public_url}/device")
    return user_id
