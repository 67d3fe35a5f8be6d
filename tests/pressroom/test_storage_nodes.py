"""Hybrid printing with real processes: an agent, storage nodes, a portal on a socket, simulated printers."""

from collections.abc import Iterator

import pytest

from connectors.documents import open_store
from connectors.settings import get_settings
from domain.organizations.roles import Role
from domain.printing.states import AttemptState, JobState
from domain.workstation_printing import removal, sweep
from domain.workstation_printing.states import NodeState
from fleet.releasing.batches import ReleaseRequest, find_release, start_release
from pressroom.workstation.folder import WorkstationFolder
from pressroom.workstation.node.printer_trust import KEPT
from tests.printers_sim.conftest import wait_until
from tests.support.hybrid_office import HybridOffice, forget_contact, hybrid_office
from tests.support.workstations import SECONDS

NODES = 3


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HybridOffice]:
    with hybrid_office(tmp_path_factory.mktemp("office"), page_seconds=0.05) as one:
        one.start_laptop()
        for name in [one.node(number).name for number in range(NODES)]:
            one.wait_for(name)
        yield one


def release(office: HybridOffice, job_id: str) -> tuple[AttemptState, str, int]:
    """How a release ended, why, and how many sides came out."""
    before = office.office.simulated().life_count
    batch = start_release(office.hanna, ReleaseRequest(office.office.printers[0], job_ids=[job_id]))

    def is_over() -> bool:
        office.office.work()
        return find_release(office.hanna, batch.id).state.is_final

    wait_until(is_over, SECONDS)
    [attempt] = find_release(office.hanna, batch.id).attempts
    return attempt.state, attempt.error.code if attempt.error else "", office.office.simulated().life_count - before


def test_a_document_stays_in_the_network_and_is_printed_by_its_workstation(office: HybridOffice) -> None:
    """F-17…F-20, PR-252, PR-253: two copies at three nodes; after the release nothing is left anywhere."""
    job_id = office.printed(3, "stays.pdf")
    assert [one.key for one in open_store(get_settings()).list(f"{office.organization_id}/print-jobs/{job_id}")] == []
    holding = office.copied(job_id, 2)
    assert all(job_id in office.nodes[name].jobs() for name in holding)
    stored = [file for name in holding for file in office.nodes[name].folder.rglob("*.stored")]
    assert stored
    assert not any(b"%PDF" in file.read_bytes() for file in stored), "it is sealed at rest"
    assert release(office, job_id) == (AttemptState.PRINTED, "", 3)
    assert office.office.job(job_id).state == JobState.PRINTED
    fact = office.office.facts()[-1]
    assert (fact.job_id, fact.impressions, fact.user_id) == (job_id, 3, office.hanna.user_id)
    wait_until(lambda: not any(job_id in node.jobs() for node in office.nodes.values()), SECONDS)
    wait_until(lambda: not list((office.laptop.folder / "hybrid" / "jobs").iterdir()), SECONDS)


def test_a_copy_prints_while_the_workstation_is_away_and_without_any_copy_the_job_stays(office: HybridOffice) -> None:
    """PR-249, PR-252, PR-243, PR-248: the workstation is killed; then every node is."""
    job_id, other = office.printed(2, "away.pdf"), office.printed(1, "later.pdf")
    office.copied(job_id, 2)
    office.copied(other, 2)
    laptop = next(one for one in office.laptop.processes if one.poll() is None)
    laptop.kill()
    laptop.wait(SECONDS)
    assert release(office, job_id) == (AttemptState.PRINTED, "", 2)
    assert sum(bool(node.known_printers()) for node in office.nodes.values()) == 1, "whoever printed knows the printer"
    killed = [node for node in office.nodes.values() if other in node.jobs()]
    for node in killed:
        node.kill()
    assert release(office, other) == (AttemptState.REFUSED, "print_release.location_unreachable", 0)
    assert office.office.job(other).state == JobState.HELD
    office.start_laptop()
    for node in killed:
        node.start()
    wait_until(lambda: release(office, other) == (AttemptState.PRINTED, "", 1), SECONDS)


def test_a_printer_that_shows_another_certificate_gets_nothing_until_somebody_says_that_it_is_the_printer(
    office: HybridOffice,
) -> None:
    """PR-314: what is released from the hybrid queue goes to printers that are known, as what is printed directly."""
    kept = WorkstationFolder(office.laptop.folder)
    [(place, shown)] = (kept.unsealed(KEPT) or {}).items()
    kept.seal(KEPT, {place: "0" * 64})
    job_id = office.printed(1, "secret.pdf")
    assert release(office, job_id) == (AttemptState.REFUSED, "printer.certificate_changed", 0)
    assert office.office.job(job_id).state == JobState.HELD
    assert place in office.laptop.run("direct", "trust", place.rpartition(":")[0])
    assert release(office, job_id) == (AttemptState.PRINTED, "", 1)
    assert kept.unsealed(KEPT) == {place: shown}


def test_a_node_that_is_killed_while_it_prints_tells_the_end_when_it_is_back(office: HybridOffice) -> None:
    """PR-344: kill -9 in the midst of it; printed once, and the fact equals the printer's counter."""
    pages = 25
    job_id = office.printed(pages, "long.pdf")
    printer = office.office.simulated()
    before = printer.life_count
    batch = start_release(office.hanna, ReleaseRequest(office.office.printers[0], job_ids=[job_id]))
    office.office.work()
    wait_until(lambda: printer.life_count > before, SECONDS)
    laptop = next(one for one in office.laptop.processes if one.poll() is None)
    laptop.kill()
    laptop.wait(SECONDS)
    office.start_laptop()

    def is_over() -> bool:
        office.office.work()
        return find_release(office.hanna, batch.id).state.is_final

    wait_until(is_over, SECONDS)
    [attempt] = find_release(office.hanna, batch.id).attempts
    assert (attempt.state, printer.life_count - before) == (AttemptState.PRINTED, pages)
    assert [fact.impressions for fact in office.office.facts() if fact.job_id == job_id] == [pages]


def test_a_lost_node_is_replaced_and_one_that_is_deleted_hands_its_copies_on_first(office: HybridOffice) -> None:
    """F-21, F-22, PR-259."""
    job_id = office.printed(1, "moved.pdf")
    lost, _ = sorted(office.copied(job_id, 2))
    office.nodes[lost].kill()
    forget_contact(lost)
    row = office.row(lost)
    assert row is not None
    assert sweep.note_silent_nodes() == [row.id]
    [third] = {f"node-{number}" for number in range(NODES)} - office.copies(job_id) - {lost}
    assert third in office.copied(job_id, 2)
    office.nodes[lost].start()
    wait_until(lambda: (office.row(lost) or row).state == NodeState.ACTIVE, SECONDS)
    wait_until(lambda: job_id not in office.nodes[lost].jobs(), SECONDS)

    administrator = office.office.installation.add_person("nodes@one.example", Role.HYBRID_PRINT_ADMINISTRATOR)
    leaving = third
    found = office.row(leaving)
    assert found is not None
    removal.delete_nodes(administrator, [found.id])
    office.make_copies(lambda: removal.advance_removals(office.organization_id) == 1)
    assert office.copies(job_id) == {f"node-{number}" for number in range(NODES)} - {leaving}
    process = office.nodes[leaving].process
    assert process is not None
    wait_until(lambda: process.poll() is not None, SECONDS)
    assert office.nodes[leaving].jobs() == set(), "it deletes what it holds when its identity is gone"
    assert release(office, job_id) == (AttemptState.PRINTED, "", 1)


def test_signing_out_deletes_what_the_workstation_holds_everywhere(office: HybridOffice) -> None:
    """PR-245."""
    job_id = office.printed(1, "private.pdf")
    office.make_copies(lambda: len(office.copies(job_id)) >= 1)
    office.laptop.run("logout")
    assert office.office.job(job_id).state == JobState.CANCELED
    assert not (office.laptop.folder / "hybrid" / "jobs" / job_id).exists()
    wait_until(lambda: not any(job_id in node.jobs() for node in office.nodes.values()), SECONDS)
