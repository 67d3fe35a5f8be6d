"""What comes with a print request: the ticket, and the document in a format and packing that the printer knows."""

import zlib

from connectors.ipp.values import text_of
from connectors.ipp.wire import Group, Tag
from printers_sim.ipp.call import (
    BAD_REQUEST,
    COMPRESSION_ERROR,
    COMPRESSION_NOT_SUPPORTED,
    FORMAT_NOT_SUPPORTED,
    NOT_SUPPORTED,
    OK_IGNORED,
    TOO_LARGE,
    Answer,
    Call,
    IppRefusal,
)
from printers_sim.ipp.description import template_attributes
from printers_sim.ipp.media import media_attributes
from printers_sim.ipp.ticket import Ticket, read_ticket
from printers_sim.rendering.document import FORMATS, OCTETS

COMPRESSIONS = ("none", "deflate", "gzip")
LARGEST_DOCUMENT = 256 << 20


def ticket_of(call: Call) -> Ticket:
    """What the job asks for; raises `IppRefusal` where it insists on what is not supported."""
    asked = call.request.first(Tag.JOB)
    ticket = read_ticket(asked, template_attributes(call.printer) | media_attributes(call.printer))
    fidelity = call.operation.get("ipp-attribute-fidelity")
    if ticket.unsupported and fidelity is not None and fidelity.value is True:
        raise IppRefusal(NOT_SUPPORTED, "An attribute or a value is not supported.", ticket.unsupported)
    return ticket


def with_unsupported(ticket: Ticket, groups: tuple[Group, ...]) -> Answer:
    """An answer that tells what was not supported, if anything."""
    if not ticket.unsupported:
        return Answer(groups)
    return Answer((Group(Tag.UNSUPPORTED_GROUP, dict(ticket.unsupported)), *groups), OK_IGNORED)


def require_format(call: Call) -> None:
    """Raise `IppRefusal` for a format that is not printed."""
    wanted = call.operation.get("document-format")
    if wanted is not None and wanted.value not in (*FORMATS, OCTETS):
        raise IppRefusal(FORMAT_NOT_SUPPORTED, "Documents of that format are not printed.", {"document-format": wanted})


def compression_of(call: Call) -> str:
    """How the document is packed; raises `IppRefusal`."""
    wanted = call.operation.get("compression")
    if wanted is not None and wanted.value not in COMPRESSIONS:
        raise IppRefusal(COMPRESSION_NOT_SUPPORTED, "That compression is not supported.", {"compression": wanted})
    return text_of(call.operation, "compression") or "none"


def document_of(call: Call) -> bytes:
    """The document, unpacked; raises `IppRefusal`."""
    how = compression_of(call)
    if not call.data:
        raise IppRefusal(BAD_REQUEST, "There is no document.")
    if how == "none":
        return call.data
    window = 16 + zlib.MAX_WBITS if how == "gzip" else -zlib.MAX_WBITS
    unpacking = zlib.decompressobj(window)
    try:
        content = unpacking.decompress(call.data, LARGEST_DOCUMENT)
    except zlib.error as error:
        raise IppRefusal(COMPRESSION_ERROR, "The document cannot be unpacked.") from error
    if unpacking.unconsumed_tail:
        raise IppRefusal(TOO_LARGE, "Unpacked, the document is too large.")
    if not unpacking.eof:
        raise IppRefusal(COMPRESSION_ERROR, "The document was not packed to its end.")
    return content
