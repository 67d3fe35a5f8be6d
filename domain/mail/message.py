"""A mail as it goes over the wire: plain text with a simple HTML alternative, in the reader's language."""

from collections.abc import Sequence
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import localtime, parseaddr
from html import escape

from connectors.documents.file_names import safe_file_name
from connectors.mail_addresses import one_line
from connectors.messages import N_, Message
from connectors.settings import Settings
from domain.texts.catalogue import language_of, translate, translate_message

SENT_BY = N_("Sent by Pressroom, {address}")
POLICY = SMTP.clone(cte_type="7bit")
HTML = """\
<!DOCTYPE html>
<html lang="{language}">
<head><meta charset="utf-8"><meta name="color-scheme" content="light dark"><title>{subject}</title></head>
<body style="font-family: system-ui, sans-serif; line-height: 1.5; max-width: 36em; margin: 1.5em auto; padding: 0 1em">
{paragraphs}
<p style="font-size: 0.85em; opacity: 0.75">{footer}</p>
</body>
</html>
"""


@dataclass(frozen=True, slots=True)
class MailAttachment:
    """A file that goes with a mail."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class MailText:
    """What a mail says, as templates, and the language in which it is said. `link` is an http(s) address."""

    subject: Message
    paragraphs: Sequence[Message]
    locale: str
    link: str = ""
    attachments: Sequence[MailAttachment] = ()


def encoded(text: MailText, recipients: Sequence[str], mail_id: str, settings: Settings) -> str:
    """The message for `recipients` (addresses as mail servers want them), in ASCII with CRLF line ends.

    The Message-ID is made from `mail_id`, so that it is the same however often the mail is sent.
    """
    if text.link and not text.link.startswith(("https://", "http://")):
        raise ValueError("a mail may link to web addresses only")
    name, sender = parseaddr(settings.mail_sender)
    message = EmailMessage(policy=POLICY)
    message["From"] = Address(name, addr_spec=sender)
    message["To"] = ", ".join(recipients)
    message["Subject"] = one_line(translate_message(text.subject, text.locale))
    message["Date"] = localtime()
    message["Message-ID"] = f"<{mail_id}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday notes in answer
    message.set_content(_plain(text, settings))
    message.add_alternative(_html(text, settings), subtype="html")
    for attachment in text.attachments:
        _attach(message, attachment)
    message["Content-Language"] = language_of(text.locale)  # at the end: parts take such headers with them
    return message.as_bytes().decode("ascii")


def _plain(text: MailText, settings: Settings) -> str:
    paragraphs = [translate_message(paragraph, text.locale) for paragraph in text.paragraphs]
    if text.link:
        paragraphs.append(text.link)
    return "\n\n".join([*paragraphs, f"-- \n{_footer(text, settings)}"]) + "\n"


def _html(text: MailText, settings: Settings) -> str:
    paragraphs = [_as_html(translate_message(paragraph, text.locale)) for paragraph in text.paragraphs]
    if text.link:
        link = escape(text.link)
        paragraphs.append(f'<a href="{link}">{link}</a>')
    facts = {
        "language": language_of(text.locale),
        "subject": escape(one_line(translate_message(text.subject, text.locale))),
        "paragraphs": "\n".join(f"<p>{paragraph}</p>" for paragraph in paragraphs),
        "footer": escape(_footer(text, settings)),
    }
    return HTML.format(**facts)


def _as_html(paragraph: str) -> str:
    return escape(paragraph).replace("\n", "<br>\n")


def _footer(text: MailText, settings: Settings) -> str:
    return translate(SENT_BY, text.locale, address=settings.public_url)


def _attach(message: EmailMessage, attachment: MailAttachment) -> None:
    main, _, sub = attachment.media_type.partition("/")
    if main in ("message", "multipart") or not sub:  # these must not be encoded (RFC 2046, 5.2.1)
        main, sub = "application", "octet-stream"
    name = safe_file_name(attachment.name)
    params = {"charset": "utf-8"} if main == "text" else None
    message.add_attachment(attachment.content, maintype=main, subtype=sub, filename=name, params=params)
