"""Which words of a translation get which formatting."""

import time

import pytest

from steps.translation.alignment import marked_spans, share_out
from steps.translation.passages import Span


@pytest.mark.parametrize(
    ("spans", "translation", "alone", "expected"),
    [
        (
            [("The ", ""), ("red", "b"), (" house", "")],
            "La casa roja",
            {1: "rojo"},
            ["La casa ", "roja", ""],
        ),
        (
            [("Please ", ""), ("read", "b"), (" the ", ""), ("manual", "i"), (" now.", "")],
            "Por favor lea el manual ahora.",
            {1: "leer", 3: "manual"},
            ["Por favor ", "lea", " el ", "manual", " ahora."],
        ),
        (
            [("Bold text", "b"), (" and plain text with more words", "")],
            "Texto en negrita y texto simple con más palabras",
            {0: "texto negrita"},
            ["Texto en negrita", " y texto simple con más palabras"],
        ),
        ([("See ", ""), ("here", "link")], "Xyzzy", {1: "aquí"}, ["", "Xyzzy"]),
        ([("one ", ""), ("two", "b")], "", {1: "dos"}, ["", ""]),
        ([("only", "")], "solo", {}, ["solo"]),
        ([("a", ""), ("¹", "note"), (" b", "")], "uno ¹ dos", {1: "¹"}, ["uno ", "¹", " dos"]),
    ],
)
def test_formatting_follows_the_words(
    spans: list[tuple[str, str]], translation: str, alone: dict[int, str], expected: list[str]
) -> None:
    shared = share_out([Span(*span) for span in spans], translation, alone)
    assert "".join(shared) == translation
    assert shared == expected


def test_spans_that_change_places_still_get_words_each() -> None:
    spans = [Span("the first", "link 1"), Span(" and then after it comes ", ""), Span("the second", "link 2")]
    shared = share_out(spans, "el segundo viene después y antes el primero", {0: "el primero", 2: "el segundo"})
    assert all(text.strip() for text in (shared[0], shared[2]))
    assert "".join(shared) == "el segundo viene después y antes el primero"


def test_only_what_sticks_out_is_looked_up() -> None:
    spans = [Span("Plain text ", ""), Span("bold", "b"), Span(" ", "i"), Span("more plain", ""), Span(".", "u")]
    assert marked_spans(spans) == [1]


@pytest.mark.parametrize(("count", "words"), [(60, 20), (400, 1), (5000, 1)])
def test_long_passages_of_many_runs_take_no_time(count: int, words: int) -> None:
    spans = [Span("word " * words, "b" if number % 2 else "") for number in range(count)]
    alone = dict.fromkeys(range(1, count, 2), "palabra " * words)
    translation = " ".join(["palabra"] * (count * words))
    started = time.perf_counter()
    assert "".join(share_out(spans, translation, alone)) == translation
    assert time.perf_counter() - started < 20
