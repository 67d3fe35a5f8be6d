"""The built-in agent: a fleet agent of every organization whose work our own worker does."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.organizations.models import now
from fleet.agents.models import Agent, AgentKind

NAME = "Built-in agent"


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
