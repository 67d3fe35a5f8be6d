"""The values of steps as programs show them for filling in: what kind of input, which choices, which limits."""

from collections.abc import Mapping
from enum import Enum, StrEnum
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, Field, JsonValue
from pydantic.fields import FieldInfo

from connectors.pii.catalogue import catalogue
from domain.texts.catalogue import territory_name, translate
from portal_api.choices import choice_name, offered_languages


class Widget(StrEnum):
    """What a value is filled in with."""

    LINE = "line"
    LINES = "lines"
    ADDRESSES = "addresses"
    NUMBER = "number"
    SWITCH = "switch"
    CHOICE = "choice"
    CHOICES = "choices"
    CUSTOM_TEXTS = "custom_texts"


class ChoicePublic(BaseModel):
    """One of the values that can be chosen. `group` is what it stands under, if anything."""

    value: JsonValue
    title: str
    group: str = ""


class FieldPublic(BaseModel):
    """A value of a step, its preset, and how it is filled in. A locked one is only shown (SC-94)."""

    name: str
    title: str
    description: str
    widget: Widget
    value: JsonValue
    is_locked: bool
    choices: list[ChoicePublic] = Field([], description="Of a locked value only what is chosen.")
    modes: list[ChoicePublic] = Field([], description="How custom texts that are typed can be compared (SC-82h).")
    low: int | None = None
    high: int | None = None
    longest: int | None = Field(None, description="Most characters of a text, or entries of a list.")
    providers: list[str] = Field([], description="Cloud storages for which the value means something; empty: all.")


def field_public(kind: str, name: str, info: FieldInfo, value: Any, locale: str, *, is_locked: bool) -> FieldPublic:
    """The field `name` of the step `kind`; `value` is plain JSON."""
    extra: Mapping[str, Any] = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
    plain = _plain_type(info.annotation)
    hint = str(extra.get("widget", ""))
    widget = _HINTED.get(hint) or _widget(plain)
    choices = _choices(kind, name, hint, plain, locale)
    if is_locked:
        chosen = value if isinstance(value, list) else [value]
        choices = [one for one in choices if one.value in chosen]
    return FieldPublic(
        name=name,
        title=translate(info.title or name, locale),
        description=translate(info.description or "", locale),
        widget=widget,
        value=value,
        is_locked=is_locked,
        choices=choices,
        modes=_modes(locale) if widget is Widget.CUSTOM_TEXTS else [],
        low=_bound(info, "ge"),
        high=_bound(info, "le"),
        longest=_bound(info, "max_length"),
        providers=[str(one) for one in extra.get("providers", [])],
    )


_HINTED = {
    "language": Widget.CHOICE,
    "languages": Widget.CHOICES,
    "pii": Widget.CHOICES,
    "multiline": Widget.LINES,
    "addresses": Widget.ADDRESSES,
    "folder": Widget.LINE,
    "custom_texts": Widget.CUSTOM_TEXTS,
}


def _widget(plain: Any) -> Widget:
    if _values(plain):
        return Widget.CHOICE
    if plain is bool:
        return Widget.SWITCH
    return Widget.NUMBER if plain in (int, float) else Widget.LINE


def _choices(kind: str, name: str, hint: str, plain: Any, locale: str) -> list[ChoicePublic]:
    if hint in ("language", "languages"):
        offered = offered_languages(kind, name, locale)
        return [ChoicePublic(value=one.code, title=one.label(locale)) for one in offered if one.available]
    if hint == "pii":
        return [
            ChoicePublic(
                value=one.entity,
                title=translate(one.label, locale),
                group=territory_name(one.country, locale, one.country_name),
            )
            for one in catalogue()
            if one.available
        ]
    return [ChoicePublic(value=one, title=choice_name(one, locale)) for one in _values(plain)]


def _modes(locale: str) -> list[ChoicePublic]:
    from connectors.pii.custom_text import MatchMode

    typed = (mode for mode in MatchMode if mode is not MatchMode.ADVANCED)
    return [ChoicePublic(value=mode.value, title=choice_name(mode, locale)) for mode in typed]


def _values(plain: Any) -> list[Any]:
    if get_origin(plain) is Literal:
        return list(get_args(plain))
    if isinstance(plain, type) and issubclass(plain, Enum):
        return [member.value for member in plain]
    return []


def _plain_type(annotation: Any) -> Any:
    """The type without `Annotated` and without `None`."""
    if get_origin(annotation) is Annotated:
        return _plain_type(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        return _plain_type(next(one for one in get_args(annotation) if one is not type(None)))
    return annotation


def _bound(info: FieldInfo, name: str) -> int | None:
    found = next((getattr(item, name) for item in info.metadata if hasattr(item, name)), None)
    return int(found) if found is not None else None
