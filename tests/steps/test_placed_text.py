"""Packed words say the same as words that are objects."""

import pytest

from steps.redaction.placed_text import PlacedText

WORDS = (
    ("", "Dear", (10, 10, 60, 30)),
    (" ", "Ann,", (70, 10, 120, 30)),
    ("\n", "naïve", (10, 40, 70, 60)),
    (" ", "🐦", (80, 40, 99, 60)),
)
PLACED = PlacedText.of(WORDS)


def test_words_come_back_with_their_boxes() -> None:
    assert PLACED.text == "Dear Ann,\nnaïve 🐦"
    assert list(PLACED.words) == [(text, box) for _, text, box in WORDS]


@pytest.mark.parametrize(
    ("span", "touched"),
    [
        ((0, 4), [0]),
        ((2, 3), [0]),
        ((4, 5), []),
        ((3, 6), [0, 1]),
        ((8, 11), [1, 2]),
        ((16, 17), [3]),
        ((0, 17), [0, 1, 2, 3]),
        ((5, 5), []),
        ((17, 30), []),
    ],
)
def test_a_range_touches_whole_words(span: tuple[int, int], touched: list[int]) -> None:
    assert PLACED.boxes([span]) == [WORDS[number][2] for number in touched]


def test_several_ranges_touch_each_word_once() -> None:
    assert PLACED.boxes([(0, 2), (1, 4), (10, 12)]) == [WORDS[0][2], WORDS[2][2]]


def test_nothing_was_read() -> None:
    assert (PlacedText().text, list(PlacedText().words), PlacedText().boxes([(0, 9)])) == ("", [], [])
