"""What can be done with solutions: list, read, create, change, duplicate, delete, and exchange as YAML."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import yaml
from pydantic import ValidationError
from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from connectors.errors import Fault
from connectors.messages import N_
from domain.audit.service import Facts, record
from domain.organizations.actor import Actor
from domain.organizations.models import User, now
from domain.organizations.permissions import Permission
from domain.organizations.person_names import person_names
from domain.solutions.definition import SolutionDefinition, SolutionType
from domain.solutions.models import Solution, SolutionVersion
from domain.solutions.rules import check
from domain.solutions.sharing import RECEIVED, renew_copies, shared_definition, withdraw_copies, writing
from domain.tenancy import NOT_FOUND

NAME_TAKEN = Fault(
    "solution.name_taken",
    409,
    N_("You already have a solution named “{name}”."),
    N_("Choose another name."),
    spec="SC-46",
)
CHANGED_MEANWHILE = Fault(
    "solution.changed_meanwhile",
    412,
    N_("The solution was changed by somebody else while you edited it."),
    N_("Reload it and make your change again."),
)
BAD_FILE = Fault(
    "solution.bad_file",
    422,
    N_("The file does not describe a solution: {problem}."),
    N_("Use a file written by the export, or correct the line named."),
)

EXCHANGE_FORMAT = "pressroom-solution/1"


@dataclass(frozen=True, slots=True)
class SolutionView:
    """A solution as its reader may see it."""

    id: str
    version: int
    definition: SolutionDefinition
    owner_id: str
    owner_name: str
    changed: datetime
    may_edit: bool

    @property
    def type(self) -> SolutionType:
        return self.definition.type


def list_solutions(actor: Actor, type_: SolutionType | None = None, search: str = "") -> list[SolutionView]:
    """Solutions visible to the actor, by name (SC-5, SC-30…SC-34); `search` looks in name and description."""
    with actor.session(read_only=True) as session:
        query = _with_owner().where(visible_solutions(actor))
        if type_ is not None:
            query = query.where(Solution.type == type_.value)
        if search:
            query = query.where(Solution.name_key.contains(_name_key(search), autoescape=True))
        views = [_view(actor, row, owner) for row, owner in session.execute(query.order_by(Solution.name_key))]
    return _with_visitors(actor, views)


def get_solution(actor: Actor, solution_id: str) -> SolutionView:
    """One visible solution; raises `NOT_FOUND` (SC-E19: what is not visible does not exist)."""
    with actor.session(read_only=True) as session:
        view = _view(actor, *_visible_row(session, actor, solution_id))
    return _with_visitors(actor, [view])[0]


def find_solution(actor: Actor, name: str) -> SolutionView:
    """The visible solution of that id or name, one's own before shared ones; raises `NOT_FOUND`."""
    found = [
        view for view in list_solutions(actor) if name == view.id or _name_key(name) == _name_key(view.definition.name)
    ]
    if not found:
        raise NOT_FOUND(what="solution")
    return min(found, key=lambda view: view.owner_id != actor.user_id)


def create_solution(actor: Actor, definition: SolutionDefinition) -> SolutionView:
    """Save a new solution, and the copies of the customers that it is shared with (SC-11, SC-32).

    Raises the first composition fault, `NAME_TAKEN`, `ROLE_MISSING`, or `NOT_FOUND` for what is no customer.
    """
    _require_rights(actor, definition)
    check(definition)
    with writing(actor) as session:
        definition = shared_definition(session, actor, definition)
        row = Solution(organization_id=actor.organization_id, owner_id=actor.user_id, version=1)
        _write(session, actor, row, definition)
        record(session, actor, "solution.created", "solution", row.id, _facts(definition))
        view = _view(actor, row, "" if actor.is_visiting else actor.name)
    return _with_visitors(actor, [view])[0]


def update_solution(
    actor: Actor, solution_id: str, definition: SolutionDefinition, based_on: int | None = None
) -> SolutionView:
    """Save a new version; with `based_on`, raises `CHANGED_MEANWHILE` unless that is the present version.

    Raises what `create_solution` does, and `RECEIVED` for what the partner shares with the organization.
    """
    _require_rights(actor, definition)
    check(definition)
    with writing(actor) as session:
        row, owner = _visible_row(session, actor, solution_id)
        _require_edit(actor, row)
        if based_on is not None and row.version != based_on:
            raise CHANGED_MEANWHILE()
        row.version += 1
        before = SolutionDefinition.model_validate(row.definition)
        definition = shared_definition(session, actor, definition, before)
        _write(session, actor, row, definition)
        facts = {**_facts(definition), "version": row.version, "changed": _differences(before, definition)}
        record(session, actor, "solution.changed", "solution", row.id, facts)
        view = _view(actor, row, owner)
    return _with_visitors(actor, [view])[0]


def delete_solution(actor: Actor, solution_id: str) -> None:
    """Remove the solution and the customers' copies of it; runs in progress keep their version (SC-102)."""
    with writing(actor) as session:
        row, _ = _visible_row(session, actor, solution_id)
        _require_edit(actor, row)
        record(session, actor, "solution.deleted", "solution", row.id, {"name": row.name})
        withdraw_copies(session, actor, row)
        session.delete(row)


def duplicate_solution(actor: Actor, solution_id: str, copy_word: str = "copy") -> SolutionView:
    """A personal copy owned by the actor, named with a suffix, with all steps and locks (SC-102)."""
    source = get_solution(actor, solution_id).definition
    taken = {_name_key(view.definition.name) for view in list_solutions(actor, SolutionType.PERSONAL)}
    names = (
        f"{source.name[:230]} ({copy_word})" if number == 1 else f"{source.name[:230]} ({copy_word} {number})"
        for number in range(1, len(taken) + 2)
    )
    name = next(name for name in names if _name_key(name) not in taken)
    copy = source.model_copy(update={"name": name, "share_with_organization": False, "shared_with": frozenset()})
    return create_solution(actor, copy)


def list_versions(actor: Actor, solution_id: str) -> list[tuple[int, datetime]]:
    """Version numbers and when they were saved, newest first."""
    with actor.session(read_only=True) as session:
        _visible_row(session, actor, solution_id)
        query = select(SolutionVersion.version, SolutionVersion.created)
        query = query.where(SolutionVersion.solution_id == solution_id).order_by(SolutionVersion.version.desc())
        return [(version, created) for version, created in session.execute(query)]


def export_yaml(definition: SolutionDefinition) -> str:
    """The solution as a YAML file that `import_yaml` reads; who it is shared with stays behind."""
    content = definition.model_dump(mode="json", exclude={"shared_with", "share_with_organization"})
    for step in content["steps"]:
        step["locked"] = sorted(step["locked"])
    return yaml.safe_dump({"format": EXCHANGE_FORMAT, **content}, sort_keys=False, allow_unicode=True)


def import_yaml(text: str) -> SolutionDefinition:
    """A definition from YAML; raises `BAD_FILE` with the place of the problem. Composition is checked at saving."""
    try:
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise BAD_FILE(problem=f"line {mark.line + 1}" if mark else "not YAML") from error
    if not isinstance(content, dict) or content.pop("format", None) != EXCHANGE_FORMAT:
        raise BAD_FILE(problem=f"“format: {EXCHANGE_FORMAT}” is missing")
    try:
        return SolutionDefinition.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        raise BAD_FILE(problem=f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error


def _require_rights(actor: Actor, definition: SolutionDefinition) -> None:
    actor.need(_saving(definition.type.value))


def _require_edit(actor: Actor, row: Solution) -> None:
    if row.shared_from:
        raise RECEIVED(name=row.name)
    actor.need(_saving(row.type))


def _saving(type_: str) -> Permission:
    """What saving a solution of that type takes: the matrix of section 2.2."""
    return _SAVING[SolutionType(type_)]


_SAVING = {
    SolutionType.PERSONAL: Permission.SOLUTIONS_CREATE,
    SolutionType.ORGANIZATIONAL: Permission.SOLUTIONS_PUBLISH,
    SolutionType.SHARED: Permission.SOLUTIONS_SHARE,
}


def visible_solutions(actor: Actor) -> ColumnElement[bool]:
    """What the actor may see where they work: their own, and all that are there for everybody (SC-30…SC-34).

    Sharing with customers shows a solution to nobody else at home (SC-34) but to those who share with them as well.
    """
    seen = [Solution.for_all, Solution.owner_id == actor.user_id]
    if actor.may(Permission.SOLUTIONS_SHARE):
        seen.append(Solution.type == SolutionType.SHARED.value)
    return and_(Solution.organization_id == actor.organization_id, or_(*seen))


def _with_owner() -> Select[tuple[Solution, str]]:
    """Solutions with their owners' names; empty for a partner's person, who belongs to another organization."""
    return select(Solution, func.coalesce(User.name, "")).outerjoin(User, User.id == Solution.owner_id)


def _visible_row(session: Session, actor: Actor, solution_id: str) -> tuple[Solution, str]:
    found = session.execute(_with_owner().where(Solution.id == solution_id, visible_solutions(actor))).one_or_none()
    if found is None:
        raise NOT_FOUND(what="solution")
    return found[0], found[1]


def _write(session: Session, actor: Actor, row: Solution, definition: SolutionDefinition) -> None:
    content: dict[str, Any] = definition.model_dump(mode="json")
    row.name, row.name_key, row.type = definition.name, _name_key(definition.name), definition.type.value
    row.definition, row.changed = content, now()
    row.for_all = definition.share_with_organization
    session.add(row)
    try:
        session.flush()
    except IntegrityError as error:
        raise NAME_TAKEN(name=definition.name) from error
    version = SolutionVersion(
        organization_id=row.organization_id,
        solution_id=row.id,
        version=row.version,
        definition=content,
        author_id=actor.user_id,
    )
    session.add(version)
    renew_copies(session, actor, row, definition)


def _facts(definition: SolutionDefinition) -> Facts:
    """What the audit trail tells of a solution: with whom it is shared, but none of its steps' values."""
    return {
        "name": definition.name,
        "type": definition.type.value,
        "shared_with_organization": definition.share_with_organization,
        "shared_with": sorted(definition.shared_with),
    }


def _differences(before: SolutionDefinition, after: SolutionDefinition) -> list[str]:
    return [name for name in SolutionDefinition.model_fields if getattr(before, name) != getattr(after, name)]


def _view(actor: Actor, row: Solution, owner: str) -> SolutionView:
    definition = SolutionDefinition.model_validate(row.definition)
    return SolutionView(
        row.id,
        row.version,
        definition,
        row.owner_id,
        owner,
        row.changed,
        not row.shared_from and actor.may(_saving(row.type)),
    )


def _with_visitors(actor: Actor, views: list[SolutionView]) -> list[SolutionView]:
    """The views with the names of owners who came from the partner."""
    names = person_names(actor.organization_id, {view.owner_id for view in views if not view.owner_name})
    return [view if view.owner_name else replace(view, owner_name=names.get(view.owner_id, "")) for view in views]


def _name_key(name: str) -> str:
    return name.strip().casefold()
