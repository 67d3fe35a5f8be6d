"""What every translation engine offers, ours and third parties'.

A package registers another engine under the entry point group `pressroom.translation_engines`: a callable that takes
the settings and returns an object that keeps `TranslationEngine`. A complete example:

    class Shouting:
        name = "shouting"

        def pairs(self) -> frozenset[Pair]:
            return frozenset({Pair("en", "en-shouted")})

        def translate(self, texts, source, target, on_progress):
            return Translated([text.upper() for text in texts])

        def preload(self) -> None: ...
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from connectors.errors import Fault
from connectors.messages import N_

ENGINE_MISSING = Fault(
    "translate.engine_missing",
    503,
    N_("No translation engine is installed."),
    N_("Administrators: put Argos packages in the folder PRESSROOM_TRANSLATION_PACKAGES or install Apertium."),
)
ENGINE_FAILED = Fault(
    "translate.engine_failed",
    502,
    N_("The translation engine {engine} gave no usable translation from {source} to {target}."),
    N_("Try again. If it stays, choose another target language and tell the administrator the engine and the pair."),
)
ENGINE_TIMEOUT = Fault(
    "translate.timeout",
    504,
    N_("The translation engine {engine} did not finish within {seconds} seconds."),
    N_("Try again later or with a shorter document. Administrators: PRESSROOM_TRANSLATION_TIMEOUT_SECONDS."),
    transient=True,
)
PAIR_MISSING = Fault(
    "translate.pair_missing",
    422,
    N_("No installed engine translates from {source} to {target}."),
    N_(
        "From {source} there is: {available}. Administrators: put the Argos package {package} in the folder "
        "PRESSROOM_TRANSLATION_PACKAGES, or install an Apertium pair, and restart the worker."
    ),
)


class Pair(NamedTuple):
    """A direction of translation: two codes of `languages.csv` (BCP 47)."""

    source: str
    target: str


@dataclass(frozen=True, slots=True)
class Translated:
    """An engine's answer: one text for each text asked, in their order.

    `unknown_words` counts the words that the engine says it does not know and left as they are (0: none, or the
    engine cannot tell).
    """

    texts: list[str]
    unknown_words: int = 0


Progress = Callable[[int], None]
"""Called with the number of texts done so far; may raise to cancel."""


class TranslationEngine(Protocol):
    """Translates plain text, one line each, without any network."""

    name: str

    def pairs(self) -> frozenset[Pair]:
        """The directions that work now. Cheap: no model is loaded."""
        ...

    def translate(self, texts: Sequence[str], source: str, target: str, on_progress: Progress) -> Translated:
        """Translate each of `texts` by itself; raises `ENGINE_FAILED` or `ENGINE_TIMEOUT`, never returns fewer."""
        ...

    def preload(self) -> None:
        """Load what makes the first translation slow; every process of a warm worker calls it at its start."""
        ...


def silent(_done: int) -> None:
    """A `Progress` that nobody watches."""
