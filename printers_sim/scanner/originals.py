"""Sample originals: what they are, and how each looks. The same original is the same picture, whoever scans it.

Names, numbers and sums are chosen by chance from the original's seed: pages to try recognition and redaction with.
"""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from PIL import Image, ImageFilter

from printers_sim.scanner.sheet import Sheet

WORDS = Path(__file__).parent / "words.yaml"
SIZES: Mapping[str, tuple[float, float]] = {
    "A3": (297, 420),
    "A4": (210, 297),
    "A5": (148, 210),
    "A6": (105, 148),
    "B5": (182, 257),
    "Letter": (215.9, 279.4),
    "Legal": (215.9, 355.6),
    "Executive": (184.2, 266.7),
    "Ledger": (279.4, 431.8),
}
"""Width and height in mm."""


class Kind(StrEnum):
    """What an original is."""

    LETTER = "letter"
    INVOICE = "invoice"
    FORM = "form"
    TABLE = "table"
    PHOTO = "photo"
    BLANK = "blank"


@dataclass(frozen=True, slots=True)
class Original:
    """A sheet that somebody puts into the printer. `back`: what is on its other side."""

    kind: Kind = Kind.LETTER
    language: str = "sv"
    seed: int = 1
    size: str = "A4"
    back: Kind | None = None


def languages() -> list[str]:
    """The languages in which there are originals."""
    return list(_words())


def draw(original: Original, dpi: int, *, is_back: bool = False) -> Image.Image:
    """One side of an original, straight and clean, in colour."""
    kind = (original.back or Kind.BLANK) if is_back else original.kind
    width, height = SIZES[original.size]
    sheet = Sheet(width, height, dpi)
    chance = random.Random(f"{kind}/{original.language}/{original.seed}/{is_back}")  # noqa: S311 — believable, not secret
    _DRAWN[kind](sheet, _words()[original.language], chance)
    return sheet.image


def _letter(sheet: Sheet, words: Mapping[str, Any], chance: random.Random) -> None:
    facts, margin = _facts(words, chance), sheet.width * 0.12
    _letterhead(sheet, words, margin)
    y = _address(sheet, facts, margin, sheet.height * 0.16)
    sheet.text_right(sheet.width - margin, y, facts["day"])
    y += 14
    sheet.text(margin, y, words["letter"]["title"], 13, bold=True)
    y += 11
    for paragraph in words["letter"]["body"]:
        y = sheet.paragraph(margin, y, paragraph.format(**facts), sheet.width - 2 * margin) + 4


def _invoice(sheet: Sheet, words: Mapping[str, Any], chance: random.Random) -> None:
    facts, labels, margin = _facts(words, chance), words["invoice"], sheet.width * 0.1
    _letterhead(sheet, words, margin)
    sheet.text(margin, 45, labels["title"], 20, bold=True)
    rows = ((labels["number"], str(chance.randint(10_000, 99_999))), (labels["date"], facts["day"]))
    for place, (label, value) in enumerate((*rows, (labels["account"], facts["account"]))):
        sheet.text(sheet.width * 0.55, 45 + 7 * place, f"{label}:")
        sheet.text_right(sheet.width - margin, 45 + 7 * place, value)
    _address(sheet, facts, margin, 72)
    columns = (margin, sheet.width * 0.52, sheet.width * 0.7, sheet.width - margin)
    y = 110.0
    for place, name in enumerate(("item", "count", "price", "sum")):
        write = sheet.text if place == 0 else sheet.text_right
        write(columns[place], y, labels[name], 10, bold=True)
    sheet.line(margin, y + 6, sheet.width - margin, y + 6)
    total = 0
    for goods in chance.sample(words["goods"], 4):
        y += 9
        count, price = chance.randint(1, 20), chance.randint(25, 900)
        total += count * price
        sheet.text(columns[0], y, goods)
        for place, value in enumerate((str(count), _money(price), _money(count * price)), 1):
            sheet.text_right(columns[place], y, value)
    sheet.line(margin, y + 8, sheet.width - margin, y + 8)
    sheet.text(sheet.width * 0.52, y + 11, labels["total"], 12, bold=True)
    sheet.text_right(columns[3], y + 11, f"{_money(total)} {labels['currency']}", 12, bold=True)


def _form(sheet: Sheet, words: Mapping[str, Any], chance: random.Random) -> None:
    facts, form, margin = _facts(words, chance), words["form"], sheet.width * 0.1
    sheet.box(0, 0, sheet.width, 16, fill="#dfe9f3")
    sheet.text(margin, 4, form["title"], 16, bold=True)
    number = f"{chance.randint(1940, 2005)}{chance.randint(1, 12):02}{chance.randint(1, 28):02}"
    values = (facts["person"], f"{number}-{chance.randint(1000, 9999)}", facts["street"], facts["town"],
              facts["phone"], facts["day"])  # fmt: skip
    y = 28.0
    for label, value in zip(form["fields"], values, strict=True):
        sheet.text(margin, y, label, 8)
        sheet.box(margin, y + 4, sheet.width - 2 * margin, 11)
        sheet.text(margin + 3, y + 6.5, value, 12, color="#14337a")
        y += 20
    for label in form["boxes"]:
        sheet.box(margin, y, 5, 5)
        if chance.random() < 0.6:
            sheet.line(margin + 1, y + 1, margin + 4, y + 4, 0.7, "#14337a")
            sheet.line(margin + 4, y + 1, margin + 1, y + 4, 0.7, "#14337a")
        sheet.text(margin + 9, y, label)
        y += 10
    sheet.line(margin, y + 24, sheet.width * 0.7, y + 24)
    sheet.text(margin, y + 26, form["signature"], 8)


def _table(sheet: Sheet, words: Mapping[str, Any], chance: random.Random) -> None:
    table, margin = words["table"], sheet.width * 0.1
    sheet.text(margin, 18, table["title"], 16, bold=True)
    columns = [table["month"], *(f"{table['team']} {letter}" for letter in "ABC")]
    step, y = (sheet.width - 2 * margin) / len(columns), 34.0
    for row in range(len(table["months"]) + 1):
        cells = columns if row == 0 else [table["months"][row - 1], *(str(chance.randint(80, 400)) for _ in "ABC")]
        if row % 2 == 0:
            sheet.box(margin, y, sheet.width - 2 * margin, 10, fill="#c9d6e4" if row == 0 else "#eef2f6")
        for place, cell in enumerate(cells):
            sheet.text(margin + place * step + 2, y + 2.5, cell, 10, bold=row == 0)
        y += 10
    for place in range(len(columns) + 1):
        sheet.line(margin + place * step, 34, margin + place * step, y)


def _photo(sheet: Sheet, _words_of: Mapping[str, Any], chance: random.Random) -> None:
    """Something with soft colours and fine grain, as a photograph has: a landscape at dusk."""
    picture = Image.new("RGB", (600, 800))
    top, bottom = (chance.randint(60, 110), 110, 190), (250, chance.randint(150, 200), 120)
    for row in range(800):
        share = row / 800
        tone = tuple(round(a + (b - a) * share) for a, b in zip(top, bottom, strict=True))
        picture.paste(tone, (0, row, 600, row + 1))
    for layer in range(4):
        shade, base = 90 - 18 * layer, 460 + 80 * layer
        for column in range(600):
            base += chance.choice((-2, -1, -1, 0, 0, 1, 1, 2))
            picture.paste((shade, shade + 25, shade + 10), (column, max(0, base), column + 1, 800))
    grain = Image.frombytes("L", (600, 800), chance.randbytes(600 * 800)).convert("RGB")
    picture = Image.blend(picture.filter(ImageFilter.GaussianBlur(1.2)), grain, 0.03)
    sheet.paste(picture, 0, 0, sheet.width, sheet.height)


def _blank(_sheet: Sheet, _words_of: Mapping[str, Any], _chance: random.Random) -> None:
    """Nothing."""


def _letterhead(sheet: Sheet, words: Mapping[str, Any], margin: float) -> None:
    sheet.box(margin, 14, 9, 9, fill="#2f6f4f")
    sheet.text(margin + 13, 15, words["company"], 14, bold=True, color="#2f6f4f")
    sheet.line(margin, 27, sheet.width - margin, 27, 0.6, "#2f6f4f")


def _address(sheet: Sheet, facts: Mapping[str, str], x: float, y: float) -> float:
    for line in (facts["person"], facts["street"], facts["town"]):
        sheet.text(x, y, line)
        y += 6
    return y


def _facts(words: Mapping[str, Any], chance: random.Random) -> dict[str, str]:
    person, other = chance.sample(words["people"], 2)
    plain = other.lower().translate(str.maketrans("åäöüé ßğ", "aaoue.sg"))
    return {
        "person": person,
        "other": other,
        "street": f"{chance.choice(words['streets'])} {chance.randint(1, 99)}",
        "town": chance.choice(words["towns"]),
        "day": f"2026-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}",
        "phone": f"08-{chance.randint(100, 999)} {chance.randint(10, 99)} {chance.randint(10, 99)}",
        "mail": f"{plain}@example.com",
        "account": f"{chance.randint(100, 999)}-{chance.randint(1000, 9999)}",
    }


def _money(amount: int) -> str:
    return f"{amount:,}.00".replace(",", " ")


@lru_cache(maxsize=1)
def _words() -> dict[str, Any]:
    words: dict[str, Any] = yaml.safe_load(WORDS.read_text(encoding="utf-8"))
    return words


_DRAWN: Mapping[Kind, Callable[[Sheet, Mapping[str, Any], random.Random], None]] = {
    Kind.LETTER: _letter,
    Kind.INVOICE: _invoice,
    Kind.FORM: _form,
    Kind.TABLE: _table,
    Kind.PHOTO: _photo,
    Kind.BLANK: _blank,
}
