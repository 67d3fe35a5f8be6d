"""What the documentation claims of tests: docs/security.md names them item by item, and each of them is there."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
SECURITY = (TESTS.parent / "docs" / "security.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| (\d+\.\d+\.\d+) \|([^|]+)\|([^|]+)\|([^|]*)\|([^|]*)\|$", re.MULTILINE)
NAMED = re.compile(r"`([\w/]+\.py)::([\w:]+)`")
ITEMS = {
    "5": {1: 1, 2: 3, 3: 2, 4: 3},
    "6": {1: 3, 2: 11, 3: 3, 4: 4, 5: 5, 6: 3, 8: 4},
    "7": {1: 3, 2: 4, 3: 2, 4: 5, 5: 2, 6: 2},
    "8": {1: 2, 2: 3, 3: 1, 4: 1},
    "9": {1: 3, 2: 4},
    "10": {1: 2, 2: 2, 3: 4, 4: 11, 5: 5, 6: 2, 7: 3},
}
"""ASVS 5.0: chapter → section → its items of levels 1 and 2, which come first in each section."""


@dataclass(frozen=True, slots=True)
class Item:
    """One row of a table."""

    number: str
    asked: str
    state: str
    how: str
    tests: tuple[tuple[str, str], ...]


@lru_cache(maxsize=1)
def items() -> tuple[Item, ...]:
    rows = ROW.findall(SECURITY)
    return tuple(Item(*map(str.strip, row[:4]), tuple(NAMED.findall(row[4]))) for row in rows)


def test_every_item_of_the_chapters_stands_there_once_and_in_order() -> None:
    wanted = [
        f"{chapter}.{section}.{number}"
        for chapter, sections in ITEMS.items()
        for section, count in sections.items()
        for number in range(1, count + 1)
    ]
    assert [item.number for item in items()] == wanted


@pytest.mark.parametrize("item", items(), ids=lambda item: item.number)
def test_an_item_says_what_is_so(item: Item) -> None:
    """What is not met, or not wholly, is told at the head of the page too; nothing is left without a word."""
    assert item.state in {"Met", "In part", "Not met", "–"}
    assert item.how or item.tests
    head = SECURITY.partition("## Ways to sign in")[0]
    assert (f"{item.number}" in re.findall(r"\d+\.\d+\.\d+", head)) == (item.state in {"In part", "Not met"})


@pytest.mark.parametrize(("file", "name"), sorted(set(NAMED.findall(SECURITY))))
def test_every_test_that_is_named_exists(file: str, name: str) -> None:
    path = TESTS / file
    assert path.is_file()
    assert name in set(_tests_of(path))


def _tests_of(path: Path) -> Iterator[str]:
    """The names of a module's tests, with those of their classes."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ClassDef):
            yield from (f"{node.name}::{part.name}" for part in node.body if isinstance(part, ast.FunctionDef))
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name
