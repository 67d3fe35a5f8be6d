"""Texts in the reader's language: negotiation, facts that are texts themselves, and catalogues without a gap."""

from pathlib import Path

import pytest
from pydantic import BaseModel, Field, ValidationError, field_validator

from connectors.errors import Fault
from connectors.messages import Message
from connectors.value_problems import value_problem
from domain.organizations.actor import ROLE_MISSING
from domain.organizations.roles import Role
from domain.solutions.rules import BAD_VALUE
from domain.tenancy import NOT_FOUND
from domain.texts.catalogue import (
    FOLDER,
    SOURCE_LANGUAGE,
    language_name,
    language_of,
    locales,
    negotiate,
    territory_name,
    translate,
    translate_error,
    translate_message,
)
from domain.texts.catalogue_files import flaws, read, templates, update
from steps.contract import FORMAT_REFUSED


@pytest.mark.parametrize("language", sorted(set(locales()) - {SOURCE_LANGUAGE}))
def test_every_text_of_the_product_is_translated(language: str) -> None:
    found = flaws(read(FOLDER / language / "LC_MESSAGES" / "pressroom.po", language))
    assert found == [], f"run scripts/update-catalogues and translate {len(found)} texts"


def test_the_collection_finds_the_texts_of_all_rooms() -> None:
    places = {place.split("/")[0] for entry in templates() for place, _ in entry.locations}
    assert {"connectors", "steps", "domain", "flows", "portal_api", "pressroom"} <= places
    assert templates().get("You are not signed in.") is not None
    assert templates().get("Credit card number") is not None


def test_a_catalogue_of_a_new_language_starts_empty_and_keeps_its_translations(tmp_path: Path) -> None:
    path = tmp_path / "de" / "LC_MESSAGES" / "pressroom.po"
    update(path, "de")
    text = path.read_text(encoding="utf-8")
    wanted = 'msgid "Sign out"\nmsgstr ""'
    assert wanted in text
    path.write_text(text.replace(wanted, 'msgid "Sign out"\nmsgstr "Abmelden {name}"'), encoding="utf-8")
    kept = update(path, "de")
    assert str(kept["Sign out"].string) == "Abmelden {name}"
    problems = {flaw.template: flaw.problem for flaw in flaws(kept)}
    assert problems["Sign out"] == "other placeholders"
    assert problems["Sign in"] == "not translated"


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("sv", "sv"),
        ("sv-SE,sv;q=0.9,en;q=0.8", "sv"),
        ("en;q=0.5, sv;q=0.9", "sv"),
        ("de, en;q=0.8, sv;q=0.7", "en"),
        ("sv;q=0", "en"),
        ("de", "en"),
        ("*", "en"),
        ("", "en"),
        (";;;,,q=x", "en"),
        ("sv;q=nan", "en"),
    ],
)
def test_the_readers_language_is_chosen_from_the_header(header: str, language: str) -> None:
    assert negotiate(header) == language


@pytest.mark.parametrize(("locale", "language"), [("sv_SE", "sv"), ("SV", "sv"), ("de-AT", "en"), ("../sv", "en")])
def test_a_locale_names_a_catalogue_or_english(locale: str, language: str) -> None:
    assert language_of(locale) == language


def test_languages_are_named_in_their_own_words() -> None:
    assert locales() == {"en": "English", "sv": "Svenska"}


def test_a_template_unknown_to_the_catalogue_stays_english() -> None:
    assert translate("No such text {count}", "sv", count=2) == "No such text 2"


def test_facts_that_are_texts_are_translated_and_others_never() -> None:
    assert "OCR-användare" in translate_error(ROLE_MISSING(role=Role.OCR_USER.value), "sv")[0]
    assert "lösning" in translate_error(NOT_FOUND(what="solution"), "sv")[0]
    detail, _ = translate_error(
        FORMAT_REFUSED(name="Text", media_type="image/png", step="Translate", accepted="x"), "sv"
    )
    assert "”Text”" in detail
    assert "”Översätt”" in detail
    assert translate("Translating into {language}", "sv", language="German") == "Översätter till tyska"
    assert (
        translate("Translated from {source} into {targets}.", "sv", source="English", targets="Swedish, Klingon")
        == "Översatt från engelska till svenska, Klingon."
    )


def test_a_steps_kind_is_shown_by_its_title() -> None:
    message = Message.of("{step} finished.", step="ocr")
    assert translate_message(message, "en") == "Extract text with OCR finished."
    assert translate_message(message, "sv") == "Extrahera text med OCR är klart."
    assert translate("“{field}” of step {step} is locked and cannot be changed.", "en", field="x", step=2).startswith(
        "“x” of step 2"
    )


def test_a_value_is_inserted_as_it_is_and_never_filled_again() -> None:
    assert translate("“{name}” is empty.", "en", name="{solution}.txt") == "“{solution}.txt” is empty."


class Values(BaseModel):
    text: str = Field("", max_length=3)
    number: int = 0

    @field_validator("number")
    @classmethod
    def _even(cls, number: int) -> int:
        if number == 7:
            raise ValueError("odd") from ODD(number=number)
        if number % 2:
            raise ValueError("an even number is expected")
        return number


ODD = Fault("test.odd", 422, "The number {number} is odd.", "Take another.")


@pytest.mark.parametrize(
    ("values", "english", "swedish"),
    [
        ({"text": "long"}, "At most 3 characters are allowed.", "Högst 3 tecken är tillåtna."),
        ({"number": "x"}, "A whole number is expected.", "Ett heltal förväntas."),
        ({"number": 3}, "An even number is expected.", "An even number is expected."),
        ({"number": 7}, "The number 7 is odd.", "The number 7 is odd."),
    ],
)
def test_what_is_wrong_with_a_value_is_told_in_the_readers_language(
    values: dict[str, object], english: str, swedish: str
) -> None:
    with pytest.raises(ValidationError) as raised:
        Values.model_validate(values)
    message = value_problem(raised.value.errors()[0])
    assert str(message) == english
    error = BAD_VALUE(field="Name", problem=message)
    assert error.message == f"“Name”: {english}"
    assert translate_error(error, "sv")[0] == f"”Namn”: {swedish}"


def test_a_message_as_a_fact_is_translated_too() -> None:
    message = Message.of("{count} pages", count=3)
    assert translate("“{field}”: {problem}", "sv", field="x", problem=message) == "”x”: 3 sidor"


def test_names_of_languages_and_countries_come_from_unicode() -> None:
    assert language_name("de", "sv", "German") == "tyska"
    assert language_name("pt-BR", "sv", "Portuguese (Brazil)") != "Portuguese (Brazil)"
    assert language_name("de", "en", "German") == "German"
    assert territory_name("SE", "sv", "Sweden") == "Sverige"
    assert territory_name("GENERAL", "sv", "General") == "Allmänt"
