"""Supplies programmes: one suite over the partner's desk and over a service that really listens, then what differs."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.errors import PressroomError
from connectors.settings import Settings
from connectors.supplies import SuppliesProgramme, Terms, programme_kind, programme_kinds
from connectors.supplies.desk import Letter
from connectors.supplies.programme import (
    Answer,
    Customer,
    MemberPrinter,
    Membership,
    MembershipRequest,
    OrderState,
    Receipt,
    Recipient,
    SupplyOrder,
    WantedSupply,
)
from connectors.supplies.web import LONGEST_ANSWER
from tests.support.supplies import TOKEN, ProgrammeService, programme_service

CUSTOMER = Customer("c" * 32, "Lind AB")
RECIPIENT = Recipient(
    "Astrid", "Lind", "Lind & Co", "astrid@example.com", "+46 8 123 45 67", "Storgatan 1", "", "111 22", "Stockholm",
    "", "SE",
)  # fmt: skip
PRINTER = MemberPrinter("PXC1", "Pressroom", "PX C4150", "A-7", "Hall 1", 1200)
SUPPLY = WantedSupply("toner", "black", "Black Toner", "T-100K", "CRG-1", 8, 12)


def request(number: int) -> MembershipRequest:
    printer = replace(PRINTER, serial_number=f"PXC{number}")
    return MembershipRequest(f"{number:032}", CUSTOMER, printer, RECIPIENT, "v1", datetime.now(UTC))


def order(number: int) -> SupplyOrder:
    return SupplyOrder(f"{number:032}", CUSTOMER, PRINTER, RECIPIENT, SUPPLY)


class Notebook:
    """A desk on paper."""

    def __init__(self) -> None:
        self.letters: dict[str, Letter] = {}
        self.said: dict[str, Answer] = {}
        self.shipped: dict[str, Receipt] = {}

    def send(self, letter: Letter) -> None:
        self.letters.setdefault(letter.key, letter)

    def decision(self, key: str) -> Answer:
        return self.said.get(key, Answer(Membership.PENDING, key))

    def shipment(self, key: str) -> Receipt:
        return self.shipped.get(key, Receipt(OrderState.PLACED, key))


class Side:
    """A programme with what its own people do, whatever it is."""

    def __init__(
        self,
        programme: SuppliesProgramme,
        say: Callable[[Answer], None],
        ship: Callable[[Receipt], None],
        got: Callable[[], list[Any]],
    ) -> None:
        self.programme, self.say, self.ship, self.got = programme, say, ship, got


@contextmanager
def desk() -> Iterator[Side]:
    book = Notebook()
    programme = programme_kind("desk").open(Terms({}, {}, book, Settings(_env_file=None)))
    yield Side(
        programme,
        lambda answer: book.said.update({answer.reference: answer}),
        lambda receipt: book.shipped.update({receipt.reference: receipt}),
        lambda: list(book.letters),
    )


@contextmanager
def web() -> Iterator[Side]:
    with programme_service() as service:
        programme = opened(service)
        yield Side(
            programme,
            lambda answer: service.printers[answer.reference].update(state=answer.state.value, reason=answer.reason),
            lambda receipt: service.orders[receipt.reference].update(
                state=receipt.state.value, tracking=receipt.tracking, reason=receipt.reason
            ),
            lambda: [*service.printers, *service.orders],
        )
        programme.close()


def opened(service: ProgrammeService, token: str = TOKEN, *, private: bool = True) -> SuppliesProgramme:
    settings = Settings(_env_file=None, allow_private_addresses=private)
    return programme_kind("web").open(Terms({"address": service.address}, {"token": token}, Notebook(), settings))


@pytest.fixture(params=[desk, web], ids=lambda make: make.__name__)
def side(request: pytest.FixtureRequest) -> Iterator[Side]:
    with request.param() as one:
        yield one


def test_every_programme_is_tried_here() -> None:
    assert list(programme_kinds()) == ["desk", "web"]


def test_a_printer_waits_until_the_programme_says_yes_or_no(side: Side) -> None:
    answers = side.programme.request([request(1), request(2)])
    assert [answer.state for answer in answers] == [Membership.PENDING] * 2
    first, second = (answer.reference for answer in answers)
    assert first != second
    assert side.programme.answer(first).state is Membership.PENDING
    side.say(Answer(Membership.ACCEPTED, first))
    side.say(Answer(Membership.DECLINED, second, "too old"))
    assert side.programme.answer(first) == Answer(Membership.ACCEPTED, first)
    assert side.programme.answer(second) == Answer(Membership.DECLINED, second, "too old")


def test_an_order_goes_its_way(side: Side) -> None:
    placed = side.programme.order(order(1))
    assert placed.state is OrderState.PLACED
    assert side.programme.receipt(placed.reference).state is OrderState.PLACED
    for receipt in (
        Receipt(OrderState.SHIPPED, placed.reference, "PARCEL 7"),
        Receipt(OrderState.DELIVERED, placed.reference, "PARCEL 7"),
        Receipt(OrderState.REFUSED, placed.reference, "", "not made any more"),
    ):
        side.ship(receipt)
        assert side.programme.receipt(placed.reference) == receipt


def test_the_same_key_twice_is_one(side: Side) -> None:
    """As after a time-out, when nobody knows whether the first one arrived."""
    assert side.programme.request([request(1)]) == side.programme.request([request(1)])
    assert side.programme.order(order(2)) == side.programme.order(order(2))
    assert len(side.got()) == 2


def test_the_service_is_told_everything() -> None:
    with programme_service() as service:
        programme = opened(service)
        programme.request([request(1)])
        programme.order(order(2))
        programme.close()
    (asked, document), (ordered, wanted) = ((path, body) for _, path, body in service.requests)
    assert (asked, ordered) == ("/v1/printers", "/v1/orders")
    assert document["key"] == f"{1:032}"
    assert document["customer"] == {"id": CUSTOMER.id, "name": "Lind AB"}
    assert document["printer"]["life_pages"] == 1200
    assert document["terms"] == "v1"
    assert datetime.fromisoformat(document["accepted"]).tzinfo is not None
    assert wanted["recipient"]["phone"] == "+46 8 123 45 67"
    assert wanted["supply"] == {
        "kind": "toner",
        "colour": "black",
        "description": "Black Toner",
        "part_number": "T-100K",
        "serial_number": "CRG-1",
        "percent": 8,
        "days_left": 12,
    }


def test_a_letter_lists_fifteen_printers_at_most() -> None:
    """FL-439 for this mail too."""
    book = Notebook()
    programme = programme_kind("desk").open(Terms({}, {}, book, Settings(_env_file=None)))
    programme.request([request(number) for number in range(1, 19)])
    (letter,) = book.letters.values()
    assert str(letter.subject) == "Managed supplies: 18 printers of Lind AB ask to be taken in"
    text = "\n".join(map(str, letter.paragraphs))
    assert text.count("serial number") == 15
    assert "And 3 more." in text


def test_a_letter_of_an_order_says_where_it_goes() -> None:
    book = Notebook()
    programme = programme_kind("desk").open(Terms({}, {}, book, Settings(_env_file=None)))
    programme.order(SupplyOrder("k", CUSTOMER, PRINTER, RECIPIENT, replace(SUPPLY, part_number="", percent=None)))
    (letter,) = book.letters.values()
    assert str(letter.subject) == "Order: Black Toner for PX C4150, serial number PXC1"
    text = "\n".join(map(str, letter.paragraphs))
    assert "Part number: –" in text
    assert "Days left: 12" in text
    assert "Astrid Lind\nLind & Co\nStorgatan 1\n111 22 Stockholm\nSE\n+46 8 123 45 67\nastrid@example.com" in text


FAILURES = [
    (500, "supplies.unreachable", True),
    (502, "supplies.unreachable", True),
    (503, "supplies.busy", True),
    (429, "supplies.busy", True),
    (401, "supplies.signed_out", True),
    (403, "supplies.signed_out", True),
    (400, "supplies.refused", False),
    (404, "supplies.refused", False),
    (302, "supplies.refused", False),
]


@pytest.mark.parametrize(("status", "code", "passes"), FAILURES)
def test_what_the_service_answers_otherwise(status: int, code: str, passes: bool) -> None:
    with programme_service() as service:
        service.failing = [status]
        programme = opened(service)
        with pytest.raises(PressroomError) as failed:
            programme.order(order(1))
        programme.close()
    assert (failed.value.code, failed.value.transient) == (code, passes)
    assert len(service.requests) == 1, "no redirection is followed, nothing is repeated at once"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        json.dumps({"reference": "R-1"}).encode(),
        json.dumps({"reference": "", "state": "placed"}).encode(),
        json.dumps({"reference": "R-1", "state": "lost"}).encode(),
        json.dumps({"reference": "R-1", "state": "placed", "reason": "x" * LONGEST_ANSWER}).encode(),
    ],
)
def test_an_answer_that_is_none_changes_nothing(body: bytes) -> None:
    with programme_service() as service:
        service.body = body
        programme = opened(service)
        with pytest.raises(PressroomError) as failed:
            programme.order(order(1))
        programme.close()
    assert (failed.value.code, failed.value.transient) == ("supplies.bad_answer", True)


def test_a_wrong_token_and_a_service_that_is_gone() -> None:
    with programme_service() as service:
        programme = opened(service, "another")
        with pytest.raises(PressroomError) as refused:
            programme.request([request(1)])
        assert refused.value.code == "supplies.signed_out"
    with pytest.raises(PressroomError) as gone:
        programme.request([request(1)])
    programme.close()
    assert gone.value.code == "supplies.unreachable"


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:8080/v1",
        "https://user@programme.example/v1",
        "https://programme.example/v1?x=1",
        "https:///v1",
        "file:///etc/passwd",
        "programme.example",
        "https://[::1",
    ],
)
def test_addresses_that_are_not_taken(address: str) -> None:
    """SSRF: https only, nothing but an address."""
    with pytest.raises(PressroomError) as refused:
        opened(ProgrammeService(address=address), private=False)
    assert refused.value.code == "supplies.unsafe_address"


@pytest.mark.parametrize("host", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "[::1]", "localhost"])
def test_private_networks_are_not_reached(host: str) -> None:
    programme = opened(ProgrammeService(address=f"https://{host}:9/v1"), private=False)
    with pytest.raises(PressroomError) as refused:
        programme.order(order(1))
    programme.close()
    assert refused.value.code == "supplies.unsafe_address"


@pytest.mark.parametrize(("options", "secrets", "setting"), [({}, {"token": "x"}, "address"), ({}, {}, "address")])
def test_what_is_missing_is_said(options: dict[str, str], secrets: dict[str, str], setting: str) -> None:
    with pytest.raises(PressroomError) as refused:
        programme_kind("web").open(Terms(options, secrets, Notebook(), Settings(_env_file=None)))
    assert (refused.value.code, refused.value.facts) == ("supplies.incomplete", {"setting": setting})
    with pytest.raises(PressroomError) as unknown:
        programme_kind("other")
    assert unknown.value.code == "supplies.unknown_programme"
