"""What a mail holds for printing: its text and its attachments, whatever its structure (RFC 5322, RFC 2045…2049).

The old parsing policy is used on purpose: it takes every header as it is, while the new one raises for some that are
malformed. Nothing here trusts the structure: it is walked without recursion, within limits.
"""

import base64
import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesHeaderParser
from email.policy import compat32
from email.utils import collapse_rfc2231_value, getaddresses
from enum import StrEnum
from html import escape
from typing import Any

from lxml import etree, html

from connectors.documents.file_names import safe_file_name
from connectors.documents.media_types import EXTENSIONS
from connectors.errors import Fault
from connectors.mail_addresses import one_line
from connectors.mail_in.faults import ENCRYPTED, NO_SENDER, TOO_DEEP, TOO_MANY_ATTACHMENTS, UNREADABLE

MOST_LINES, MOST_BOUNDARIES, MOST_DEPTH = 1_000_000, 20_000, 20
"""What a mail may cost before it is looked into: lines and lines like boundaries, and parts within parts."""
FOLDED = re.compile(rb"(?im)^content-[a-z-]+:[^\n]*(?:\n[ \t][^\n]*){30,}")
LONGEST_HEADER, LONGEST_SHELL, MOST_HEADER = 1000, 200_000, 1 << 18
"""What a header of a part may have in lines and others in characters: reading them takes the square of it."""
IGNORED_TYPES = frozenset(
    {
        "application/pkcs7-signature",
        "application/x-pkcs7-signature",
        "application/pgp-signature",
        "application/pgp-keys",
        "application/ms-tnef",
        "application/vnd.ms-tnef",
    }
)
IGNORED_NAMES = frozenset({"smime.p7s", "winmail.dat", "signature.asc", "encryption.asc", "openpgp_signature.asc"})
"""What belongs to the mail and is no document (PR-144)."""
ENCRYPTED_TYPES = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime", "multipart/encrypted"})
CID = re.compile(r"""\bcid:([^"'\s>)]{1,998})""", re.IGNORECASE)
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
SLOW_CHARSETS = frozenset({"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "utf-7"})
"""Encodings of Python that are none of mail, or that take the square of the length."""
CHARSETS = {"x-mac-roman": "mac-roman", "ansi": "cp1252", "x-unknown": "utf-8", "iso-8859-8-i": "iso-8859-8"}
Part = Message


class Automatic(StrEnum):
    """Whether a person sent the mail (RFC 3834, RFC 3464)."""

    NO = "no"
    GENERATED = "generated"
    REPLIED = "replied"


@dataclass(frozen=True, slots=True)
class MailPart:
    """Something to print: `content` under a file name. `number` counts the mail's parts; 0 is its text.

    `fault` says why it cannot be printed, where that is known without looking at the content; `media_type` is set for
    messages, which look like text.
    """

    number: int
    name: str
    content: bytes
    fault: Fault | None = None
    media_type: str = ""


@dataclass(frozen=True, slots=True)
class MailHead:
    """Who a mail is from, in lower case as From: says, and whether a person sent it."""

    sender: str
    subject: str
    automatic: Automatic

    @property
    def sender_domain(self) -> str:
        return self.sender.rpartition("@")[2]


@dataclass(frozen=True, slots=True)
class ReadMail:
    """What is in a mail; `ignored` counts signatures and the like."""

    text: MailPart | None
    attachments: tuple[MailPart, ...]
    ignored: int = 0


def read_head(content: bytes) -> MailHead:
    """What the header says; raises `NO_SENDER` or `UNREADABLE`."""
    end = content.find(b"\r\n\r\n", 0, MOST_HEADER)
    head = content[: end if end >= 0 else MOST_HEADER]
    if FOLDED.search(head):
        raise UNREADABLE(reason="a header is too long")
    message = BytesHeaderParser(policy=compat32).parsebytes(head + b"\r\n\r\n")
    return MailHead(_sender_of(message), header_text(message, "Subject"), _automatic(message))


def read_mail(content: bytes, most_attachments: int) -> ReadMail:
    """Take the mail apart; raises `UNREADABLE`, `TOO_DEEP` or `TOO_MANY_ATTACHMENTS`."""
    if content.count(b"\n") > MOST_LINES:
        raise UNREADABLE(reason="too many lines")
    if (count := content.count(b"\n--")) > MOST_BOUNDARIES:
        raise TOO_MANY_ATTACHMENTS(count=count, limit=most_attachments)
    if FOLDED.search(content):
        raise UNREADABLE(reason="a header is too long")
    try:
        message = message_from_bytes(content, policy=compat32)
    except RecursionError as error:
        raise TOO_DEEP(limit=MOST_DEPTH) from error
    pieces = _Pieces()
    for part, is_alternative in _leaves(message):
        pieces.take(part, is_alternative=is_alternative)
    inline = pieces.inline()
    attachments = [part for part in pieces.attached if part not in inline]
    if max(len(attachments), len(inline) // 4) > most_attachments:
        raise TOO_MANY_ATTACHMENTS(count=len(attachments) + len(inline), limit=most_attachments)
    return ReadMail(
        text=pieces.text(header_text(message, "Subject"), inline),
        attachments=tuple(_attachment(number, part) for number, part in enumerate(attachments, 1)),
        ignored=pieces.ignored,
    )


def _sender_of(message: Part) -> str:
    headers = [str(header) for header in message.get_all("From", [])]
    if len(headers) != 1 or len(headers[0]) > LONGEST_HEADER or len(found := getaddresses(headers)) != 1:
        raise NO_SENDER()
    address = found[0][1].strip().lower()
    local, at, domain = address.rpartition("@")
    if not (local and at and domain) or any(not char.isprintable() or char.isspace() for char in address):
        raise NO_SENDER()
    return address


def header_text(message: Part, name: str) -> str:
    """A header as people read it, in one line; what cannot be decoded stays as it came."""
    value = str(message.get(name, ""))[:LONGEST_HEADER]
    return " ".join(one_line(_decoded_words(value)).split())


def _decoded_words(value: str) -> str:
    value = value[:LONGEST_HEADER]
    try:
        words = decode_header(value)
        if any(charset and codecs.lookup(charset).name in SLOW_CHARSETS for _, charset in words):
            return value
        return str(make_header(words))
    except (HeaderParseError, LookupError, ValueError):
        return value.encode("ascii", "replace").decode()


def _automatic(message: Part) -> Automatic:
    submitted = str(message.get("Auto-Submitted", "no")).strip().lower()
    is_report = message.get_content_type() == "multipart/report" or "X-Autoreply" in message
    if submitted.startswith("auto-replied") or is_report or "X-Autorespond" in message:
        return Automatic.REPLIED
    precedence = str(message.get("Precedence", "")).strip().lower()
    if not submitted.startswith("no") or precedence in ("bulk", "list", "junk") or "List-Id" in message:
        return Automatic.GENERATED
    return Automatic.NO


def _leaves(message: Part) -> Iterator[tuple[Part, bool]]:
    """The parts that hold something, in order, each with whether it is one form of several of the same text."""
    waiting: list[tuple[Part, int, bool]] = [(message, 0, False)]
    while waiting:
        part, depth, is_alternative = waiting.pop()
        if depth > MOST_DEPTH:
            raise TOO_DEEP(limit=MOST_DEPTH)
        inside = part.get_payload()
        kind = part.get_content_type()
        if isinstance(inside, list) and part.get_content_maintype() == "multipart" and kind not in ENCRYPTED_TYPES:
            among = is_alternative or kind == "multipart/alternative"
            children = [child for child in inside if isinstance(child, Message)]
            waiting.extend((child, depth + 1, among) for child in reversed(children))
        else:
            yield part, is_alternative


class _Pieces:
    """Sorts parts into the mail's text, documents, and what is neither."""

    def __init__(self) -> None:
        self.pages: list[str] = []
        self.plain: list[str] = []
        self.attached: list[Part] = []
        self.ignored = 0

    def take(self, part: Part, *, is_alternative: bool) -> None:
        kind, name = part.get_content_type(), file_name(part)
        is_attached = str(part.get("Content-Disposition", "")).strip().lower().startswith("attachment")
        if kind in IGNORED_TYPES or name.lower() in IGNORED_NAMES:
            self.ignored += 1
        elif kind in ("text/plain", "text/html") and not is_attached and not name:
            (self.pages if kind == "text/html" else self.plain).append(_text(part))
        elif is_alternative and not is_attached and not name and part.get_content_maintype() == "text":
            self.ignored += 1  # the same text once more, such as an invitation's calendar entry
        else:
            self.attached.append(part)

    def inline(self) -> dict[Part, str]:
        """Pictures that the text refers to, with the reference: they belong to it (PR-144)."""
        wanted = {found.strip().lower() for page in self.pages for found in CID.findall(page)}
        found: dict[Part, str] = {}
        for part in self.attached:
            reference = str(part.get("Content-ID", "")).strip().strip("<>")
            if part.get_content_maintype() == "image" and reference.lower() in wanted:
                found[part] = reference
        return found

    def text(self, subject: str, inline: dict[Part, str]) -> MailPart | None:
        """The text as a file: a page where there is one, with its pictures inside; None where there is none."""
        name = subject.replace("/", "-").replace("\\", "-")[:100].strip(" .") or "Mail"
        if any(_says_something(page) for page in self.pages):
            page = "<hr>".join(self.pages)
            for part, reference in inline.items():
                page = re.sub(f"cid:{re.escape(reference)}", lambda _found, part=part: _address(part), page, flags=re.I)  # type: ignore[misc]
            head = f"<!doctype html><meta charset=utf-8><title>{escape(name)}</title>"
            return MailPart(0, safe_file_name(f"{name}.html"), (head + page).encode("utf-8-sig", "replace"))
        plain = "\n\n".join(text.strip("\n") for text in self.plain if text.strip())
        return MailPart(0, safe_file_name(f"{name}.txt"), plain.encode("utf-8", "replace")) if plain else None


def _says_something(page: str) -> bool:
    """Whether there is text or a picture: many programs send an empty page along with attachments."""
    if len(page) > LONGEST_SHELL:
        return True
    tree = html.document_fromstring(
        f"<html><body>{page}</body></html>".encode(), parser=html.HTMLParser(encoding="utf-8")
    )
    etree.strip_elements(tree, "style", "script", "head", "title", with_tail=False)
    return tree.find(".//img") is not None or bool("".join(map(str, tree.itertext())).replace("\xa0", " ").strip())


def _address(part: Part) -> str:
    return f"data:{part.get_content_type()};base64,{base64.b64encode(_content(part)).decode()}"


def _text(part: Part) -> str:
    """Text in its character set, or in what it may be; without control characters, which are no text."""
    content = _content(part)
    declared = str(part.get_content_charset("") or "").strip().lower()
    text = next(
        (found for charset in (declared, "utf-8", "cp1252") if (found := _read(content, charset)) is not None), None
    )
    return CONTROLS.sub("", (content.decode("latin-1") if text is None else text).replace("\r\n", "\n"))


def _read(content: bytes, charset: str) -> str | None:
    try:
        known = codecs.lookup(CHARSETS.get(charset, charset)).name
        return content.decode(known) if known not in SLOW_CHARSETS else None
    except (LookupError, ValueError):
        return None


def _content(part: Part) -> bytes:
    """The part's bytes; what its transfer encoding does not tell stays as it came."""
    inside: Any = part.get_payload(decode=True)
    if isinstance(inside, bytes):
        return inside
    return part.as_bytes(policy=compat32)


def file_name(part: Part) -> str:
    """The file name that the part has, decoded however it was written (RFC 2231, RFC 2047); empty: none."""
    for parameter, header in (("filename", "Content-Disposition"), ("name", "Content-Type")):
        value = part.get_param(parameter, None, header)
        if value:
            try:
                return one_line(_decoded_words(collapse_rfc2231_value(value))).strip()
            except (LookupError, ValueError):
                return one_line(str(value)).strip()
    return ""


def _attachment(number: int, part: Part) -> MailPart:
    kind, name = part.get_content_type(), file_name(part)
    if kind in ENCRYPTED_TYPES and not name.lower().endswith(".p7s"):
        return MailPart(number, safe_file_name(name or "smime.p7m"), b"", ENCRYPTED)
    if part.get_content_maintype() == "message":
        inside = part.get_payload()
        nested = inside[0] if isinstance(inside, list) and inside and isinstance(inside[0], Message) else part
        title = header_text(nested, "Subject")
        return MailPart(
            number, safe_file_name(name or f"{title[:100] or 'message'}.eml"), b"", media_type="message/rfc822"
        )
    extension = EXTENSIONS.get(kind, ("bin",))[0]
    return MailPart(number, safe_file_name(name or f"attachment-{number}.{extension}"), _content(part))
