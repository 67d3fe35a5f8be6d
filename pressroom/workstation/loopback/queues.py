"""The loopback printers: the cloud queue, the hybrid queue, and each printer that is printed at directly (PR-332)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import quote

from pressroom.workstation.configuration import Configuration
from pressroom.workstation.folder import WorkstationFolder

ROOT = "/ipp/print"
CLOUD, HYBRID = "cloud", "hybrid"
TOLD = "told"
"""Under this name the agent seals what the portal said at the last check-in."""


@dataclass(frozen=True, slots=True)
class LoopbackQueue:
    """One printer. `path` is its name in addresses, `mode` the way that jobs go; `printer` is where, if directly.

    `port` is a port of its own besides the common one (PR-314). `is_color` is None where that is not known.
    """

    path: str
    name: str
    mode: Literal["cloud", "hybrid", "direct", "offline"]
    printer: str = ""
    port: int = 0
    is_color: bool | None = None


def queues_of(answer: Mapping[str, Any], configuration: Configuration) -> dict[str, LoopbackQueue]:
    """The printers that there are after this answer of the portal, by their names in addresses."""
    modes = frozenset(answer.get("modes", ())) & configuration.modes
    return {queue.path: queue for queue in _queues(answer, configuration, modes)}


def kept_queues(folder: WorkstationFolder, configuration: Configuration) -> dict[str, LoopbackQueue]:
    """The printers that there are by what the portal said last; raises `UNREADABLE`."""
    return queues_of(folder.unsealed(TOLD) or {}, configuration)


def _queues(answer: Mapping[str, Any], configuration: Configuration, modes: frozenset[str]) -> Iterator[LoopbackQueue]:
    if "cloud" in modes:
        yield LoopbackQueue(CLOUD, configuration.queue_names.cloud, "cloud")
    if "hybrid" in modes:
        yield LoopbackQueue(HYBRID, configuration.queue_names.hybrid, "hybrid")
    directly = modes & {"direct", "offline"}
    for printer in answer.get("printers", ()) if directly else ():
        port, name = 0, str(printer["queue"])
        for entry in configuration.direct_print_settings.print_settings:
            known = {name.casefold(), str(printer["address"]).casefold(), str(printer["host_name"]).casefold()} - {""}
            if known & {entry.queue_name.casefold(), entry.ip_address.casefold()}:
                port, name = entry.loopback_port, entry.queue_name
                break
        mode: Literal["direct", "offline"] = "direct" if "direct" in directly else "offline"
        yield LoopbackQueue(quote(name, safe=""), name, mode, str(printer["id"]), port, printer["is_color"])
