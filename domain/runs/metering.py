"""What runs and page quotas have to do with each other: what a step will take, and the ledger's entries for it.

A dry run uses the services as any other does and is charged like it; only its deliveries are left out.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy.orm import Session

from connectors.documents.document import Document
from domain.organizations.actor import Actor, actor_of_user
from domain.organizations.models import Organization
from domain.quotas import ledger
from domain.quotas.checks import check_entitled
from domain.quotas.ledger import Operation
from domain.runs.models import Run
from domain.runs.planning import SERVICE_ROLES, PlannedStep
from steps.contract import Service, StepClass, StepResult
from steps.registry import step_kind

WHOLE = ("",)
"""The one target of a step that works on the whole document for nobody in particular."""


def operation(run: Run, step: PlannedStep, branch: str) -> Operation:
    """The step on that branch as the ledger knows it."""
    return Operation(
        run.organization_id,
        run.id,
        step.position,
        branch,
        step.kind,
        run.user_id,
        run.client_type,
        run.printer_id or run.printer_address,
    )


def service_of(step: PlannedStep) -> Service | None:
    """The service whose pages the step takes."""
    return None if step.is_implicit else step_kind(step.kind).service


def demands(plan: Iterable[PlannedStep], pages: int | None) -> Mapping[Service, int]:
    """The least that a run of the plan takes of each service, for an original of `pages` (None: unknown).

    How long a text is shows only when it is read; until then it is one page for each target.
    """
    needed: Counter[Service] = Counter()
    for step in plan:
        service = service_of(step)
        if service is not None:
            needed[service] += least_pages(service, pages) * len(targets_of(step))
    return needed


def least_pages(service: Service, physical_pages: int | None) -> int:
    """What is held for one target before a step begins: the physical pages for OCR (SQ-65), else the least charge."""
    return max(1, physical_pages or 1) if service is Service.OCR else 1


def targets_of(step: PlannedStep) -> Sequence[str]:
    """What the step is charged for separately."""
    kind = step_kind(step.kind)
    if kind.targets is None:
        return WHOLE
    return tuple(kind.targets(kind.parameters.model_validate(step.parameters))) or WHOLE


def runner_of(run_user_id: str, organization_id: str, step: PlannedStep) -> Actor | None:
    """Who runs a step of a metered service, as they count now; None for any other step."""
    return actor_of_user(run_user_id, organization_id) if service_of(step) is not None else None


def reserve(
    session: Session, run: Run, step: PlannedStep, branch: str, document: Document, actor: Actor | None
) -> None:
    """Hold pages for a step of a metered service (SQ-67); raises the first reason why it may not be used (SQ-66)."""
    service = service_of(step)
    if service is None or actor is None:
        return
    organization = session.get_one(Organization, run.organization_id)
    check_entitled(organization, [service])
    actor.require_role(SERVICE_ROLES[service].value)
    pages = least_pages(service, document.pages)
    ledger.reserve(
        session, organization, operation(run, step, branch), service, targets_of(step), document.pages or 0, pages
    )


def measure(
    session: Session, run: Run, step: PlannedStep, branch: str, characters: int, targets: Sequence[str]
) -> None:
    """Hold what the step found out that it takes; raises where there is too little left for it (TR-64)."""
    if step.is_implicit:
        return
    ledger.measure(session, operation(run, step, branch), dict.fromkeys(targets or WHOLE, characters))


def settle(session: Session, run: Run, step: PlannedStep, branch: str, result: StepResult) -> None:
    """Charge what the step worked on, or only note that it was done where its kind is not metered."""
    if step.is_implicit:
        return
    kind, done = step_kind(step.kind), operation(run, step, branch)
    if kind.service is not None:
        characters = result.characters_by_target if kind.targets else {WHOLE[0]: result.characters}
        ledger.settle(session, done, characters, result.pages)
    elif kind.step_class is StepClass.ACTION or not run.dry_run:
        ledger.record_unmetered(session, done)


def release(session: Session, run: Run, step: PlannedStep, branch: str) -> None:
    """Give back what is held for the step, which failed or was cancelled."""
    ledger.release(session, operation(run, step, branch))


def release_runs(session: Session, run_ids: Sequence[str]) -> None:
    """Give back what is held for runs that have ended."""
    ledger.release_runs(session, run_ids)
