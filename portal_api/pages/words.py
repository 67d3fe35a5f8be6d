"""Texts of the pages, in the language of the person at the page."""

from weakref import WeakKeyDictionary

from nicegui import Client, ui

from connectors.errors import PressroomError
from connectors.messages import Message
from domain.recorded_errors import ErrorView
from domain.texts.catalogue import translate, translate_error, translate_message
from steps.registry import step_kinds

_locales: WeakKeyDictionary[Client, str] = WeakKeyDictionary()


def speak(locale: str) -> None:
    """From now on, texts of the present page are in `locale`."""
    _locales[ui.context.client] = locale


def spoken() -> str:
    """The present page's language."""
    return _locales.get(ui.context.client, "en")


def _(template: str, **facts: object) -> str:
    """`template` in the page's language, with its `{names}` filled."""
    return translate(template, spoken(), **facts) if template else ""


def message_text(message: Message) -> str:
    """A stored sentence in the page's language; steps are called by their titles."""
    kind = step_kinds().get(str(message.facts.get("step", "")))
    if kind is not None:
        message = message.model_copy(update={"facts": {**message.facts, "step": kind.title}})
    return translate_message(message, spoken())


def error_texts(error: PressroomError | ErrorView) -> tuple[str, str]:
    """What happened and what helps, in the page's language."""
    if isinstance(error, PressroomError):
        return translate_error(error, spoken())
    return _(error.message_template, **error.facts), _(error.remedy_template, **error.facts)
