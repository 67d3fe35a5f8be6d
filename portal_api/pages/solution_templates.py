"""Ready-made solutions in the reader's language; they open in the composer and are saved only there."""

from domain.solutions.definition import SolutionDefinition
from domain.solutions.templates import TEMPLATES
from portal_api.pages.words import _


def template(key: str) -> SolutionDefinition | None:
    """The ready-made solution of that key in the reader's language, or None."""
    for one in TEMPLATES:
        if one.key == key:
            return SolutionDefinition(name=_(one.name), description=_(one.description), steps=one.steps)
    return None
