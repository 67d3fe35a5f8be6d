"""Values that must be among those the product knows: time zones, languages of texts, services, labels of roles."""

from typing import Annotated
from zoneinfo import available_timezones

from pydantic import AfterValidator, StringConstraints

from domain.texts.catalogue import locales


def _known_locale(code: str) -> str:
    if code not in locales():
        raise ValueError("unknown language")
    return code


def _known_time_zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError("unknown time zone")
    return name


Locale = Annotated[str, AfterValidator(_known_locale)]
"""A language of the user interface, such as sv."""
TimeZone = Annotated[str, AfterValidator(_known_time_zone)]
"""An IANA time zone, such as Europe/Stockholm."""
SearchText = Annotated[str, StringConstraints(max_length=100, pattern=r"^[^\x00]*$")]
"""What a list is searched for."""
RoleLabel = Annotated[str, StringConstraints(min_length=1, max_length=64)]
"""The label of a role; the rules of giving roles tell which there are."""
ObjectId = Annotated[str, StringConstraints(min_length=1, max_length=64)]
"""The id of something."""
