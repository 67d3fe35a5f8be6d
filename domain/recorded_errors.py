"""Errors as they are kept in the tables, so that they can be shown later in the reader's language."""

from dataclasses import dataclass
from typing import Any

from connectors.errors import PressroomError
from connectors.messages import fill


@dataclass(frozen=True, slots=True)
class ErrorView:
    """A failure as it is kept: code, templates and facts."""

    code: str
    message_template: str
    remedy_template: str
    facts: dict[str, Any]

    @property
    def message(self) -> str:
        return fill(self.message_template, self.facts)

    @property
    def remedy(self) -> str:
        return fill(self.remedy_template, self.facts)

    @classmethod
    def of(cls, record: dict[str, Any] | None) -> "ErrorView | None":
        return cls(record["code"], record["message"], record["remedy"], record["facts"]) if record else None


def error_record(error: PressroomError) -> dict[str, Any]:
    """The form in which an error is kept in the tables."""
    facts = {name: value if isinstance(value, int | float) else str(value) for name, value in error.facts.items()}
    return {"code": error.code, "message": error.fault.message, "remedy": error.fault.remedy, "facts": facts}
