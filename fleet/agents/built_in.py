"""The built-in agent: a fleet agent of every organization whose work our own worker does."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.settings import get_settings
from domain.organizations.models import Organization, now
from fleet.agents.models import Agent, AgentKind

NAME = "Built-in agent"


def may_have_one(organization: Organization) -> bool:
    """Whether our own worker reaches printers for the organization: it does so in its own network.

    Whoever names addresses to it has it knock at them; a customer on somebody else's installation may not.
    """
    allowed = get_settings().built_in_agents
    return allowed == "everybody" or (allowed == "first_level" and organization.parent_id is None)


def built_in_agent(session: Session, organization_id: str) -> Agent:
    """The organization's built-in agent, made when it is first needed."""
    query = select(Agent).where(Agent.organization_id == organization_id, Agent.is_built_in)
    agent = session.scalar(query)
    if agent is None:
        agent = Agent(
            organization_id=organization_id, kind=AgentKind.FLEET, name=NAME, is_built_in=True, activated=now()
        )
        session.add(agent)
        session.flush()
    return agent
