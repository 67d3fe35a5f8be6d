"""All printers of a simulation, by address, with what is kept of them."""

from collections.abc import Mapping, Sequence
from dataclasses import fields

from printers_sim.device.account import Account
from printers_sim.printer import SimulatedPrinter, make_printer
from printers_sim.profile import Profile
from printers_sim.store import StateStore


class Fleet:
    """The printers; with a `store` their states outlive the process."""

    def __init__(self, models: Sequence[Profile], seed: int, account: Account, store: StateStore | None = None) -> None:
        """Raises `SnapshotError` where a kept state cannot be read."""
        self._seed, self._account, self._store = seed, account, store
        self.printers = [self._new(number, profile) for number, profile in enumerate(models)]
        self.by_address: Mapping[str, SimulatedPrinter] = {printer.address: printer for printer in self.printers}
        if store is not None:
            store.restore(self.printers)

    def keep(self, printer: SimulatedPrinter) -> None:
        """Keep the state if it has changed."""
        if self._store is not None:
            self._store.keep(printer)

    def keep_all(self) -> None:
        """Keep whatever has changed."""
        for printer in self.printers:
            self.keep(printer)

    def reset(self, printer: SimulatedPrinter) -> None:
        """Make it as new; job numbers go on, so that no number ever means two jobs."""
        fresh = self._new(printer.number, printer.profile)
        fresh.last_job, fresh.changes = printer.last_job, printer.changes + 1
        for field in fields(SimulatedPrinter):
            setattr(printer, field.name, getattr(fresh, field.name))
        self.keep(printer)

    def _new(self, number: int, profile: Profile) -> SimulatedPrinter:
        return make_printer(number, profile, self._seed, self._account)
