"""Languages, their detection, sentences, and what must survive a translation."""

import socket

import pytest

from connectors.errors import PressroomError
from connectors.translation.detection import detect_language
from connectors.translation.engine import Pair
from connectors.translation.languages import available_targets, find_language, language, languages
from connectors.translation.protection import is_name, pieces, protected_items, survived, translatable
from connectors.translation.sentences import LONGEST, SentenceSplitter, halves


def test_the_table_holds_what_the_specification_counts() -> None:
    """TR-20, TR-21, TR-22."""
    assert len(languages()) == 131
    assert sum(row.auto_detect for row in languages().values()) == 66
    assert sum(not row.docx_print_supported for row in languages().values()) == 31


@pytest.mark.parametrize(
    ("tag", "code"),
    [
        ("EN", "en"),
        ("en-GB", "en"),
        ("fr_ca", "fr-CA"),
        ("pt", "pt-BR"),
        ("pt-PT", "pt-PT"),
        ("no", "nb"),
        ("zh-TW", "zh-Hant"),
        ("zh", "zh-Hans"),
        ("tlh", None),
        ("", None),
    ],
)
def test_everyday_tags_find_their_language(tag: str, code: str | None) -> None:
    found = find_language(tag)
    assert (found.code if found else None) == code


def test_an_unknown_language_is_a_fault() -> None:
    with pytest.raises(PressroomError, match=r"translate\.language_unknown"):
        language("tlh")


def test_languages_without_an_engine_are_shown_as_unavailable() -> None:
    """TR-9."""
    pairs = [Pair("sv", "da"), Pair("da", "nb"), Pair("en", "es")]
    offered = available_targets("sv", pairs)
    assert len(offered) == 130
    assert {row.language.code for row in offered if row.available} == {"da", "nb"}
    assert {row.language.code for row in available_targets("auto", pairs) if row.available} == {"da", "nb", "es"}


SAMPLES = {
    "en": "Thank you for your order. We will deliver the catalogues on Monday.",
    "sv": "Tack för din beställning. Vi levererar katalogerna på måndag.",
    "de": "Vielen Dank für Ihre Bestellung. Wir liefern die Kataloge am Montag.",
    "fr": "Merci pour votre commande. Nous livrerons les catalogues lundi.",
    "es": "Gracias por su pedido. Entregaremos los catálogos el lunes.",
    "it": "Grazie per il vostro ordine. Consegneremo i cataloghi lunedì.",
    "pt-BR": "Obrigado pelo seu pedido. Entregaremos os catálogos na segunda-feira.",
    "nb": "Vi har mottatt søknaden din og kommer til å svare så snart som mulig, men det kan ta noen uker.",
    "zh-Hans": "感谢您的订单。我们将于星期一交付这些目录。",
    "zh-Hant": "感謝您的訂單。我們將於星期一交付這些目錄，請問還有什麼問題嗎。",
    "sr-Cyrl": "Хвала вам на наруџбини. Каталоге ћемо испоручити у понедељак.",
    "ar": "شكرا لطلبك. سنسلم الكتالوجات يوم الاثنين.",
}


@pytest.mark.parametrize("code", SAMPLES)
def test_detection_works_without_a_network(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("detection wanted the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert detect_language([SAMPLES[code], "12345"], "x.txt").code == code


@pytest.mark.parametrize(
    "text",
    ["", "1234 5678", "xqzt wvbn plrk", "Mbote na bino banso, nazali kosala mosala na ngai"],
    ids=["nothing", "numbers", "noise", "Lingala, which is not flagged"],
)
def test_what_is_not_detected_asks_for_a_choice(text: str) -> None:
    """TR-21, TR-27."""
    with pytest.raises(PressroomError) as failed:
        detect_language([text], "x.txt")
    assert failed.value.code == "translate.language_undetected"
    assert failed.value.fault.spec == "TR-E04"


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("Mr. Smith paid 3.50 to e.g. Anna. She left.", ["Mr. Smith paid 3.50 to e.g. Anna.", "She left."]),
        ("Dr. A. B. Berg", ["Dr. A. B. Berg"]),
        ("¿Qué? ¡Nada! «Sí.» Fin", ["¿Qué?", "¡Nada!", "«Sí.»", "Fin"]),
        ("第一句。第二句！", ["第一句。", "第二句！"]),
        ("   ", []),
    ],
)
def test_sentences(text: str, sentences: list[str]) -> None:
    assert SentenceSplitter().split_sentences(text) == sentences


def test_no_sentence_is_too_long_and_nothing_is_lost() -> None:
    text = "word " * 1000 + "x" * 2000
    parts = SentenceSplitter().split_sentences(text)
    assert max(map(len, parts)) <= LONGEST
    assert "".join(parts).replace(" ", "") == text.replace(" ", "")
    assert halves("word") is None


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("Pay 1,234.50 by 2026-11-22 at 9:30.", ["1,234.50", "2026-11-22", "9:30"]),
        ("See https://example.com/a?b=c. Or www.example.org/x!", ["https://example.com/a?b=c", "www.example.org/x"]),
        ("Ask ann.b+c@example.com, please", ["ann.b+c@example.com"]),
        ("Dear {name}, {{x.y}} ${z} %s %(n)d", ["{name}", "{{x.y}}", "${z}", "%s", "%(n)d"]),
        ("Use `the house` in <b>", ["`the house`", "<b>"]),
        ("Order AB-1234 DE89 #17", ["AB-1234", "DE89", "#17"]),
        ("100 % of it", ["100"]),
        ("Nothing here", []),
    ],
)
def test_protected_items(text: str, items: list[str]) -> None:
    assert protected_items(text) == items
    assert "".join(piece for piece, _ in pieces(text)) == text


@pytest.mark.parametrize(
    ("source", "translation", "kept"),
    [
        ("It costs 12.50", "Cuesta 12.50", True),
        ("It costs 12.50", "Cuesta 12,50", False),
        ("1 and 11", "1 y 11", True),
        ("1 and 11", "11 y 11", False),
        ("Ask ann@example.com", "Pregunte a ana@example.com", False),
    ],
)
def test_survival(source: str, translation: str, kept: bool) -> None:
    assert survived(source, translation) is kept


@pytest.mark.parametrize(
    ("text", "words", "name"),
    [
        ("12.50 €", False, True),
        ("https://example.com", False, True),
        ("John Smith", True, True),
        ("The house is red", True, False),
        ("产品", True, False),
    ],
)
def test_what_is_text_and_what_may_be_a_name(text: str, words: bool, name: bool) -> None:
    assert (translatable(text), is_name(text) or not words) == (words, name)
