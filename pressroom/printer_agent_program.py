"""The agent that is at work on a simulated printer, as the printer's own page talks to it (FL-102, FL-103)."""

from collections.abc import Sequence

from pydantic import SecretStr

from connectors.errors import PressroomError
from pressroom.agent.cloud import Cloud
from pressroom.agent.connection_test import connection_checks
from pressroom.agent.intervals import NoFiles
from pressroom.agent.work import AgentWork
from printers_sim.device.agent_program import AgentCheck
from steps.printer_work import Access, AuthenticationType, Order
from steps.printers.update_credentials import SECRET, update_credentials


class PrinterAgentProgram:
    """`AgentProgram` over the agent's work and its connection."""

    def __init__(self, cloud: Cloud, work: AgentWork) -> None:
        self._cloud, self._work = cloud, work

    def last_contact(self) -> float | None:
        """See `AgentProgram`."""
        return self._work.last_contact

    async def poll_now(self) -> None:
        """See `AgentProgram`."""
        self._work.poll_now()

    async def check(self) -> Sequence[AgentCheck]:
        """See `AgentProgram`."""
        parts = await connection_checks(self._cloud)
        return [AgentCheck(part.name, str(part.message) if part.message else "") for part in parts]

    async def use_credentials(self, kind: str, user: str, secret: str) -> str:
        """Tried on the printer first, as F-13 wants; the cloud keeps only what the printer accepts."""
        try:
            printer = (await self._cloud.printers())[0]
            access = Access(type=AuthenticationType(kind), user=user, secret=SecretStr(secret))
            order = Order(
                job_id=0,
                operation="update_credentials",
                printer=printer.target,
                secrets={SECRET: access.secret},
                parameters={"type": kind, "user": user},
            )
            await update_credentials(order, NoFiles())
            await self._cloud.keep_credentials(printer.id, access)
        except PressroomError as error:
            return f"{error.message} {error.remedy}"
        return ""
