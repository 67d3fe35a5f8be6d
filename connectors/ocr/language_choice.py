"""Which language to read a document in: the one asked for, the one it says it has, or the one its text turns out to be.

With nothing to go by, the first offered language is a guess that the first pages read in it confirm at no cost, or
correct at the cost of reading them again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from connectors.messages import N_, Message
from connectors.ocr.languages import LANGUAGE_MISSING, debian_package, language_of, tag_of, tesseract_name_of
from connectors.ocr.tesseract import installed_languages

UNKNOWN_LANGUAGE = N_("The language could not be found out: the text was read as {language}.")
NO_DATA_FOR_LANGUAGE = N_(
    "The text seems to be in “{found}”, a language that is not offered here for recognition: it was read as {language}."
)


@dataclass(frozen=True, slots=True)
class LanguageChoice:
    """`name` is tesseract's; `tag` (BCP 47) is what the document goes on with, None where it was not found out.

    `settled` tells a choice from a guess.
    """

    name: str
    tag: str | None
    settled: bool
    offered: tuple[str, ...]

    def weighed(self, text: str) -> "LanguageChoice":
        """The choice after `text` was read: settled if its language can be told."""
        evidence = None if self.settled else language_of(text)
        if evidence is None:
            return self
        name = tesseract_name_of(evidence.tag)
        return replace(self, name=name if name in self.offered else self.name, tag=evidence.tag, settled=True)

    @property
    def warning(self) -> Message | None:
        """What people should know about the language."""
        if not self.settled:
            return Message(template=UNKNOWN_LANGUAGE, facts={"language": tag_of(self.name)})
        if self.tag is not None and tesseract_name_of(self.tag) != self.name:
            return Message(template=NO_DATA_FOR_LANGUAGE, facts={"found": self.tag, "language": tag_of(self.name)})
        return None


def offered_languages(configured: Sequence[str]) -> tuple[str, ...]:
    """The languages of the settings (tesseract's names) whose data are installed, in the settings' order.

    Raises `ocr.engine_missing`, and `ocr.language_missing` when there is none at all.
    """
    installed = installed_languages()
    offered = tuple(name for name in configured if name in installed)
    if not offered:
        raise _missing(configured[0] if configured else "eng", tuple(sorted(installed - {"osd"})))
    return offered


def language_asked_for(name: str, offered: tuple[str, ...]) -> LanguageChoice:
    """The language that the step names; raises `ocr.language_missing`."""
    if name not in offered:
        raise _missing(name, offered)
    return LanguageChoice(name, tag_of(name), settled=True, offered=offered)


def first_guess(document_language: str | None, offered: tuple[str, ...]) -> LanguageChoice:
    """What to begin with when the step leaves it open: the document's language if it is known and offered."""
    name = tesseract_name_of(document_language) if document_language else ""
    if name in offered:
        return LanguageChoice(name, document_language, settled=True, offered=offered)
    return LanguageChoice(offered[0], None, settled=False, offered=offered)


def _missing(name: str, available: tuple[str, ...]) -> Exception:
    return LANGUAGE_MISSING(language=name, available=", ".join(available), package=debian_package(name))
