"""Sample badges beside the panel: what a card reader would send when one of them is held to it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SampleBadge:
    """A badge to try things out with."""

    title: str
    number: str


SAMPLE_BADGES = (
    SampleBadge("Maria's badge", "04A1B2C3D4E580"),
    SampleBadge("A new colleague's badge", "0499887766AA80"),
    SampleBadge("Somebody else's badge", "04D5C4B3A29180"),
)
"""The first is that of the sample person of `pressroom up --demo`; nobody has registered the others."""
