"""Scan settings as the panel offers them: what each is called, and its values in people's words (SCAN-82…SCAN-90)."""

from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel

from domain.scan_destinations.definition import CustomScan
from domain.texts.catalogue import translate
from portal_api.choices import choice_name

Value = str | int | bool


class SettingChoice(BaseModel):
    """A value that a setting can have."""

    value: Value
    title: str


class SettingField(BaseModel):
    """A scan setting. Without choices it is on or off."""

    name: str
    title: str
    value: Value
    choices: list[SettingChoice]


def setting_fields(scan: CustomScan, locale: str) -> list[SettingField]:
    """All settings with the values of `scan`."""
    return [
        SettingField(
            name=name,
            title=translate(info.title or name, locale),
            value=getattr(scan, name),
            choices=[SettingChoice(value=one, title=choice_name(one, locale)) for one in _choices(info.annotation)],
        )
        for name, info in CustomScan.model_fields.items()
    ]


def _choices(annotation: Any) -> list[Value]:
    return list(get_args(annotation)) if get_origin(annotation) is Literal else []
