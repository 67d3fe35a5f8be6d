"""Pre-registered printers: serial numbers that may enrol themselves with the organization's code (F-4…F-6, FL-142)."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from connectors.errors import Fault
from connectors.messages import N_, Message
from connectors.secrets import decrypt, encrypt
from domain.audit.service import record
from domain.mail.service import queue_mail
from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from fleet.agents.codes import code_fingerprint, new_code
from fleet.enrolment.models import EnrolmentCode, PreRegistration
from fleet.printers.models import Printer

TOO_MANY = Fault(
    "pre_registration.too_many",
    422,
    N_("These are more than {limit} serial numbers."),
    N_("Pre-register them in several parts."),
)
MOST_AT_ONCE = 10_000
_SERIAL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{2,63}")


@dataclass(frozen=True, slots=True)
class PreRegistered:
    """What became of the serial numbers (F-4): accepted, known already (pre-registered or enrolled), malformed."""

    accepted: tuple[str, ...]
    duplicate: tuple[str, ...]
    invalid: tuple[str, ...]


def pre_register(actor: Actor, serials: Iterable[str], email: str = "") -> PreRegistered:
    """Record serial numbers; `email` gets the code and instructions (FL-144). Raises `TOO_MANY`."""
    actor.need(Permission.FLEET_ENROL)
    wanted = list(dict.fromkeys(serial.strip() for serial in serials if serial.strip()))
    if len(wanted) > MOST_AT_ONCE:
        raise TOO_MANY(limit=MOST_AT_ONCE)
    invalid = tuple(serial for serial in wanted if not _SERIAL.fullmatch(serial))
    valid = [serial for serial in wanted if _SERIAL.fullmatch(serial)]
    with actor.session() as session:
        known = _known(session, valid)
        fresh = [serial for serial in valid if serial not in known]
        session.add_all(PreRegistration(organization_id=actor.organization_id, serial_number=each) for each in fresh)
        record(session, actor, "pre_registration.added", "organization", actor.organization_id, {"count": len(fresh)})
        if email:
            _mail_code(session, actor, email)
    return PreRegistered(tuple(fresh), tuple(serial for serial in valid if serial in known), invalid)


def list_pre_registered(actor: Actor, *, after: str = "", limit: int | None = None) -> Sequence[str]:
    """The serial numbers that wait, in order: all, or so many `after` one of them."""
    actor.need(Permission.FLEET_VIEW)
    serial = PreRegistration.serial_number
    with actor.session(read_only=True) as session:
        return session.scalars(select(serial).where(serial > after).order_by(serial).limit(limit)).all()


def remove_pre_registered(actor: Actor, serials: Sequence[str]) -> int:
    """Drop pre-registrations (F-6, FL-149); returns how many."""
    actor.need(Permission.FLEET_ENROL)
    with actor.session() as session:
        gone = delete(PreRegistration).where(PreRegistration.serial_number.in_(serials)).returning(PreRegistration.id)
        count = len(session.scalars(gone).all())
        if count:
            facts = {"count": count}
            record(session, actor, "pre_registration.removed", "organization", actor.organization_id, facts)
        return count


def enrolment_code(actor: Actor) -> str:
    """The organization's enrolment code (FL-72, FL-145), made when it is first asked for."""
    actor.need(Permission.FLEET_ENROL)
    with actor.session() as session:
        record(session, actor, "enrolment_code.shown", "organization", actor.organization_id)
        return code_of_organization(session, actor.organization_id)


def code_of_organization(session: Session, organization_id: str) -> str:
    """The code as text."""
    row = session.scalar(select(EnrolmentCode).where(EnrolmentCode.organization_id == organization_id))
    if row is None:
        code = new_code(4)
        row = EnrolmentCode(
            organization_id=organization_id,
            code=encrypt({"code": code}),
            fingerprint=code_fingerprint("organization", code),
        )
        session.add(row)
        session.flush()
    return decrypt(row.code)["code"]


def serials_of_file(content: bytes) -> list[str]:
    """The serial numbers of a .csv or .txt file: the first column of every row that has one (FL-143)."""
    rows = csv.reader(io.StringIO(content.decode("utf-8-sig", errors="replace")))
    return [row[0].strip() for row in rows if row and row[0].strip()]


def _known(session: Session, serials: Sequence[str]) -> set[str]:
    known: set[str] = set()
    for start in range(0, len(serials), 500):
        chunk = serials[start : start + 500]
        waiting = select(PreRegistration.serial_number).where(PreRegistration.serial_number.in_(chunk))
        enrolled = select(Printer.serial_number).where(Printer.serial_number.in_(chunk))
        known |= set(session.scalars(waiting)) | set(session.scalars(enrolled))
    return known


def _mail_code(session: Session, actor: Actor, email: str) -> None:
    code = code_of_organization(session, actor.organization_id)
    queue_mail(
        session,
        actor.organization_id,
        [email],
        Message.of(N_("How to enrol the printers that were pre-registered")),
        [
            Message.of(N_("The enrolment code of your organization is:")),
            Message.of("{code}", code=code),
            Message.of(
                N_("At each printer's web page or panel, open Settings > Cloud services > Cloud services enrolment.")
            ),
            Message.of(
                N_("Make sure that communication with the cloud is on, type the code and choose Enrol printer.")
            ),
        ],
        locale=actor.locale,
    )
