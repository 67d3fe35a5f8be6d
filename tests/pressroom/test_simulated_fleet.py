"""`pressroom up --sim`: the built-in agent searches the simulation besides what it searched before."""

from pathlib import Path

from fleet.agents.service import AgentChoice, change_agent, get_agent, list_agents
from fleet.agents.settings import AgentSettings, Search
from fleet.tasks.models import FleetTask
from pressroom.simulated_fleet import find_simulated_printers
from tests.support.installation import installed


def test_the_built_in_agent_searches_the_simulation_too(tmp_path: Path) -> None:
    with installed(tmp_path) as office:
        actor = office.administrator
        (built_in,) = list_agents(actor, AgentChoice())
        kept = AgentSettings(search=Search.ADVANCED, include=("10.0.0.0/24",), take_over=False)
        change_agent(actor, built_in.id, built_in.name, "", kept)
        find_simulated_printers(300)
        task_id = find_simulated_printers(50)
        settings = get_agent(actor, built_in.id).settings
        assert settings.include == ("10.0.0.0/24", "127.20.0.1-127.20.0.50")
        assert (settings.http_port, settings.snmp_port, settings.take_over) == (8631, 8161, False)
        with actor.session(read_only=True) as session:
            assert session.get_one(FleetTask, task_id).issuer_id == actor.user_id
