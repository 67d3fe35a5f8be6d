"""Which features a printer's panel has, and where printers are tried: as tables (section 3.3, PR-197)."""

import socket
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from connectors.errors import PressroomError
from connectors.ipp.faults import UNREACHABLE
from connectors.ipp.ticket import JobTicket
from fleet.agents.models import AgentKind
from fleet.releasing.features import CARD_APP, RELEASE_APP, USAGE_APP, Feature, PanelFacts, features_of
from fleet.releasing.printers import ipp_addresses
from steps.print_release import PrinterAddress, ReleaseOrder, deliver
from tests.pressroom.test_printer_trust import Watch as Unwatched

MODERN, LEGACY = "5.1", "4.9"
PANEL = {Feature.FULL_PANEL, Feature.AUTO_RELEASE}
COPIES = {Feature.CHANGE_COPIES, Feature.PRINT_AND_KEEP}


def facts(apps: dict[str, str], framework: str = MODERN, **values: Any) -> PanelFacts:
    given = {"model": "PX C4150", "firmware": "075.287", "agent_kind": AgentKind.FLEET, "is_vendor": True, **values}
    return PanelFacts(framework=framework, apps=apps, **given)


@pytest.mark.parametrize(
    ("apps", "framework", "expected"),
    [
        ({RELEASE_APP: "5.10.0"}, MODERN, PANEL | COPIES),
        ({RELEASE_APP: "5.9.99"}, MODERN, PANEL),
        ({RELEASE_APP: "2.6.1"}, LEGACY, PANEL | COPIES),
        ({RELEASE_APP: "2.6.1"}, MODERN, PANEL),
        ({RELEASE_APP: "2.5.9"}, LEGACY, PANEL),
        (
            {RELEASE_APP: "5.10.19", CARD_APP: "5.6.30", USAGE_APP: "2.4.19"},
            MODERN,
            PANEL | COPIES | {Feature.OLDEST_FIRST, Feature.USAGE_REPORTS},
        ),
        ({RELEASE_APP: "5.10.19", CARD_APP: "5.6.30"}, MODERN, PANEL | COPIES),
        (
            {RELEASE_APP: "5.10.18", CARD_APP: "5.6.30", USAGE_APP: "2.4.19"},
            MODERN,
            PANEL | COPIES | {Feature.USAGE_REPORTS},
        ),
        (
            {RELEASE_APP: "2.6.24", CARD_APP: "2.6.23", USAGE_APP: "2.4.19"},
            LEGACY,
            PANEL | COPIES | {Feature.OLDEST_FIRST, Feature.USAGE_REPORTS},
        ),
    ],
)
def test_features_follow_from_apps(apps: dict[str, str], framework: str, expected: set[Feature]) -> None:
    """PR-54, PR-55."""
    assert features_of(facts(apps, framework)) == expected


@pytest.mark.parametrize(
    ("firmware", "kind", "is_vendor", "expected"),
    [
        ("075.287", AgentKind.FLEET, True, {Feature.COMPACT_PANEL}),
        ("075.286", AgentKind.FLEET, True, set()),
        ("081.215", AgentKind.NATIVE, True, {Feature.COMPACT_PANEL, Feature.MOBILE_PANEL}),
        ("081.215", AgentKind.FLEET, False, set()),
    ],
)
def test_small_screens_follow_from_firmware_and_agent(
    firmware: str,
    kind: AgentKind,
    is_vendor: bool,
    expected: set[Feature],
) -> None:
    """PR-205, PR-222."""
    assert features_of(facts({}, firmware=firmware, agent_kind=kind, is_vendor=is_vendor)) == expected


@pytest.mark.parametrize(
    ("model", "is_offered"), [("C2326", True), ("CX725", False), ("B2338", False), ("CS921de", True)]
)
def test_the_compact_release_app_is_for_models_that_have_it(model: str, is_offered: bool) -> None:
    """PR-205, PM-9; one that the table does not list may have it."""
    assert (Feature.COMPACT_PANEL in features_of(facts({}, model=model))) is is_offered


def test_models_with_note_5_release_nothing_by_themselves() -> None:
    """PR-56, PR-203."""
    assert Feature.AUTO_RELEASE not in features_of(facts({RELEASE_APP: "5.10.0"}, model="T656"))


@pytest.mark.parametrize(
    ("host", "ports", "expected"),
    [
        ("10.1.1.1", {}, ("ipps://10.1.1.1:631/ipp/print", "ipp://10.1.1.1:631/ipp/print")),
        ("10.1.1.1", {"http": 8631}, ("ipp://10.1.1.1:8631/ipp/print",)),
        (
            "10.1.1.1",
            {"http": 80, "https": 8643, "ipp": 632},
            ("ipps://10.1.1.1:8643/ipp/print", "ipp://10.1.1.1:632/ipp/print"),
        ),
        ("fe80::1", {"ipp": 631}, ("ipp://[fe80::1]:631/ipp/print",)),
    ],
)
def test_where_a_printer_is_tried(host: str, ports: dict[str, int], expected: tuple[str, ...]) -> None:
    assert ipp_addresses(host, ports) == expected


def test_somebody_at_a_printer_that_cannot_be_reached_waits_for_three_tries(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PR-346, class I: two more after the first, after one second and after three."""
    paused: list[float] = []
    clock = SimpleNamespace(sleep=paused.append, monotonic=time.monotonic)
    monkeypatch.setattr("steps.print_release.time", clock)
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    order = ReleaseOrder(
        printer=PrinterAddress("Hall", (f"ipp://127.0.0.1:{port}/ipp/print",)),
        mark="0123456789abcdef",
        name="Plan",
        user="kim",
        ticket=JobTicket(),
        media_type="application/pdf",
        fetch=lambda: pytest.fail("nothing is fetched for a printer that is away"),
        scratch=tmp_path,
        timeout_seconds=1,
    )
    with pytest.raises(PressroomError) as refused:
        deliver(order, Unwatched())
    assert (refused.value.fault, paused) == (UNREACHABLE, [1.0, 3.0])
