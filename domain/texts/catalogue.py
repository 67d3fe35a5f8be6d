"""Texts in the reader's language: message catalogues in gettext's PO format, read with Babel.

The English templates are the keys, so English needs no catalogue. `scripts/update-catalogues` collects every template
marked with `N_("…")` or `_("…")` in all rooms; a test requires a translation of each.
"""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.messages.pofile import read_po

from connectors.errors import PressroomError
from connectors.messages import N_, Message, fill
from connectors.translation.languages import languages
from steps.registry import step_kinds

FOLDER = Path(__file__).parent / "locales"
SOURCE_LANGUAGE = "en"
NAMED_FACTS = frozenset({"step", "field", "what", "role", "service", "entity", "target", "surface"})
"""Facts whose values are texts of ours (a step's title, a role), which are translated too; all others are data."""
LANGUAGE_FACTS = frozenset({"language", "source", "target", "targets", "found", "available"})
"""Facts whose values are English names of languages, one or several with commas between them."""
ROLE_NAMES = (
    N_("User"),
    N_("Help Desk"),
    N_("User Administrator"),
    N_("Organization Administrator"),
    N_("Partner Administrator"),
    N_("File Service Administrator"),
    N_("Fleet Management Administrator"),
    N_("Fleet Management Reporting Analyst"),
    N_("Fleet Management Viewer"),
    N_("Print Release Management Administrator"),
    N_("Print Release Management Reporting Analyst"),
    N_("Print Release Management User"),
    N_("Print Management Guest User"),
    N_("Hybrid Print Management Administrator"),
    N_("Hybrid Print Management User"),
    N_("Direct Print Management Administrator"),
    N_("Direct Print Management User"),
    N_("Scan Management Administrator"),
    N_("Scan Management User"),
    N_("Translation Administrator"),
    N_("Translation User"),
    N_("Solutions Administrator"),
    N_("Solutions Advanced User"),
    N_("Solutions User"),
    N_("OCR User"),
    N_("Redaction User"),
    N_("Solutions Quota Administrator"),
    N_("Announcement Author Administrator"),
)
"""The labels of the roles, which are values of an enumeration."""
NAMES = (
    N_("solution"),
    N_("run"),
    N_("document"),
    N_("scan"),
    N_("portal"),
    N_("printer"),
    N_("cloud print queue"),
    N_("organization"),
    N_("person"),
    N_("application"),
    N_("secret"),
    N_("session"),
    N_("token"),
    N_("group"),
    N_("badge"),
    N_("PIN"),
    N_("background task"),
    *ROLE_NAMES,
)
"""Values of such facts that nothing else marks."""


@lru_cache(maxsize=1)
def locales() -> dict[str, str]:
    """The languages of the user interface: code → its own name for itself. English first."""
    found = sorted(path.parent.parent.name for path in FOLDER.glob("*/LC_MESSAGES/pressroom.po"))
    return {code: _own_name(code) for code in (SOURCE_LANGUAGE, *found)}


def translate(template: str, locale: str, **facts: object) -> str:
    """`template` in the language of `locale`, filled with `facts`; English where there is no translation."""
    catalogue = _catalogue(language_of(locale))
    shown = {name: _shown(name, value, locale) for name, value in facts.items()}
    return fill(catalogue.get(template, template), shown)


def translate_message(message: Message, locale: str) -> str:
    """A kept message in the reader's language."""
    return translate(message.template, locale, **message.facts)


def translate_error(error: PressroomError, locale: str) -> tuple[str, str]:
    """An error's message and remedy in the reader's language."""
    return (
        translate(error.fault.message, locale, **error.facts),
        translate(error.fault.remedy, locale, **error.facts),
    )


def translations(locale: str) -> Mapping[str, str]:
    """Every translation by its template, for programs that take their texts along; none into English."""
    return _catalogue(language_of(locale))


def language_of(locale: str) -> str:
    """The catalogue for a locale such as `sv`, `sv-SE` or `sv_SE`; English where there is none."""
    language = locale.replace("_", "-").partition("-")[0].lower()
    return language if language in locales() else SOURCE_LANGUAGE


def negotiate(accept_language: str) -> str:
    """The best of our languages for an Accept-Language header (RFC 9110 §12.5.4)."""
    wanted: list[tuple[float, str]] = []
    for part in accept_language[:512].split(","):
        tag, _, parameters = part.strip().partition(";")
        wanted.append((_quality(parameters), tag.partition("-")[0].lower()))
    for quality, language in sorted(wanted, key=lambda item: -item[0]):
        if quality > 0 and language in locales():
            return language
    return SOURCE_LANGUAGE


def language_name(code: str, locale: str, english_name: str) -> str:
    """A language's name in the reader's language by Unicode CLDR; else as given."""
    if language_of(locale) == SOURCE_LANGUAGE:
        return english_name
    try:
        name = Locale.parse(code, sep="-").get_display_name(language_of(locale))
    except (UnknownLocaleError, ValueError):
        return english_name
    return name or english_name


def territory_name(code: str, locale: str, english_name: str) -> str:
    """A country's name in the reader's language by Unicode CLDR; else as given, translated if it is a text of ours."""
    if language_of(locale) == SOURCE_LANGUAGE:
        return english_name
    return Locale(language_of(locale)).territories.get(code) or translate(english_name, locale)


def forget_catalogues() -> None:
    """Read the catalogues again at the next use."""
    locales.cache_clear()
    _catalogue.cache_clear()


@lru_cache(maxsize=32)
def _catalogue(language: str) -> Mapping[str, str]:
    if language == SOURCE_LANGUAGE:
        return {}
    with (FOLDER / language / "LC_MESSAGES" / "pressroom.po").open("rb") as file:
        catalogue = read_po(file, locale=language)
    return {str(entry.id): str(entry.string) for entry in catalogue if entry.id and entry.string and not entry.fuzzy}


def _shown(name: str, value: object, locale: str) -> object:
    """A fact as the reader sees it."""
    if isinstance(value, Message):
        return translate_message(value, locale)
    if name == "step" and value in step_kinds():  # logs keep a kind's name, people know its title
        value = step_kinds()[str(value)].title
    if not isinstance(value, str) or language_of(locale) == SOURCE_LANGUAGE:
        return value
    if name in NAMED_FACTS:
        catalogue = _catalogue(language_of(locale))
        whole = catalogue.get(value)
        return whole or ", ".join(catalogue.get(part, part) for part in value.split(", "))
    if name in LANGUAGE_FACTS:
        codes = _language_codes()
        return ", ".join(
            language_name(codes[part], locale, part) if part in codes else part for part in value.split(", ")
        )
    return value


@lru_cache(maxsize=1)
def _language_codes() -> dict[str, str]:
    """The code of each language by its English name."""
    return {row.english_name: row.code for row in languages().values()}


def _own_name(code: str) -> str:
    name = Locale.parse(code).get_display_name(code) or code
    return name[:1].upper() + name[1:]


def _quality(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
