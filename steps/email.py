"""The e-mail step: the document as an attachment to each of the addresses (SC-84…SC-84e).

One message goes to all recipients, who see each other in To and Cc. Each recipient has a delivery record of their own,
so that a retry after a partial refusal reaches only those who do not have it yet.
"""

import hashlib
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import localtime, parseaddr
from types import MappingProxyType

from pydantic import Field, field_validator

from connectors import mail
from connectors.documents.document import Document
from connectors.documents.file_names import safe_file_name
from connectors.errors import Fault, PressroomError
from connectors.mail_addresses import each_once, one_line, wire_address
from connectors.messages import N_, Message, fill
from connectors.value_problems import invalid
from steps.contract import (
    DELIVERY_UNCERTAIN,
    Delivery,
    DeliveryState,
    StepClass,
    StepContext,
    StepExample,
    StepKind,
    StepParameters,
    StepReport,
    StepResult,
)
from steps.samples import letter_docx

NO_ADDRESS = Fault(
    "mail.no_address",
    422,
    N_("The e-mail step has no address to send to."),
    N_("Enter at least one address, or choose to get a copy yourself."),
    spec="SC-E10",
)
NO_OWN_ADDRESS = Fault(
    "mail.no_own_address",
    422,
    N_("No copy can be sent to you: “{address}” is not an e-mail address."),
    N_("Correct the address in your account, or run the solution without a copy to yourself."),
)
TOO_MANY_ADDRESSES = Fault(
    "mail.too_many_addresses",
    422,
    N_("{count} addresses are too many: {limit} are the most."),
    N_("Remove some, or use the address of a mailing list."),
    spec="SC-E09",
)
ADDRESSES_TOO_LONG = Fault(
    "mail.addresses_too_long",
    422,
    N_("The addresses together are longer than {limit} characters."),
    N_("Remove some, or use the address of a mailing list."),
    spec="SC-E09",
)
BAD_SEPARATOR = Fault(
    "mail.bad_separator",
    422,
    N_("Something else than a comma stands between addresses: “{address}”."),
    N_("Put commas between addresses, nothing else."),
    spec="SC-E09",
)
BAD_ADDRESS = Fault(
    "mail.bad_address",
    422,
    N_("“{address}” is not an e-mail address."),
    N_("Correct it, or remove the comma beside which it is missing."),
    spec="SC-84a",
)
MOST_ADDRESSES = 50
LONG_ATTACHMENT = 10 * mail.MB  # TR-41: above it some mail services refuse
SUBJECT = N_("{document} – {solution}")
BODY = N_(
    "{user} has sent you the document “{document}” with the solution “{solution}”.\n\n"
    "You find it in the attachment of this message.\n"
)


class EmailStep(StepParameters):
    """Recipients of the document."""

    LIMITS = MappingProxyType({"addresses": ADDRESSES_TOO_LONG})

    addresses: str = Field(
        "",
        max_length=255,
        title=N_("Addresses"),
        description=N_("Up to 50 e-mail addresses with commas between them, at most 255 characters in all."),
        json_schema_extra={"widget": "addresses"},
    )
    send_me_a_copy: bool = Field(
        False, title=N_("Send me a copy"), description=N_("The document also goes to your own address.")
    )

    @field_validator("addresses")
    @classmethod
    def _check_addresses(cls, text: str) -> str:
        parts = [part.strip() for part in text.split(",")] if text.strip() else []
        if len(parts) > MOST_ADDRESSES:
            raise invalid(TOO_MANY_ADDRESSES(count=len(parts), limit=MOST_ADDRESSES))
        for part in parts:
            _check_address(part)
        return text

    @property
    def recipients(self) -> tuple[str, ...]:
        """The addresses as mail servers want them, in their order, each once."""
        wire = (wire_address(part.strip()) for part in self.addresses.split(","))
        return each_once(*(address for address in wire if address))

    def unready(self) -> PressroomError | None:
        return None if self.recipients or self.send_me_a_copy else NO_ADDRESS()


def _check_address(address: str) -> None:
    """Refuse what is no address; the wrong separator gets words of its own (SC-84a)."""
    if any(separator in address for separator in "; \t\r\n|"):
        raise invalid(BAD_SEPARATOR(address=address))
    if wire_address(address) is None:
        raise invalid(BAD_ADDRESS(address=address))


def send_email(document: Document, step: EmailStep, context: StepContext) -> StepResult:
    """Send the document, once to each recipient whatever happens in between, and return it as it was.

    Raises the faults of `connectors.mail`, and `DELIVERY_UNCERTAIN` where a recipient may or may not have it.
    """
    if error := step.unready():
        raise error
    server = mail.MailServer.of(context.settings)
    copy = _own_address(context) if step.send_me_a_copy else None
    recipients = each_once(*step.recipients, *([copy] if copy else []))
    deliveries = {recipient: context.delivery(document, recipient) for recipient in recipients}
    waiting = _undelivered(deliveries, document)
    context.progress(0, 1)
    if not waiting:
        return StepResult(documents=(document,), report=_report(document, {}, len(recipients)))
    message = _encoded(document, recipients, copy, deliveries, context)
    try:
        dispatch = mail.send(server, message, waiting, document.name, _Recorder(deliveries, context))
    except PressroomError as error:
        if error.fault is mail.UNANSWERED:
            _undelivered(deliveries, document)
        raise
    for recipient in dispatch.accepted:
        deliveries[recipient].delivered(str(dispatch.reply))
    if dispatch.deferred:
        raise mail.DEFERRED(reply=next(iter(dispatch.deferred.values())))
    if len(dispatch.refused) == len(recipients):
        reply = next(iter(dispatch.refused.values()))
        raise mail.REFUSED_RECIPIENT(recipients=", ".join(dispatch.refused), reply=reply)
    context.progress(1, 1)
    return StepResult(documents=(document,), report=_report(document, dispatch.refused, len(recipients)))


def _own_address(context: StepContext) -> str:
    address = wire_address(context.run.user_email)
    if address is None:
        raise NO_OWN_ADDRESS(address=context.run.user_email)
    return address


def _undelivered(deliveries: dict[str, Delivery], document: Document) -> tuple[str, ...]:
    uncertain = [to for to, delivery in deliveries.items() if delivery.state is DeliveryState.COMMITTING]
    if uncertain:
        raise DELIVERY_UNCERTAIN(name=document.name, target=", ".join(uncertain))
    return tuple(to for to, delivery in deliveries.items() if delivery.state is DeliveryState.PREPARED)


class _Recorder(mail.Witness):
    """Keeps the recipients' delivery records true while the transaction runs."""

    def __init__(self, deliveries: dict[str, Delivery], context: StepContext) -> None:
        self.deliveries = deliveries
        self.context = context

    def sending(self, done: int, total: int) -> None:
        self.context.progress(done, total)

    def committing(self, accepted: tuple[str, ...]) -> None:
        for recipient in accepted:
            self.deliveries[recipient].committing()

    def rejected(self, accepted: tuple[str, ...]) -> None:
        for recipient in accepted:
            self.deliveries[recipient].rejected()


def _report(document: Document, refused: dict[str, mail.Reply], count: int) -> StepReport:
    warnings = [
        Message.of(N_("Refused by the mail server: {address} ({reply})"), address=to, reply=str(no))
        for to, no in refused.items()
    ]
    if document.size > LONG_ATTACHMENT:
        text = N_("The attachment is larger than 10 MB: some mail services refuse it. A download is safer.")
        warnings.append(Message.of(text))
    sent = count - len(refused)
    return StepReport(
        summary=Message.of(N_("Sent. Addresses: {count}."), count=sent),
        warnings=tuple(warnings),
        measures={"recipients": sent},
    )


def _encoded(
    document: Document,
    recipients: tuple[str, ...],
    copy: str | None,
    deliveries: dict[str, Delivery],
    context: StepContext,
) -> bytes:
    """The message as it goes over the wire; raises `TOO_LARGE`, for a hopeless document before reading it."""
    limit = context.settings.mail_max_mb * mail.MB
    least = document.size * 4 // 3  # base64
    if least > limit:
        raise mail.too_large(document.name, least, limit)
    message = _message(document, context)
    addressed = [to for to in recipients if to != copy]
    for header, addresses in (("To", addressed), ("Cc" if addressed else "To", [copy] if copy else [])):
        if addresses:
            message[header] = ", ".join(addresses)
    # the same in every attempt, so that receivers can drop a repetition
    key = hashlib.sha256("".join(delivery.key for delivery in deliveries.values()).encode()).hexdigest()
    message["Message-ID"] = f"<{key[:40]}@{message['From'].addresses[0].domain}>"
    encoded = message.as_bytes()
    if len(encoded) > limit:
        raise mail.too_large(document.name, len(encoded), limit)
    return encoded


def _message(document: Document, context: StepContext) -> EmailMessage:
    facts = {"user": context.run.user_name, "document": document.name, "solution": context.run.solution_name}
    facts = {name: one_line(value) for name, value in facts.items()}
    message = EmailMessage(policy=SMTP)
    name, address = parseaddr(context.settings.mail_sender)
    message["From"] = Address(name, addr_spec=address)
    message["Subject"] = fill(SUBJECT, facts)
    message["Date"] = localtime()
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday notes in answer
    message.set_content(fill(BODY, facts))
    main, _, sub = document.media_type.partition("/")
    if main in ("message", "multipart") or not sub:  # these must not be encoded (RFC 2046, 5.2.1)
        main, sub = "application", "octet-stream"
    content = context.fetch(document).read_bytes()
    message.add_attachment(content, maintype=main, subtype=sub, filename=safe_file_name(document.name))
    return message


KIND = StepKind(
    name="email",
    title=N_("E-mail"),
    description=N_("Sends the document to one or more e-mail addresses."),
    icon="mail",
    parameters=EmailStep,
    run=send_email,
    step_class=StepClass.DESTINATION,
    example=StepExample(EmailStep(addresses="maria@example.com", send_me_a_copy=True), letter_docx),
)
