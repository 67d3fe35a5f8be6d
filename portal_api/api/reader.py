"""For whom an answer is written: the language of its texts."""

from typing import Annotated

from fastapi import Depends, Request

from portal_api.problems import locale_of
from portal_api.sign_in import current_actor


async def reader_locale(request: Request) -> str:
    """The language of the answer's texts, known once the actor is."""
    return locale_of(request)


ReaderLocale = Annotated[str, Depends(reader_locale)]
SIGNED_IN = [Depends(current_actor)]
"""The dependencies of routes that need somebody signed in but not who it is."""
