"""Invisible text over a rendered page, so that its kept words can still be searched and copied.

The fonts are Type 3 with empty glyphs: no font program is needed, every character can be had, and nothing is painted.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

PER_FONT = 250
ADVANCE = 500
"""Width of every glyph in thousandths of the font size."""


@dataclass
class InvisibleFonts:
    """Fonts for the characters that were used so far; `build` makes their PDF objects in the end."""

    characters: list[str] = field(default_factory=list)
    _codes: dict[str, int] = field(default_factory=dict)

    def content(self, words: Iterable[tuple[str, tuple[float, float, float, float]]]) -> bytes:
        """The operators that write `words`, each in its box (left, bottom, right, top) in points."""
        lines = ["BT 3 Tr"]
        for text, (left, bottom, right, top) in words:
            size = max(top - bottom, 1.0)
            stretch = 100 * (right - left) / max(len(text) * size * ADVANCE / 1000, 0.01)
            lines.append(f"{stretch:.2f} Tz 1 0 0 1 {left:.2f} {bottom + 0.2 * size:.2f} Tm")
            for font, codes in self._runs(text + " "):
                lines.append(f"/F{font} {size:.2f} Tf <{codes}> Tj")
        return "\n".join([*lines, "ET"]).encode("ascii")

    def build(self, pdf: Any) -> Any:
        """The font resources in `pdf`."""
        from pikepdf import Dictionary

        starts = range(0, len(self.characters), PER_FONT)
        return Dictionary({f"/F{number}": self._font(pdf, start) for number, start in enumerate(starts)})

    def _runs(self, text: str) -> list[tuple[int, str]]:
        runs: list[tuple[int, str]] = []
        for character in text:
            if character not in self._codes:
                self._codes[character] = len(self.characters)
                self.characters.append(character)
            font, code = divmod(self._codes[character], PER_FONT)
            if runs and runs[-1][0] == font:
                runs[-1] = (font, f"{runs[-1][1]}{code:02X}")
            else:
                runs.append((font, f"{code:02X}"))
        return runs

    def _font(self, pdf: Any, start: int) -> Any:
        from pikepdf import Array, Dictionary, Name, Stream

        characters = self.characters[start : start + PER_FONT]
        glyph = pdf.make_indirect(Stream(pdf, f"{ADVANCE} 0 d0".encode()))
        names = [Name(f"/g{code}") for code in range(len(characters))]
        return pdf.make_indirect(
            Dictionary(
                Type=Name.Font,
                Subtype=Name.Type3,
                FontBBox=Array([0, -200, ADVANCE, 800]),
                FontMatrix=Array([0.001, 0, 0, 0.001, 0, 0]),
                CharProcs=Dictionary({str(name): glyph for name in names}),
                Encoding=Dictionary(Type=Name.Encoding, Differences=Array([0, *names])),
                FirstChar=0,
                LastChar=len(characters) - 1,
                Widths=Array([ADVANCE] * len(characters)),
                Resources=Dictionary(),
                ToUnicode=Stream(pdf, _to_unicode(characters)),
            )
        )


def _to_unicode(characters: list[str]) -> bytes:
    codes = [f"<{code:02X}> <{character.encode('utf-16-be').hex()}>" for code, character in enumerate(characters)]
    blocks = [codes[start : start + 100] for start in range(0, len(codes), 100)]
    mapped = "\n".join(f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar" for block in blocks)
    return (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /Kept def /CMapType 2 def\n"
        f"1 begincodespacerange <00> <FF> endcodespacerange\n{mapped}\nendcmap end end"
    ).encode("ascii")
