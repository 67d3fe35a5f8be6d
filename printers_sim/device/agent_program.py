"""The agent on a printer as the printer's own page sees it (FL-102, FL-103); whoever runs the agent puts it there."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class AgentCheck:
    """One of the things that *Test agent connection* looks at; `problem` is empty where it is as it should be."""

    name: str
    problem: str = ""


class AgentProgram(Protocol):
    """An agent at work."""

    def last_contact(self) -> float | None:
        """When the cloud last answered, in seconds since 1970."""
        ...

    async def poll_now(self) -> None:
        """Look for requests at once, without waiting for the interval."""
        ...

    async def check(self) -> Sequence[AgentCheck]:
        """Test the connection to the cloud, the sign-in to the printer, and the rights there."""
        ...

    async def use_credentials(self, kind: str, user: str, secret: str) -> str:
        """Sign in to the printer with these from now on; why not, or empty where it does."""
        ...
