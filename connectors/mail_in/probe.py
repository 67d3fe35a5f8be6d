"""A message that an address sends to itself, to see that mail to it really arrives here (F-12)."""

import smtplib
from email.message import EmailMessage

from connectors.errors import Fault
from connectors.messages import N_

PROBE = "Pressroom-Probe"
NOT_ARRIVED = Fault(
    "print_mail.not_arrived",
    503,
    N_("A test message to {address} did not arrive: {reason}."),
    N_("It is tried again for a day. Administrators: see that “pressroom mail-in” runs and that mail is led to it."),
    transient=True,
    spec="PR-140",
)
SECONDS = 15.0


def send_probe(host: str, port: int, address: str, token: str, *, speaks_lmtp: bool = False) -> None:
    """Hand a test message for `address` to the server there; raises `NOT_ARRIVED`."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = address, address, "Pressroom test"
    message["Auto-Submitted"] = "auto-generated"
    message[PROBE] = token
    message.set_content("This message checks that mail to this address arrives.\n")
    kind = smtplib.LMTP if speaks_lmtp else smtplib.SMTP
    try:
        with kind(host, port, timeout=SECONDS) as server:
            server.sendmail("", [address], message.as_bytes())
    except (OSError, smtplib.SMTPException) as error:
        raise NOT_ARRIVED(address=address, reason=_reason(error)) from error


def _reason(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        [(code, answer)] = error.recipients.values()
        return f"{code} {answer.decode('utf-8', 'replace')}"[:200]
    if isinstance(error, smtplib.SMTPResponseException):
        text = error.smtp_error
        return f"{error.smtp_code} {text.decode('utf-8', 'replace') if isinstance(text, bytes) else text}"[:200]
    return getattr(error, "strerror", None) or type(error).__name__
