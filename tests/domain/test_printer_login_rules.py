"""The rules of the printer login configuration, as tables (AC-147…AC-157, AC-176)."""

from datetime import timedelta

import pytest
from pydantic import ValidationError

from domain.printer_login.rules import (
    PIN_SETTERS,
    LoginMethod,
    LoginMode,
    PinExpiry,
    PinGeneration,
    PinSetters,
    PinWay,
    PrinterLoginSettings,
    Screen,
    is_trivial,
    notices,
    violations,
)

BADGE, PIN, SECURE = LoginMethod.BADGE, LoginMethod.PIN, LoginMethod.SECURE_LOGIN


def chosen(**values: object) -> PrinterLoginSettings:
    return PrinterLoginSettings.model_validate(values)


@pytest.mark.parametrize(
    ("values", "codes"),
    [
        ({"methods": []}, ["printer_login.no_method"]),
        ({"methods": ["badge"]}, []),
        ({"methods": ["pin"]}, []),
        ({"methods": ["secure_login"]}, []),
        ({"methods": ["badge", "pin", "secure_login"]}, []),
        ({"mode": "badge_and_pin", "methods": []}, []),
        ({"pin_expiry": {"amount": 1, "unit": "hours"}}, []),
        ({"pin_expiry": {"amount": 180, "unit": "days"}}, []),
        ({"pin_expiry": {"amount": 4320, "unit": "hours"}}, []),
        ({"pin_expiry": {"amount": 181, "unit": "days"}}, ["printer_login.expiry_out_of_range"]),
        ({"pin_expiry": {"amount": 4321, "unit": "hours"}}, ["printer_login.expiry_out_of_range"]),
        ({"card_reader": {"reversed_bytes": True}}, ["printer_login.bytes_of_text"]),
        ({"card_reader": {"registered_as": "hex"}}, ["printer_login.bytes_of_text"]),
        ({"card_reader": {"sent_as": "hex", "reversed_bytes": True, "registered_as": "decimal"}}, []),
        (
            {"methods": [], "pin_expiry": {"amount": 999, "unit": "days"}},
            ["printer_login.no_method", "printer_login.expiry_out_of_range"],
        ),
    ],
)
def test_what_can_be_saved(values: dict[str, object], codes: list[str]) -> None:
    """PR-182: at least one method."""
    assert [violation.code for violation in violations(chosen(**values))] == codes


@pytest.mark.parametrize(
    "values",
    [
        {"pin_length": 3},
        {"pin_length": 13},
        {"mode": "both"},
        {"pin_expiry": {"amount": 0, "unit": "hours"}},
        {"session_seconds": 5},
        {"methods": ["card"]},
        {"unknown": 1},
    ],
)
def test_what_is_no_configuration_at_all(values: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        chosen(**values)


def test_the_defaults_are_those_of_the_requirements() -> None:
    settings = PrinterLoginSettings()
    assert settings.pin_length == 6
    assert settings.effective_expiry is None
    assert violations(settings) == []


@pytest.mark.parametrize(
    ("mode", "methods", "full", "small"),
    [
        ("standard", [BADGE], (BADGE,), ()),
        ("standard", [PIN], (PIN,), (PIN,)),
        ("standard", [SECURE], (SECURE,), (SECURE,)),
        ("standard", [SECURE, PIN, BADGE], (BADGE, PIN, SECURE), (PIN, SECURE)),
        ("badge_and_pin", [], (BADGE,), ()),
        ("badge_and_pin", [PIN], (BADGE,), ()),
        ("badge_and_pin", [SECURE], (BADGE, SECURE), (SECURE,)),
    ],
)
def test_what_panels_offer_to_begin_with(
    mode: str, methods: list[LoginMethod], full: tuple[LoginMethod, ...], small: tuple[LoginMethod, ...]
) -> None:
    """PR-182, AC-156: a PIN that is the second factor never counts by itself; small panels take no badge."""
    settings = chosen(mode=mode, methods=methods)
    assert settings.offered_at(Screen.FULL) == full
    assert settings.offered_at(Screen.SMALL) == small


@pytest.mark.parametrize(("given", "kept"), [([], (BADGE, PIN)), ([SECURE, SECURE], (BADGE, PIN, SECURE))])
def test_badge_and_pin_always_count_as_second_factor(given: list[LoginMethod], kept: tuple[LoginMethod, ...]) -> None:
    settings = chosen(mode=LoginMode.BADGE_AND_PIN, methods=given)
    assert settings.methods == kept
    assert settings.needs_second_factor


@pytest.mark.parametrize(
    ("generation", "setters"),
    [
        (PinGeneration.AUTO, PinSetters(PinWay.MAILED, PinWay.MAILED)),
        (PinGeneration.ADMINISTRATOR, PinSetters(PinWay.TYPED, None, importable=True)),
        (PinGeneration.USER, PinSetters(None, PinWay.TYPED)),
    ],
)
def test_who_sets_pins_and_how(generation: PinGeneration, setters: PinSetters) -> None:
    """PR-184: generated and mailed, set by administrators, or set by people themselves."""
    assert PIN_SETTERS[generation] == setters
    assert set(PIN_SETTERS) == set(PinGeneration)


@pytest.mark.parametrize(
    ("generation", "lifetime"),
    [
        (PinGeneration.AUTO, None),
        (PinGeneration.ADMINISTRATOR, timedelta(days=30)),
        (PinGeneration.USER, timedelta(days=30)),
    ],
)
def test_generated_pins_never_expire_and_the_expiry_is_kept(
    generation: PinGeneration, lifetime: timedelta | None
) -> None:
    """AC-153, PR-184"""
    settings = chosen(pin_generation=generation, pin_expiry=PinExpiry(amount=30))
    assert settings.effective_expiry == lifetime
    assert settings.pin_expiry is not None


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ({}, {"pin_length": 8}, "must be reset"),
        ({"methods": ["badge"]}, {"methods": ["pin"]}, "Badges stay registered"),
        ({"methods": ["pin"]}, {"methods": ["badge"]}, "PINs stay set"),
        ({"methods": ["secure_login"]}, {"methods": ["badge"]}, "Login codes end"),
        ({}, {"pin_generation": "auto", "pin_expiry": {"amount": 3}}, "does not count"),
        ({}, {"methods": ["pin"], "pin_generation": "auto"}, "never shown"),
        ({}, {"mode": "badge_and_pin", "methods": []}, "2.8-inch"),
        ({}, {"card_reader": {"width": 8}}, "registered again"),
    ],
)
def test_every_consequence_is_told(before: dict[str, object], after: dict[str, object], words: str) -> None:
    """AC-153, AC-154, AC-156"""
    assert any(words in str(notice) for notice in notices(chosen(**after), chosen(**before)))


def test_nothing_is_told_that_does_not_change() -> None:
    settings = chosen(methods=["secure_login"])
    assert notices(settings, settings) == []


@pytest.mark.parametrize(
    ("pin", "trivial"),
    [
        ("0000", True),
        ("999999", True),
        ("1234", True),
        ("123456", True),
        ("7890", True),
        ("001234", False),
        ("1235", False),
        ("4321", False),
        ("1212", False),
    ],
)
def test_pins_that_others_would_try_first(pin: str, trivial: bool) -> None:
    assert is_trivial(pin) is trivial
