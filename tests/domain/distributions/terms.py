"""How distributions are used up and come to their last day."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from connectors.errors import PressroomError
from domain.organizations.actor import Actor
from domain.organizations.models import now
from domain.quotas.models import Distribution, Duration
from domain.quotas.terms import Terms
from domain.runs.execution import begin_step, complete_step, finish
from domain.runs.models import RunState
from domain.tenancy import system_session
from steps.contract import Service
from tests.support.quotas import OCR, claimed, document, new_run, result

TODAY = now().date()
SOON = TODAY + timedelta(days=30)
PERPETUAL = Terms(Duration.PERPETUAL, {Service.OCR: 100})


def code_of(action: Callable[[], object]) -> tuple[str, str]:
    with pytest.raises(PressroomError) as error:
        action()
    return error.value.code, error.value.fault.spec


def use(actor: Actor, pages: int) -> None:
    """A run that is charged so many pages of OCR."""
    work = claimed(new_run(actor))
    begin_step(work, OCR, "0", document(pages))
    complete_step(work, OCR, "0", result(pages * 1800, pages=pages))
    finish(work, RunState.COMPLETED)


def on_the_day_after(customer: Actor) -> None:
    """The open distribution's last day was yesterday."""
    with system_session() as session:
        query = select(Distribution).where(Distribution.current_of == customer.organization_id)
        session.scalars(query).one().expires_on = TODAY - timedelta(days=1)
