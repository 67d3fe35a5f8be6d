"""Texts of local pages in the reader's language, with the whole house around them or from a package alone."""

import json
from collections.abc import Mapping
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from starlette.requests import Request

from connectors.errors import PressroomError
from connectors.messages import Message, fill

FOLDER = Path(__file__).parent / "texts"
"""Only in packages: the translations, by locale, as JSON."""


def locale_of(request: Request) -> str:
    """The first language of the browser that there is."""
    for part in request.headers.get("accept-language", "").split(","):
        name = part.partition(";")[0].strip().lower().partition("-")[0]
        if name == "en" or translations(name):
            return name
    return "en"


def say(template: str, locale: str, **facts: Any) -> str:
    """The text in that language, filled with `facts`."""
    return fill(translations(locale).get(template) or template, facts)


def say_message(message: Message, locale: str) -> str:
    """A message in that language."""
    return say(message.template, locale, **message.facts)


def say_error(error: PressroomError, locale: str) -> tuple[str, str]:
    """What happened, and what to do."""
    return say(error.fault.message, locale, **error.facts), say(error.fault.remedy, locale, **error.facts)


@lru_cache(maxsize=16)
def translations(locale: str) -> Mapping[str, str]:
    """All translations into a language; none into one that there is no catalogue of."""
    packed = FOLDER / f"{locale}.json"
    if locale.isalpha() and packed.is_file():
        known: dict[str, str] = json.loads(packed.read_text(encoding="utf-8"))
        return known
    if find_spec("domain") is None:
        return {}
    from domain.texts import catalogue

    return catalogue.translations(locale)
