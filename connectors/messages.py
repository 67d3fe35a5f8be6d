"""Texts that people read, kept as templates so that every surface can translate them."""

from collections.abc import Mapping
from typing import Any, Self

from pydantic import BaseModel, ConfigDict


def N_(template: str) -> str:
    """Mark `template` for the message catalogues without translating it here."""
    return template


class Message(BaseModel):
    """A sentence for people: an English template and the facts that fill it.

    The template is the key in the message catalogues, so that it can be stored with a run and shown later in the
    reader's own language.
    """

    model_config = ConfigDict(frozen=True)

    template: str
    facts: dict[str, str | int | float] = {}

    @classmethod
    def of(cls, template: str, **facts: str | int | float) -> Self:
        """`Message.of(N_("{count} pages read."), count=3)`."""
        return cls(template=template, facts=facts)

    def __str__(self) -> str:
        return fill(self.template, self.facts)


def fill(template: str, facts: Mapping[str, Any]) -> str:
    """`template` with its `{names}` replaced by `facts`; a value is inserted as it is and never formatted again."""
    text = template
    for name, value in facts.items():
        text = text.replace("{" + name + "}", str(value))
    return text
