"""From a mail that was taken in to jobs in somebody's queue, and the answer (F-11, F-13).

A mail is looked at twice: first its jobs are made, each part one (PR-141); once these are prepared, and it is known how
many pages they have and which cannot be printed, its sender is answered.
"""

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.errors import Fault, PressroomError
from connectors.mail_in.authenticity import Origin
from connectors.mail_in.message import MailHead, MailPart, ReadMail, read_head, read_mail
from connectors.messages import N_
from connectors.settings import get_settings
from domain.organizations.actor import Actor, actor_of_user, guest_actor
from domain.organizations.models import Organization, User, now
from domain.organizations.permissions import Permission
from domain.print_guests.admission import admit_guest, tell_pin
from domain.print_mail.addresses import is_available, mailbox_address
from domain.print_mail.answers import Held, answer_guest, answer_person, answer_refusal
from domain.print_mail.models import MessageState, PrintMessage
from domain.print_mail.reception import content_key
from domain.print_mail.senders import Sender, check_head, find_sender
from domain.print_mail.work import (
    MessageWork,
    PartResult,
    delete_content,
    end,
    look_again,
    note_parts,
    owned,
    refuse,
)
from domain.printing.content import job_store
from domain.printing.features import FEATURE_DISABLED, PRINTING_BY_MAIL
from domain.printing.formats import check_format
from domain.printing.models import PrintJob
from domain.printing.settings import EmailSettings, print_settings
from domain.printing.states import INCOMING, JobSource, JobState
from domain.printing.submission import Client, Submission, submit_file
from domain.recorded_errors import ErrorView, error_record
from domain.tenancy import tenant_session

NOTHING_TO_PRINT = Fault(
    "print_mail.empty",
    422,
    N_("There is nothing in the mail that is printed."),
    N_("Attach the documents. The text of a mail is printed only where your organization has switched that on."),
    spec="PR-144",
)
CLIENT = Client(type="e-mail")
ORIGIN = ("peer", "mail_from", "helo", "vouching")
"""What the envelope of a mail tells about where it came from."""
LONGEST_PREPARATION = timedelta(minutes=30)
"""After that a sender is answered, whether or not all jobs are prepared."""
PAUSES = (1, 1, 2, 3, 5, 10, 20, 30, 60)
NOT_WAITING = frozenset({JobState.REJECTED, JobState.FAILED})


def look_at(work: MessageWork) -> MessageState:
    """Do what is next with the mail; raises what may pass by itself, and a refused mail ends here."""
    if work.state is MessageState.PREPARING:
        return _answer_when_prepared(work)
    with tenant_session(work.organization_id, read_only=True) as session:
        settings = print_settings(session, work.organization_id).email
        is_open, mailbox = settings.enabled and is_available(session), mailbox_address(session)
    if not is_open:
        return refuse(work, FEATURE_DISABLED(feature=PRINTING_BY_MAIL))
    content = _content(work)
    head: MailHead | None = None
    try:
        head = read_head(content)
        check_head(head, Origin(**{name: work.envelope.get(name, "") for name in ORIGIN}), content, mailbox)
        sender = find_sender(work.organization_id, work.message_id, head)
    except PressroomError as error:
        if error.transient:
            raise
        return refuse(work, error, head.sender_domain if head is not None else "")
    try:
        return _take_apart(work, sender, content, settings)
    except PressroomError as error:
        if error.transient:
            raise
        return _answer_refusal(work, sender, error)


def _take_apart(work: MessageWork, sender: Sender, content: bytes, settings: EmailSettings) -> MessageState:
    if sender.person is not None:
        sender.person.need(Permission.PRINT_SUBMIT)
    parts = list(_printed(read_mail(content, get_settings().print_max_files), settings))
    if not parts:
        return _answer_refusal(work, sender, NOTHING_TO_PRINT(), MessageState.EMPTY)
    owner, submission = _owner(work, sender, settings)
    results = [_submitted(work, owner, part, submission) for part in parts]
    envelope = {"answer_to": sender.answer_to, "address": sender.address if sender.person is None else ""}
    note_parts(work, owner.user_id, results, envelope, is_guest=sender.person is None)
    return MessageState.PREPARING


def _printed(mail: ReadMail, settings: EmailSettings) -> Iterator[MailPart]:
    """The mail's text only where the organization wants it, and every attachment (PR-141)."""
    if settings.body_enabled and mail.text is not None:
        yield mail.text
    yield from mail.attachments


def _owner(work: MessageWork, sender: Sender, settings: EmailSettings) -> tuple[Actor, Submission]:
    """Whose jobs they are, and what counts for each of them: a guest's end with the PIN (PR-152, PR-155)."""
    if sender.person is not None:
        return sender.person, Submission("", JobSource.EMAIL, client=CLIENT)
    with tenant_session(work.organization_id) as session:
        admission = admit_guest(session, work.organization_id, sender.address, settings)
    limit = settings.guest_page_limit if settings.guest_page_limit_enabled else None
    common = Submission("", JobSource.EMAIL, client=CLIENT, page_limit=limit, expires_latest=admission.expires)
    return admission.actor, common


def _submitted(work: MessageWork, owner: Actor, part: MailPart, common: Submission) -> PartResult:
    """Make the part a job, or note why it cannot be one; trouble that may pass is raised."""
    root = get_settings().scratch_folder
    root.mkdir(parents=True, exist_ok=True)
    submission = replace(common, name=part.name, key=f"mail/{work.message_id}/{part.number}")
    try:
        if part.fault is not None:
            raise part.fault(name=part.name)
        if part.media_type:
            check_format(part.media_type, part.name, extra=False)
        with tempfile.TemporaryDirectory(prefix="mail-", dir=root) as folder:
            path = Path(folder) / "part"
            path.write_bytes(part.content)
            return PartResult(part.name, submit_file(owner, submission, path).id)
    except PressroomError as error:
        if error.transient:
            raise
        return PartResult(part.name, error=error_record(error))


def _answer_when_prepared(work: MessageWork) -> MessageState:
    with tenant_session(work.organization_id, read_only=True) as session:
        row = session.get_one(PrintMessage, work.message_id)
        ids = [part["job_id"] for part in row.parts if part["job_id"]]
        preparing = select(PrintJob.id).where(PrintJob.id.in_(ids), PrintJob.state.in_(INCOMING)).limit(1)
        waits = session.scalar(preparing) is not None and now() - row.received < LONGEST_PREPARATION
    if waits:
        looks = int(work.envelope.get("looks", "0"))
        look_again(
            work, timedelta(seconds=PAUSES[min(looks, len(PAUSES) - 1)]), {**work.envelope, "looks": str(looks + 1)}
        )
        return MessageState.PREPARING
    with tenant_session(work.organization_id) as session:
        return _answer(session, owned(session, work), work)


def _answer(session: Session, row: PrintMessage, work: MessageWork) -> MessageState:
    parts = [PartResult(part["name"], part["job_id"], part["error"]) for part in row.parts]
    held, refused = _outcome(session, parts)
    row.accepted, row.refused = len(held), len(refused)
    if answer_to := work.envelope["answer_to"]:
        row.mail_id = _send_answer(session, row, answer_to, work.envelope["address"], held, refused)
    state = MessageState.ACCEPTED
    if refused:
        state = MessageState.PARTIALLY_ACCEPTED if held else MessageState.REFUSED
    end(session, row, state)
    return state


def _outcome(session: Session, parts: Sequence[PartResult]) -> tuple[list[Held], list[ErrorView]]:
    """What waits, and why the rest does not; what its owner has deleted or printed meanwhile counts as accepted."""
    ids = [part.job_id for part in parts if part.job_id]
    jobs = {job.id: job for job in session.scalars(select(PrintJob).where(PrintJob.id.in_(ids)))}
    held, refused = [], []
    for part in parts:
        job = jobs.get(part.job_id)
        error = ErrorView.of(part.error) or (ErrorView.of(job.reason) if job and job.state in NOT_WAITING else None)
        if error is not None:
            refused.append(error)
        else:
            held.append(Held(part.name, job.pages if job else None, job.expires_at if job else None))
    return held, refused


def _send_answer(
    session: Session,
    row: PrintMessage,
    answer_to: str,
    address: str,
    held: Sequence[Held],
    refused: Sequence[ErrorView],
) -> str:
    key = f"print-mail/{row.id}"
    if not row.is_guest:
        return answer_person(session, actor_of_user(row.user_id or ""), answer_to, held, refused, key)
    user = session.get_one(User, row.user_id)
    pin = tell_pin(session, row.organization_id, address) if held else None
    return answer_guest(session, guest_actor(session, user), answer_to, held, refused, pin, key)


def _answer_refusal(
    work: MessageWork, sender: Sender, error: PressroomError, state: MessageState = MessageState.REFUSED
) -> MessageState:
    """Nothing of the mail is printed; its proven sender is told why (PR-143, PR-144)."""
    with tenant_session(work.organization_id) as session:
        row = owned(session, work)
        if sender.answer_to:
            organization = session.get_one(Organization, work.organization_id)
            locale = sender.person.locale if sender.person else (organization.announcement_languages or ["en"])[0]
            key = f"print-mail/{row.id}"
            row.mail_id = answer_refusal(session, work.organization_id, sender.answer_to, error, locale, key)
        row.user_id = sender.person.user_id if sender.person else None
        end(session, row, state, error)
    delete_content(work)
    return state


def _content(work: MessageWork) -> bytes:
    with job_store().open(content_key(work.organization_id, work.message_id)) as source:
        return source.read()
