"""Finding what to redact: personal data by catalogue entry, and texts that a person named (SC-82).

    detector = build_detector(["PERSON", "IBAN_CODE"], [CustomText("Falcon", MatchMode.WHOLE_WORD)], "en")
    hits = [detector.find(text) for text in texts]                                # first pass
    again = [detector.survivors(text) for text in texts]                          # found once, gone everywhere
    …mask both, then prove on the output: not detector.survivors(text of the output)

Importing this package is light; recognisers and language models load when a detector needs them.
"""

from connectors.pii.catalogue import PiiEntity, catalogue
from connectors.pii.custom_text import CustomText, MatchMode, compile_custom_text
from connectors.pii.detector import Detector, build_detector
from connectors.pii.hits import Hit
from connectors.pii.languages import Language, languages
from connectors.pii.names import preload

__all__ = [
    "CustomText",
    "Detector",
    "Hit",
    "Language",
    "MatchMode",
    "PiiEntity",
    "build_detector",
    "catalogue",
    "compile_custom_text",
    "languages",
    "preload",
]
