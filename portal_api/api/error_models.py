"""Errors that are kept with what failed, in the reader's language."""

from pydantic import BaseModel

from domain.recorded_errors import ErrorView
from domain.texts.catalogue import translate


class ErrorPublic(BaseModel):
    """Why something failed."""

    code: str
    message: str
    remedy: str

    @classmethod
    def of(cls, error: ErrorView | None, locale: str) -> "ErrorPublic | None":
        if error is None:
            return None
        message = translate(error.message_template, locale, **error.facts)
        return cls(code=error.code, message=message, remedy=translate(error.remedy_template, locale, **error.facts))
