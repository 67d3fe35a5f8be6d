"""Having packages made, and who may have which (PR-19, PR-230, PR-231, PR-238, F-25)."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.errors import Fault
from connectors.messages import N_, Message
from connectors.settings import get_settings
from domain.audit.service import record
from domain.organizations.actor import ROLE_MISSING, Actor
from domain.organizations.models import User
from domain.organizations.permissions import Permission
from domain.print_clients.packages import PackageType, package_types
from domain.print_definitions.models import TargetKind
from domain.printing.features import FEATURE_DISABLED
from domain.printing.settings import PrintSettings, print_settings
from domain.recorded_errors import ErrorView
from domain.tasks.files import MadeFile, is_expired
from domain.tasks.models import TaskState
from domain.tasks.service import TaskFilter, TaskView, get_task, list_tasks, start_task
from domain.tenancy import NOT_FOUND
from fleet.print_assignments.evaluation import (
    MOST_IN_PACKAGE,
    EvaluatedAssignment,
    evaluated,
    for_person,
)
from fleet.print_assignments.models import PrintAssignment
from fleet.print_packages.choice import PackageChoice
from fleet.print_packages.contents import write_package
from steps.versions import VERSION

KIND, DEPLOYMENT = "print-package", "build-print-package/build-print-package"
TITLE = N_("Package for workstations: {type}, {system}")
PRINT_CLIENTS = N_("Print clients")
TOO_MANY_PRINTERS = Fault(
    "print_package.too_many_printers",
    409,
    N_("“{name}” stands for {count} printers; a package may have {most}."),
    N_("Take tags away from the assignment, or divide it."),
    spec="PR-230",
)
FOR_DIRECT_ADMINISTRATORS = (Permission.PRINT_PACKAGES_MANAGE, Permission.DIRECT_MANAGE)


class PackageState(StrEnum):
    """How far a package is (F-25)."""

    BUILDING = "building"
    READY = "ready"
    FAILED = "failed"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class PackageView:
    """A package that somebody has asked for. `signature` is of the manifest in it."""

    id: str
    title: Message
    state: PackageState
    created: datetime
    name: str
    size: int
    signature: str
    error: ErrorView | None


@dataclass(frozen=True, slots=True)
class Offers:
    """What the page “Print clients” offers to somebody: types of packages, and assignments for direct printing."""

    types: tuple[PackageType, ...]
    assignments: tuple[EvaluatedAssignment, ...]


def package_offers(actor: Actor) -> Offers:
    """What the actor may have made, if anything (PR-19, PR-231)."""
    with actor.session(read_only=True) as session:
        settings = print_settings(session, actor.organization_id)
        types = package_types(actor, settings)
        assignments = _assignments(session, actor, settings)
    if not assignments:
        types = [one for one in types if one != "direct"]
    return Offers(tuple(types), tuple(assignments))


def start_package(actor: Actor, choice: PackageChoice, queue: str) -> PackageView:
    """Have a package made; `queue` is the address of the cloud queue.

    Raises `FEATURE_DISABLED`, `ROLE_MISSING`, `NOT_FOUND`, `TOO_MANY_PRINTERS`.
    """
    _check(actor, choice)
    parameters = {"choice": choice.model_dump(mode="json"), "queue": queue}
    with actor.session() as session:
        title = Message.of(TITLE, type=choice.type, system=choice.system)
        task_id = start_task(session, actor, KIND, DEPLOYMENT, title, parameters)
        facts = {"type": choice.type, "system": choice.system}
        record(session, actor, "print_package.requested", "print_package", task_id, facts)
    return package_of(actor, task_id)


def build_package(actor: Actor, choice: PackageChoice, queue: str, folder: Path) -> tuple[MadeFile, str]:
    """Make the package in `folder`; returns it and its signature. Raises as `start_package`."""
    assignments = _check(actor, choice)
    name = f"pressroom-print-{choice.type}-{choice.system}-{VERSION}.zip"
    with tempfile.NamedTemporaryFile(dir=folder, suffix=".zip", delete=False) as file:
        target = Path(file.name)
    signature = write_package(target, choice, assignments, get_settings().public_url, queue)
    return MadeFile(target, name, "application/zip"), signature


def list_packages(actor: Actor) -> list[PackageView]:
    """The packages that the actor has asked for lately, newest first."""
    return [_view(task) for task in list_tasks(actor, TaskFilter(KIND)) if task.starter_id == actor.user_id]


def package_of(actor: Actor, package_id: str) -> PackageView:
    """One of them; raises `NOT_FOUND`."""
    task = get_task(actor, package_id)
    if task.kind != KIND or task.starter_id != actor.user_id:
        raise NOT_FOUND(what="package")
    return _view(task)


def _check(actor: Actor, choice: PackageChoice) -> Sequence[EvaluatedAssignment]:
    """The assignments of a package that the actor may have."""
    with actor.session(read_only=True) as session:
        settings = print_settings(session, actor.organization_id)
        if choice.type not in package_types(actor, settings):
            if not settings.clients.page_enabled:
                raise FEATURE_DISABLED(feature=PRINT_CLIENTS)
            raise ROLE_MISSING(role="Print Release Management Administrator")
        known = {one.id: one for one in _assignments(session, actor, settings)}
    if unknown := [one for one in choice.assignment_ids if one not in known]:
        raise NOT_FOUND(what=f"print assignment {unknown[0]}")
    chosen = [known[one] for one in choice.assignment_ids]
    for one in chosen:
        if len(one.printers) > MOST_IN_PACKAGE:
            raise TOO_MANY_PRINTERS(name=one.name, count=len(one.printers), most=MOST_IN_PACKAGE)
    return chosen


def _assignments(session: Session, actor: Actor, settings: PrintSettings) -> list[EvaluatedAssignment]:
    """All of them for administrators; for others their own personal ones (PR-231)."""
    if not settings.assignments.enabled:
        return []
    if any(actor.may(one) for one in FOR_DIRECT_ADMINISTRATORS):
        kinds = (TargetKind.PERSONAL, TargetKind(settings.assignments.mode))
        query = select(PrintAssignment).where(PrintAssignment.kind.in_(kinds)).order_by(PrintAssignment.name_key)
        return evaluated(session, session.scalars(query).all())
    user = session.get(User, actor.user_id)
    if user is None or not actor.may(Permission.DIRECT_PACKAGE_DOWNLOAD):
        return []
    return evaluated(session, [one for one in for_person(session, settings, user) if one.kind == TargetKind.PERSONAL])


def _view(task: TaskView) -> PackageView:
    files: list[dict[str, Any]] = task.result.get("files", [])
    if not task.state.is_final:
        state = PackageState.BUILDING
    elif task.state is not TaskState.FINISHED or not files:
        state = PackageState.FAILED
    else:
        state = PackageState.EXPIRED if is_expired(task.result) else PackageState.READY
    told = files[0] if files else {}
    return PackageView(
        id=task.id,
        title=task.title,
        state=state,
        created=task.created,
        name=str(told.get("name", "")),
        size=int(told.get("size", 0)),
        signature=str(task.result.get("signature", "")),
        error=task.error,
    )
