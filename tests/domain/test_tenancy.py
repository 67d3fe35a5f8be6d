"""A session bound to an organization neither sees nor writes another's rows."""

import pytest
from sqlalchemy import delete, func, select, update

from domain.organizations.actor import Actor
from domain.organizations.models import User
from domain.solutions.models import Solution
from domain.solutions.service import create_solution
from domain.tenancy import ForeignRowError, system_session, tenant_session
from tests.domain.test_rules import DOWNLOAD, solution


def test_reads_updates_and_deletes_stop_at_the_border(administrator: Actor, stranger: Actor) -> None:
    view = create_solution(administrator, solution(DOWNLOAD))
    with tenant_session(stranger.organization_id) as session:
        assert session.get(Solution, view.id) is None
        assert session.scalars(select(Solution)).all() == []
        assert session.execute(select(Solution.id)).all() == []
        assert session.scalar(select(func.count()).select_from(Solution)) == 0
        session.execute(update(Solution).values(name="stolen"))
        session.execute(delete(Solution))
    with system_session() as session:
        assert session.get_one(Solution, view.id).name == "S"


def test_new_rows_are_stamped(administrator: Actor) -> None:
    view = create_solution(administrator, solution(DOWNLOAD))
    with system_session() as session:
        assert session.get_one(Solution, view.id).organization_id == administrator.organization_id


def test_foreign_row_is_not_written(administrator: Actor, stranger: Actor) -> None:
    foreign = User(organization_id=stranger.organization_id, email="x@y.z", name="X", password_hash="")
    with pytest.raises(ForeignRowError), administrator.session() as session:
        session.add(foreign)
