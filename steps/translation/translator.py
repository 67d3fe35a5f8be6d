"""Translates the passages of a file over a route, and refuses to pass off the source as the translation."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from connectors.errors import Fault
from connectors.messages import N_, Message
from connectors.translation import Route
from connectors.translation.engine import ENGINE_FAILED
from connectors.translation.protection import is_name, pieces, survived, translatable
from steps.translation.alignment import marked_spans, share_out
from steps.translation.passages import Passage

UNCHANGED = Fault(
    "translate.unchanged",
    422,
    N_("{percent} % of “{name}” came back from {engine} as it was: it was not translated from {source} to {target}."),
    N_("Check that the source language is right. If it is, choose another target: this pair is not good enough."),
)

MOST_UNCHANGED = 0.5
"""Share of the text, by characters, that may come back as it was: related languages do share short texts."""

FEWEST_WORDS = 2
"""Fewer words than this prove nothing: “Telefon” is right in many languages."""

_CAPITAL_NOUNS = frozenset({"de"})

_LINE_BREAKS = re.compile(r"(\s*[\n\r\t\v\f\u2028\u2029]\s*)")
_BREAK = re.compile(r"^\s*[\n\r\t\v\f\u2028\u2029]\s*$")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of translating one file.

    `characters` are what is charged (TR-61): those of the `passages` that held something to translate.
    """

    passages: int
    characters: int
    unknown_words: int
    unchanged: int

    def warnings(self, target: str) -> list[Message]:
        """What people should know; `target` is the language's name."""
        warnings = []
        if self.unknown_words:
            template = N_("{target}: {count} words are unknown to the translation engine and stayed as they were.")
            warnings.append(Message(template=template, facts={"target": target, "count": self.unknown_words}))
        if self.unchanged:
            template = N_("{target}: {count} passages are the same in both languages.")
            warnings.append(Message(template=template, facts={"target": target, "count": self.unchanged}))
        return warnings


def translate_passages(
    passages: Sequence[Passage], route: Route, name: str, on_progress: Callable[[int, int], None]
) -> Outcome:
    """Translate and write back all `passages`; `name` is the document's, `on_progress` gets done and total.

    Raises `UNCHANGED`, or what the route's engines raise.
    """
    work = [passage for passage in passages if translatable(passage.text)]
    wanted: dict[str, None] = {}
    for passage in work:
        for text in (passage.text, *(passage.spans[number].text for number in _marked(passage))):
            wanted.update(dict.fromkeys(line for line in _lines(text) if translatable(line)))
    translated, unknown = _translate_lines(list(wanted), route, on_progress)
    unchanged = _check_changed(work, translated, unknown, route, name)
    for passage in work:
        whole = _in_lines(passage.text, translated)
        alone = {number: _in_lines(passage.spans[number].text, translated).strip() for number in _marked(passage)}
        passage.write(_keep_edges(passage, share_out(passage.spans, whole.strip(), alone)))
    return Outcome(len(work), sum(len(passage.text.strip()) for passage in work), unknown, unchanged)


def _marked(passage: Passage) -> list[int]:
    return marked_spans(passage.spans) if len(passage.spans) > 1 else []


def _lines(text: str) -> list[str]:
    return [line.strip() for line in _LINE_BREAKS.split(text) if line.strip()]


def _in_lines(text: str, translated: dict[str, str]) -> str:
    """`text` with each of its lines replaced by its translation; breaks and outer blanks stay."""
    parts = []
    for part in _LINE_BREAKS.split(text):
        core = part.strip()
        parts.append(part if not core or _BREAK.match(part) else part.replace(core, translated.get(core, core)))
    return "".join(parts)


def _keep_edges(passage: Passage, texts: list[str]) -> list[str]:
    text = passage.text
    texts[0] = text[: len(text) - len(text.lstrip())] + texts[0]
    texts[-1] += text[len(text.rstrip()) :]
    return texts


def _translate_lines(
    lines: list[str], route: Route, on_progress: Callable[[int, int], None]
) -> tuple[dict[str, str], int]:
    """The translation of each line, and how many words the engines did not know."""
    total = len(lines) * len(route.legs)
    answer = route.translate(lines, lambda done: on_progress(done, total))
    translated = _by_line(lines, answer.texts, route)
    torn = [line for line in lines if not survived(line, translated[line])]
    if torn:
        repaired, more = _translate_between(torn, route)
        translated |= repaired
        return _checked(translated, route), answer.unknown_words + more
    return _checked(translated, route), answer.unknown_words


def _translate_between(lines: list[str], route: Route) -> tuple[dict[str, str], int]:
    """Translate what stands between the protected items, and put it back around them."""
    cut = {line: list(pieces(line)) for line in lines}
    wanted = list(
        dict.fromkeys(
            piece.strip() for parts in cut.values() for piece, kept in parts if not kept and translatable(piece)
        )
    )
    answer = route.translate(wanted, lambda _done: None)
    translated = _by_line(wanted, answer.texts, route)
    joined = {
        line: "".join(piece if kept else _with_core(piece, translated) for piece, kept in parts)
        for line, parts in cut.items()
    }
    return joined, answer.unknown_words


def _with_core(piece: str, translated: dict[str, str]) -> str:
    """`piece` translated between its blanks."""
    core = piece.strip()
    return piece.replace(core, translated.get(core, core)) if core else piece


def _in_case(line: str, new: str, target: str) -> str:
    """`new` with a small first letter where `line`, a part of a sentence, has one. Engines take it for a sentence.

    Languages that write nouns with a capital are left alone, and so are names that came to stand first.
    """
    if not line[:1].islower() or not new[:1].isupper() or target in _CAPITAL_NOUNS:
        return new
    first = new.split()[0]
    is_named = any(word[:1].isupper() and word[:4] == first[:4] for word in re.findall(r"\w+", line))
    return new if is_named or first.isupper() else new[:1].lower() + new[1:]


def _by_line(lines: list[str], texts: list[str], route: Route) -> dict[str, str]:
    return {line: _in_case(line, new, route.target) for line, new in zip(lines, texts, strict=True)}


def _checked(translated: dict[str, str], route: Route) -> dict[str, str]:
    if any(not text.strip() for text in translated.values()):
        raise ENGINE_FAILED(engine=route.engines, source=route.source, target=route.target)
    return translated


def _check_changed(
    passages: Sequence[Passage], translated: dict[str, str], unknown: int, route: Route, name: str
) -> int:
    """How many passages came back as they were; raises `UNCHANGED` where they are most of the text.

    `unknown` words are those the engine says it left as they were: a text in another language than chosen is full of
    them, with a word changed here and there. In a list of names they prove nothing.
    """
    counted = [passage.text.strip() for passage in passages if not is_name(passage.text)]
    same = [text for text in counted if _in_lines(text, translated).strip() == text]
    words = sum(len(text.split()) for text in counted)
    all_words = sum(len(line.split()) for line in translated)
    unknown_share = unknown / all_words if words > all_words / 2 else 0.0
    share = max(sum(map(len, same)) / (sum(map(len, counted)) or 1), unknown_share)
    if words >= FEWEST_WORDS and share > MOST_UNCHANGED:
        percent = min(100, round(100 * share))
        raise UNCHANGED(percent=percent, name=name, engine=route.engines, source=route.source, target=route.target)
    return len(same)
