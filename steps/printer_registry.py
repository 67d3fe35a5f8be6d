"""The printer steps there are, by the name of their operation: those of the modules of `steps.printers`."""

import pkgutil
from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib import import_module

import steps.printers
from steps.printer_work import PrinterStepKind


@lru_cache(maxsize=1)
def printer_steps() -> Mapping[str, PrinterStepKind]:
    """Every step that can be done to a printer or by an agent."""
    found: dict[str, PrinterStepKind] = {}
    for module in pkgutil.iter_modules(steps.printers.__path__, "steps.printers."):
        held: Iterable[PrinterStepKind] = import_module(module.name).STEPS
        for step in held:
            if step.operation in found:
                raise ValueError(f"the printer step {step.operation} is registered twice")
            found[step.operation] = step
    return found
