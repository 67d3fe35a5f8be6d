"""All tables of the domain: a walk over them must not miss one whose module nobody has imported yet."""

import pkgutil
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec

from sqlalchemy import MetaData

import domain
from connectors.database import Base


@lru_cache(maxsize=1)
def all_tables() -> MetaData:
    """The tables of every package's `models` module."""
    for package in pkgutil.iter_modules(domain.__path__, "domain."):
        if package.ispkg and find_spec(f"{package.name}.models") is not None:
            import_module(f"{package.name}.models")
    return Base.metadata
