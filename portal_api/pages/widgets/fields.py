"""Inputs for single values, chosen by a parameter's widget hint or else by its type."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from nicegui import ui
from nicegui.element import Element
from pydantic.fields import FieldInfo

from portal_api.choices import offered_languages
from portal_api.pages import theme
from portal_api.pages.widgets.choice_names import choice_name
from portal_api.pages.widgets.custom_texts import custom_texts_input
from portal_api.pages.widgets.pii_picker import pii_input
from portal_api.pages.words import _, spoken

Change = Callable[[Any], None]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One value of a model as a form shows it. `owner` is the step kind's name, or another name for the form."""

    owner: str
    name: str
    info: FieldInfo
    value: Any

    @property
    def title(self) -> str:
        return _(self.info.title or self.name.replace("_", " ").capitalize())

    @property
    def widget(self) -> str:
        extra = self.info.json_schema_extra
        return str(extra.get("widget", "")) if isinstance(extra, dict) else ""

    def bound(self, name: str) -> Any:
        """A limit of the field (`max_length`, `ge`, `le`), or None."""
        return next((getattr(item, name) for item in self.info.metadata if hasattr(item, name)), None)


def value_input(parameter: Parameter, change: Change) -> Element:
    """The input that suits the parameter; `change` gets every new value."""
    make = _BY_WIDGET.get(parameter.widget) or _by_type(parameter)
    return make(parameter, change)


def _by_type(parameter: Parameter) -> Callable[[Parameter, Change], Element]:
    plain = _plain_type(parameter.info.annotation)
    if _choices(plain):
        return _choice
    if plain is bool:
        return _switch
    if plain in (int, float):
        return _number
    if get_origin(plain) in (tuple, list, set, frozenset):
        return _words
    return _line


def _plain_type(annotation: Any) -> Any:
    """The type without `Annotated` and without `None`."""
    if get_origin(annotation) is Annotated:
        return _plain_type(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        return _plain_type(next(one for one in get_args(annotation) if one is not type(None)))
    return annotation


def _choices(plain: Any) -> list[Any]:
    if get_origin(plain) is Literal:
        return list(get_args(plain))
    if isinstance(plain, type) and issubclass(plain, Enum):
        return [member.value for member in plain]
    return []


def _choice(parameter: Parameter, change: Change) -> Element:
    options = {value: choice_name(value) for value in _choices(_plain_type(parameter.info.annotation))}
    value = getattr(parameter.value, "value", parameter.value)
    value = value if value in options else None
    field = ui.select(options, label=parameter.title, value=value, on_change=lambda event: change(event.value))
    return field.props("outlined dense options-dense")


def _switch(parameter: Parameter, change: Change) -> Element:
    return ui.switch(parameter.title, value=bool(parameter.value), on_change=lambda event: change(event.value))


def _number(parameter: Parameter, change: Change) -> Element:
    whole = _plain_type(parameter.info.annotation) is int
    field = ui.number(
        parameter.title,
        value=parameter.value,
        min=parameter.bound("ge"),
        max=parameter.bound("le"),
        precision=0 if whole else None,
        on_change=lambda event: change(int(event.value) if whole and event.value is not None else event.value),
    )
    return field.props("outlined dense")


def _line(parameter: Parameter, change: Change) -> Element:
    field = ui.input(
        parameter.title, value=str(parameter.value or ""), on_change=lambda event: change(event.value or "")
    )
    return _counted(field.props("outlined dense"), parameter)


def _lines(parameter: Parameter, change: Change) -> Element:
    field = ui.textarea(
        parameter.title, value=str(parameter.value or ""), on_change=lambda event: change(event.value or "")
    )
    return _counted(field.props("outlined dense autogrow"), parameter)


def _counted(field: Element, parameter: Parameter) -> Element:
    if limit := parameter.bound("max_length"):
        field.props(f"maxlength={limit} counter")
    return field


def _addresses(parameter: Parameter, change: Change) -> Element:
    return _line(parameter, change).props("type=text inputmode=email autocomplete=off")


def _words(parameter: Parameter, change: Change) -> Element:
    field = ui.input_chips(
        parameter.title, value=list(parameter.value or ()), on_change=lambda event: change(tuple(event.value or ()))
    )
    return field.props("outlined dense")


def _language_options(parameter: Parameter) -> dict[str, str]:
    offered = offered_languages(parameter.owner, parameter.name, spoken())
    return {one.code: one.label(spoken()) for one in offered}


def _language(parameter: Parameter, change: Change) -> Element:
    options = _language_options(parameter)
    value = parameter.value if parameter.value in options else None
    field = ui.select(
        options, label=parameter.title, value=value, with_input=True, on_change=lambda event: change(event.value)
    )
    return field.props("outlined dense options-dense")


def _languages(parameter: Parameter, change: Change) -> Element:
    options = _language_options(parameter)
    field = ui.select(
        options,
        label=parameter.title,
        value=[code for code in parameter.value or () if code in options],
        multiple=True,
        with_input=True,
        on_change=lambda event: change(tuple(event.value or ())),
    )
    return field.props("outlined dense options-dense use-chips").classes("with-chips")


def _pii(parameter: Parameter, change: Change) -> Element:
    return pii_input(parameter.title, tuple(parameter.value or ()), change)


def _custom_texts(parameter: Parameter, change: Change) -> Element:
    with theme.block("custom-texts") as holder:
        theme.text(parameter.title, "field-title")
        custom_texts_input(parameter.value or (), change, parameter.bound("max_length") or 20)
    return holder


_BY_WIDGET: dict[str, Callable[[Parameter, Change], Element]] = {
    "language": _language,
    "languages": _languages,
    "multiline": _lines,
    "addresses": _addresses,
    "folder": _line,
    "pii": _pii,
    "custom_texts": _custom_texts,
}
