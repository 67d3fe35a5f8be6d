"""What refers to tags and filter groups, so that none is deleted while something goes by it (A-16).

A package of the fleet whose objects name printers by tags or filter groups has a module `references` that holds
`REFERENCES`; nothing else has to be registered.
"""

import pkgutil
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec

from sqlalchemy.orm import Session

import fleet


@dataclass(frozen=True, slots=True)
class Reference:
    """`using_tags` and `using_filter_groups` name those objects of the session's organization that use any of them."""

    using_tags: Callable[[Session, Collection[str]], Sequence[str]]
    using_filter_groups: Callable[[Session, Collection[str]], Sequence[str]]


def users_of_tags(session: Session, tag_ids: Collection[str]) -> list[str]:
    """The names of policies and schedules that choose printers by any of these tags."""
    return sorted({name for one in references() for name in one.using_tags(session, tag_ids)})


def users_of_filter_groups(session: Session, group_ids: Collection[str]) -> list[str]:
    """The names of schedules that run for any of these filter groups."""
    return sorted({name for one in references() for name in one.using_filter_groups(session, group_ids)})


@lru_cache(maxsize=1)
def references() -> Sequence[Reference]:
    """All that the packages of the fleet hold."""
    found: list[Reference] = []
    for package in pkgutil.iter_modules(fleet.__path__, f"{fleet.__name__}."):
        name = f"{package.name}.references"
        if package.ispkg and name != __name__ and find_spec(name) is not None:
            found.extend(import_module(name).REFERENCES)
    return found
