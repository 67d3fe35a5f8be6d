"""The rules of managed supplies as tables: addresses, eligibility, when a supply is ordered (FL-455…FL-472)."""

from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.printers.reading import Condition, Supply, SupplyKind
from fleet.agents.models import Agent, AgentKind
from fleet.managed_supplies.addresses import countries, problems, tidy
from fleet.managed_supplies.rules import ELIGIBILITY, Eligibility, eligibility, is_low, is_renewed
from fleet.printers.models import MspStatus, Printer
from tests.support.supplies import CONTACT

VALUES: list[tuple[dict[str, str], dict[str, str]]] = [
    ({}, {}),
    ({"first_name": " "}, {"first_name": "delivery_contact.missing"}),
    ({"last_name": ""}, {"last_name": "delivery_contact.missing"}),
    ({"company": "", "street_2": "", "region": ""}, {}),
    ({"first_name": "x" * 101}, {"first_name": "delivery_contact.too_long"}),
    ({"street": "Storgatan 1\u2028B"}, {"street": "delivery_contact.unprintable"}),
    ({"email": "astrid"}, {"email": "delivery_contact.email"}),
    ({"country_code": "+46"}, {}),
    ({"country_code": "SE"}, {"country_code": "delivery_contact.country_code"}),
    ({"country_code": "４６"}, {"country_code": "delivery_contact.country_code"}),
    ({"country_code": "12345"}, {"country_code": "delivery_contact.too_long"}),
    ({"phone": "(08) 123-45.67"}, {}),
    ({"phone": "12"}, {"phone": "delivery_contact.phone"}),
    ({"phone": "8 123 45 67 ext 9"}, {"phone": "delivery_contact.phone"}),
    ({"phone": "1" * 16}, {"phone": "delivery_contact.phone"}),
    ({"country": "se"}, {}),
    ({"country": "SWE"}, {"country": "delivery_contact.country"}),
    ({"country": "XX"}, {"country": "delivery_contact.country"}),
    ({"country": "EU"}, {"country": "delivery_contact.country"}),
    ({"postal_code": "11122"}, {}),
    ({"postal_code": "1112"}, {"postal_code": "delivery_contact.postal_code"}),
    ({"postal_code": ""}, {"postal_code": "delivery_contact.missing"}),
    ({"postal_code": "", "country": "HK"}, {}),
    ({"postal_code": "k1a 0b1", "country": "CA", "region": "ON"}, {}),
    ({"postal_code": "10001", "country": "US"}, {"region": "delivery_contact.missing"}),
    ({"postal_code": "AD500", "country": "AD"}, {}),
    (
        {"email": "", "street": "", "country": "Sweden"},
        {
            "email": "delivery_contact.missing",
            "street": "delivery_contact.missing",
            "country": "delivery_contact.country",
        },
    ),
]


@pytest.mark.parametrize(("changed", "expected"), VALUES)
def test_values_of_a_contact(changed: dict[str, str], expected: dict[str, str]) -> None:
    found = {name: error.code for name, error in problems(tidy(CONTACT | changed))}
    assert found == expected


def test_countries_have_names() -> None:
    assert countries("sv")["DE"] == "Tyskland"
    assert "150" not in countries()


def printer(**values: Any) -> Printer:
    facts: dict[str, Any] = {
        "model": "PX C4150",
        "manufacturer": "Pressroom",
        "life_pages": 5000,
        "last_refresh": datetime.now(UTC),
        "delivery_contact_id": "c" * 32,
        "msp": None,
    }
    return Printer(**(facts | values))


def agent(**values: Any) -> Agent:
    facts: dict[str, Any] = {"kind": AgentKind.FLEET, "version": "1.3.49", "is_built_in": False, "deactivated": None}
    return Agent(**(facts | values))


NO_AGENT = None
OUTCOMES: list[tuple[dict[str, Any], dict[str, Any] | None, Eligibility]] = [
    ({}, {}, Eligibility.ELIGIBLE),
    ({"msp": MspStatus.MEMBER, "life_pages": None}, {}, Eligibility.MANAGED),
    ({"msp": MspStatus.PENDING}, NO_AGENT, Eligibility.PENDING),
    ({}, NO_AGENT, Eligibility.ENROLMENT_FAILED),
    ({}, {"deactivated": datetime.now(UTC)}, Eligibility.ENROLMENT_FAILED),
    ({"last_refresh": None, "model": "PX M1"}, {}, Eligibility.ENROLMENT_FAILED),
    ({"model": "PX M1", "life_pages": None}, {}, Eligibility.MODEL_NOT_SUPPORTED),
    ({"model": "px c4150"}, {}, Eligibility.ELIGIBLE),
    ({"manufacturer": "Other", "model": "Laser 9"}, {}, Eligibility.ELIGIBLE),
    ({"life_pages": None}, {}, Eligibility.NO_PAGE_COUNT),
    ({"life_pages": 0}, {}, Eligibility.ELIGIBLE),
    ({"life_pages": 100_000}, {}, Eligibility.ELIGIBLE),
    ({"life_pages": 100_001, "delivery_contact_id": None}, {}, Eligibility.TOO_MANY_PAGES),
    ({"delivery_contact_id": None}, {"version": "1.0"}, Eligibility.NO_CONTACT),
    ({}, {"version": "1.3.48"}, Eligibility.AGENT_TOO_OLD),
    ({}, {"version": ""}, Eligibility.AGENT_TOO_OLD),
    ({}, {"version": "", "is_built_in": True}, Eligibility.ELIGIBLE),
    ({}, {"version": "1.0", "kind": AgentKind.NATIVE}, Eligibility.ELIGIBLE),
]


@pytest.mark.parametrize(("facts", "of_agent", "expected"), OUTCOMES)
def test_how_a_printer_stands(facts: dict[str, Any], of_agent: dict[str, Any] | None, expected: Eligibility) -> None:
    """FL-464…FL-472."""
    models = ("PX C*", "other laser*")
    found = eligibility(printer(**facts), agent(**of_agent) if of_agent is not None else None, models, 100_000)
    assert found is expected


def test_without_limits_every_model_and_count_will_do() -> None:
    assert eligibility(printer(model="X", life_pages=10**9), agent(), (), None) is Eligibility.ELIGIBLE


def test_every_outcome_has_a_title_and_a_remedy() -> None:
    assert set(ELIGIBILITY) == set(Eligibility)


def supply(percent: int | None = None, condition: Condition = Condition.UNKNOWN, serial: str = "") -> Supply:
    return Supply("k", SupplyKind.TONER, "Toner", serial_number=serial, percent=percent, condition=condition)


LEVELS = [
    (supply(21), False),
    (supply(20), True),
    (supply(0), True),
    (supply(21, Condition.LOW), False),
    (supply(None, Condition.LOW), True),
    (supply(None, Condition.EMPTY), True),
    (supply(None, Condition.SOME_REMAINING), False),
    (supply(None, Condition.OK), False),
    (supply(), False),
]


@pytest.mark.parametrize(("seen", "expected"), LEVELS)
def test_when_to_order(seen: Supply, expected: bool) -> None:
    assert is_low(seen, 20) is expected


RENEWALS = [
    (supply(19, serial="A"), "A", False),
    (supply(19, serial="B"), "A", True),
    (supply(19), "A", False),
    (supply(19, serial="B"), "", False),
    (supply(25, serial="A"), "A", False),
    (supply(26, serial="A"), "A", True),
    (supply(100), "", True),
    (supply(None, Condition.OK), "", True),
    (supply(None, Condition.SOME_REMAINING), "", False),
    (supply(), "", False),
]


@pytest.mark.parametrize(("seen", "cartridge", "expected"), RENEWALS)
def test_when_another_cartridge_is_in(seen: Supply, cartridge: str, expected: bool) -> None:
    """Once per cartridge: neither jitter nor an unknown level is a new one."""
    assert is_renewed(seen, 20, cartridge) is expected
