"""The message catalogues as files: collecting every template of ours, and merging them into a language's PO file.

Templates are found by Babel in all Python files of the rooms (`N_("…")`, `_("…")`) and in the modules of the panel's
pages (`t("…")`), in the labels of the table of personal data, in the meanings of the table of permissions, and in the
tree of printer settings.
"""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from connectors.pii.catalogue import catalogue as pii_catalogue
from domain.organizations.permissions import rules as permission_rules

ROOT = Path(__file__).parent.parent.parent
ROOMS = ("connectors", "steps", "domain", "fleet", "flows", "portal_api", "pressroom")
MARKS = {"N_": None, "_": None}
PANEL = "portal_api/panel/static"
PII_TABLE = "connectors/pii/catalogue.csv"
SETTINGS_TABLE = "fleet/configurations/settings_catalogue.csv"
"""Read as a file: the room above is not imported here."""
PERMISSIONS_TABLE = "domain/organizations/permissions.csv"
WORD_VALUE = re.compile(r"[a-z][a-z -]+")
PLACEHOLDER = re.compile(r"\{(\w*)\}")
LINE = 120
MADE = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Flaw:
    """A template that a catalogue does not translate well."""

    template: str
    problem: str


def templates() -> Catalog:
    """Every template of the product with the places where it stands."""
    found = Catalog(charset="utf-8")
    for template, place in _all_templates():
        found.add(template, locations=[place])
    return found


def update(path: Path, language: str) -> Catalog:
    """Merge today's templates into the catalogue at `path`: new ones empty, those no longer used dropped."""
    present = read(path, language) if path.exists() else Catalog(locale=language)
    present.update(templates(), no_fuzzy_matching=True)
    present.obsolete.clear()
    present.fuzzy = False
    present.project, present.header_comment = "Pressroom", f"# Texts of Pressroom in the language “{language}”."
    present.creation_date = present.revision_date = MADE  # dates of its own would change the file at every run
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, present, width=LINE, sort_output=True, include_lineno=False)
    return present


def read(path: Path, language: str) -> Catalog:
    """The catalogue at `path`."""
    with path.open("rb") as file:
        return read_po(file, locale=language)


def flaws(language_catalogue: Catalog) -> list[Flaw]:
    """Templates without a sound translation: missing, unsure, or with other `{placeholders}`."""
    found = []
    for template in (str(entry.id) for entry in templates() if entry.id):
        entry = language_catalogue.get(template)
        if entry is None or not entry.string:
            found.append(Flaw(template, "not translated"))
        elif entry.fuzzy:
            found.append(Flaw(template, "marked as unsure"))
        elif placeholders(template) != placeholders(str(entry.string)):
            found.append(Flaw(template, "other placeholders"))
    return found


def placeholders(text: str) -> set[str]:
    """The `{names}` in a template."""
    return set(PLACEHOLDER.findall(text))


@lru_cache(maxsize=1)
def _all_templates() -> tuple[tuple[str, tuple[str, int]], ...]:
    """(template, (file, line)) in the order of files and lines; reading the code takes some seconds."""
    return tuple(
        sorted(
            (*_templates_of_code(), *_templates_of_pii(), *_templates_of_permissions(), *_templates_of_settings()),
            key=lambda each: each[1],
        )
    )


def _templates_of_code() -> Iterator[tuple[str, tuple[str, int]]]:
    for room in ROOMS:
        for name, line, template, _, _ in extract_from_dir(ROOT / room, [("**.py", "python")], keywords=MARKS):
            if isinstance(template, str):
                yield template, (f"{room}/{name}", line)
    for name, line, template, _, _ in extract_from_dir(ROOT / PANEL, [("**.js", "javascript")], keywords={"t": None}):
        if isinstance(template, str):
            yield template, (f"{PANEL}/{name}", line)


def _templates_of_pii() -> Iterator[tuple[str, tuple[str, int]]]:
    for entry in pii_catalogue():
        group = entry.country_name if entry.country == "GENERAL" else ""  # names of countries come from Unicode CLDR
        for text in filter(None, (entry.label, entry.reason, group)):
            yield text, (PII_TABLE, 1)


def _templates_of_permissions() -> Iterator[tuple[str, tuple[str, int]]]:
    for rule in permission_rules().values():
        yield rule.meaning, (PERMISSIONS_TABLE, 1)


def _templates_of_settings() -> Iterator[tuple[str, tuple[str, int]]]:
    """Categories, names, and those values that are words: names of paper sizes and formats stay as they are."""
    with (ROOT / SETTINGS_TABLE).open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            words = [choice for choice in row["choices"].split("|") if WORD_VALUE.fullmatch(choice)]
            for text in (*row["path"].split(" > "), row["label"], *words):
                yield text, (SETTINGS_TABLE, 1)
