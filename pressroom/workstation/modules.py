"""What the agent of a workstation does, as modules that are plugged in by the mode that needs them.

A module is a class with the mode's name and a coroutine `run`, which works until it is cancelled:

    class HybridStorage:
        name, mode = "hybrid storage", "hybrid"

        async def run(self, workstation: Workstation) -> None: …

It is started when the person is signed in and their roles allow the mode (and the configuration asks for it), and
cancelled when they sign out, when the mode goes, or when the agent ends. A module that fails is started again after a
pause that grows; the others go on.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import structlog

from connectors.messages import N_
from pressroom.workstation.cloud import Cloud, Told
from pressroom.workstation.configuration import Configuration
from pressroom.workstation.folder import WorkstationFolder

WAITING = N_("Documents that wait for the portal: {count}.")


@dataclass(slots=True)
class Workstation:
    """What modules work with. `told` is replaced at each check-in; `notes` are shown by `printctl status`.

    `queues` are the names of the queues that the module has set up; they are reported at the next check-in.
    `start_again` ends the agent, so that another version of it is started. `on_sent` hears of each job that the portal
    has taken from here, `on_notice` what the person is to read at once; both are called in the loop's own thread.
    """

    folder: WorkstationFolder
    configuration: Configuration
    cloud: Cloud
    told: Told
    log: structlog.stdlib.BoundLogger
    queues: dict[str, list[str]] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    check_in_now: Callable[[], None] = lambda: None
    start_again: Callable[[], None] = lambda: None
    is_online: bool = True
    on_sent: Callable[[Mapping[str, Any]], None] = lambda _job: None
    on_notice: Callable[[str], None] = lambda _text: None


class Module(Protocol):
    """One thing that the agent does; `mode` is empty for what every agent does."""

    name: str
    mode: str

    async def run(self, workstation: Workstation) -> None:
        """Work until cancelled."""
        ...


def modules() -> tuple[Module, ...]:
    """One of each."""
    from pressroom.workstation.loopback.printers import LoopbackPrinters
    from pressroom.workstation.node.direct import UsageRecords
    from pressroom.workstation.node.hybrid import HybridPrinting
    from pressroom.workstation.notices import Notices
    from pressroom.workstation.spool_folder import SpoolFolder
    from pressroom.workstation.updating import SelfUpdate

    return (SpoolFolder(), HybridPrinting(), UsageRecords(), LoopbackPrinters(), SelfUpdate(), Notices())
