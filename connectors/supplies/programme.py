"""The contract of a supplies programme: who replenishes the supplies of printers, whatever service that is (FL-450…).

A programme is asked to take printers in, says yes or no at once or later, and takes orders for their supplies. Every
request and every order has a `key`: given again, after a crash or a time-out, it is the same one and nothing is done
twice. What cannot be reached now raises a transient fault and is asked again later.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class Membership(StrEnum):
    """What a programme says to a printer that asks to be taken in."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    DECLINED = "declined"


class OrderState(StrEnum):
    """Where an order is. `PLACED`: the programme has it."""

    PLACED = "placed"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    REFUSED = "refused"

    @property
    def is_final(self) -> bool:
        return self in (OrderState.DELIVERED, OrderState.REFUSED)


@dataclass(frozen=True, slots=True)
class Customer:
    """The organization whose printers they are."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Recipient:
    """To whom and where supplies are sent (FL-455). `country` is ISO 3166-1 alpha-2, `phone` in international form."""

    first_name: str
    last_name: str
    company: str
    email: str
    phone: str
    street: str
    street_2: str
    postal_code: str
    city: str
    region: str
    country: str


@dataclass(frozen=True, slots=True)
class MemberPrinter:
    """The printer. `life_pages` is its count when it asked, None in orders of one that no longer tells it."""

    serial_number: str
    manufacturer: str
    model: str
    asset_tag: str
    location: str
    life_pages: int | None


@dataclass(frozen=True, slots=True)
class MembershipRequest:
    """A printer asks to be taken in; `accepted` says when somebody accepted the `terms` of that version."""

    key: str
    customer: Customer
    printer: MemberPrinter
    recipient: Recipient
    terms: str
    accepted: datetime


@dataclass(frozen=True, slots=True)
class Answer:
    """What the programme says. `reference` is its own name for the request, `reason` why it declines."""

    state: Membership
    reference: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class WantedSupply:
    """The supply that runs low. `serial_number` is of the cartridge in the printer now; what is not known is empty."""

    kind: str
    colour: str
    description: str
    part_number: str
    serial_number: str
    percent: int | None
    days_left: int | None


@dataclass(frozen=True, slots=True)
class SupplyOrder:
    """One supply for one printer."""

    key: str
    customer: Customer
    printer: MemberPrinter
    recipient: Recipient
    supply: WantedSupply


@dataclass(frozen=True, slots=True)
class Receipt:
    """Where the order is. `reference` is the programme's own name for it; `tracking` tells where the parcel is."""

    state: OrderState
    reference: str
    tracking: str = ""
    reason: str = ""


class SuppliesProgramme(Protocol):
    """A supplies programme as the fleet sees it; each method raises the faults of `connectors.supplies.faults`."""

    def request(self, requests: Sequence[MembershipRequest]) -> list[Answer]:
        """Ask to take these printers in; the answers in the same order."""
        ...

    def answer(self, reference: str) -> Answer:
        """What it says to an earlier request by now."""
        ...

    def order(self, order: SupplyOrder) -> Receipt:
        """Place an order."""
        ...

    def receipt(self, reference: str) -> Receipt:
        """Where an earlier order is by now."""
        ...

    def close(self) -> None:
        """Give connections back."""
        ...
