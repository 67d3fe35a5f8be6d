"""For whom an answer is written: the language of its texts."""

from typing import Annotated

from fastapi import Depends, Request

from domain.organizations.permissions import Permission
from portal_api.access import needs
from portal_api.problems import locale_of


async def reader_locale(request: Request) -> str:
    """The language of the answer's texts, known once the actor is."""
    return locale_of(request)


ReaderLocale = Annotated[str, Depends(reader_locale)]
SIGNED_IN = [needs(Permission.OWN_ACCOUNT)]
"""The dependencies of routes that need somebody signed in but not who it is."""
