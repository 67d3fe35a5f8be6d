"""Detectors: finding in whole texts, proving absence, and refusing what cannot be found."""

import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from connectors.errors import PressroomError
from connectors.pii import CustomText, MatchMode, build_detector, catalogue, languages, preload
from connectors.pii.hits import Hit, merged
from connectors.pii.languages import NAMED
from connectors.pii.names import CHUNK, chunks
from tests.connectors.test_pii_entities import marked

MEMO = (
    "Dear Ms Svensson, Anna Svensson met John Smith of Microsoft Corporation on 3 March 2026. "
    "Pay to DE89 3704 0044 0532 0130 00 or call +46 8 123 456 78."
)


def texts(hits: list[Hit], text: str) -> list[str]:
    return [text[hit.start : hit.end] for hit in hits]


def test_a_memo_in_english() -> None:
    detector = build_detector(["PERSON", "ORGANIZATION", "IBAN_CODE", "PHONE_NUMBER"], [], "en-GB")
    found = texts(detector.find(MEMO), MEMO)
    assert {"Anna Svensson", "John Smith", "DE89 3704 0044 0532 0130 00", "+46 8 123 456 78"} <= set(found)
    assert any("Microsoft Corporation" in text for text in found)


def test_a_memo_in_french() -> None:
    memo = "Marie Dupont de la Société Générale a rencontré Jean-Pierre Martin à Lyon le 1er février 2026."
    detector = build_detector(["PERSON", "ORGANIZATION", "DATE_TIME"], [], "fr")
    assert texts(detector.find(memo), memo) == [
        "Marie Dupont",
        "Société Générale",
        "Jean-Pierre Martin",
        "1er février 2026",
    ]


def test_only_what_was_asked_for_is_found() -> None:
    detector = build_detector(["IBAN_CODE"], [], "en")
    assert {hit.what for hit in detector.find(MEMO)} == {"IBAN_CODE"}


@pytest.mark.parametrize("hidden", ["Jo\u00adhn Smith", "John\u00a0Smith", "John\u200b Smi\u200bth"])
def test_names_are_seen_through_invisible_characters(hidden: str) -> None:
    text = f"Yesterday {hidden} met the board."
    assert hidden in texts(build_detector(["PERSON"], [], "en").find(text), text)


def test_numbers_across_line_breaks_and_odd_blanks() -> None:
    text, ranges = marked("IBAN «DE89\u00a03704\n0044 0532\r\n0130 00» and «DE89 3704 0044 0532 0130 00»")
    hits = build_detector(["IBAN_CODE"], [], "de").find(text)
    assert [(hit.start, hit.end) for hit in hits] == ranges


def test_a_wrong_number_in_front_does_not_hide_the_right_one() -> None:
    text, ranges = marked("cards: 4111 1111 1111 1112 «4111 1111 1111 1111»")
    assert [(hit.start, hit.end) for hit in build_detector(["CREDIT_CARD"], [], "en").find(text)] == ranges


def test_broken_characters_do_not_stop_the_search() -> None:
    text, ranges = marked("\ud800 Yesterday «John Smith» came\x00 \udc00")
    hits = build_detector(["PERSON"], [], "en").find(text)
    assert [(hit.start, hit.end) for hit in hits] == ranges


def test_overlapping_hits_are_joined_and_named_for_the_longest() -> None:
    assert merged([Hit(5, 9, "B"), Hit(0, 6, "A"), Hit(9, 12, "C"), Hit(10, 11, "D")]) == [
        Hit(0, 9, "A"),
        Hit(9, 12, "C"),
    ]


SOURCE = "Yesterday John Smith and Will Jones met Li. Mr Smithson paid 4111 1111 1111 1111 to DE89370400440532013000."


@pytest.mark.parametrize(
    "output",
    [
        "JOHN SMITH",
        "JohnSmithX",
        "John-\nSmith",
        "John Smi-\nth",
        "J o h n  S m i t h",
        "jo\u00adhn smith",
        "4111-1111-1111-1111",
        "x4111111111111111y",
        "DE89 3704 0044 0532\n0130 00",
        "Will Jonesand others",
        "the IBAN SE4550000000058398257466, never seen before",
    ],
)
def test_survivors_are_found_however_the_output_is_read(output: str) -> None:
    detector = build_detector(["PERSON", "CREDIT_CARD", "IBAN_CODE"], [], "en")
    assert "John Smith" in texts(detector.find(SOURCE), SOURCE)
    assert detector.survivors(output)


@pytest.mark.parametrize(
    "output",
    [
        "████ ██████ and ████ █████ met ██.",
        "Johnson will come.",
        "Paris Hilton ████ Berlin",
        "John and a smith",
        "41 11 and 1111",
    ],
)
def test_what_may_stay_is_no_survivor(output: str) -> None:
    detector = build_detector(["PERSON", "CREDIT_CARD", "IBAN_CODE"], [], "en")
    detector.find(SOURCE)
    assert detector.survivors(output) == []


def test_masking_hits_and_then_survivors_leaves_nothing() -> None:
    detector = build_detector(["PERSON"], [CustomText("falcon", MatchMode.CONTAINS)], "en")
    pages = ["We met John Smith in May.", "JOHN SMITH / FALCONRY", "johnsmith, smith"]
    hits = [detector.find(page) for page in pages]
    outputs = []
    for page, found in zip(pages, hits, strict=True):
        for hit in merged([*found, *detector.survivors(page)]):
            page = page[: hit.start] + "█" * (hit.end - hit.start) + page[hit.end :]
        outputs.append(page)
    assert outputs[1] == "██████████ / ████████"
    assert not any(detector.survivors(output) for output in outputs)


def test_a_surname_goes_where_it_stands_alone_unless_it_is_a_word_of_the_document() -> None:
    detector = build_detector(["PERSON"], [], "en")
    for text in ("Yesterday Anna Svensson met John Baker at the station.", "Every baker knows that."):
        detector.find(text)
    output = "SVENSSON’s report, svensson, Svenssons, Anna, Baker"
    assert texts(detector.survivors(output), output) == ["SVENSSON"]


@pytest.mark.parametrize(
    ("text", "mode", "left", "gone"),
    [
        ("Smith", MatchMode.WHOLE_WORD, "Smithand", "Smithson"),
        ("Smith", MatchMode.EXACT, "xSmith", "smith"),
        ("art", MatchMode.CONTAINS, "pARTy", "p█████"),
        (r"\d{3}-\d{4}", MatchMode.ADVANCED, "call 555-0199", "call ████████"),
        (r".{4}", MatchMode.ADVANCED, "text", "████ a"),
        (r"^.{6}", MatchMode.ADVANCED, "The ca", "another line"),
    ],
)
def test_custom_texts_survive_or_not(text: str, mode: MatchMode, left: str, gone: str) -> None:
    detector = build_detector([], [CustomText(text, mode)], "en")
    detector.find("The car of Mr Smithson and smith, the party")
    assert detector.survivors(left)
    assert detector.survivors(gone) == []


def test_values_found_elsewhere_can_be_given() -> None:
    detector = build_detector(["IBAN_CODE"], [], "en")
    assert detector.survivors("MARYJANE watson") == []
    assert texts(detector.survivors("MARY JANE watson", {"Mary Jane"}), "MARY JANE watson") == ["MARY JANE"]


@pytest.mark.parametrize(
    ("entities", "language", "code"),
    [
        (["PERSON"], "tlh", "redact.language"),
        (["NO_SUCH"], "en", "redact.entity_unknown"),
        (["ADDRESS"], "en", "redact.entity_unavailable"),
    ],
)
def test_what_cannot_be_found_is_refused(entities: list[str], language: str, code: str) -> None:
    with pytest.raises(PressroomError) as refused:
        build_detector(entities, [], language)
    assert refused.value.code == code
    assert "{" not in refused.value.message + refused.value.remedy


@pytest.mark.parametrize("language", [row.code for row in languages().values() if row.model_folder is None])
@pytest.mark.parametrize("entity", sorted(NAMED))
def test_names_without_a_model_are_refused_and_never_silently_not_found(entity: str, language: str) -> None:
    with pytest.raises(PressroomError) as refused:
        build_detector(["IBAN_CODE", entity], [], language)
    assert refused.value.code == "redact.model_missing"
    assert languages()[language].name in refused.value.message


def test_every_language_finds_what_it_says() -> None:
    """SC-151, SC-152: recognizers stand for every language that is offered, names of organizations too."""
    assert {"en", "fr", "de", "es", "it", "pt", "sv"} == set(languages())
    for row in languages().values():
        assert set(row.entities) <= {entry.entity for entry in catalogue() if entry.available}
        assert len(row.entities) >= 70
        build_detector(row.entities, [], row.code)
    assert set(languages()["en"].entities) >= NAMED
    assert set(languages()["fr"].entities) >= NAMED


@pytest.mark.parametrize(
    ("language", "row"),
    [
        ("sv", "ring «08-123 456 78» i morgon, den «3 mars 2026»"),
        ("de", "Rufen Sie «030 901820» an, am «3. Oktober 2026»"),
        ("it", "telefono «06 6982», «1 gennaio 2026»"),
        ("pt", "telefone «21 342 0001», em «25 de abril de 2026»"),
        ("es", "llame al «91 411 11 11», el «6 de diciembre de 2026»"),
        ("fr", "au «01 42 34 20 00», le «14 juillet 2026»"),
    ],
)
def test_phones_and_dates_in_the_languages_own_way(language: str, row: str) -> None:
    text, ranges = marked(row)
    hits = build_detector(["PHONE_NUMBER", "DATE_TIME"], [], language).find(text)
    assert [(hit.start, hit.end) for hit in hits] == ranges


def test_the_catalogue_lists_all_and_says_what_is_missing() -> None:
    """SC-150."""
    entries = catalogue()
    assert len(entries) == 111
    assert len({entry.country for entry in entries}) == 33
    assert sum(entry.available for entry in entries) == 72
    assert all(bool(entry.reason) is not entry.available for entry in entries)


def test_importing_and_asking_for_the_catalogue_is_light() -> None:
    program = (
        "import sys, connectors.pii as pii; pii.catalogue(); [row.entities for row in pii.languages().values()];"
        "pii.compile_custom_text(pii.CustomText('a', pii.MatchMode.WHOLE_WORD));"
        "print([m for m in ('spacy', 'presidio_analyzer', 'phonenumbers', 'stdnum') if m in sys.modules])"
    )
    root = Path(__file__).parent.parent.parent
    done = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_nothing_is_fetched_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a connection was tried")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    preload(["en", "fr", "xx"])
    everything = [entry.entity for entry in catalogue() if entry.available]
    assert build_detector(everything, [], "en").find(MEMO + " www.example.com, ann@example.com")


def test_one_engine_serves_many_threads() -> None:
    def search(_: int) -> list[Hit]:
        return build_detector(["PERSON", "IBAN_CODE"], [], "en").find(MEMO)

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(search, range(32)))
    assert all(result == results[0] for result in results)


def test_chunks_are_bounded_and_lose_nothing() -> None:
    for text in ("a" * (3 * CHUNK), "word " * CHUNK, "A line.\n" * CHUNK, "One.\n\n" * 5, ""):
        pieces = list(chunks(text))
        assert "".join(piece for _, piece in pieces) == text
        assert all(len(piece) <= CHUNK and text.startswith(piece, offset) for offset, piece in pieces)


def test_names_far_into_a_long_text_are_found_in_place() -> None:
    text = "The weather was fine and nothing happened at all. " * 400 + "Then Anna Svensson met John Smith."
    hits = build_detector(["PERSON"], [], "en").find(text)
    assert texts(hits, text)[-2:] == ["Anna Svensson", "John Smith"]


@pytest.mark.parametrize(
    "text", ["", "   \n", "a" * 200_000, "1" * 200_000, "1 " * 10_000, "a.-" * 60_000, "a@" * 60_000]
)
def test_endless_texts_are_searched_or_refused_in_time(text: str) -> None:
    everything = [
        entry.entity for entry in catalogue() if entry.available and entry.entity not in NAMED | {"DATE_TIME"}
    ]
    detector = build_detector(everything, [], "en")
    with suppress(PressroomError):
        detector.find(text)
