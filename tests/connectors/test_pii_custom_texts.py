"""Custom texts in their four modes (SC-82c…SC-82j), on texts that try to hide them."""

import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import PressroomError
from connectors.pii import CustomText, MatchMode, build_detector, compile_custom_text
from connectors.pii.expressions import SECONDS_PER_TEXT
from connectors.pii.folding import fold
from tests.connectors.test_pii_entities import marked

WHOLE, CONTAINS, EXACT, ADVANCED = MatchMode.WHOLE_WORD, MatchMode.CONTAINS, MatchMode.EXACT, MatchMode.ADVANCED


@pytest.mark.parametrize(
    ("text", "mode", "row"),
    [
        ("Smith", WHOLE, "«smith», «SMITH»’s and «Smith»_2, not Smithson or blacksmith"),
        ("Smith", WHOLE, "«Smi\u00adth» «S\u200bm\u200bith» «Ｓｍｉｔｈ» «Smi-\nth»"),
        ("Åsa", WHOLE, "«Åsa» «A\u030asa» «ÅSA», not Åsas"),
        ("John Smith", WHOLE, "«John Smith» «john\u00a0\u2009smith» «JOHN\r\n\tSMITH», not JohnSmith"),
        ("office", WHOLE, "the «oﬃce»"),
        ("Straße", WHOLE, "«STRASSE» und «Straße»"),
        ("O'Brien", WHOLE, "Mr «O’Brien» and Mr «O'BRIEN»"),
        ("C++", WHOLE, "«C++» and «c++»;"),
        ("naïve", WHOLE, "«naïve», not naive"),
        ("ab ab", WHOLE, "«ab ab ab»"),
        ("fal", CONTAINS, "a «Falcon», «falcons» and the «anti-FALcon’s» «x_fal_y» fa lcon"),
        ("fal", CONTAINS, "«Fal\u00adcon»"),
        ("co n", CONTAINS, "«falco next» door"),
        ("Falcon", EXACT, "«Falcon», not falcon, FALCON or Falcons; «Fal\u00adcon»"),
        ("Falcon ", EXACT, "«Falcon»!"),
        (r"\d{3}-\d{4} ", ADVANCED, "«555-1234 »and 555-1234"),
        (r"room \d+", ADVANCED, "in «room 12», not Room 12"),
        (r"(?i)room \d+", ADVANCED, "in «Room 12»"),
        (r"\bÅsa\b", ADVANCED, "«Åsa» not Åsas"),
        (r"\w+@corp", ADVANCED, "«jörg@corp»"),
        (r"(?<=Name: )\w+", ADVANCED, "Name: «Ann»"),
        (r"(\w)\1\1", ADVANCED, "«aaa» bb"),
        ("a{,2}b", ADVANCED, "«aab» «b» x"),
        ("Smith", ADVANCED, "«Smi\u00adth»"),
        ("\u00ad", ADVANCED, "Smi«\u00ad»th"),
        (r"a+", ADVANCED, "\ud800«aa»\x00 b\udc00"),
        ("Smith", CONTAINS, "\ud800 «Smi\x00th»"),
        ("end$", ADVANCED, "the «end»"),
    ],
)
def test_modes(text: str, mode: MatchMode, row: str) -> None:
    searched, ranges = marked(row)
    hits = build_detector([], [CustomText(text, mode)], "en").find(searched)
    assert [(hit.start, hit.end) for hit in hits] == ranges
    assert {hit.what for hit in hits} <= {"custom text 1"}


@pytest.mark.parametrize(
    ("text", "mode", "code"),
    [
        ("", WHOLE, "redact.empty_text"),
        (" \u00a0\n", CONTAINS, "redact.empty_text"),
        ("\u200b", EXACT, "redact.empty_text"),
        ("", ADVANCED, "redact.expression_matches_empty"),
        ("a*", ADVANCED, "redact.expression_matches_empty"),
        ("(a|)", ADVANCED, "redact.expression_matches_empty"),
        (r"\b", ADVANCED, "redact.expression_matches_empty"),
        ("(a", ADVANCED, "redact.bad_expression"),
        ("[z-a]", ADVANCED, "redact.bad_expression"),
        ("a{2,1}", ADVANCED, "redact.bad_expression"),
        ("(?R)a", ADVANCED, "redact.bad_expression"),
        ("(a(?1))", ADVANCED, "redact.bad_expression"),
        ("x" * 513, ADVANCED, "redact.expression_too_long"),
        ("x{1000000000}", ADVANCED, "redact.expression_too_large"),
        ("((x{1000}){1000}){1000}", ADVANCED, "redact.expression_too_large"),
        (r"(\p{L}{300,}[^]x]{9}){300}", ADVANCED, "redact.expression_too_large"),
    ],
)
def test_what_cannot_be_searched_is_refused_at_save(text: str, mode: MatchMode, code: str) -> None:
    with pytest.raises(PressroomError) as refused:
        compile_custom_text(CustomText(text, mode))
    assert refused.value.code == code
    assert "{" not in refused.value.message.replace(text, "") if text else True


def test_expressions_of_512_characters_are_allowed() -> None:
    assert list(compile_custom_text(CustomText("x" * 512, ADVANCED)).spans("x" * 600)) == [(0, 512)]


@pytest.mark.parametrize(
    "expression", ["(a+)+b", r"(\w+\s?)*!", "(a|aa)+$", r"(?=(a+)+b)c", r"((a+)\2)+b", "(" * 200 + "a" + ")" * 200]
)
@pytest.mark.parametrize("text", ["a" * 20_000, "é" + "a" * 20_000])
def test_no_expression_stalls_a_worker(expression: str, text: str) -> None:
    detector = build_detector([], [CustomText("x", WHOLE), CustomText(expression, ADVANCED)], "en")
    began = time.process_time()
    with suppress(PressroomError):  # the time-out; which of them run into it is the engine's matter
        detector.find(text)
    assert time.process_time() - began < 5 * SECONDS_PER_TEXT


def test_an_expression_that_needs_too_long_fails_and_does_not_find_nothing() -> None:
    detector = build_detector([], [CustomText(r"((a+)\2)+b", ADVANCED)], "en")
    with pytest.raises(PressroomError) as failed:
        detector.find("a" * 20_000)
    assert failed.value.code == "redact.expression_timeout"
    assert "Custom text 1" in failed.value.message
    assert not failed.value.transient


def test_numbers_name_the_entry_and_overlaps_become_one() -> None:
    texts = [CustomText("Anna Maria", WHOLE), CustomText("Maria Svensson Lind", WHOLE)]
    (hit,) = build_detector([], texts, "xx").find("Anna Maria Svensson Lind")
    assert (hit.start, hit.end, hit.what) == (0, 24, "custom text 2")


HIDING = st.text(alphabet=st.sampled_from("\u00ad\u200b\u2060\ufeff\u200d"), max_size=3)
AROUND = st.text(alphabet=st.sampled_from(" \n\u00a0.,ﬁßİ\u0301é½中👩"), max_size=12)


@given(before=AROUND, after=AROUND, hiding=st.lists(HIDING, min_size=4, max_size=4))
def test_hidden_characters_do_not_hide_a_word_and_the_range_is_that_of_the_original(
    before: str, after: str, hiding: list[str]
) -> None:
    word = "".join(letter + hidden for letter, hidden in zip("Smit", hiding, strict=True)) + "h"
    text = before + " " + word + " " + after
    hits = build_detector([], [CustomText("smith", WHOLE)], "en").find(text)
    assert [text[hit.start : hit.end] for hit in hits] == [word]


@given(st.text(max_size=60))
def test_folding_maps_every_range_back_into_the_original(text: str) -> None:
    for ignore_case in (False, True):
        folded = fold(text, ignore_case=ignore_case)
        places = [folded.original(index, index + 1) for index in range(len(folded.text))]
        assert all(0 <= start < end <= len(text) for start, end in places)
        assert places == sorted(places)
        for index, (start, end) in enumerate(places):
            assert folded.text[index] in fold(text[start:end], ignore_case=ignore_case).text


def test_case_folding_of_plain_text_keeps_its_length() -> None:
    assert fold("Plain TEXT 123", ignore_case=True).text == "plain text 123"
