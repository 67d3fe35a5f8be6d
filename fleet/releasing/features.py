"""What a printer's panel can do for print release, by its apps, its firmware and its model (PR-54…PR-56).

Facts as data: a feature that a printer does not have is off there without a word.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from fleet.agents.models import AgentKind
from fleet.capabilities.levels import is_at_least
from fleet.capabilities.login_methods import COMPACT
from fleet.capabilities.models_table import model_facts

RELEASE_APP, CARD_APP, USAGE_APP = "print-release", "card-authentication", "device-usage"
"""Ids of the panel apps for printing; they are the same on every model (FL-283)."""
MODERN_FRAMEWORK = "5.0"
NO_AUTO_RELEASE = "5"
"""The note of models that do not support auto-release (PR-56)."""
COMPACT_FIRMWARE, MOBILE_PANEL_FIRMWARE = "075.287", "081"
LOWEST_ADAPTER_FIRMWARE = "3.0.3.1"


class Feature(StrEnum):
    """What depends on the printer."""

    CHANGE_COPIES = "change_copies"
    PRINT_AND_KEEP = "print_and_keep"
    OLDEST_FIRST = "oldest_first"
    AUTO_RELEASE = "auto_release"
    FULL_PANEL = "full_panel"
    COMPACT_PANEL = "compact_panel"
    MOBILE_PANEL = "mobile_panel"
    USAGE_REPORTS = "usage_reports"


@dataclass(frozen=True, slots=True)
class AppNeeded:
    """The lowest version of an app where the app framework is 5 or later, and where it is older."""

    app_id: str
    modern: str
    legacy: str


NEEDED: Mapping[Feature, tuple[AppNeeded, ...]] = {
    Feature.CHANGE_COPIES: (AppNeeded(RELEASE_APP, "5.10", "2.6"),),
    Feature.PRINT_AND_KEEP: (AppNeeded(RELEASE_APP, "5.10", "2.6"),),
    Feature.OLDEST_FIRST: (
        AppNeeded(CARD_APP, "5.6.30", "2.6.23"),
        AppNeeded(RELEASE_APP, "5.10.19", "2.6.24"),
        AppNeeded(USAGE_APP, "2.4.19", "2.4.19"),
    ),
    Feature.AUTO_RELEASE: (AppNeeded(RELEASE_APP, "0", "0"),),
    Feature.FULL_PANEL: (AppNeeded(RELEASE_APP, "0", "0"),),
    Feature.USAGE_REPORTS: (AppNeeded(USAGE_APP, "0", "0"),),
}
"""Versions of section 3.3; a feature needs every app of its row (PR-55)."""


@dataclass(frozen=True, slots=True)
class PanelFacts:
    """What decides about features. `apps` are versions by app id, of apps that are started."""

    model: str
    firmware: str
    framework: str
    agent_kind: AgentKind
    is_vendor: bool
    apps: Mapping[str, str]


def features_of(facts: PanelFacts) -> frozenset[Feature]:
    """Everything that a printer offers; the compact release app is for models that have it (PR-205)."""
    found = {feature for feature, needed in NEEDED.items() if all(_has(facts, one) for one in needed)}
    if NO_AUTO_RELEASE in model_facts(facts.model).notes:
        found.discard(Feature.AUTO_RELEASE)
    if facts.is_vendor and Feature.FULL_PANEL not in found:
        if is_at_least(facts.firmware, COMPACT_FIRMWARE) and model_facts(facts.model).can(COMPACT) is not False:
            found.add(Feature.COMPACT_PANEL)
        if facts.agent_kind == AgentKind.NATIVE and is_at_least(facts.firmware, MOBILE_PANEL_FIRMWARE):
            found.add(Feature.MOBILE_PANEL)
    return frozenset(found)


def _has(facts: PanelFacts, needed: AppNeeded) -> bool:
    installed = facts.apps.get(needed.app_id)
    if installed is None:
        return False
    lowest = needed.modern if is_at_least(facts.framework, MODERN_FRAMEWORK) else needed.legacy
    return is_at_least(installed, lowest)
