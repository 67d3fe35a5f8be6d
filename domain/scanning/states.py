"""States of a scan, what it is for, and who scans."""

from enum import StrEnum

from connectors.messages import N_


class ScanState(StrEnum):
    """Where a scan is."""

    WAITING = "waiting"
    SCANNING = "scanning"
    READY = "ready"
    ASSEMBLING = "assembling"
    FINISHED = "finished"
    CANCELLED = "cancelled"
    EXPIRED = "expired"

    @property
    def is_at_printer(self) -> bool:
        """Whether originals are being scanned, or the printer is waited for."""
        return self in AT_PRINTER

    @property
    def is_ended(self) -> bool:
        """Whether nothing is kept any more."""
        return self in ENDED


AT_PRINTER = frozenset({ScanState.WAITING, ScanState.SCANNING})
ENDED = frozenset({ScanState.CANCELLED, ScanState.EXPIRED})

FOLLOWING: dict[ScanState, frozenset[ScanState]] = {
    ScanState.WAITING: frozenset({ScanState.SCANNING, ScanState.READY, *ENDED}),
    ScanState.SCANNING: frozenset({ScanState.READY, *ENDED}),
    ScanState.READY: frozenset({ScanState.WAITING, ScanState.SCANNING, ScanState.ASSEMBLING, *ENDED}),
    ScanState.ASSEMBLING: frozenset({ScanState.FINISHED, ScanState.READY, *ENDED}),
    ScanState.FINISHED: frozenset({ScanState.ASSEMBLING, *ENDED}),
    **dict.fromkeys(ENDED, frozenset()),
}
"""Which states may follow each."""

TITLES = {
    ScanState.WAITING: N_("Waits for the printer"),
    ScanState.SCANNING: N_("Is being scanned"),
    ScanState.READY: N_("Scanned"),
    ScanState.ASSEMBLING: N_("The file is being made"),
    ScanState.FINISHED: N_("The file is ready"),
    ScanState.CANCELLED: N_("Cancelled"),
    ScanState.EXPIRED: N_("Expired"),
}
"""States in people's words."""


class ScanWay(StrEnum):
    """Who scans: the printer by itself, which asks for orders, or somebody over the network (eSCL): our worker, or the
    fleet agent in the printer's own network.
    """

    DEVICE = "device"
    NETWORK = "network"
    AGENT = "agent"


class PurposeKind(StrEnum):
    """What a scan is for."""

    SOLUTION = "solution"
    DESTINATION = "destination"
