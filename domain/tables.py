"""All tables of the house: a walk over them must not miss one whose module nobody has imported yet.

The rooms above are found by their names, as migrations must know every table: no code of theirs is used here.
"""

import pkgutil
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec

from sqlalchemy import MetaData

from connectors.database import Base

ROOMS = ("domain", "fleet")
"""Rooms with tables of their own."""


@lru_cache(maxsize=1)
def all_tables() -> MetaData:
    """The tables of every package's `models` module."""
    for room in ROOMS:
        for package in pkgutil.walk_packages(import_module(room).__path__, f"{room}."):
            if package.ispkg and find_spec(f"{package.name}.models") is not None:
                import_module(f"{package.name}.models")
    return Base.metadata
