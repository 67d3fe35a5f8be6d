"""What the fixed choices of parameters are called at a page."""

from portal_api import choices
from portal_api.pages.words import spoken


def choice_name(value: object) -> str:
    """A choice in the page's language."""
    return choices.choice_name(value, spoken())
