"""Requests and orders of managed supplies as lines of a list, for customers and for the partner's desk."""

from connectors.messages import N_
from fleet.managed_supplies.listing import OrderView, RequestView
from fleet.managed_supplies.models import OrderStanding, RequestState
from portal_api.pages import theme
from portal_api.pages.visit import when
from portal_api.pages.words import _, message_text

REQUEST_LOOKS = {
    RequestState.WAITING: (N_("Waiting to be sent"), "off"),
    RequestState.PENDING: (N_("Pending"), "dry"),
    RequestState.ACCEPTED: (N_("Accepted"), "good"),
    RequestState.DECLINED: (N_("Declined"), "bad"),
    RequestState.RELEASED: (N_("Released"), "quiet"),
}
ORDER_LOOKS = {
    OrderStanding.WAITING: (N_("Waiting to be sent"), "off"),
    OrderStanding.PLACED: (N_("Placed"), "dry"),
    OrderStanding.SHIPPED: (N_("Shipped"), "good"),
    OrderStanding.DELIVERED: (N_("Delivered"), "good"),
    OrderStanding.REFUSED: (N_("Refused"), "bad"),
}


def request_words(view: RequestView, *, names_customer: bool) -> None:
    """Which printer, of whom, and what was said."""
    with theme.block("record-words"):
        theme.text(f"{view.manufacturer} {view.model} · {view.serial_number}", "strong clamp-one")
        pages = "–" if view.life_pages is None else str(view.life_pages)
        facts = (
            view.organization if names_customer else "",
            _("Life page count: {count}", count=pages),
            ", ".join(filter(None, (view.contact, view.city))),
        )
        theme.text(" · ".join(filter(None, facts)), "muted clamp-one")
        _notes(view.reason, message_text(view.problem) if view.problem else "")
    with theme.block("record-when"):
        title, look = REQUEST_LOOKS[view.state]
        theme.chip(_(title), look)
        theme.text(when(view.answered or view.at), "ticket")


def order_words(view: OrderView, *, names_customer: bool) -> None:
    """Which supply for which printer, where it goes, and where it is."""
    with theme.block("record-words"):
        theme.text(view.supply or view.kind, "strong clamp-one")
        printer = f"{view.model} · {view.serial_number}"
        theme.text(" · ".join(filter(None, (view.organization if names_customer else "", printer))), "muted clamp-one")
        facts = (
            _("Part number {number}", number=view.part_number) if view.part_number else "",
            "" if view.percent is None else f"{view.percent} %",
            "" if view.days_left is None else _("{count} days left", count=view.days_left),
            ", ".join(filter(None, (view.recipient.get("last_name", ""), view.recipient.get("city", "")))),
        )
        theme.text(" · ".join(filter(None, facts)), "muted clamp-one")
        _notes(view.tracking, view.reason, message_text(view.problem) if view.problem else "")
    with theme.block("record-when"):
        title, look = ORDER_LOOKS[view.state]
        theme.chip(_(title), look)
        theme.text(when(view.changed), "ticket")


def _notes(*notes: str) -> None:
    for note in filter(None, notes):
        theme.text(note, "hint clamp-one")
