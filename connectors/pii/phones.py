"""Telephone numbers, by the numbering plans in `phonenumbers` (Google's libphonenumber)."""

from collections.abc import Iterator

from connectors.pii.languages import Language

CONTEXT = (
    "phone tel telephone mobile cell call fax whatsapp sms contact téléphone tél portable appel telefon handy mobil "
    "rufnummer teléfono móvil celular telefono cellulare telefone telemóvel ring mobilnummer"
)
WORDS_BEFORE = 40
FEWEST_DIGITS = 6


def phone_numbers(text: str, language: Language) -> Iterator[tuple[int, int, bool]]:
    """Half-open ranges of `text` that are telephone numbers, and whether each carries its country's prefix.

    Numbers with a prefix are understood for all countries, others for the regions of `language`. A number that a plan
    allows counts; one of the right length that no plan allows (such as 555-0123) counts after a word like “phone”.
    """
    if sum(character.isdigit() for character in text) < FEWEST_DIGITS:
        return
    from phonenumbers import Leniency, PhoneNumberMatcher, is_valid_number

    for region in language.phone_regions:
        for match in PhoneNumberMatcher(text, region, leniency=Leniency.POSSIBLE):
            if is_valid_number(match.number) or _is_announced(text, match.start):
                yield match.start, match.end, match.raw_string.lstrip().startswith("+")


def _is_announced(text: str, start: int) -> bool:
    before = text[max(start - WORDS_BEFORE, 0) : start].casefold()
    return any(word.startswith(_WORDS) for word in before.replace(":", " ").replace(".", " ").split())


_WORDS = tuple(CONTEXT.split())
