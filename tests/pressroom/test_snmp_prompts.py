"""SNMP version 3 in the enrolment tool: what is asked for before a search, and what it is good for (FL-83, FL-89)."""

import asyncio
import re
from collections.abc import Iterator

import pytest

from pressroom.enrolment_tool.portal import Portal
from pressroom.enrolment_tool.settings import ToolSettings
from pressroom.enrolment_tool.sheets import Sheets
from pressroom.enrolment_tool.work import Search, ToolWork
from printers_sim.simulation import Simulation, SimulationPlan
from printers_sim.snmp.agents import Access
from printers_sim.snmp.usm import Authentication, Privacy, User
from tests.support.simulation import running_simulation

USER, AUTH, PRIVACY = "kim", "an authentication word", "a privacy word of kim"
VERSION_3 = {"snmp_version": "3", "auth_protocol": "sha256", "privacy_protocol": "aes128"}


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        ({"snmp_version": "2c"}, []),
        ({"snmp_version": "3"}, ["user"]),
        ({"snmp_version": "3", "auth_protocol": "sha256"}, ["user", "auth"]),
        (VERSION_3, ["user", "auth", "privacy"]),
    ],
)
def test_a_search_asks_for_what_the_settings_need(values: dict[str, str], fields: list[str]) -> None:
    work = ToolWork(ToolSettings.model_validate(values), Portal("http://127.0.0.1:1", "token"))
    page = Sheets(work).search("en", "mark")
    assert [name for name in re.findall(r'name="(\w+)"', page) if name in ("user", "auth", "privacy")] == fields
    assert page.count('type="password"') == max(len(fields) - 1, 0)


@pytest.fixture(scope="module")
def simulation() -> Iterator[Simulation]:
    """A printer of another make: without credentials it says nothing of itself but by SNMP."""
    kim = User(USER, Authentication.SHA256, AUTH, Privacy.AES128, PRIVACY)
    access = Access(read_community="nobody knows", users=(kim,))
    plan = SimulationPlan(1, ("third-party-color",), http_port=0, snmp_port=0, access=access)
    with running_simulation(plan) as running:
        yield running


@pytest.mark.parametrize(("auth", "model"), [(AUTH, "ColorJet 700"), ("another word than that", None)])
def test_what_is_typed_opens_the_printers(simulation: Simulation, auth: str, model: str | None) -> None:
    ports = {"http_port": simulation.http_port, "snmp_port": simulation.snmp_port}
    work = ToolWork(ToolSettings.model_validate({**VERSION_3, **ports, "discovery_seconds": 60}))

    async def search() -> None:
        work.search(Search(False, [simulation.printers[0].address]), work.settings.snmp(USER, auth, PRIVACY))
        await work.done()

    asyncio.run(search())
    assert work.problem is None
    assert [one.model for one in work.found if one.serial_number] == ([model] if model else [])
