"""The table of printer models: which agents manage one, and what it cannot do (PM-1…PM-4, PM-13)."""

import csv
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

TABLE = Path(__file__).parent / "printer_models.csv"
_MAKES = re.compile(r"^(pressroom|vendor)\s+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """A row of the table; None where it does not list the model, which means unknown and not "no" (decision 8)."""

    model: str
    answers: dict[str, bool | None]
    notes: frozenset[str]

    def can(self, column: str) -> bool | None:
        return self.answers.get(column)


UNKNOWN = ModelFacts("", {}, frozenset())


def model_facts(name: str) -> ModelFacts:
    """What the table says of a model: the exact name, then without trailing small letters, then families (PM-1)."""
    wanted = without_make(name)
    rows = _rows()
    for key in (wanted.casefold(), re.sub(r"[a-z]+$", "", wanted).casefold()):
        if key in rows:
            return rows[key]
    for pattern, row in _families():
        if pattern.fullmatch(wanted):
            return row
    return UNKNOWN


def without_make(name: str) -> str:
    """A model's name without the vendor's word before it (PM-4)."""
    return _MAKES.sub("", " ".join(name.split()))


def model_key(name: str) -> str:
    """What two names of one model have in common (PM-4)."""
    return without_make(name).casefold()


@lru_cache(maxsize=1)
def _rows() -> dict[str, ModelFacts]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return {row["model"].casefold(): _facts(row) for row in csv.DictReader(file)}


@lru_cache(maxsize=1)
def _families() -> list[tuple[re.Pattern[str], ModelFacts]]:
    """Rows whose name ends in `x`, which stands for one digit."""
    families = [row for row in _rows().values() if re.fullmatch(r"[A-Z]+\d+x", row.model)]
    return [(re.compile(re.escape(row.model[:-1]) + r"\d[a-z]*", re.IGNORECASE), row) for row in families]


def _facts(row: dict[str, str]) -> ModelFacts:
    said = {"yes": True, "no": False}
    answers = {name: said.get(value) for name, value in row.items() if name not in ("model", "notes")}
    notes = frozenset(note.strip("() ") for note in row["notes"].split(";") if note.strip("() "))
    return ModelFacts(row["model"], answers, notes)
