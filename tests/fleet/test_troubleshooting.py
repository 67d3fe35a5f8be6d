"""docs/troubleshooting.md: every symptom has a check, an error or a sentence that tells it, and they are there."""

import re
from importlib import import_module
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from connectors.errors import declared_faults
from domain.texts.catalogue import FOLDER
from pressroom.agent import connection_test, way
from pressroom.reference import module_names
from steps.printers import check_printer

ROOT = Path(__file__).parent.parent.parent
PAGE = (ROOT / "docs" / "troubleshooting.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| ([^|]*) \| ([^|]*) \| ([^|]*) \| ([^|]*) \|$", re.MULTILINE)
SYMPTOMS = {*(f"TS-{number}" for number in range(1, 73)), *(f"FL-{number}" for number in range(541, 557))}
CHECKS = {
    *check_printer.REACHED_BY.values(),
    check_printer.WEB_SERVER,
    check_printer.AUTHENTICATION_TYPE,
    check_printer.SIGN_IN,
    check_printer.ACCESS_CONTROLS,
    check_printer.NETWORK,
    check_printer.CLOCK,
    check_printer.STATE,
    check_printer.FIRMWARE,
    check_printer.TLS,
    check_printer.HOME_SCREEN,
    check_printer.APPS,
    connection_test.CLOUD,
    way.NAME,
    way.CONNECTION,
    way.CERTIFICATE,
}
ROWS = [row for row in ROW.findall(PAGE) if row[0] != "Symptom" and not row[0].startswith("---")]


@pytest.fixture(scope="module")
def codes() -> set[str]:
    """Every error that there is."""
    for name in module_names():
        import_module(name)
    return set(declared_faults())


@pytest.fixture(scope="module")
def sentences() -> set[str]:
    """Every text that is marked for translation."""
    with (FOLDER / "sv" / "LC_MESSAGES" / "pressroom.po").open("rb") as file:
        return {str(message.id) for message in read_po(file)}


def test_every_symptom_stands_there() -> None:
    named = set(re.findall(r"(?:TS|FL)-\d+", PAGE))
    assert named >= SYMPTOMS


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[3])
def test_what_tells_it_is_there(row: tuple[str, ...], codes: set[str], sentences: set[str]) -> None:
    told = row[2]
    checks, texts = re.findall(r"\*\*([^*]+)\*\*", told), re.findall(r"“([^”]+)”", told)
    named = re.findall(r"`(\w+\.\w+)`", told)
    assert checks or texts or named
    assert set(checks) <= CHECKS
    assert set(texts) <= sentences
    assert set(named) <= codes


def test_every_check_stands_there() -> None:
    assert set(re.findall(r"\*\*([^*]+)\*\*", PAGE)) >= CHECKS
