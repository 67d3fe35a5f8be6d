"""Scans at printers without an agent of ours, carried out by the worker; and the end of scans."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import select, update

from domain.organizations.models import now
from domain.organizations.roles import Role
from domain.outbox.models import OutboxRow
from domain.people.deletion import delete_people
from domain.scanning import expiry
from domain.scanning.content import scan_store
from domain.scanning.finishing import fetched_file, finish_scan
from domain.scanning.models import ScanJob
from domain.scanning.orders import take_for_network, take_order
from domain.scanning.outbox import NETWORK_SCAN
from domain.scanning.service import Purpose, cancel_scan, scan_next, scan_view, start_scan
from domain.scanning.settings import FileFormat, ScanSettings
from domain.scanning.states import PurposeKind, ScanState, ScanWay
from domain.scanning.views import ScanView
from domain.tenancy import system_session, tenant_session
from fleet.agents.models import Agent, AgentKind
from fleet.printers.models import Printer
from fleet.scanning.network import AGENT_AWAY
from flows.scan_pages import expire_scans, scan_batch, scan_pages
from tests.support.fleet import add_agent
from tests.support.scanning import ScanOffice, scan_office

FOR_DESTINATION = Purpose(PurposeKind.DESTINATION)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ScanOffice]:
    with scan_office(tmp_path_factory.mktemp("office"), ("color-mfp", "third-party-color")) as made:
        yield made


def worked(office: ScanOffice, scan_id: str) -> ScanView:
    """What a worker does for the scan, in this process."""
    order = take_for_network(office.organization_id, scan_id)
    assert order is not None
    scan_batch.fn(office.organization_id, order)
    return scan_view(office.ann, scan_id)


def scanned(office: ScanOffice, number: int = 0, **settings: object) -> ScanView:
    chosen = ScanSettings.model_validate({"resolution": 75, **settings})
    started = start_scan(office.ann, office.printers[number], chosen, FOR_DESTINATION)
    return worked(office, started.id)


def test_the_worker_scans_where_the_printer_does_not_ask(office: ScanOffice) -> None:
    office.fresh()
    started = start_scan(office.ann, office.printer_id, ScanSettings(resolution=75), FOR_DESTINATION)
    assert started.way is ScanWay.NETWORK
    with system_session(read_only=True) as session:
        rows = session.scalars(select(OutboxRow).where(OutboxRow.deployment == NETWORK_SCAN)).all()
        assert started.id in [row.parameters["scan_id"] for row in rows]
    view = worked(office, started.id)
    assert (view.state, view.problem, len(view.complete_pages), view.ignored) == (ScanState.READY, None, 3, ())
    assert take_for_network(office.organization_id, started.id) is None, "once"
    more = scan_next(office.ann, started.id, ScanSettings(source="glass", color_mode="black_and_white", resolution=150))
    view = worked(office, more.id)
    assert [page.media_type for page in view.pages] == ["image/jpeg"] * 3 + ["image/png"]
    assert finish_scan(office.ann, view.id, FileFormat.TIFF).pages == 4
    with fetched_file(office.ann, view.id) as (_, path), Image.open(path) as tiff:
        tiff.seek(3)
        assert (tiff.mode, round(tiff.info["dpi"][0])) == ("1", 150)


def test_what_the_scanner_cannot_do_is_named(office: ScanOffice) -> None:
    office.fresh()
    view = scanned(office, source="glass", sides="two_sided_long_edge", original_size="A3")
    assert (view.ignored, len(view.complete_pages)) == (("original_size", "sides"), 1)


@pytest.mark.parametrize(
    ("changes", "code", "pages"),
    [({"jam_at": 2}, "scanner.jam", 1), ({"feeder": [], "glass": None}, "scanner.empty", 0)],
)
def test_what_goes_wrong_is_told_and_the_pages_are_kept(
    office: ScanOffice, changes: dict[str, object], code: str, pages: int
) -> None:
    scanner = office.fresh()
    for name, value in changes.items():
        setattr(scanner, name, value)
    view = scanned(office)
    assert view.problem is not None
    assert (view.state, view.problem.code, len(view.complete_pages)) == (ScanState.READY, code, pages)


def test_a_printer_that_does_not_scan_or_is_elsewhere(office: ScanOffice) -> None:
    """A printer behind an agent in another network is never called from here."""
    view = scanned(office, 1)
    assert view.problem is not None
    assert view.problem.code == "scanner.none"
    agent_id = add_agent(office.organization_id, AgentKind.FLEET)
    with tenant_session(office.organization_id) as session:
        printer = session.get_one(Printer, office.printers[1])
        former, printer.agent_id = printer.agent_id, agent_id
    view = scanned(office, 1)
    assert view.problem is not None
    assert view.problem.code == AGENT_AWAY.code, "the agent has never called in"
    with tenant_session(office.organization_id) as session:
        session.get_one(Agent, agent_id).last_contact = now()
    started = start_scan(office.ann, office.printers[1], None, FOR_DESTINATION)
    assert scan_pages.fn(office.organization_id, started.id) == 0
    assert scan_view(office.ann, started.id).state is ScanState.WAITING, "the agent takes it"
    cancel_scan(office.ann, started.id)
    with tenant_session(office.organization_id) as session:
        session.get_one(Printer, office.printers[1]).agent_id = former


def test_a_scan_that_is_cancelled_meanwhile(office: ScanOffice) -> None:
    office.fresh()
    started = start_scan(office.ann, office.printer_id, ScanSettings(resolution=75), FOR_DESTINATION)
    order = take_for_network(office.organization_id, started.id)
    assert order is not None
    cancel_scan(office.ann, started.id)
    assert scan_batch.fn(office.organization_id, order) == 0
    assert scan_view(office.ann, started.id).state is ScanState.CANCELLED


def test_the_printer_that_asks_again_gets_its_orders(office: ScanOffice) -> None:
    assert take_order(office.organization_id, office.printer_id) is None
    started = start_scan(office.ann, office.printer_id, None, FOR_DESTINATION)
    assert started.way is ScanWay.DEVICE
    order = take_order(office.organization_id, office.printer_id)
    assert order is not None
    assert take_for_network(office.organization_id, started.id) is None
    cancel_scan(office.ann, started.id)


def test_scans_expire_and_leave_nothing(office: ScanOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    """A person who is deleted leaves no pages either."""
    office.fresh()
    kept, old = (scanned(office, source="glass") for _ in range(2))
    with tenant_session(office.organization_id) as session:
        session.execute(update(ScanJob).where(ScanJob.id == old.id).values(expires_at=now() - timedelta(seconds=1)))
    expire_scans.fn()
    assert scan_view(office.ann, old.id).state is ScanState.EXPIRED
    assert stored(office, old.id) == 0
    assert scan_view(office.ann, kept.id).state is ScanState.READY
    assert stored(office, kept.id) == 2
    leaver = office.installation.add_person("leaver@one.example", Role.SCAN_USER)
    left = start_scan(leaver, office.printer_id, None, FOR_DESTINATION)
    with Path(__file__).open("rb") as source:
        scan_store().put(f"{office.organization_id}/scans/{left.id}/page", source, "image/jpeg")
    delete_people(office.installation.administrator, [leaver.user_id])
    monkeypatch.setattr(expiry, "YOUNG", timedelta(0))
    assert expiry.delete_orphans(office.organization_id) == 1
    assert (stored(office, left.id), stored(office, kept.id)) == (0, 2)


def stored(office: ScanOffice, scan_id: str) -> int:
    return len(list(scan_store().list(f"{office.organization_id}/scans/{scan_id}")))
