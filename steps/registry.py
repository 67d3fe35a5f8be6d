"""Which step kinds exist: ours, those of other packages' entry points, and those named in the settings."""

from functools import lru_cache
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any

from connectors.errors import Fault
from connectors.messages import N_
from connectors.settings import get_settings
from steps.contract import StepKind

OWN = ("ocr", "translate", "redact", "footer", "email", "download", "print_queue", "print_document", "cloud_storage")

UNKNOWN_STEP = Fault(
    "step.unknown",
    422,
    N_("There is no step “{kind}”."),
    N_("Use one of: {known}. A step of another package must be installed on this machine."),
)


@lru_cache(maxsize=1)
def step_kinds() -> dict[str, StepKind[Any]]:
    """Every installed step kind by name, in the order of the palette. Two kinds of one name raise `ValueError`."""
    modules = [f"steps.{name}" for name in OWN] + list(get_settings().extra_steps)
    kinds = [import_module(module).KIND for module in modules]
    kinds += [point.load() for point in entry_points(group="pressroom.steps")]
    by_name: dict[str, StepKind[Any]] = {}
    for kind in kinds:
        if kind.name in by_name:
            raise ValueError(f"two step kinds are named {kind.name!r}")
        by_name[kind.name] = kind
    return by_name


def step_kind(name: str) -> StepKind[Any]:
    """The step kind of that name; raises `UNKNOWN_STEP`."""
    try:
        return step_kinds()[name]
    except KeyError:
        raise UNKNOWN_STEP(kind=name, known=", ".join(step_kinds())) from None
