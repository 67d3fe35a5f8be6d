"""Who has the built-in agent: it reaches into our own network, which is not everybody's."""

from pathlib import Path

import pytest

from domain.organizations.models import Organization
from domain.tenancy import system_session
from fleet.agents.service import AgentChoice, list_agents
from tests.support.installation import installed


@pytest.mark.parametrize(
    ("allowed", "is_customer", "expected"),
    [
        ("first_level", False, 1),
        ("first_level", True, 0),
        ("everybody", True, 1),
        ("nobody", False, 0),
    ],
)
def test_who_has_one(tmp_path: Path, allowed: str, is_customer: bool, expected: int) -> None:
    with installed(tmp_path, built_in_agents=allowed) as office:
        if is_customer:
            with system_session() as session:
                own = session.get_one(Organization, office.administrator.organization_id)
                own.parent_id = office.stranger.organization_id
        for _ in range(2):
            assert len(list_agents(office.administrator, AgentChoice())) == expected
