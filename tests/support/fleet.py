"""Printers and agents in the records: made up for tests that need no device, or those of a simulation."""

from itertools import count
from typing import Any

from domain.tenancy import tenant_session
from fleet.agents.built_in import built_in_agent
from fleet.agents.models import Agent, AgentKind
from fleet.printers.models import Printer
from fleet.printers.targets import keep_access
from printers_sim.simulation import Simulation
from steps.printer_work import Access

_numbers = count(1)


def add_agent(organization_id: str, kind: AgentKind = AgentKind.FLEET, **values: Any) -> str:
    """An agent that calls in; returns its id."""
    agent = Agent(organization_id=organization_id, kind=kind, name=f"Agent {next(_numbers)}", **values)
    with tenant_session(organization_id) as session:
        session.add(agent)
        session.flush()
        return agent.id


def add_printers(organization_id: str, number: int, agent_id: str = "", **values: Any) -> list[str]:
    """Printers of our own make, with the built-in agent unless another is named; returns their ids in order."""
    with tenant_session(organization_id) as session:
        agent = session.get_one(Agent, agent_id) if agent_id else built_in_agent(session, organization_id)
        printers = []
        for _ in range(number):
            serial = next(_numbers)
            facts: dict[str, Any] = {
                "agent_id": agent.id,
                "agent_kind": agent.kind,
                "serial_number": f"PXC{serial:07}",
                "manufacturer": "Pressroom",
                "model": "PX C4150",
                "is_vendor": True,
                "address": f"127.30.{serial // 250}.{serial % 250 + 1}",
                "firmware_level": "081.215",
                "framework_version": "5.1",
            }
            printers.append(Printer(organization_id=organization_id, **(facts | values)))
        session.add_all(printers)
        session.flush()
        return [printer.id for printer in printers]


def add_simulated(organization_id: str, simulation: Simulation, access: Access | None = None) -> list[str]:
    """The simulated printers, enrolled with the built-in agent as a search would find them; returns their ids."""
    with tenant_session(organization_id) as session:
        agent = built_in_agent(session, organization_id)
        printers = []
        for simulated in simulation.printers:
            printer = Printer(
                organization_id=organization_id,
                agent_id=agent.id,
                agent_kind=agent.kind,
                serial_number=simulated.serial,
                manufacturer=simulated.profile.make,
                model=simulated.model,
                is_vendor=simulated.profile.is_manageable,
                address=simulated.address,
                ports={"http": simulation.http_port, "snmp": simulation.snmp_port},
                firmware_level=simulated.firmware,
                framework_version=simulated.profile.framework,
                pages_per_minute=simulated.speed,
            )
            if access is not None:
                keep_access(printer, access)
            printers.append(printer)
        session.add_all(printers)
        session.flush()
        return [printer.id for printer in printers]
