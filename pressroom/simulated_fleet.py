"""The simulated printers of `pressroom up --sim`: found and enrolled by the built-in agent, as on a network."""

from domain.organizations.actor import Actor
from domain.organizations.service import local_administrator
from domain.tenancy import tenant_session
from fleet.agents.built_in import built_in_agent
from fleet.agents.service import change_agent
from fleet.agents.settings import Search, settings_of
from fleet.tasks.kinds import TaskKind
from fleet.tasks.service import NewTask, start_fleet_task
from printers_sim.printer import address_of
from printers_sim.simulation import HTTP_PORT, SNMP_PORT

REFRESH_MINUTES, DISCOVERY_MINUTES = 2, 15
"""A fleet to look at lives faster than one in an office."""


def find_simulated_printers(count: int, actor: Actor | None = None) -> str:
    """Let the built-in agent of the actor's organization search the simulation; returns the task's id.

    Without an actor it is the installation's own organization.

    What else it searches stays as it is.
    """
    actor = actor or local_administrator()
    with tenant_session(actor.organization_id) as session:
        agent = built_in_agent(session, actor.organization_id)
        agent_id, name, present = agent.id, agent.name, settings_of(agent)
    wanted = f"{address_of(0)}-{address_of(count - 1)}"
    others = tuple(entry for entry in present.include if not entry.startswith(f"{address_of(0)}-"))
    changed = present.model_copy(
        update={
            "search": Search.ADVANCED,
            "include": (*others, wanted),
            "delay": 0,
            "http_port": HTTP_PORT,
            "snmp_port": SNMP_PORT,
            "refresh_minutes": REFRESH_MINUTES,
            "discovery_minutes": DISCOVERY_MINUTES,
        }
    )
    change_agent(actor, agent_id, name, "", changed)
    return start_fleet_task(actor, NewTask(TaskKind.DISCOVER), [agent_id])
