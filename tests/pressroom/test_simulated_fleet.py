"""`pressroom up --sim`: the built-in agent searches the simulation besides what it searched before."""

from pathlib import Path

import pytest

from fleet.agents.service import AgentChoice, change_agent, get_agent, list_agents
from fleet.agents.settings import AgentSettings, Search
from fleet.capabilities.levels import level
from fleet.firmware.service import list_images
from fleet.panel_apps.service import list_packages
from fleet.panel_apps.to_library import offered_apps
from fleet.tasks.models import FleetTask
from pressroom.simulated_catalogue import next_level, offer_simulated_versions
from pressroom.simulated_fleet import find_simulated_printers
from pressroom.supervisor import SIMULATED_PROFILES
from printers_sim.profile import find_profile
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


def test_a_new_fleet_has_something_to_be_updated_to(tmp_path: Path) -> None:
    """Each model that can be managed, and its apps; what somebody has put into the catalogues is left alone."""
    with installed(tmp_path) as office:
        actor = office.administrator
        offer_simulated_versions()
        offer_simulated_versions()
        levels = {model: image.level for image in list_images(actor) for model in image.models}
        managed = [profile for profile in map(find_profile, SIMULATED_PROFILES) if profile.is_manageable]
        assert set(levels) == {profile.model for profile in managed}
        for profile in managed:
            assert level(levels[profile.model]) > level(profile.firmware[-1])
        apps = {app for profile in managed for app in profile.apps}
        assert {package.app_id for package in offered_apps(actor)} <= apps
        assert len(list_packages(actor)) == len(offered_apps(actor)) > 0


@pytest.mark.parametrize(("newest", "following"), [("230.347", "230.355"), ("081.099", "081.107"), ("3.11", "3.019")])
def test_the_next_level_is_higher(newest: str, following: str) -> None:
    assert next_level(newest) == following
    assert level(following) > level(newest)
