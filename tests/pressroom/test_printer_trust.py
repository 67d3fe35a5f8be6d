"""Printers are known by their certificates: the one they showed first, or an authority's (PR-314)."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from typer.testing import CliRunner

from connectors.errors import PressroomError
from connectors.ipp.abilities import read_abilities
from connectors.ipp.client import Printer
from connectors.ipp.ticket import JobTicket
from connectors.ipp.trust import CHANGED, NOT_TRUSTED
from pressroom.workstation import commands
from pressroom.workstation.folder import WorkstationFolder
from pressroom.workstation.node.printer_trust import KEPT, PrinterTrust
from printers_sim.simulation import Simulation, SimulationPlan
from steps.print_release import End, PrinterAddress, ReleaseOrder, deliver
from tests.printers_sim.conftest import running_simulation
from tests.support.certificates import certificate_of
from tests.support.releasing import write_pdf


class Watch:
    """Nobody who would stop it."""

    def sending(self, protocol: str, ticket: JobTicket) -> None:
        self.protocol = protocol

    def taken(self, printer_job: int) -> None:
        pass

    def seen(self, sight: object) -> None:
        pass

    def is_cancelled(self) -> bool:
        return False

    def unreachable(self, trouble: PressroomError) -> None:
        raise trouble


@pytest.fixture(scope="module")
def simulation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulation]:
    folder = tmp_path_factory.mktemp("sim")
    plan = SimulationPlan(1, profiles=("color-mfp",), http_port=0, https_port=0, snmp_port=0, folder=folder)
    with running_simulation(plan) as one:
        yield one


@pytest.fixture
def folder(tmp_path: Path) -> WorkstationFolder:
    return WorkstationFolder(tmp_path / "printctl")


def address(simulation: Simulation) -> str:
    return f"ipps://{simulation.printers[0].address}:{simulation.https_port}/ipp/print"


def order(simulation: Simulation, folder: WorkstationFolder) -> ReleaseOrder:
    """A document for the printer, which takes it in the clear too."""
    plain = f"ipp://{simulation.printers[0].address}:{simulation.http_port}/ipp/print"
    document = write_pdf(folder.path / "plan.pdf", 2)
    return ReleaseOrder(
        printer=PrinterAddress("Hall", (address(simulation), plain), simulation.printers[0].address),
        mark="0123456789abcdef",
        name="Plan",
        user="kim",
        ticket=JobTicket(),
        media_type="application/pdf",
        fetch=lambda: document,
        scratch=folder.path,
        timeout_seconds=60,
        tls=PrinterTrust.of(folder).context,
    )


def test_a_printer_is_known_by_the_certificate_that_it_showed_first(
    simulation: Simulation, folder: WorkstationFolder
) -> None:
    """Another one means: nothing is sent, in the clear neither, until somebody says that it is the printer."""
    watch, wanted = Watch(), order(simulation, folder)
    assert (deliver(wanted, watch).end, watch.protocol) == (End.PRINTED, "ipps")
    place, shown = next(iter((folder.unsealed(KEPT) or {}).items()))
    assert deliver(replace(wanted, mark="1" * 16), watch).end is End.PRINTED

    folder.seal(KEPT, {place: "0" * 64})
    printed = simulation.printers[0].life_count
    with pytest.raises(PressroomError) as refused:
        deliver(replace(wanted, mark="2" * 16), watch)
    assert refused.value.fault is CHANGED
    assert simulation.printers[0].life_count == printed

    host = place.rpartition(":")[0]
    said = CliRunner().invoke(commands.app, ["direct", "trust", host, "--folder", str(folder.path)])
    assert place in said.output
    assert deliver(replace(wanted, mark="3" * 16), watch).end is End.PRINTED
    assert folder.unsealed(KEPT) == {place: shown}


@pytest.mark.parametrize("revocation", [0, 1])
def test_with_an_authority_its_signature_counts(
    simulation: Simulation, folder: WorkstationFolder, revocation: int
) -> None:
    """Of printers' own certificates none is trusted then, nor one without the list of revoked ones that is wanted."""
    authority = folder.path / "authority.pem"
    authority.write_bytes(certificate_of(ec.generate_private_key(ec.SECP256R1())))
    chosen = {"printerAuthorityFile": str(authority), "certificateRevocationMode": revocation}
    (folder.path / "client.json").write_text(json.dumps({"certificateValidationSettings": chosen}))
    tls = PrinterTrust.of(folder).context(address(simulation))
    with Printer(address(simulation), "kim", tls=tls) as printer, pytest.raises(PressroomError) as refused:
        read_abilities(printer)
    assert refused.value.fault is NOT_TRUSTED
    assert folder.unsealed(KEPT) is None
