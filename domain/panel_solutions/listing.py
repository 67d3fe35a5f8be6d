"""The list of solutions at a printer (SC-103…SC-106): one small query, whatever the solutions are like inside."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from domain.panel_solutions.printers import PanelPrinter, check_panel, is_executable
from domain.solutions.definition import SolutionDefinition, SolutionType
from domain.solutions.models import Solution
from domain.solutions.rules import is_quick_run
from domain.solutions.service import visible_solutions
from steps.registry import step_kinds

AT_A_TIME = 500
MOST_KNOWN = 20_000
VersionKey = tuple[str, int]
"""A solution's id and version, whose content never changes."""


@dataclass(frozen=True, slots=True)
class ListedSolution:
    """A line of the list. `is_quick`: it runs at once, because everything is set and locked (SC-105)."""

    id: str
    version: int
    name: str
    type: SolutionType
    steps: tuple[str, ...]
    is_quick: bool


@dataclass(frozen=True, slots=True)
class _Version:
    """What a process remembers of a version. `is_quick` is None where a step kind is not installed (any more)."""

    definition: SolutionDefinition
    is_quick: bool | None


_known: dict[VersionKey, _Version] = {}


def panel_solutions(actor: Actor, printer: PanelPrinter) -> list[ListedSolution]:
    """What the actor can run at this printer, by name (SC-103, SC-106, SC-125).

    Raises what `check_panel` does.
    """
    check_panel(actor, printer)
    actor.need(Permission.SOLUTIONS_RUN)
    query = select(Solution.id, Solution.version).where(visible_solutions(actor)).order_by(Solution.name_key)
    with actor.session(read_only=True) as session:
        keys = [(id_, version) for id_, version in session.execute(query)]
        _learn(session, [key for key in keys if key not in _known])
    return list(_executable(actor, printer, keys))


def _executable(actor: Actor, printer: PanelPrinter, keys: list[VersionKey]) -> Iterator[ListedSolution]:
    for key in keys:
        known = _known.get(key)  # None: changed or deleted while it was read
        if known is None or known.is_quick is None or not is_executable(known.definition, actor, printer):
            continue
        definition = known.definition
        kinds = tuple(step.kind for step in definition.steps)
        yield ListedSolution(key[0], key[1], definition.name, definition.type, kinds, known.is_quick)


def _learn(session: Session, missing: list[VersionKey]) -> None:
    if len(_known) > MOST_KNOWN:
        _known.clear()
    for start in range(0, len(missing), AT_A_TIME):
        ids = [id_ for id_, _version_number in missing[start : start + AT_A_TIME]]
        query = select(Solution.id, Solution.version, Solution.definition)
        for id_, version, content in session.execute(query.where(Solution.id.in_(ids))):
            _known[id_, version] = _version(content)


def _version(content: dict[str, Any]) -> _Version:
    definition = SolutionDefinition.model_validate(content)
    is_installed = all(step.kind in step_kinds() for step in definition.steps)
    return _Version(definition, is_quick_run(definition) if is_installed else None)
