"""One root for every error that a person may see.

A `Fault` is declared once, as data, beside the code that meets it; calling it makes the `PressroomError` to raise:

    ENCRYPTED = Fault("document.encrypted", 422, N_("“{name}” is protected by a password."), N_("Remove it …"))
    raise ENCRYPTED(name=document.name) from exc

The dotted code is stable: the API's problem details (RFC 9457), the portal, the command line and the logs share it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from connectors.messages import N_, fill

_declared: dict[str, "Fault"] = {}


@dataclass(frozen=True, slots=True)
class Fault:
    """A kind of error: its stable `code`, HTTP `status`, English message and remedy templates.

    `spec` names the requirement's own code (SC-E05); `transient` says that trying again later may succeed, which is
    what retries with back-off go by. Declaring a code twice raises `ValueError`.
    """

    code: str
    status: int
    message: str
    remedy: str
    spec: str = ""
    transient: bool = False

    def __post_init__(self) -> None:
        if self.code in _declared:
            raise ValueError(f"error code {self.code!r} is declared twice")
        _declared[self.code] = self

    def __call__(self, **facts: object) -> "PressroomError":
        return PressroomError(self, facts)


class PressroomError(Exception):
    """The root of all errors with a remedy; `facts` fill the templates and never hold a secret."""

    def __init__(self, fault: Fault, facts: Mapping[str, object] | None = None) -> None:
        super().__init__(fault.code)
        self.fault = fault
        self.facts: Mapping[str, object] = dict(facts or {})

    @property
    def code(self) -> str:
        return self.fault.code

    @property
    def message(self) -> str:
        return fill(self.fault.message, self.facts)

    @property
    def remedy(self) -> str:
        return fill(self.fault.remedy, self.facts)

    @property
    def transient(self) -> bool:
        return self.fault.transient

    def __str__(self) -> str:
        return f"{self.message} {self.remedy} [{self.code}]"

    def __reduce__(self) -> tuple[Any, ...]:
        return PressroomError, (self.fault, dict(self.facts))


def declared_faults() -> Mapping[str, Fault]:
    """Every fault declared by the modules imported so far, by code."""
    return MappingProxyType(_declared)


def is_transient(error: BaseException) -> bool:
    """Whether trying again later may help: only faults that say so."""
    return isinstance(error, PressroomError) and error.transient


INTERNAL = Fault(
    "internal",
    500,
    N_("Something went wrong inside Pressroom."),
    N_("Try again. If it stays, give the administrator this reference: {reference}."),
)
