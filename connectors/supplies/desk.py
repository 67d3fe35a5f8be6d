"""The open default: people of a partner are the programme. Requests and orders reach their desk as letters.

The desk itself — who mails a letter, and what its people have said — is given from outside.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from connectors.messages import N_, Message
from connectors.supplies.programme import (
    Answer,
    Membership,
    MembershipRequest,
    OrderState,
    Receipt,
    Recipient,
    SupplyOrder,
)

LISTED = 15
"""Printers that the text of one letter lists at most (FL-439)."""
REQUESTS_SUBJECT = N_("Managed supplies: {count} printers of {customer} ask to be taken in")
PRINTER_LINE = N_("{manufacturer} {model}, serial number {serial_number}, life page count {life_pages}, {city}")
MORE = N_("And {count} more.")
DECIDE = N_("Accept or decline them on the page “Supplies desk”.")
ORDER_SUBJECT = N_("Order: {supply} for {model}, serial number {serial_number}")
ORDER_PRINTER = N_(
    "Printer: {manufacturer} {model}\nSerial number: {serial_number}\nAsset tag: {asset_tag}\nPlace: {location}\n"
    "Customer: {customer}"
)
ORDER_SUPPLY = N_(
    "Supply: {supply}\nPart number: {part_number}\nCartridge in the printer: {cartridge}\nLevel: {level}\n"
    "Days left: {days}"
)
DELIVER_TO = N_("Deliver to:\n{address}")
SHIP = N_("Once it is on its way, mark the order as shipped on the page “Supplies desk”.")
UNKNOWN = "–"


@dataclass(frozen=True, slots=True)
class Letter:
    """What the desk is to get. `key` names the occasion: the same letter is never sent twice."""

    key: str
    subject: Message
    paragraphs: tuple[Message, ...]


class Desk(Protocol):
    """The desk of a partner."""

    def send(self, letter: Letter) -> None:
        """Have the letter reach the desk, once per key."""
        ...

    def decision(self, key: str) -> Answer:
        """What its people have said to the request of that key."""
        ...

    def shipment(self, key: str) -> Receipt:
        """How far its people are with the order of that key."""
        ...


class DeskProgramme:
    """See `SuppliesProgramme`. References are the keys."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def request(self, requests: Sequence[MembershipRequest]) -> list[Answer]:
        """One letter for each customer."""
        by_customer: dict[str, list[MembershipRequest]] = {}
        for request in requests:
            by_customer.setdefault(request.customer.id, []).append(request)
        for share in by_customer.values():
            self._desk.send(_request_letter(share))
        return [Answer(Membership.PENDING, request.key) for request in requests]

    def answer(self, reference: str) -> Answer:
        """What people have said."""
        return self._desk.decision(reference)

    def order(self, order: SupplyOrder) -> Receipt:
        """One letter for each order."""
        self._desk.send(_order_letter(order))
        return Receipt(OrderState.PLACED, order.key)

    def receipt(self, reference: str) -> Receipt:
        """How far people are."""
        return self._desk.shipment(reference)

    def close(self) -> None:
        """Nothing to give back."""


def _request_letter(requests: Sequence[MembershipRequest]) -> Letter:
    lines = [
        Message.of(
            PRINTER_LINE,
            manufacturer=request.printer.manufacturer,
            model=request.printer.model,
            serial_number=request.printer.serial_number,
            life_pages=UNKNOWN if request.printer.life_pages is None else request.printer.life_pages,
            city=request.recipient.city,
        )
        for request in requests[:LISTED]
    ]
    if len(requests) > LISTED:
        lines.append(Message.of(MORE, count=len(requests) - LISTED))
    subject = Message.of(REQUESTS_SUBJECT, count=len(requests), customer=requests[0].customer.name)
    return Letter(f"supplies-request/{requests[0].key}", subject, (*lines, Message.of(DECIDE)))


def _order_letter(order: SupplyOrder) -> Letter:
    printer, supply = order.printer, order.supply
    subject = Message.of(
        ORDER_SUBJECT, supply=supply.description, model=printer.model, serial_number=printer.serial_number
    )
    about_printer = Message.of(
        ORDER_PRINTER,
        manufacturer=printer.manufacturer,
        model=printer.model,
        serial_number=printer.serial_number,
        asset_tag=printer.asset_tag or UNKNOWN,
        location=printer.location or UNKNOWN,
        customer=order.customer.name,
    )
    about_supply = Message.of(
        ORDER_SUPPLY,
        supply=supply.description,
        part_number=supply.part_number or UNKNOWN,
        cartridge=supply.serial_number or UNKNOWN,
        level=UNKNOWN if supply.percent is None else f"{supply.percent} %",
        days=UNKNOWN if supply.days_left is None else supply.days_left,
    )
    to = Message.of(DELIVER_TO, address="\n".join(address_lines(order.recipient)))
    return Letter(f"supplies-order/{order.key}", subject, (about_supply, about_printer, to, Message.of(SHIP)))


def address_lines(recipient: Recipient) -> list[str]:
    """Name, company, address and how to reach them, a line each."""
    place = " ".join(filter(None, (recipient.postal_code, recipient.city, recipient.region)))
    lines = (
        f"{recipient.first_name} {recipient.last_name}",
        recipient.company,
        recipient.street,
        recipient.street_2,
        place,
        recipient.country,
        recipient.phone,
        recipient.email,
    )
    return [line for line in lines if line]
