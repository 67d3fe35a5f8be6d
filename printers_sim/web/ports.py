"""The ports at which all printers answer."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ports:
    """`https` is None where there is no HTTPS."""

    http: int
    https: int | None
