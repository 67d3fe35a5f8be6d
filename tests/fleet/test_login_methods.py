"""What people can sign in with follows from the printer's model (PR-186, PR-206, PM-9)."""

import csv

import pytest

from domain.printer_login.rules import LoginMethod, PrinterLoginSettings, Screen
from fleet.capabilities.login_methods import methods_of_model
from fleet.capabilities.models_table import TABLE

BADGE, PIN, SECURE = LoginMethod.BADGE, LoginMethod.PIN, LoginMethod.SECURE_LOGIN
EVERY, NONE, COMPACT = frozenset(LoginMethod), frozenset[LoginMethod](), frozenset({PIN, SECURE})


@pytest.mark.parametrize(
    ("model", "takes"),
    [
        ("CX725", EVERY),
        ("VENDOR cx725", EVERY),
        ("C2326", COMPACT),
        ("B2338", NONE),
        ("CS921de", EVERY),  # not listed in that part of the table: unknown
        ("MB2236adw", NONE),
        ("MB2236adwe", COMPACT),  # variants of a model differ
        ("PX C4150", EVERY),
        ("", EVERY),
    ],
)
def test_what_a_model_takes(model: str, takes: frozenset[LoginMethod]) -> None:
    """A model that the table does not list may take everything (decision 8)."""
    assert methods_of_model(model) == takes


def test_every_row_of_the_table_decides() -> None:
    """Badge, user id and PIN each by its own column; models with the compact release app take a login code besides."""
    columns = {"auth_badge": BADGE, "auth_user_id": SECURE, "auth_pin": PIN}
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) > 300
    found = {row["model"]: methods_of_model(row["model"]) for row in rows}
    for row in rows:
        said = {method for column, method in columns.items() if row[column] != "no"}
        if row["print_release"] == "yes":
            said = {PIN, SECURE}
        assert found[row["model"]] == said, row["model"]
    assert {len(methods) for methods in found.values()} == {0, 2, 3}


@pytest.mark.parametrize(
    ("mode", "methods", "model", "offered"),
    [
        ("standard", [BADGE, PIN, SECURE], "CX725", (BADGE, PIN, SECURE)),
        ("standard", [BADGE, PIN, SECURE], "C2326", (PIN, SECURE)),
        ("standard", [BADGE], "C2326", ()),
        ("standard", [BADGE, PIN, SECURE], "B2338", ()),
        ("badge_and_pin", [SECURE], "CX725", (BADGE, SECURE)),
        ("badge_and_pin", [SECURE], "C2326", (SECURE,)),
        ("badge_and_pin", [], "C2326", ()),
    ],
)
def test_a_printer_offers_what_both_its_model_and_the_organization_take(
    mode: str, methods: list[LoginMethod], model: str, offered: tuple[LoginMethod, ...]
) -> None:
    settings = PrinterLoginSettings.model_validate({"mode": mode, "methods": methods})
    assert settings.offered_with(methods_of_model(model)) == offered
    assert set(settings.offered_at(Screen.SMALL)) <= set(COMPACT)


def test_a_badge_leads_nowhere_where_the_pin_cannot_follow() -> None:
    settings = PrinterLoginSettings.model_validate({"mode": "badge_and_pin", "methods": [SECURE]})
    assert settings.offered_with(frozenset({BADGE, SECURE})) == (SECURE,)
    assert settings.offered_with(frozenset({BADGE, PIN})) == (BADGE,)
